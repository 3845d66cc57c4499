import type {Hash} from 'node:crypto';
import type {Reply, Writer} from '../core/contract.js';
import {newHash} from '../core/digest.js';
import {Interrupted, ProtocolError, type DigestMismatch} from '../core/errors.js';
import type {Attempt, TellFetched} from '../download/attempt.js';
import {asWriterError} from '../download/writer-gate.js';
import {pieceMismatch, type PieceDigests} from './piece-digests.js';
import type {BegunPiece, PieceMap, Segment} from './piece-map.js';
import type {SegmentSource} from './segment-source.js';

/** What an intake is made with. */
export interface IntakeParts {
  readonly map: PieceMap;
  readonly writer: Writer;
  /** The attempt of the whole. */
  readonly attempt: Attempt;
  /** Of each piece a digest is made; undefined: nobody wants any. */
  readonly algorithm: string | undefined;
  /** What the pieces must be. */
  readonly digests: PieceDigests | undefined;
  /** A source gave a wrong piece. @returns whether it may go on with the next one */
  readonly blame: (source: SegmentSource, piece: number, error: DigestMismatch) => boolean;
}

/** Where the bytes of a transfer belong. */
export interface Intended {
  readonly attempt: Attempt;
  readonly source: SegmentSource;
  readonly segment: Segment;
}

/** Puts the bodies of all transfers where they belong, piece by piece, and checks each piece as soon as it is whole. */
export class PieceIntake {
  readonly #parts: IntakeParts;
  /** Bytes that were there when the attempt began. */
  readonly #before: number;
  readonly #fetched: TellFetched | undefined;
  #telling: Promise<void> | undefined;

  constructor(parts: IntakeParts) {
    this.#parts = parts;
    this.#before = parts.map.held;
    this.#fetched = parts.attempt.fetched(parts.map.total);
  }

  /**
   * Takes a body in, up to the end of the segment. What the source sends behind it is another transfer's.
   *
   * @throws DownloadError when less or more comes than was announced, or the writer fails
   */
  async receive(reply: Reply, intended: Intended): Promise<void> {
    const {map, attempt: whole} = this.#parts;
    const {attempt, segment, source} = intended;
    const {offset, length = Infinity, url} = reply;
    const last = Math.min(map.total, offset + length);
    const wanted = (): number => map.endOf(segment.end - 1);
    let position = offset;
    attempt.waitFor('read');
    for await (const chunk of reply.body ?? []) {
      attempt.signal.throwIfAborted();
      const {byteLength} = chunk;
      attempt.seen(byteLength);
      source.bytes += byteLength;
      attempt.accepted += byteLength;
      if (attempt.accepted > length) throw new ProtocolError(`the body goes on after the ${length} bytes announced: ${url}`, {url});
      await attempt.during(whole.pace(byteLength));
      for (let at = 0; at < byteLength && position < wanted();) {
        const bytes = chunk.subarray(at, at + Math.min(this.#leftOf(position), wanted() - position));
        await this.#put(bytes, position, intended);
        at += bytes.byteLength;
        position += bytes.byteLength;
      }
      // A body that ends here too is read to its end, so that the connection can be used again.
      if (position >= wanted() && last > position) break;
    }
    attempt.waitFor(undefined);
    if (position < wanted()) {
      throw new Interrupted(`the range ended at byte ${position} of ${wanted()}: ${url}`, wanted() - offset, position - offset, {url});
    }
  }

  /** Bytes up to the next piece. */
  #leftOf(position: number): number {
    const {map} = this.#parts;
    return map.endOf(Math.floor(position / map.length)) - position;
  }

  async #put(bytes: Uint8Array, position: number, intended: Intended): Promise<void> {
    const {map} = this.#parts;
    const {attempt, segment} = intended;
    const piece = Math.floor(position / map.length);
    segment.next = Math.max(segment.next, piece);
    if (map.isWhole(piece)) return;
    const begun = this.#begin(piece, position, intended.source);
    let complete = false;
    const written = this.#write(position, bytes).then(() => {
      complete = map.advance(piece, bytes.byteLength);
      this.#count();
    });
    begun.hash?.update(bytes);
    try {
      await attempt.during(written);
      if (this.#fetched !== undefined) await attempt.during(this.#tell(bytes, position));
    } finally {
      // A write is never left under way: it could come after what is written next. What was written counts.
      await written;
      if (complete) await this.#close(piece, begun, intended);
    }
  }

  async #write(position: number, bytes: Uint8Array): Promise<void> {
    try {
      await this.#parts.writer.writeAt?.(position, bytes);
    } catch (thrown) {
      throw asWriterError(thrown);
    }
  }

  #begin(piece: number, position: number, {url}: SegmentSource): BegunPiece {
    const {map, algorithm} = this.#parts;
    const hash = (): Hash | undefined => algorithm === undefined ? undefined : newHash(algorithm);
    const begun = map.begin(piece, url, hash);
    if (map.startOf(piece) + begun.filled === position) return begun;
    map.drop(piece);
    return map.begin(piece, url, hash);
  }

  async #close(piece: number, {hash}: BegunPiece, {source, attempt}: Intended): Promise<void> {
    const {map, digests, writer, blame} = this.#parts;
    const actual = hash?.digest('hex');
    if (digests !== undefined && actual !== digests.hashes[piece]) {
      map.drop(piece);
      this.#count();
      const error = pieceMismatch(digests, piece, actual ?? '', source.url);
      if (!blame(source, piece, error)) throw error;
      return;
    }
    map.finish(piece);
    source.faults = 0;
    if (actual === undefined) return;
    const noted = writer.pieceDone?.(piece, actual)?.catch((thrown: unknown) => { throw asWriterError(thrown); });
    try {
      await attempt.during(noted);
    } finally {
      await noted?.catch(() => undefined);
    }
  }

  /** One after the other, as in a body that comes in order. */
  async #tell(bytes: Uint8Array, position: number): Promise<void> {
    while (this.#telling !== undefined) await this.#telling.catch(() => undefined);
    const told = this.#fetched?.(bytes, position, this.#parts.map.held);
    if (told === undefined) return;
    this.#telling = told.finally(() => { this.#telling = undefined; });
    await this.#telling;
  }

  #count(): void {
    this.#parts.attempt.accepted = Math.max(0, this.#parts.map.held - this.#before);
  }
}
