import {misuse, outOfRange} from '../core/options.js';

const TIME_UNITS: Readonly<Record<string, number>> = {ms: 1, s: 1000, m: 60_000, h: 3_600_000};
const SIZE_UNITS = 'KMGT';
const LAST_PORT = 65_535;

/** `30s`, `500ms`, `2m`, `1h`; a bare number means seconds. @returns ms @throws TypeError naming the flag */
export function parseDuration(flag: string, text: string): number {
  const [, number, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text.trim()) ?? [];
  if (number === undefined) throw misuse(flag, text, 'a time such as 30s, 500ms or 2m');
  return Math.round(Number(number) * (TIME_UNITS[unit] ?? 1));
}

/** `500`, `10K`, `1.5M`, `2GiB`: units are powers of 1024. @returns bytes @throws TypeError, RangeError naming the flag */
export function parseSize(flag: string, text: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?) ?(?:([KMGT])(?:i?B)?|B)?$/i.exec(text.trim()) ?? [];
  if (number === undefined) throw misuse(flag, text, 'a size such as 500, 10K, 1.5M or 2G (powers of 1024)');
  const bytes = Math.round(Number(number) * 1024 ** (unit === '' ? 0 : SIZE_UNITS.indexOf(unit.toUpperCase()) + 1));
  if (!Number.isSafeInteger(bytes)) throw outOfRange(flag, text, 'a size of at most 8192T');
  return bytes;
}

/** As `parseSize`, for bytes a second. @throws TypeError, RangeError naming the flag */
export function parseRate(flag: string, text: string): number {
  return parseSize(flag, text.replace(/\/s$/, ''));
}

/** A whole number. @throws TypeError, RangeError naming the flag */
export function parseCount(flag: string, text: string, least: number): number {
  if (!/^\d+$/.test(text.trim())) throw misuse(flag, text, `a whole number of at least ${least}`);
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < least) throw outOfRange(flag, text, `a whole number of at least ${least}`);
  return count;
}

/** A port to listen on; 0 is any free one. @throws TypeError, RangeError naming the flag */
export function parsePort(flag: string, text: string): number {
  const port = parseCount(flag, text, 0);
  if (port > LAST_PORT) throw outOfRange(flag, text, `at most ${LAST_PORT}`);
  return port;
}

/** One of a few words. @throws TypeError naming the flag */
export function parseWord<T extends string>(flag: string, text: string | undefined, words: readonly T[]): T | undefined {
  if (text === undefined) return undefined;
  const word = words.find((one) => one === text);
  if (word === undefined) throw misuse(flag, text, `one of ${words.join(', ')}`);
  return word;
}

/** `Name: value` texts as headers; a repeated name joins its values. No message shows a value. @throws TypeError */
export function parseHeaders(texts: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const text of texts) {
    const colon = text.indexOf(':');
    const name = text.slice(0, Math.max(colon, 0)).trim().toLowerCase();
    if (name === '') throw new TypeError('--header: expected `Name: value`, got a text without a name and a colon');
    const value = text.slice(colon + 1).trim();
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  return headers;
}

/** Runs it; misuse that it finds is told in the name of the flag. @throws TypeError, RangeError */
export function named<T>(flag: string, make: () => T): T {
  try {
    return make();
  } catch (thrown) {
    if (!(thrown instanceof TypeError || thrown instanceof RangeError)) throw thrown;
    const message = `${flag}: ${thrown.message.replace(/^[\w.[\]]+: /, '')}`;
    throw thrown instanceof RangeError ? new RangeError(message, {cause: thrown}) : new TypeError(message, {cause: thrown});
  }
}

/** For flags that may be repeated. */
export function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
