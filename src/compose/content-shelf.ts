import {randomUUID} from 'node:crypto';
import {dirname, join} from 'node:path';
import type {Clock} from '../core/clock.js';
import type {Durability, Reply} from '../core/contract.js';
import type {NamedDigest} from '../core/digest.js';
import type {Disk, DiskEntry} from '../core/disk.js';
import {diskFault, onDisk, systemCode} from '../writer/disk-fault.js';
import {FileWriter} from '../writer/file-writer.js';
import {Folders} from '../writer/folders.js';
import {LONGEST_POINTER, pointerText, readPointer, type ContentLayout} from './content-layout.js';
import {namesIn, touch} from './folder-entries.js';

/** What a shelf is made with. */
export interface ShelfOptions {
  readonly layout: ContentLayout;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly durability: Durability;
  /** The digest that contents are kept under. */
  readonly algorithm: string;
}

/** Where some content is. */
export interface Found {
  /** What it is kept under. */
  readonly key: NamedDigest;
  readonly path: string;
  readonly entry: DiskEntry;
  /** The file that led here, when it was looked for by another digest. */
  readonly pointer?: string | undefined;
}

/** A temporary file of this age is nobody's any more, ms. */
export const STALE_AFTER = 24 * 60 * 60 * 1000;
/** How exactly the last use of a content is known, ms. */
const COARSE = 60 * 60 * 1000;
/** Nobody writes into a content by mistake. */
const READ_ONLY = 0o444;
const NO_REPLY: Reply = Object.freeze({status: 200, headers: {}, hops: [], url: '', validators: {}, offset: 0, framing: 'length'});

/** The files of a store: how they are found, put in place, read and removed. No file is ever changed once it has its name. */
export class ContentShelf {
  readonly layout: ContentLayout;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly durability: Durability;
  readonly algorithm: string;
  readonly #folders: Folders;
  /** How often each file is being read. */
  readonly #held = new Map<string, number>();
  #begun: Promise<void> | undefined;

  constructor(options: ShelfOptions) {
    this.layout = options.layout;
    this.disk = options.disk;
    this.clock = options.clock;
    this.durability = options.durability;
    this.algorithm = options.algorithm;
    this.#folders = new Folders(options.disk);
  }

  /** Before the first write: makes the folder of temporary files and removes what earlier processes left there. @throws WriterError */
  begin(): Promise<void> {
    return this.#begun ??= this.#begin().catch((error: unknown) => {
      this.#begun = undefined;
      throw error;
    });
  }

  /** Looks for content by any digest. @throws WriterError */
  async find(digest: NamedDigest): Promise<Found | undefined> {
    const direct = await this.#entry(digest);
    if (direct !== undefined) return direct;
    const pointer = this.layout.pointer(digest);
    const key = await this.follow(pointer);
    const found = key === undefined ? undefined : await this.#entry(key);
    return found === undefined ? undefined : {...found, pointer};
  }

  /** What a pointer leads to; undefined when it isn't there, says nothing or can't be read any more. @throws WriterError */
  async follow(pointer: string): Promise<NamedDigest | undefined> {
    let text = '';
    try {
      for await (const chunk of this.disk.read(pointer)) {
        text += Buffer.from(chunk).toString('latin1');
        if (text.length > LONGEST_POINTER) return undefined;
      }
    } catch (error) {
      if (['ENOENT', 'EIO'].includes(systemCode(error) ?? '')) return undefined;
      throw diskFault(error, 'read', pointer);
    }
    return readPointer(text);
  }

  /** A file to write into before its digest is known. */
  temporary(durability = this.durability): FileWriter {
    const mode = READ_ONLY & ~this.#folders.umask;
    const path = join(this.layout.temporary, randomUUID());
    return new FileWriter(path, {durability: durability === 'none' ? 'none' : 'file', mode, disk: this.disk});
  }

  /**
   * Moves a finished temporary file to where its digest belongs, over what is there: the bytes are the same, or those
   * there are damaged. Then lets the other digests point to it. @throws WriterError
   */
  async place(from: string, key: NamedDigest, others: readonly NamedDigest[]): Promise<string> {
    const path = this.layout.content(key);
    await this.#move(from, path);
    for (const other of others) if (other.algorithm !== key.algorithm) await this.#point(other, key);
    return path;
  }

  /** The bytes of a file; while they are read nobody here prunes it. @throws WriterError */
  async *read(path: string): AsyncIterable<Uint8Array> {
    this.#held.set(path, (this.#held.get(path) ?? 0) + 1);
    try {
      yield* this.disk.read(path);
    } catch (error) {
      throw diskFault(error, 'read', path);
    } finally {
      const left = (this.#held.get(path) ?? 1) - 1;
      if (left === 0) this.#held.delete(path);
      else this.#held.set(path, left);
    }
  }

  /** Whether the file is being read here. */
  isHeld(path: string): boolean {
    return this.#held.has(path);
  }

  /** Remembers that it was used, to the hour. */
  async used({path, entry}: Found): Promise<void> {
    const now = this.clock.time();
    if (now - entry.modified > COARSE) await touch(path, now);
  }

  /** @returns whether it was there @throws WriterError */
  async unlink(path: string): Promise<boolean> {
    try {
      await this.disk.unlink(path);
      return true;
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return false;
      throw diskFault(error, 'remove', path);
    }
  }

  /** Removes temporary files that nobody has written to for so long, ms. @returns how many @throws WriterError */
  async sweep(olderThan: number): Promise<number> {
    const limit = this.clock.time() - olderThan;
    let swept = 0;
    for (const name of await namesIn(this.layout.temporary)) {
      const path = join(this.layout.temporary, name);
      const entry = await onDisk(this.disk.stat(path), 'look at', path);
      if (entry?.kind === 'file' && entry.modified < limit && await this.unlink(path)) swept++;
    }
    return swept;
  }

  async #begin(): Promise<void> {
    await this.#folders.make(this.layout.temporary, []);
    // What can't be swept now is no reason not to write.
    await this.sweep(STALE_AFTER).catch(() => undefined);
  }

  async #entry(key: NamedDigest): Promise<Found | undefined> {
    const path = this.layout.content(key);
    const entry = await onDisk(this.disk.stat(path), 'look at', path);
    return entry?.kind === 'file' ? {key, path, entry} : undefined;
  }

  async #move(from: string, to: string): Promise<void> {
    await this.#folders.make(dirname(to), []);
    await onDisk(this.disk.rename(from, to), 'move the finished file to', to);
    if (this.durability === 'full') await this.#folders.settle(dirname(to));
  }

  async #point(digest: NamedDigest, key: NamedDigest): Promise<void> {
    const pointer = this.layout.pointer(digest);
    const present = await this.follow(pointer);
    if (present?.algorithm === key.algorithm && present.hex === key.hex) return;
    const file = this.temporary();
    const text = Buffer.from(pointerText(key));
    try {
      await file.open({length: text.byteLength, offset: 0, reply: NO_REPLY});
      await file.append(text);
      await file.close();
      await this.#move(file.path, pointer);
    } catch (error) {
      await file.discard().catch(() => undefined);
      await this.unlink(file.path).catch(() => undefined);
      throw error;
    }
  }
}
