import {show} from './redact.js';

/** Misuse: says which option, which value, and what was expected. */
export function misuse(option: string, value: unknown, expected: string): TypeError {
  return new TypeError(`${option}: expected ${expected}, got ${show(value)}`);
}

/** Misuse by a value of the right kind that is out of bounds. */
export function outOfRange(option: string, value: unknown, expected: string): RangeError {
  return new RangeError(`${option}: expected ${expected}, got ${show(value)}`);
}

/** Refuses what is no object, and unknown keys by name. @throws TypeError */
export function onlyKeys(group: string, value: object, known: readonly string[]): void {
  if (typeof value !== 'object' || (value as object | null) === null) {
    // A text in place of the object may be a secret, so only its type is told.
    const given = (value as object | null) === null ? 'null' : typeof value;
    throw new TypeError(`${group}: expected an object with ${known.join(', ')}, got ${given}`);
  }
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) throw new TypeError(`${group}: unknown option '${key}', expected one of ${known.join(', ')}`);
  }
}

/** A count or a size: a safe integer not below `least`. @throws TypeError or RangeError */
export function wholeNumber(option: string, value: unknown, least: number): number {
  if (typeof value !== 'number' || Number.isNaN(value)) throw misuse(option, value, `a whole number of at least ${least}`);
  if (!Number.isSafeInteger(value) || value < least) {
    throw outOfRange(option, value, `a whole number of at least ${least}`);
  }
  return value;
}

/** A duration in ms; 0 and `false` turn it off (0), undefined means the default. @throws TypeError or RangeError */
export function duration(option: string, value: unknown, fallback: number): number {
  if (value === undefined) return fallback;
  if (value === false) return 0;
  if (typeof value !== 'number' || Number.isNaN(value)) throw misuse(option, value, 'milliseconds, or false for none');
  if (value < 0) throw outOfRange(option, value, 'milliseconds of at least 0');
  return value === Infinity ? 0 : value;
}

/** One of a few words. @throws TypeError */
export function oneOf<T extends string>(option: string, value: T | undefined, words: readonly T[], fallback: T): T {
  if (value === undefined) return fallback;
  if (!words.includes(value)) throw misuse(option, value, `one of ${words.join(', ')}`);
  return value;
}
