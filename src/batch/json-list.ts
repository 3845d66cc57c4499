import {normaliseAlgorithm, parseDigest, parseIntegrity, type NamedDigest} from '../core/digest.js';
import {misuse, onlyKeys, wholeNumber} from '../core/options.js';
import {entryOf, type ListEntry, type ListItem, type ListLine} from './list-item.js';

const KEYS = ['url', 'mirrors', 'out', 'dir', 'digest', 'integrity', 'size', 'headers'];

/**
 * Reads JSON lines: an object a line with `url` and, if wanted, `mirrors` (texts), `out`, `dir`, `digest`
 * (`"sha256:<hex>"`, or several), `integrity` (W3C), `size` (bytes) and `headers`. Other keys are refused by name.
 */
export async function *readJsonLines(lines: AsyncIterable<ListLine>): AsyncGenerator<ListEntry> {
  for await (const {number, text} of lines) {
    if (text.trim() !== '') yield entryOf(number, () => itemOf(parse(text)));
  }
}

/** The text isn't shown: it may hold secrets. */
function parse(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new TypeError('expected a JSON object, got a text that is no JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw misuse('item', value, 'a JSON object such as {"url": "https://…"}');
  }
  return value as Readonly<Record<string, unknown>>;
}

function itemOf(given: Readonly<Record<string, unknown>>): ListItem {
  onlyKeys('item', given, KEYS);
  const url = text('url', given.url);
  if (url === undefined) throw new TypeError('url: expected an address, got none');
  return {
    url,
    mirrors: texts('mirrors', given.mirrors),
    name: text('out', given.out),
    folder: text('dir', given.dir),
    digests: digestsOf(given),
    size: given.size === undefined ? undefined : wholeNumber('size', given.size, 0),
    headers: headersOf(given.headers),
  };
}

function digestsOf({digest, integrity}: Readonly<Record<string, unknown>>): NamedDigest[] | undefined {
  if (digest === undefined && integrity === undefined) return undefined;
  if (Array.isArray(digest) && digest.length === 0) throw new TypeError('digest: expected at least one digest, got an empty list');
  const named = (Array.isArray(digest) ? texts('digest', digest) : [text('digest', digest)].flatMap((one) => one ?? [])) ?? [];
  const proven = text('integrity', integrity);
  return [...named.map(parseNamedDigest), ...proven === undefined ? [] : parseIntegrity(proven)];
}

/** `sha256:<hex>`; base64 is read too. @throws TypeError, RangeError for an unknown algorithm or another length */
export function parseNamedDigest(given: string): NamedDigest {
  const colon = given.indexOf(':');
  if (colon < 1) throw misuse('digest', given, '<algorithm>:<digest>, such as sha256:<hex>');
  const algorithm = normaliseAlgorithm(given.slice(0, colon));
  return {algorithm, hex: parseDigest(algorithm, given.slice(colon + 1))};
}

function text(key: string, value: unknown): string | undefined {
  if (value !== undefined && typeof value !== 'string') throw misuse(key, value, 'a text');
  return value;
}

function texts(key: string, value: unknown): string[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || !value.every((one) => typeof one === 'string')) throw misuse(key, value, 'a list of texts');
  return value;
}

function headersOf(value: unknown): Record<string, string> | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'object' || value === null) throw misuse('headers', typeof value, 'an object of names and values');
  for (const [name, one] of Object.entries(value)) if (typeof one !== 'string') throw misuse(`headers.${name}`, typeof one, 'a text');
  return value as Record<string, string>;
}
