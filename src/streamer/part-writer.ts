import {randomUUID} from 'node:crypto';
import {join} from 'node:path';
import type {Digests, HeaderMap, Monitor, Published, SequenceStart, WriterAbilities, WriterMeta, WriterPlan} from '../core/contract.js';
import type {NamedDigest} from '../core/digest.js';
import type {DiskFile} from '../core/disk.js';
import {DigestMismatch} from '../core/errors.js';
import {BaseWriter} from '../writer/base-writer.js';
import {onDisk} from '../writer/disk-fault.js';
import type {Representation} from './answer.js';
import {OpenFile} from './open-file.js';
import type {StreamShelf} from './stream-shelf.js';

/** What a part has to do with others. */
export interface PartOptions {
  readonly shelf: StreamShelf;
  /** What the bytes must be, beside what the download demands. */
  readonly digest: NamedDigest | undefined;
  /** The content that the upstream may confirm. */
  readonly stored: {readonly path: string; readonly size: number} | undefined;
  /** What the reply said that is being written now. */
  readonly headers: () => HeaderMap;
  /** Whether what comes with these headers may be kept. */
  readonly mayStore: (headers: HeaderMap) => boolean;
  /** The highest byte that a client got. */
  readonly released: () => number;
  /** There is news for those who read along. */
  readonly changed: () => void;
}

const ABILITIES: WriterAbilities = Object.freeze({rewind: true, resume: false, positional: false, read: true});

/** Writes a body into the store while others read it. It can begin again as long as no client has a byte of it. */
export class PartWriter extends BaseWriter implements Monitor {
  readonly #options: PartOptions;
  readonly #path: string;
  #file: DiskFile | undefined;
  #open: OpenFile | undefined;
  #digests: Digests | undefined;
  #accepted = 0;
  #doubtful = false;
  #keeps = false;
  #placed = false;
  #representation: Representation | undefined;
  #ended: Promise<unknown> | undefined;

  constructor(options: PartOptions) {
    super();
    this.#options = options;
    this.#path = join(options.shelf.layout.temporary, randomUUID());
  }

  /** Bytes that can be read. */
  get accepted(): number { return this.#accepted; }
  /** An attempt failed, and nobody said yet that its bytes are good. */
  get doubtful(): boolean { return this.#doubtful; }
  /** What is being written; undefined before the first good reply. */
  get representation(): Representation | undefined { return this.#representation; }
  /** Where it is read. */
  get file(): OpenFile | undefined { return this.#open; }
  /** Whether it will be stored. */
  get keeps(): boolean { return this.#keeps; }
  /** Whether it is in the store. */
  get placed(): boolean { return this.#placed; }
  override get floor(): number { return this.#options.released(); }
  override get abilities(): WriterAbilities { return ABILITIES; }

  begin({digests}: SequenceStart): void {
    this.#digests = digests;
    for (const algorithm of this.#algorithms) digests.request(algorithm);
  }

  /** @throws WriterError */
  async prepare(): Promise<WriterPlan | undefined> {
    const {shelf, stored} = this.#options;
    await shelf.begin();
    return stored === undefined ? undefined : {existing: 'unless-modified', size: stored.size, path: stored.path};
  }

  /** @throws WriterError */
  override async open(meta: WriterMeta): Promise<void> {
    const {disk} = this.#options.shelf;
    this.#file = await onDisk(disk.create(this.#path, 0o600), 'create', this.#path);
    this.#open = await OpenFile.open(this.#path);
    this.#describe(meta);
  }

  async append(chunk: Uint8Array): Promise<void> {
    await onDisk((this.#file as DiskFile).write([chunk]), 'write', this.#path);
    this.#accepted += chunk.byteLength;
    this.#doubtful = false;
    this.#options.changed();
  }

  async rewind(offset: number, meta?: WriterMeta): Promise<void> {
    this.#accepted = Math.min(this.#accepted, offset);
    await onDisk((this.#file as DiskFile).truncate(offset), 'cut', this.#path);
    if (meta !== undefined) this.#describe(meta);
  }

  /** What is stored, until the first reply; then what came. @throws WriterError */
  read(): AsyncIterable<Uint8Array> {
    const {shelf, stored} = this.#options;
    return shelf.read(this.#file === undefined && stored !== undefined ? stored.path : this.#path);
  }

  /** Nobody gets more of it until an attempt goes on. */
  doubt(): void {
    this.#doubtful = true;
  }

  /** Gives the content its place, if it may be kept. @throws DigestMismatch, WriterError */
  close(): Promise<Published> {
    const closing = this.#close();
    this.#ended = closing.catch(() => undefined);
    return closing;
  }

  override async discard(): Promise<void> {
    await this.#ended;
    await this.#file?.close();
    if (this.#file !== undefined && !this.#placed) await this.#options.shelf.unlink(this.#path);
  }

  async #close(): Promise<Published> {
    const {shelf, digest} = this.#options;
    const digests = this.#digests as Digests;
    if (digest !== undefined) demand(digest, digests.hex(digest.algorithm));
    const file = this.#file as DiskFile;
    if (this.#keeps && shelf.durability !== 'none') await onDisk(file.sync(), 'sync', this.#path);
    await file.close();
    if (!this.#keeps) {
      await shelf.unlink(this.#path);
      return {};
    }
    const named = this.#algorithms.map((algorithm): NamedDigest => ({algorithm, hex: digests.hex(algorithm)}));
    const path = await shelf.place(this.#path, named[0] as NamedDigest, named);
    this.#placed = true;
    return {path, durability: shelf.durability};
  }

  #describe({length}: WriterMeta): void {
    const headers = this.#options.headers();
    this.#keeps = this.#options.mayStore(headers);
    this.#representation = {headers, size: length};
    this.#options.changed();
  }

  get #algorithms(): string[] {
    const {shelf, digest} = this.#options;
    return [...new Set([shelf.algorithm, ...digest === undefined ? [] : [digest.algorithm]])];
  }
}

/** @throws DigestMismatch */
export function demand({algorithm, hex}: NamedDigest, actual: string): void {
  if (actual !== hex) throw new DigestMismatch(`${algorithm}: expected ${hex}, got ${actual}`, algorithm, hex, actual);
}
