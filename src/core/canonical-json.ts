/** Deeper values are refused, so that reading them back can't exhaust the stack. */
const DEEPEST = 100;

/**
 * The one text of a value (RFC 8785): no spaces, fields sorted by UTF-16 code units, numbers as JavaScript writes them. Equal
 * values have equal texts, so texts are compared instead of values.
 *
 * @throws TypeError for what JSON can't say, or can't say without loss: undefined, NaN, functions, Date, Map …
 */
export function canonicalJson(value: unknown): string {
  return textOf(value, 0);
}

function textOf(value: unknown, depth: number): string {
  if (depth > DEEPEST) throw new TypeError(`JSON: expected at most ${DEEPEST} levels, got more`);
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`JSON: expected a finite number, got ${value}`);
    return JSON.stringify(value);
  }
  // Array.from, so that holes are met as undefined and refused.
  if (Array.isArray(value)) return `[${Array.from(value, (item) => textOf(item, depth + 1)).join(',')}]`;
  if (!isPlain(value)) throw new TypeError(`JSON: can't say a value of type ${typeof value}`);
  return `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${textOf(value[name], depth + 1)}`).join(',')}}`;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && Object.getOwnPropertySymbols(value).length === 0;
}
