import type {Hash} from 'node:crypto';

/** A run of pieces that one transfer fetches, in order. */
export interface Segment {
  /** The piece in hand, or the next one. */
  next: number;
  /** The first piece that is not its own; moves down when another transfer takes over the rest. */
  end: number;
}

/** A piece of which some bytes were written. */
export interface BegunPiece {
  filled: number;
  /** Of these bytes; undefined when nobody wants their digest. */
  readonly hash: Hash | undefined;
  /** Who gave them: the bytes of two sources are never joined in one piece. */
  readonly source: string;
}

/** Which bytes of a file are there, on a fixed grid of pieces, and who fetches which of the others. */
export class PieceMap {
  /** Bytes of the whole; more than 0. */
  readonly total: number;
  /** Bytes of a piece. */
  readonly length: number;
  /** How many pieces there are. */
  readonly count: number;
  readonly #whole: Uint8Array;
  readonly #begun = new Map<number, BegunPiece>();
  readonly #segments = new Set<Segment>();
  #missing: number;
  #held = 0;

  constructor(total: number, length: number, whole: Iterable<number> = []) {
    this.total = total;
    this.length = length;
    this.count = Math.ceil(total / length);
    this.#missing = this.count;
    this.#whole = new Uint8Array(this.count);
    for (const piece of whole) this.#finish(piece, 0);
  }

  /** Bytes that are there. */
  get held(): number {
    return this.#held;
  }

  get complete(): boolean {
    return this.#missing === 0;
  }

  /** The pieces that are there, by number. */
  get whole(): number[] {
    return [...this.#whole.keys()].filter((piece) => this.isWhole(piece));
  }

  isWhole(piece: number): boolean {
    return this.#whole[piece] === 1;
  }

  startOf(piece: number): number {
    return piece * this.length;
  }

  /** The first byte behind a piece. */
  endOf(piece: number): number {
    return Math.min(this.total, (piece + 1) * this.length);
  }

  /** The first byte to ask for: bytes of the first piece that the same source gave need not come again. */
  positionOf({next}: Segment, source: string): number {
    const begun = this.#begun.get(next);
    return this.startOf(next) + (begun?.source === source ? begun.filled : 0);
  }

  /**
   * The largest hole that nobody fetches, else the second half of the largest rest of a segment. Undefined: there is
   * nothing to do, or `may` forbids it.
   */
  take(may: (piece: number) => boolean = () => true): Segment | undefined {
    const hole = this.#largestHole(may);
    if (hole !== undefined) return this.#add(hole);
    let largest: Segment | undefined;
    for (const one of this.#segments) if (largest === undefined || one.end - one.next > largest.end - largest.next) largest = one;
    if (largest === undefined || largest.end - largest.next < 2) return undefined;
    const half = {next: largest.next + 1 + ((largest.end - largest.next - 1) >> 1), end: largest.end};
    for (let piece = half.next; piece < half.end; piece++) if (!may(piece)) return undefined;
    largest.end = half.next;
    return this.#add(half);
  }

  /** Everything, from the first piece on; whoever fetches some of it now must have stopped. */
  takeAll(): Segment {
    this.#segments.clear();
    return this.#add({next: 0, end: this.count});
  }

  /** A transfer ended; what it didn't fetch is free again. */
  release(segment: Segment): void {
    this.#segments.delete(segment);
  }

  /** The piece as far as this source has given it; what another one gave is dropped. */
  begin(piece: number, source: string, hash: () => Hash | undefined): BegunPiece {
    const begun = this.#begun.get(piece);
    if (begun?.source === source) return begun;
    this.drop(piece);
    const fresh = {filled: 0, hash: hash(), source};
    this.#begun.set(piece, fresh);
    return fresh;
  }

  /** So many more bytes of a begun piece were written. @returns whether these are all */
  advance(piece: number, bytes: number): boolean {
    const begun = this.#begun.get(piece);
    if (begun === undefined) return false;
    begun.filled += bytes;
    this.#held += bytes;
    return begun.filled === this.endOf(piece) - this.startOf(piece);
  }

  /** All bytes of a begun piece are there and good. */
  finish(piece: number): void {
    const filled = this.#begun.get(piece)?.filled ?? 0;
    this.#begun.delete(piece);
    this.#finish(piece, filled);
  }

  /** The bytes of a begun piece are of no use. */
  drop(piece: number): void {
    this.#held -= this.#begun.get(piece)?.filled ?? 0;
    this.#begun.delete(piece);
  }

  #finish(piece: number, filled: number): void {
    if (piece >= this.count || this.isWhole(piece)) return;
    this.#whole[piece] = 1;
    this.#missing--;
    this.#held += this.endOf(piece) - this.startOf(piece) - filled;
  }

  #add(segment: Segment): Segment {
    this.#segments.add(segment);
    return segment;
  }

  #largestHole(may: (piece: number) => boolean): Segment | undefined {
    const taken = new Uint8Array(this.#whole);
    for (const {next, end} of this.#segments) taken.fill(1, next, end);
    let largest: Segment | undefined;
    for (let piece = 0; piece < this.count; piece++) {
      if (taken[piece] === 1 || !may(piece)) continue;
      const next = piece;
      while (piece < this.count && taken[piece] === 0 && may(piece)) piece++;
      if (largest === undefined || piece - next > largest.end - largest.next) largest = {next, end: piece};
    }
    return largest;
  }
}
