import {InvalidDocument} from './invalid-document.js';
import {isList, type Json, type JsonObject} from '../../core/json.js';
import {formatPointer} from './json-pointer.js';
import type {MergePolicy} from './merge-policy.js';
import {MergeRules, nameOf} from './merge-rules.js';

/** Items up to which names are compared one by one. */
const SHORT = 16;

/**
 * Refuses a document in which an item of a list with a declared key has no key, or the key of another item.
 * `merge` asks this of all its inputs.
 * @throws InvalidDocument; TypeError for a policy that can't be meant
 */
export function checkLists(document: Json | undefined, policy: MergePolicy | MergeRules = {}): void {
  const rules = policy instanceof MergeRules ? policy : new MergeRules(policy);
  if (rules.named && typeof document === 'object' && document !== null) checkInside(document, [], rules);
}

function checkInside(value: object, path: string[], rules: MergeRules): void {
  if (!isList(value as Json)) {
    for (const name of Object.keys(value)) step((value as JsonObject)[name], name, path, rules);
    return;
  }
  const list = value as readonly Json[];
  const {key} = rules.list(path);
  const names = key && itemNames(list, key, path);
  for (let index = 0; index < list.length; index++) step(list[index], names?.[index] ?? String(index), path, rules);
}

function step(value: Json | undefined, name: string, path: string[], rules: MergeRules): void {
  if (typeof value !== 'object' || value === null) return;
  path.push(name);
  checkInside(value, path, rules);
  path.pop();
}

function itemNames(list: readonly Json[], key: readonly string[], path: readonly string[]): string[] {
  const names: string[] = [];
  // Most lists are short, and a Set for each would cost more than it saves.
  const seen = list.length > SHORT ? new Set<string>() : undefined;
  for (let index = 0; index < list.length; index++) {
    const name = nameOf(list[index] as Json, key);
    if (name === undefined) throw fault(path, index, `an item of this list needs a text or a number as ${key.join(' or ')}`);
    if (seen?.has(name) ?? names.includes(name)) throw fault(path, index, `another item of this list has the same ${key.join(' or ')}`);
    seen?.add(name);
    names.push(name);
  }
  return names;
}

function fault(path: readonly string[], index: number, reason: string): InvalidDocument {
  return new InvalidDocument(formatPointer([...path, String(index)]), reason);
}
