import {type Agreement, agreementOf, ALL, INCOMING_KEPT, SIDES, TIP_KEPT} from './agreement.js';
import type {Conflict, ConflictKind} from './conflict.js';
import {equalJson} from './equal-json.js';
import {fieldOf, isList, isObject, type Json, type JsonObject} from '../../core/json.js';
import {formatPointer} from './json-pointer.js';
import {type Items, itemsOf, orderOf, sameNames} from './list-items.js';
import type {MergeResult} from './merge.js';
import {type ListRule, type MergeRules, namesOf} from './merge-rules.js';

type Value = Json | undefined;
type List = readonly Json[];
type Triple<T> = readonly [ancestor: T, tip: T, incoming: T];

/** What came of one place; `value` means nothing when it holds a conflict, as the whole is dropped then. */
interface Outcome {
  readonly value: Value;
  readonly agreement: Agreement;
}

const NOTHING: JsonObject = Object.freeze({});

/**
 * One merge at work: the rules of `merge`, from the root down. Whether objects and keyed lists are equal is told by their
 * fields and items on the way up, so that each value is looked at a fixed number of times, however deep it lies.
 */
export class ThreeWay {
  readonly #rules: MergeRules;
  readonly #conflicts: Conflict[] = [];
  /** Where the work is, list items by their key. */
  readonly #path: string[] = [];

  constructor(rules: MergeRules) {
    this.#rules = rules;
  }

  run(ancestor: Value, tip: Value, incoming: Value): MergeResult {
    const {value} = this.#merge(ancestor, tip, incoming);
    if (this.#conflicts.length === 0) return {merged: value, conflicts: []};
    const conflicts = this.#conflicts.sort((one, other) => one.path < other.path ? -1 : Number(one.path > other.path));
    return {merged: undefined, conflicts};
  }

  #merge(ancestor: Value, tip: Value, incoming: Value): Outcome {
    if (isObject(tip) && isObject(incoming) && (ancestor === undefined || isObject(ancestor))) {
      return this.#objects(ancestor, tip, incoming);
    }
    if (isList(tip) && isList(incoming) && (ancestor === undefined || isList(ancestor))) {
      return this.#lists(ancestor, tip, incoming);
    }
    const agreement = agreementOf(ancestor, tip, incoming);
    return agreement === 0 ? this.#disagree(ancestor, tip, incoming) : settle(agreement, tip, incoming);
  }

  /** Rule 5. */
  #objects(ancestor: JsonObject | undefined, tip: JsonObject, incoming: JsonObject): Outcome {
    const before = ancestor ?? NOTHING;
    const found = this.#conflicts.length;
    const fields: [string, Json][] = [];
    let agreement = ancestor === undefined ? SIDES : ALL;
    for (const name of namesOf(tip, incoming, before)) {
      this.#path.push(name);
      const field = this.#merge(fieldOf(before, name), fieldOf(tip, name), fieldOf(incoming, name));
      this.#path.pop();
      agreement &= field.agreement;
      if (field.value !== undefined) fields.push([name, field.value]);
    }
    if (agreement !== 0) return settle(agreement, tip, incoming);
    if (![ancestor, tip, incoming].some((object) => this.#rules.isAtomic(object))) return {value: Object.fromEntries(fields), agreement};
    // Rule 4: the object is one value, so it is one conflict.
    this.#conflicts.length = found;
    return this.#conflict('both-changed', ancestor, tip, incoming);
  }

  /** Rule 6. */
  #lists(ancestor: List | undefined, tip: List, incoming: List): Outcome {
    const rule = this.#rules.list(this.#path);
    if (rule.kind === 'keyed') return this.#keyedLists(rule, ancestor, tip, incoming);
    const agreement = agreementOf(ancestor, tip, incoming);
    if (agreement !== 0) return settle(agreement, tip, incoming);
    if (rule.kind === 'replace') return this.#conflict('both-changed', ancestor, tip, incoming);
    const [before, ours, theirs] = namedItems(rule, [ancestor, tip, incoming]);
    const order = orderOf(before, ours, theirs);
    for (const [name, item] of before) {
      const kept = equalJson(item, ours.get(name)) && equalJson(item, theirs.get(name));
      if (!kept) return this.#conflict('list-not-append-only', ancestor, tip, incoming);
    }
    if (order.contested) this.#conflict('list-not-append-only', ancestor, tip, incoming);
    return {value: [...order.names].map((name) => this.#added(name, ours.get(name), theirs.get(name))), agreement};
  }

  /** An item that either side has; what two writers added under one key is never mixed. */
  #added(name: string, tip: Value, incoming: Value): Json {
    if (tip !== undefined && incoming !== undefined && !equalJson(tip, incoming)) {
      this.#path.push(name);
      this.#conflict('both-changed', undefined, tip, incoming);
      this.#path.pop();
    }
    return tip ?? incoming as Json;
  }

  #keyedLists(rule: ListRule, ancestor: List | undefined, tip: List, incoming: List): Outcome {
    const [before, ours, theirs] = namedItems(rule, [ancestor, tip, incoming]);
    const order = orderOf(before, ours, theirs);
    const merged: Json[] = [];
    let agreement = orderAgreement(ancestor !== undefined, [before, ours, theirs]);
    // What both removed is in neither; that they agree shows in their order.
    for (const name of order.names) {
      this.#path.push(name);
      const item = this.#merge(before.get(name), ours.get(name), theirs.get(name));
      this.#path.pop();
      agreement &= item.agreement;
      if (item.value !== undefined) merged.push(item.value);
    }
    if (agreement !== 0) return settle(agreement, tip, incoming);
    if (order.contested) this.#conflict('list-not-append-only', ancestor, tip, incoming);
    return {value: merged, agreement};
  }

  /** Rules 4 and 7, for what can't be recursed into. */
  #disagree(ancestor: Value, tip: Value, incoming: Value): Outcome {
    if (tip === undefined || incoming === undefined) return this.#conflict('delete-modify', ancestor, tip, incoming);
    if (typeOf(tip) !== typeOf(incoming)) return this.#conflict('type', ancestor, tip, incoming);
    const apart = (isObject(tip) && !this.#rules.isAtomic(tip) && !this.#rules.isAtomic(incoming)) || isList(tip);
    return this.#conflict(apart ? 'type' : 'both-changed', ancestor, tip, incoming);
  }

  #conflict(kind: ConflictKind, ancestor: Value, tip: Value, incoming: Value): Outcome {
    this.#conflicts.push({
      path: formatPointer(this.#path), kind, ...ancestor !== undefined && {ancestor},
      ...tip !== undefined && {tip}, ...incoming !== undefined && {incoming},
    });
    return {value: undefined, agreement: 0};
  }
}

/** Rules 1 to 3. */
function settle(agreement: Agreement, tip: Value, incoming: Value): Outcome {
  return {value: (agreement & SIDES) === 0 && (agreement & TIP_KEPT) !== 0 ? incoming : tip, agreement};
}

function namedItems(rule: ListRule, lists: readonly [ancestor: List | undefined, tip: List, incoming: List]): Triple<Items> {
  const [ancestor, tip, incoming] = lists;
  return [itemsOf(ancestor ?? [], rule.key), itemsOf(tip, rule.key), itemsOf(incoming, rule.key)];
}

/** What the order alone allows to be equal; `anyAncestor` is false when the ancestor is absent. */
function orderAgreement(anyAncestor: boolean, lists: Triple<Items>): Agreement {
  const [before, ours, theirs] = lists.map((items) => [...items.keys()]) as [string[], string[], string[]];
  const kept = anyAncestor ? (sameNames(before, ours) ? TIP_KEPT : 0) | (sameNames(before, theirs) ? INCOMING_KEPT : 0) : 0;
  return kept | (sameNames(ours, theirs) ? SIDES : 0);
}

function typeOf(value: Json): string {
  if (value === null) return 'null';
  return isList(value) ? 'list' : typeof value;
}
