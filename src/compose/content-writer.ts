import type {
  Digests, Durability, Monitor, Published, SequenceStart, Writer, WriterAbilities, WriterMeta, WriterStart,
} from '../core/contract.js';
import type {NamedDigest} from '../core/digest.js';
import {WriterError, type DownloadError} from '../core/errors.js';
import {DigestSet} from '../monitor/digest-set.js';
import type {ContentShelf} from './content-shelf.js';
import {StoredContent} from './stored-content.js';

/**
 * Writes content into a store, under the digest that it turns out to have. Attach it to a download twice, as the writer
 * and by `observe`: then the digests are the run's own. Unobserved it reads the bytes again to make them.
 */
export class ContentWriter implements Writer, Monitor {
  readonly abilities: WriterAbilities;
  readonly #shelf: ContentShelf;
  readonly #algorithms: readonly string[];
  readonly #path: string;
  readonly #file: Writer;
  #digests: Digests | undefined;
  #closing: Promise<Published> | undefined;
  #content: StoredContent | undefined;

  /** `also`: algorithms by which the content shall be found, too. */
  constructor(shelf: ContentShelf, also: readonly string[]) {
    this.#shelf = shelf;
    this.#algorithms = [...new Set([shelf.algorithm, ...also])];
    const file = shelf.temporary();
    this.#path = file.path;
    this.#file = file;
    this.abilities = Object.freeze({...this.#file.abilities, resume: false});
  }

  /** What was put into the store, once it is there. */
  get content(): StoredContent | undefined {
    return this.#content;
  }

  get floor(): number {
    return this.#file.floor;
  }

  get warnings(): readonly DownloadError[] {
    return this.#file.warnings ?? [];
  }

  /** A new byte sequence: asks for the digests that the content is kept under. */
  begin({digests}: SequenceStart): void {
    for (const algorithm of this.#algorithms) digests.request(algorithm);
    this.#digests = digests;
  }

  /** @throws WriterError */
  async prepare(start: WriterStart): Promise<void> {
    await this.#shelf.begin();
    await this.#file.prepare?.(start);
  }

  /** @throws WriterError */
  open(meta: WriterMeta): void | Promise<void> {
    return this.#file.open(meta);
  }

  append(chunk: Uint8Array): void | Promise<void> {
    return this.#file.append(chunk);
  }

  rewind(offset: number, meta?: WriterMeta): void | Promise<void> {
    return this.#file.rewind?.(offset, meta);
  }

  writeAt(offset: number, chunk: Uint8Array): void | Promise<void> {
    return this.#file.writeAt?.(offset, chunk);
  }

  /** The bytes accepted so far, or those of the content. @throws WriterError */
  read(): AsyncIterable<Uint8Array> {
    return this.#content?.read() ?? this.#file.read?.() as AsyncIterable<Uint8Array>;
  }

  /** Gives the content its place. @throws WriterError */
  close(): Promise<Published> {
    return this.#closing = this.#close();
  }

  /** Removes what was written, unless it is in its place: then it is whole, and of use to others. @throws WriterError */
  async discard(end: {readonly error: DownloadError}): Promise<void> {
    await this.#closing?.catch(() => undefined);
    if (this.#content !== undefined) return;
    await this.#file.discard({error: end.error});
    await this.#shelf.unlink(this.#path);
  }

  async #close(): Promise<Published> {
    const digests = this.#digests ?? await this.#hash();
    const named = this.#algorithms.map((algorithm): NamedDigest => ({algorithm, hex: digests.hex(algorithm)}));
    const [key] = named as [NamedDigest];
    await this.#file.close();
    const entry = await this.#shelf.disk.stat(this.#path);
    if (entry?.size !== digests.size) {
      throw new WriterError(`${this.#path}: expected ${digests.size} bytes, those that were hashed, got ${entry?.size ?? 0}`, this.#path);
    }
    const path = await this.#shelf.place(this.#path, key, named);
    this.#content = new StoredContent(this.#shelf, key, {key, path, entry});
    const durability: Durability = this.#shelf.durability;
    return {path, durability};
  }

  async #hash(): Promise<DigestSet> {
    const digests = new DigestSet();
    this.begin({digests, offset: 0});
    for await (const chunk of this.read()) digests.update(chunk);
    digests.finish();
    return digests;
  }
}
