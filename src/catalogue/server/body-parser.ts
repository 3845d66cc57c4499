import {InvalidDocument} from '../merge/invalid-document.js';
import {isList, isObject, type Json} from '../../core/json.js';
import {MAX_DEPTH} from '../merge/json-limits.js';
import {readJson} from '../merge/json-reader.js';
import {MEDIA} from './routes-contract.js';

/** A document may stand inside a list, a fact or operation, and a member of it. */
const DEPTH = MAX_DEPTH + 3;
const LINE_FEED = 0x0a;

/** A body as it was sent: the one way from bytes to values, which refuses what JSON.parse would swallow. @throws InvalidDocument */
export function parseBody(body: Buffer, mediaType: string): Json {
  if (mediaType === MEDIA.ndjson) return parseLines(body);
  if (mediaType === MEDIA.form) return parseForm(body);
  const value = readJson(body, {maxBytes: body.length, maxDepth: DEPTH});
  if (mediaType === MEDIA.jsonPatch && !isList(value)) throw new InvalidDocument('', 'expected a list of operations (RFC 6902)');
  if (mediaType === MEDIA.mergePatch && !isObject(value)) throw new InvalidDocument('', 'expected an object (RFC 7396)');
  return value;
}

/** One value a line; empty lines don't count. The pointer of a fault begins with the place in the list. */
function parseLines(body: Buffer): Json {
  const items: Json[] = [];
  for (let start = 0; start < body.length;) {
    const at = body.indexOf(LINE_FEED, start);
    const end = at < 0 ? body.length : at;
    const line = body.subarray(start, end);
    start = end + 1;
    if (isBlank(line)) continue;
    try {
      items.push(readJson(line, {maxBytes: line.length, maxDepth: DEPTH - 1}));
    } catch (error) {
      throw error instanceof InvalidDocument ? new InvalidDocument(`/${items.length}${error.path}`, error.reason, {cause: error}) : error;
    }
  }
  return items;
}

function isBlank(line: Uint8Array): boolean {
  return line.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}

function parseForm(body: Buffer): Json {
  const fields: Record<string, Json> = {};
  for (const [name, value] of new URLSearchParams(body.toString('utf8'))) {
    if (Object.hasOwn(fields, name)) throw new InvalidDocument('', 'a field comes twice');
    if (name === '__proto__') throw new InvalidDocument('', 'a field must not be named __proto__');
    fields[name] = value;
  }
  return fields;
}
