import type {WriterAbilities, WriterMeta} from '../core/contract.js';
import {TooLarge} from '../core/errors.js';
import {misuse, onlyKeys, wholeNumber} from '../core/options.js';
import {BaseWriter} from './base-writer.js';
import {ChunkList} from './chunk-list.js';

/** How a BufferWriter is made. */
export interface BufferWriterOptions {
  /** The most bytes it takes. @default 16 MiB */
  limit?: number | undefined;
}

const DEFAULT_LIMIT = 16 * 1024 * 1024;
const ABILITIES: WriterAbilities = Object.freeze({rewind: true, resume: false, positional: false, read: true});

/**
 * Keeps the bytes in memory. `content()` and `text()` give them once the download succeeded.
 *
 * More than `limit` bytes are refused with `TooLarge`: at the headers when the length is announced, else on the way.
 */
export class BufferWriter extends BaseWriter {
  /** The most bytes it takes. */
  readonly limit: number;
  readonly #chunks = new ChunkList();
  #content: Buffer | undefined;
  #discarded = false;

  /** @throws TypeError, RangeError naming the option */
  constructor(options: BufferWriterOptions = {}) {
    super();
    onlyKeys('BufferWriter', options, ['limit']);
    this.limit = wholeNumber('limit', options.limit ?? DEFAULT_LIMIT, 0);
  }

  override get floor(): number {
    return 0;
  }

  override get abilities(): WriterAbilities {
    return ABILITIES;
  }

  /** The bytes, the same Buffer each time. @throws TypeError before `close` and after `discard` */
  content(): Buffer {
    if (this.#content === undefined) {
      throw new TypeError(`content: expected a download that succeeded, ${this.#discarded ? 'it failed' : 'it is not over'}`);
    }
    return this.#content;
  }

  /** The bytes as text. @throws TypeError like `content`, and for an encoding that Buffer doesn't know */
  text(encoding: BufferEncoding = 'utf8'): string {
    if (!Buffer.isEncoding(encoding)) throw misuse('encoding', encoding, 'an encoding of Buffer');
    return this.content().toString(encoding);
  }

  /** @throws TooLarge when more is announced than it takes */
  override open(meta: WriterMeta): void {
    if (meta.length !== undefined && meta.length > this.limit) throw this.#tooLarge(`${meta.length} bytes are announced`);
  }

  /** @throws TooLarge when more comes than it takes */
  append(chunk: Uint8Array): void {
    if (this.#chunks.size + chunk.byteLength > this.limit) throw this.#tooLarge('more bytes came');
    this.#chunks.push(chunk);
  }

  rewind(offset: number): void {
    this.#chunks.trim(offset);
  }

  async *read(): AsyncIterable<Uint8Array> {
    await Promise.resolve();
    yield* this.#content === undefined ? this.#chunks.list() : [this.#content];
  }

  close(): void {
    this.#content = Buffer.concat(this.#chunks.take());
  }

  override discard(): void {
    if (this.#content !== undefined) return;
    this.#discarded = true;
    this.#chunks.take();
  }

  #tooLarge(what: string): TooLarge {
    return new TooLarge(`${what}, expected at most ${this.limit} (the limit of BufferWriter)`, this.limit);
  }
}
