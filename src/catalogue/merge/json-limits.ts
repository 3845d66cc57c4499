import {InvalidDocument} from './invalid-document.js';
import {formatPointer} from './json-pointer.js';

/** Half a character. Asked first, as hardly a text has one and it is the cheaper question. */
const SURROGATE = /[\ud800-\udfff]/;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Lists and objects inside each other that a document may have: a scalar has none, `{}` one. */
export const MAX_DEPTH = 64;

/**
 * Refuses the name of a field: `__proto__`, which some assignments would take for the prototype, and what UTF-8 can't say.
 * Names like `constructor` are only names, as nothing here reads inherited fields.
 * @throws InvalidDocument
 */
export function checkName(name: string, path: readonly string[]): void {
  if (name === '__proto__') throw new InvalidDocument(formatPointer(path), 'a field must not be named __proto__');
  if (!isUnicode(name)) throw new InvalidDocument(formatPointer(path), 'the name of a field has a lone surrogate');
}

/** Refuses a text that UTF-8 can't say. @throws InvalidDocument */
export function checkText(text: string, path: readonly string[]): void {
  if (!isUnicode(text)) throw new InvalidDocument(formatPointer(path), 'the text has a lone surrogate');
}

/** Refuses NaN, infinities, and whole numbers beyond 2^53 - 1, which not every reader keeps exactly. @throws InvalidDocument */
export function checkNumber(number: number, path: readonly string[]): void {
  if (!Number.isFinite(number)) throw new InvalidDocument(formatPointer(path), 'not a finite number');
  if (Number.isInteger(number) && !Number.isSafeInteger(number)) {
    throw new InvalidDocument(formatPointer(path), 'a whole number beyond 2^53 - 1; write it as a text');
  }
}

/** Refuses lists and objects inside each other beyond the limit. @throws InvalidDocument */
export function checkDepth(path: readonly string[], maxDepth: number): void {
  if (path.length < maxDepth) return;
  throw new InvalidDocument(formatPointer(path), `deeper than ${maxDepth} lists and objects inside each other`);
}

function isUnicode(text: string): boolean {
  return !SURROGATE.test(text) || !LONE_SURROGATE.test(text);
}
