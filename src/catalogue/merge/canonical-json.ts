import {InvalidDocument} from './invalid-document.js';
import {isList, type Json} from './json.js';

/**
 * The one text of a value (RFC 8785): no spaces, fields sorted by UTF-16 code units, numbers as JavaScript writes them, so
 * that 1.0 is 1 and equal values have equal digests. The value has passed `readJson` or `checkJson`.
 * @throws InvalidDocument for NaN and infinities, which JSON can't say
 */
export function canonicalJson(value: Json): string {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new InvalidDocument('', 'not a finite number');
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`;
  return `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonicalJson(value[name] as Json)}`).join(',')}}`;
}
