import {outOfRange, onlyKeys, wholeNumber} from '../core/options.js';
import {InvalidDocument, InvalidName} from './catalogue-errors.js';
import type {WriteOptions} from './contract.js';
import {canonicalJson} from '../core/canonical-json.js';
import {checkJson} from './merge/check-json.js';
import {checkLists} from './merge/check-lists.js';
import {InvalidDocument as BadDocument} from './merge/invalid-document.js';
import {isObject, type Json, type JsonObject} from '../core/json.js';
import {parsePointer} from './merge/json-pointer.js';
import {MAX_DEPTH} from './merge/json-limits.js';
import type {MergePolicy} from './merge/merge-policy.js';

/** What a catalogue takes at most; the same on every engine. */
export interface CatalogueLimits {
  /** Bytes of a part's document as canonical JSON. @default 4 MiB */
  readonly documentBytes?: number | undefined;
  /** Facts of one `publish`. @default 10_000 */
  readonly facts?: number | undefined;
}

/** Bytes of a release's name, a product, an actor, a request id. */
export const NAME_BYTES = 255;
/** Bytes of a part's path. */
export const PATH_BYTES = 1024;

// Neither engine keeps NUL, and nobody can tell names apart by what can't be seen.
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/** The checks that every request passes before the store is asked. */
export class LimitCheck {
  readonly facts: number;
  readonly #documentBytes: number;

  constructor(limits: CatalogueLimits = {}) {
    onlyKeys('limits', limits, ['documentBytes', 'facts']);
    this.#documentBytes = wholeNumber('limits.documentBytes', limits.documentBytes ?? 4 * 1024 * 1024, 2);
    this.facts = wholeNumber('limits.facts', limits.facts ?? 10_000, 1);
  }

  /** The canonical text of a part's document. @throws InvalidDocument */
  text(document: Json | undefined, policy: MergePolicy, pointer: string): string {
    if (!isObject(document)) throw new InvalidDocument('a document is a JSON object', pointer);
    try {
      checkJson(document);
      checkLists(document, policy);
    } catch (error) {
      throw invalid(error, pointer);
    }
    const text = canonicalJson(document);
    if (Buffer.byteLength(text) > this.#documentBytes) {
      throw new InvalidDocument(`the document has ${Buffer.byteLength(text)} bytes, more than ${this.#documentBytes}`, pointer);
    }
    return text;
  }
}

/** The error of the merge's own checks as one of the catalogue; another one unchanged. */
export function invalid(error: unknown, pointer: string): unknown {
  return error instanceof BadDocument ? new InvalidDocument(error.reason, pointer + error.path, {cause: error}) : error;
}

/** A value that a caller says is JSON. @throws InvalidDocument */
export function jsonOf(value: unknown, pointer = '', depth = MAX_DEPTH): Json {
  try {
    checkJson(value, depth);
    return value;
  } catch (error) {
    throw invalid(error, pointer);
  }
}

/** A release's name, a product, an actor, a request id. @throws InvalidName */
export function checkName(what: string, value: unknown): string {
  return checkText(what, value, NAME_BYTES);
}

/** A part's path: a JSON Pointer that is not empty. @throws InvalidName */
export function checkPath(value: unknown, what = 'path'): string {
  const path = checkText(what, value, PATH_BYTES);
  try {
    parsePointer(path);
  } catch {
    throw new InvalidName(`${what}: expected a JSON Pointer such as /linux-x64/de, got ${shown(path)}`);
  }
  return path;
}

/** A text without control characters and half characters, of so many bytes at most. @throws InvalidName */
export function checkText(what: string, value: unknown, bytes: number): string {
  if (typeof value !== 'string' || value === '') throw new InvalidName(`${what}: expected a text that is not empty, got ${shown(value)}`);
  if (Buffer.byteLength(value) > bytes) throw new InvalidName(`${what}: ${Buffer.byteLength(value)} bytes, more than ${bytes}`);
  if (CONTROL.test(value)) throw new InvalidName(`${what}: a control character in ${shown(value)}`);
  if (/\p{Surrogate}/u.test(value)) throw new InvalidName(`${what}: half of a character in ${shown(value)}`);
  return value;
}

function shown(value: unknown): string {
  if (typeof value !== 'string') return `a value of type ${typeof value}`;
  return JSON.stringify(value.length > 80 ? `${value.slice(0, 77)}...` : value);
}

/** What every write is told. @throws InvalidName, TypeError for unknown options */
export function checkWrite(options: WriteOptions, more: readonly string[] = []): void {
  onlyKeys('options', options, ['actor', 'requestId', 'signal', ...more]);
  checkName('actor', options.actor);
  if (options.requestId !== undefined) checkName('requestId', options.requestId);
}

/** A guard. @throws TypeError or RangeError */
export function checkGuard(value: unknown): number | 'any' {
  return value === 'any' ? value : wholeNumber('ifVersion', value, 0);
}

/** The size of a page. @throws TypeError or RangeError */
export function pageSize(value: unknown): number {
  const limit = wholeNumber('limit', value ?? 100, 1);
  if (limit > 1000) throw outOfRange('limit', limit, 'at most 1000');
  return limit;
}

/** An object that holds documents by path. @throws InvalidDocument, InvalidName */
export function checkDocuments(value: unknown): JsonObject {
  const documents = jsonOf(value, '', MAX_DEPTH + 1);
  if (!isObject(documents)) throw new InvalidDocument('the documents of a release are an object {"<path>": document, …}');
  for (const path of Object.keys(documents)) checkPath(path);
  return documents;
}
