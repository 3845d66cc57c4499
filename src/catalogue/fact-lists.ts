import type {PartConflict} from './contract.js';
import type {CheckedFact} from './fact-check.js';
import {equalJson} from './merge/equal-json.js';
import {fieldOf, isList, isObject, type Json, type JsonObject} from '../core/json.js';
import {formatPointer} from './merge/json-pointer.js';

/** What became of the facts of one part. */
export interface Added {
  /** The document with the new facts; the very same object when there were none. */
  readonly document: JsonObject;
  readonly added: readonly CheckedFact[];
  readonly equal: readonly CheckedFact[];
  /** Facts whose key is taken by another digest; the others don't suffer from them. */
  readonly conflicts: readonly PartConflict[];
}

/**
 * Adds facts to a part's document, in linear time. A fact is there already when everything that it says is said by the
 * item with its key; that item may say more. Nothing is ever overwritten.
 */
export function addFacts(document: JsonObject, facts: readonly CheckedFact[]): Added {
  const lists = new Map<string, OpenList>();
  const added: CheckedFact[] = [];
  const equal: CheckedFact[] = [];
  const conflicts: PartConflict[] = [];
  for (const fact of facts) {
    let list = lists.get(fact.list);
    if (list === undefined) lists.set(fact.list, list = openList(fieldOf(document, fact.list)));
    if (!isOpen(list)) {
      conflicts.push({...placeOf(fact, [fact.list]), kind: 'type', tip: list.other, incoming: [fact.item]});
      continue;
    }
    const there = list.byName.get(fact.name);
    if (there === undefined) {
      list.items.push(fact.item);
      list.byName.set(fact.name, fact.item);
      added.push(fact);
    } else if (says(there, fact.item)) {
      equal.push(fact);
    } else {
      conflicts.push({...placeOf(fact, [fact.list, fact.name]), kind: 'both-changed', tip: there, incoming: fact.item});
    }
  }
  if (added.length === 0) return {document, added, equal, conflicts};
  const changed = [...lists].flatMap(([name, list]) => isOpen(list) && list.items.length > 0 ? [[name, list.items] as const] : []);
  return {document: {...document, ...Object.fromEntries(changed)}, added, equal, conflicts};
}

interface Items {
  readonly items: Json[];
  readonly byName: Map<string, Json>;
}

/** Something else may stand where the list should be. */
type OpenList = Items | {readonly other: Json};

function isOpen(list: OpenList): list is Items {
  return 'items' in list;
}

function openList(value: Json | undefined): OpenList {
  if (value === undefined) return {items: [], byName: new Map()};
  if (!isList(value)) return {other: value};
  const byName = new Map<string, Json>();
  for (const item of value) {
    const name = isObject(item) ? fieldOf(item, 'key') ?? fieldOf(item, 'from') : undefined;
    if (typeof name === 'string' || typeof name === 'number') byName.set(String(name), item);
  }
  return {items: [...value], byName};
}

function says(there: Json, item: JsonObject): boolean {
  if (!isObject(there)) return false;
  return Object.entries(item).every(([name, value]) => {
    const said = fieldOf(there, name);
    // A patch may have brought a digest in upper case.
    if (name === 'digest' && typeof said === 'string' && typeof value === 'string') return said.toLowerCase() === value;
    return equalJson(said, value);
  });
}

function placeOf(fact: CheckedFact, names: readonly string[]): Pick<PartConflict, 'part' | 'index' | 'path'> {
  return {part: fact.path, index: fact.index, path: formatPointer(names)};
}
