import {onlyKeys, wholeNumber} from '../../core/options.js';
import {InvalidDocument} from './invalid-document.js';
import type {Json} from '../../core/json.js';
import {MAX_DEPTH} from './json-limits.js';
import {JsonScanner} from './json-scanner.js';

/** How big a text may be. */
export interface ReadJsonOptions {
  /** Bytes of UTF-8. */
  readonly maxBytes: number;
  /** Lists and objects inside each other: a scalar has none, `{}` one. @default 64 */
  readonly maxDepth?: number | undefined;
}

/**
 * Reads a JSON text (RFC 8259) that may come from anybody. Beyond what `JSON.parse` refuses: duplicate fields, a field named
 * `__proto__`, whole numbers beyond 2^53 - 1 and numbers that overflow, lone surrogates, bytes that are not UTF-8 (all as
 * I-JSON, RFC 7493), a byte order mark, too many bytes, too much depth. -0 is read as 0.
 * @throws InvalidDocument with the place, and never with the value
 */
export function readJson(text: string | Uint8Array, options: ReadJsonOptions): Json {
  onlyKeys('options', options, ['maxBytes', 'maxDepth']);
  const maxBytes = wholeNumber('maxBytes', options.maxBytes, 0);
  const maxDepth = wholeNumber('maxDepth', options.maxDepth ?? MAX_DEPTH, 0);
  const bytes = typeof text === 'string' ? Buffer.byteLength(text) : text.byteLength;
  if (bytes > maxBytes) throw new InvalidDocument('', `${bytes} bytes, more than ${maxBytes}`);
  return new JsonScanner(typeof text === 'string' ? text : decode(text), maxDepth).read();
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes);
  } catch (cause) {
    throw new InvalidDocument('', 'not UTF-8', {cause});
  }
}
