import type {Hash} from 'node:crypto';
import type {SequenceStart, Validation} from '../core/contract.js';
import {newHash, normaliseAlgorithm, parseDigest} from '../core/digest.js';
import {DigestMismatch, ValidationError} from '../core/errors.js';
import {misuse, wholeNumber} from '../core/options.js';
import {totalOf} from '../download/resume-key.js';
import {isStrong} from '../policy/hash-strength.js';

/** The digests of a file's pieces, in order, as a metalink has them. The last piece may be shorter. */
export interface PieceDigests {
  /** Bytes of a piece. */
  readonly length: number;
  /** Any of node's crypto. */
  readonly algorithm: string;
  /** Hex or base64. */
  readonly hashes: readonly string[];
}

/** Checks what a caller gave. @throws TypeError, RangeError naming the option */
export function checkPieces(pieces: PieceDigests): PieceDigests {
  if (typeof pieces !== 'object' || (pieces as object | null) === null) throw misuse('pieces', pieces, 'an object with length, algorithm, hashes');
  const {length, algorithm, hashes} = pieces;
  const name = normaliseAlgorithm(algorithm);
  if (!Array.isArray(hashes) || hashes.length === 0) throw misuse('pieces.hashes', hashes, 'a list of digests');
  return Object.freeze({
    length: wholeNumber('pieces.length', length, 1), algorithm: name,
    hashes: Object.freeze(hashes.map((text: string) => parseDigest(name, text))),
  });
}

/** Whether so many bytes are cut into so many pieces. */
export function fits({length, hashes}: PieceDigests, total: number): boolean {
  return Math.ceil(total / length) === hashes.length;
}

/**
 * Demands the digests of all pieces. A body that comes in one stream is judged piece by piece as it comes; one that comes
 * in pieces was judged when they came, and is not hashed again.
 */
export class PieceValidation implements Validation {
  readonly #find: () => PieceDigests | undefined;
  #pieces: PieceDigests | undefined;
  #judged = false;
  #hash: Hash | undefined;
  #piece = 0;
  #filled = 0;

  /** `find` gives the digests, when there are any; asked at each first byte. */
  constructor(find: () => PieceDigests | undefined) {
    this.#find = find;
  }

  get proof(): 'digest' | undefined {
    const pieces = this.#find();
    return pieces !== undefined && isStrong(pieces.algorithm) ? 'digest' : undefined;
  }

  /** @throws ValidationError when the pieces are those of another file */
  begin({reply}: SequenceStart): void {
    this.#pieces = this.#find();
    this.#judged = reply?.pieces !== undefined;
    [this.#hash, this.#piece, this.#filled] = [undefined, 0, 0];
    const total = reply === undefined ? undefined : totalOf(reply);
    if (this.#pieces !== undefined && total !== undefined && !fits(this.#pieces, total)) throw this.#misfit(`${total} bytes`);
  }

  /** @throws DigestMismatch at the end of a wrong piece; ValidationError when there are more than expected */
  update(chunk: Uint8Array): void {
    const pieces = this.#pieces;
    if (pieces === undefined || this.#judged) return;
    for (let at = 0; at < chunk.byteLength;) {
      if (this.#piece === pieces.hashes.length) throw this.#misfit('more bytes');
      const part = chunk.subarray(at, at + pieces.length - this.#filled);
      (this.#hash ??= newHash(pieces.algorithm)).update(part);
      at += part.byteLength;
      this.#filled += part.byteLength;
      if (this.#filled === pieces.length) this.#close(pieces);
    }
  }

  /** @throws DigestMismatch, ValidationError */
  apply(): void {
    const pieces = this.#pieces;
    if (pieces === undefined || this.#judged) return;
    if (this.#filled > 0) this.#close(pieces);
    if (this.#piece !== pieces.hashes.length) throw this.#misfit(`${this.#piece} pieces`);
  }

  #close(pieces: PieceDigests): void {
    const actual = this.#hash?.digest('hex') ?? '';
    if (actual !== pieces.hashes[this.#piece]) throw pieceMismatch(pieces, this.#piece, actual);
    this.#piece++;
    this.#filled = 0;
    this.#hash = undefined;
  }

  #misfit(got: string): ValidationError {
    const {hashes, length} = this.#pieces as PieceDigests;
    return new ValidationError(`expected ${hashes.length} pieces of ${length} bytes, got ${got}`);
  }
}

/** A piece that isn't what it should be. */
export function pieceMismatch({algorithm, hashes, length}: PieceDigests, piece: number, actual: string, url?: string): DigestMismatch {
  const expected = hashes[piece] ?? 'none';
  const place = `the piece at byte ${piece * length}`;
  return new DigestMismatch(`${algorithm} of ${place}: expected ${expected}, got ${actual}`, algorithm, expected, actual, {url});
}
