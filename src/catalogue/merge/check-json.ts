import {InvalidDocument} from './invalid-document.js';
import {isList, type Json} from '../../core/json.js';
import {checkDepth, checkName, checkNumber, checkText, MAX_DEPTH} from './json-limits.js';
import {formatPointer} from './json-pointer.js';

/**
 * Refuses a value that `readJson` would not have given: undefined and holes, functions, symbols, bigints, objects with a
 * class, a field named `__proto__`, numbers that JSON can't say or not exactly, lone surrogates, and too much depth, which
 * includes cycles.
 * @param maxDepth lists and objects inside each other, at most
 * @throws InvalidDocument
 */
export function checkJson(value: unknown, maxDepth: number = MAX_DEPTH): asserts value is Json {
  check(value, [], maxDepth);
}

function check(value: unknown, path: string[], maxDepth: number): void {
  if (value === null || typeof value === 'boolean') return;
  if (typeof value === 'string') {
    checkText(value, path);
  } else if (typeof value === 'number') {
    checkNumber(value, path);
  } else if (typeof value === 'object') {
    checkDepth(path, maxDepth);
    if (isList(value as Json)) checkItems(value as readonly unknown[], path, maxDepth);
    else checkFields(value, path, maxDepth);
  } else {
    throw new InvalidDocument(formatPointer(path), `${typeof value} is not JSON`);
  }
}

function checkItems(list: readonly unknown[], path: string[], maxDepth: number): void {
  // By index, as forEach would skip holes.
  for (let index = 0; index < list.length; index++) {
    path.push(String(index));
    check(list[index], path, maxDepth);
    path.pop();
  }
}

function checkFields(object: object, path: string[], maxDepth: number): void {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null) throw new InvalidDocument(formatPointer(path), 'not a plain object');
  for (const name of Object.keys(object)) {
    checkName(name, path);
    path.push(name);
    check((object as Readonly<Record<string, unknown>>)[name], path, maxDepth);
    path.pop();
  }
}
