import {equalJson} from './equal-json.js';
import {fieldOf, isList, isObject, type Json, type JsonObject} from '../../core/json.js';
import {formatPointer} from './json-pointer.js';
import {itemsOf, sameNames} from './list-items.js';
import type {MergePolicy} from './merge-policy.js';
import {MergeRules, namesOf} from './merge-rules.js';

/** One change between two documents; `before` is missing for what was added, `after` for what was removed. */
export interface Difference {
  /** JSON Pointer in which the items of a list with a declared key are named by it. */
  readonly path: string;
  readonly change: 'added' | 'removed' | 'changed';
  readonly before?: Json;
  readonly after?: Json;
}

/**
 * What changed between two documents, for people to read: sorted by path, as deep down as it can be told. Undefined means
 * absent. Lists with a declared key are compared item by item, and `changed` themselves when items that stayed changed
 * places; other lists are compared as a whole.
 * @throws TypeError for a policy that can't be meant
 */
export function difference(before: Json | undefined, after: Json | undefined, policy: MergePolicy = {}): readonly Difference[] {
  const differences: Difference[] = [];
  new Comparison(new MergeRules(policy), differences).compare(before, after);
  return differences.sort((one, other) => one.path < other.path ? -1 : Number(one.path > other.path));
}

class Comparison {
  readonly #rules: MergeRules;
  readonly #differences: Difference[];
  readonly #path: string[] = [];

  constructor(rules: MergeRules, differences: Difference[]) {
    this.#rules = rules;
    this.#differences = differences;
  }

  compare(before: Json | undefined, after: Json | undefined): void {
    if (before === undefined || after === undefined) {
      if (before !== after) this.#tell(before, after);
    } else if (isObject(before) && isObject(after)) {
      this.#objects(before, after);
    } else if (isList(before) && isList(after)) {
      this.#lists(before, after);
    } else if (!equalJson(before, after)) {
      this.#tell(before, after);
    }
  }

  #objects(before: JsonObject, after: JsonObject): void {
    for (const name of namesOf(before, after, {})) this.#inside(name, fieldOf(before, name), fieldOf(after, name));
  }

  #lists(before: readonly Json[], after: readonly Json[]): void {
    const {key} = this.#rules.list(this.#path);
    const [old, now] = [itemsOf(before, key), itemsOf(after, key)];
    // Documents of a time before the key was declared may have items without one.
    if (key === undefined || old.size < before.length || now.size < after.length) {
      if (!equalJson(before, after)) this.#tell(before, after);
      return;
    }
    for (const name of new Set([...old.keys(), ...now.keys()])) this.#inside(name, old.get(name), now.get(name));
    const moved = !sameNames([...old.keys()].filter((name) => now.has(name)), [...now.keys()].filter((name) => old.has(name)));
    if (moved) this.#tell(before, after);
  }

  #inside(name: string, before: Json | undefined, after: Json | undefined): void {
    this.#path.push(name);
    this.compare(before, after);
    this.#path.pop();
  }

  #tell(before: Json | undefined, after: Json | undefined): void {
    const change = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed';
    this.#differences.push({
      path: formatPointer(this.#path), change, ...before !== undefined && {before}, ...after !== undefined && {after},
    });
  }
}
