import type {Hash} from 'node:crypto';
import type {PieceGrid} from '../core/contract.js';
import {digestLength, newHash} from '../core/digest.js';

/** The pieces of a part, as a journal tells them. */
export interface PieceRecord extends PieceGrid {
  /** A bit for each piece that is whole, the first one highest; hex. */
  readonly whole: string;
  /** The digests of these pieces, in order, one after the other; lower-case hex. */
  readonly digests: string;
}

/** Which pieces of a part are whole, with the digest of each. */
export class PieceList implements PieceGrid {
  readonly length: number;
  readonly algorithm: string;
  /** Bytes of the whole. */
  readonly total: number;
  readonly #digests = new Map<number, string>();

  constructor({length, algorithm}: PieceGrid, total: number) {
    this.length = length;
    this.algorithm = algorithm;
    this.total = total;
  }

  /** Reads what a journal says. Undefined when it can't be so. */
  static from(record: unknown, total: number | undefined): PieceList | undefined {
    const {length, algorithm, whole, digests} = (record ?? {}) as Partial<Record<keyof PieceRecord, unknown>>;
    if (!isCount(length) || !isCount(total) || typeof algorithm !== 'string' || !isHex(whole) || !isHex(digests)) return undefined;
    const list = new PieceList({length, algorithm}, total);
    const width = widthOf(algorithm);
    const bits = Buffer.from(whole, 'hex');
    if (width === undefined || bits.length !== Math.ceil(list.count / 8)) return undefined;
    let at = 0;
    for (let piece = 0; piece < list.count; piece++) {
      if (((bits[piece >> 3] as number) & (0x80 >> (piece & 7))) === 0) continue;
      list.add(piece, digests.slice(at, at += width));
    }
    return at === digests.length ? list : undefined;
  }

  get count(): number {
    return Math.ceil(this.total / this.length);
  }

  /** How many are whole. */
  get size(): number {
    return this.#digests.size;
  }

  get digests(): ReadonlyMap<number, string> {
    return this.#digests;
  }

  /** Bytes from the first one on without a gap. */
  get prefix(): number {
    let piece = 0;
    while (this.#digests.has(piece)) piece++;
    return this.endOf(piece - 1);
  }

  /** Where the last whole piece ends. */
  get end(): number {
    let last = -1;
    for (const piece of this.#digests.keys()) last = Math.max(last, piece);
    return this.endOf(last);
  }

  add(piece: number, digest: string): void {
    if (piece < this.count) this.#digests.set(piece, digest);
  }

  /** The same list with these pieces only. */
  only(pieces: readonly number[]): PieceList {
    const list = new PieceList(this, this.total);
    for (const piece of pieces) {
      const digest = this.#digests.get(piece);
      if (digest !== undefined) list.add(piece, digest);
    }
    return list;
  }

  /** A look at the bytes of the part, from the first one on. */
  check(): PieceCheck {
    return new PieceCheck(this);
  }

  record(): PieceRecord {
    const bits = Buffer.alloc(Math.ceil(this.count / 8));
    const pieces = [...this.#digests.keys()].sort((one, other) => one - other);
    for (const piece of pieces) bits[piece >> 3] = (bits[piece >> 3] as number) | (0x80 >> (piece & 7));
    return {
      length: this.length, algorithm: this.algorithm, whole: bits.toString('hex'),
      digests: pieces.map((piece) => this.#digests.get(piece)).join(''),
    };
  }

  /** The first byte behind a piece. */
  endOf(piece: number): number {
    return Math.min(this.total, (piece + 1) * this.length);
  }
}

/** Finds the pieces that still have their digests. */
export class PieceCheck {
  /** Those found so far, in order. */
  readonly good: number[] = [];
  readonly #list: PieceList;
  #hash: Hash;
  #piece = 0;
  #left: number;

  constructor(list: PieceList) {
    this.#list = list;
    this.#hash = newHash(list.algorithm);
    this.#left = list.endOf(0);
  }

  /** Takes the next bytes of the part. */
  update(chunk: Uint8Array): void {
    const list = this.#list;
    for (let at = 0; at < chunk.byteLength && this.#piece < list.count;) {
      const expected = list.digests.get(this.#piece);
      const bytes = chunk.subarray(at, at + this.#left);
      if (expected !== undefined) this.#hash.update(bytes);
      at += bytes.byteLength;
      this.#left -= bytes.byteLength;
      if (this.#left > 0) return;
      if (expected !== undefined && this.#hash.digest('hex') === expected) this.good.push(this.#piece);
      this.#piece++;
      this.#hash = newHash(list.algorithm);
      this.#left = list.endOf(this.#piece) - list.endOf(this.#piece - 1);
    }
  }
}
function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function isHex(value: unknown): value is string {
  return typeof value === 'string' && /^(?:[0-9a-f]{2})*$/.test(value);
}

function widthOf(algorithm: string): number | undefined {
  try {
    return 2 * digestLength(algorithm);
  } catch {
    return undefined;
  }
}
