import {digestLength, type NamedDigest} from '../core/digest.js';
import {UnsafeName, ValidationError} from '../core/errors.js';
import {resolveUnder, safeFileName} from '../core/file-name.js';
import {show} from '../core/redact.js';
import {byStrength, hashName, hashStrength} from './hash-strength.js';
import type {MetalinkFile, MetalinkPieces} from './metalink.js';
import {isHttp, type Source} from './mirror-list.js';

/** RFC 5854, 4.2.16.2. */
const LOWEST_PRIORITY = 999_999;

/** One file of a metalink while it is read. Each method throws ValidationError for what can't be right. */
export class MetalinkFileBuilder {
  readonly path: string;
  readonly #name: string;
  readonly #hashes = new Map<string, string>();
  readonly #urls: Source[] = [];
  #size: number | undefined;
  #pieces: MetalinkPieces | undefined;

  constructor(path: string | undefined) {
    if (path === undefined) refuse('a file has no name');
    this.path = path;
    this.#name = safe(path);
  }

  setSize(text: string): void {
    if (this.#size !== undefined) this.#refuse('has two sizes');
    const size = wholeNumber(text);
    if (size === undefined) this.#refuse(`has the size ${show(text)}, expected bytes`);
    this.#size = size;
  }

  addHash(type: string | undefined, text: string): void {
    const algorithm = hashName(type ?? '');
    if (algorithm === undefined) return;
    const hex = hexOf(algorithm, text);
    if (hex === undefined) this.#refuse(`has a bad ${algorithm} hash, expected ${2 * digestLength(algorithm)} hex digits`);
    const before = this.#hashes.get(algorithm);
    if (before !== undefined && before !== hex) this.#refuse(`has two ${algorithm} hashes`);
    this.#hashes.set(algorithm, hex);
  }

  addUrl(text: string, priority: string | undefined, location: string | undefined): void {
    if (!isHttp(text)) return;
    const url = new URL(text);
    url.username = url.password = url.hash = '';
    const rank = wholeNumber(priority ?? '') ?? 0;
    this.#urls.push(Object.freeze({
      url: url.href, priority: rank >= 1 && rank <= LOWEST_PRIORITY ? rank : LOWEST_PRIORITY, location: location?.trim().toLowerCase(),
    }));
  }

  addPieces(pieces: MetalinkPieces | undefined): void {
    if (pieces === undefined) return;
    if (this.#pieces === undefined || hashStrength(pieces.algorithm) > hashStrength(this.#pieces.algorithm)) this.#pieces = pieces;
  }

  build(): MetalinkFile {
    const pieces = this.#pieces;
    if (pieces !== undefined && this.#size !== undefined && Math.ceil(this.#size / pieces.length) !== pieces.hashes.length) {
      this.#refuse(`has ${pieces.hashes.length} piece hashes, expected ${Math.ceil(this.#size / pieces.length)}`);
    }
    const hashes: NamedDigest[] = [...this.#hashes].map(([algorithm, hex]) => ({algorithm, hex}));
    return Object.freeze({
      name: this.#name, path: this.path, size: this.#size, hashes: Object.freeze(byStrength(hashes)), pieces,
      urls: Object.freeze(this.#urls),
    });
  }

  #refuse(why: string): never {
    refuse(`the file ${show(this.#name)} ${why}`);
  }
}

/** The pieces of a file while they are read. */
export class PiecesBuilder {
  readonly #algorithm: string | undefined;
  readonly #length: number;
  readonly #hashes: string[] = [];

  /** @throws ValidationError */
  constructor(type: string | undefined, length: string | undefined) {
    this.#algorithm = hashName(type ?? '');
    this.#length = wholeNumber(length ?? '') ?? 0;
    if (this.#length === 0) refuse(`it has pieces of the length ${show(length)}, expected bytes`);
  }

  /** @throws ValidationError */
  add(text: string): void {
    if (this.#algorithm === undefined) return;
    const hex = hexOf(this.#algorithm, text);
    if (hex === undefined) refuse(`it has a bad ${this.#algorithm} piece hash, expected ${2 * digestLength(this.#algorithm)} hex digits`);
    this.#hashes.push(hex);
  }

  /** Undefined when the algorithm is unknown, or there is none. */
  build(): MetalinkPieces | undefined {
    if (this.#algorithm === undefined || this.#hashes.length === 0) return undefined;
    return Object.freeze({length: this.#length, algorithm: this.#algorithm, hashes: Object.freeze(this.#hashes)});
  }
}

/** @throws ValidationError */
function safe(path: string): string {
  try {
    resolveUnder('/', path);
    return safeFileName(path, {decoded: true});
  } catch (cause) {
    if (cause instanceof UnsafeName) throw new ValidationError(`the metalink is refused: ${cause.message}`, {cause});
    throw cause;
  }
}

function wholeNumber(text: string): number | undefined {
  const number = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(number) ? number : undefined;
}

function hexOf(algorithm: string, text: string): string | undefined {
  return text.length === 2 * digestLength(algorithm) && /^[0-9a-f]+$/i.test(text) ? text.toLowerCase() : undefined;
}

function refuse(why: string): never {
  throw new ValidationError(`the metalink is refused: ${why}`);
}
