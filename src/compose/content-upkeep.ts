import type {NamedDigest} from '../core/digest.js';
import {onDisk} from '../writer/disk-fault.js';
import {asCancel} from '../core/single-flight.js';
import type {ContentEntry} from './content-layout.js';
import {STALE_AFTER, type ContentShelf} from './content-shelf.js';
import {examine} from './stored-content.js';

/** How much a store holds. */
export interface StoreSize {
  readonly entries: number;
  readonly bytes: number;
}

/** What `verify` found; what was wrong is removed. */
export interface StoreReport extends StoreSize {
  /** Contents whose bytes were not those of their digest. */
  readonly damaged: readonly NamedDigest[];
  /** Pointers to nowhere, or to other bytes. */
  readonly pointers: number;
  /** Stale temporary files. */
  readonly swept: number;
}

/** What `prune` did; `entries` and `bytes` are what is left. */
export interface PruneReport extends StoreSize {
  readonly removed: number;
  /** Bytes. */
  readonly freed: number;
}

/** The walks over a whole store. Each may be cancelled between two files. */
export class ContentUpkeep {
  readonly #shelf: ContentShelf;

  constructor(shelf: ContentShelf) {
    this.#shelf = shelf;
  }

  async size(signal: AbortSignal | undefined): Promise<StoreSize> {
    let entries = 0;
    let bytes = 0;
    for await (const {size} of this.#contents(signal)) {
      entries++;
      bytes += size;
    }
    return {entries, bytes};
  }

  async verify(signal: AbortSignal | undefined): Promise<StoreReport> {
    const damaged: NamedDigest[] = [];
    let [entries, bytes, pointers] = [0, 0, 0];
    for await (const {digest, size} of this.#contents(signal)) {
      const condition = await examine(this.#shelf, digest);
      if (condition === 'damaged') damaged.push(digest);
      if (condition !== 'good') continue;
      entries++;
      bytes += size;
    }
    for await (const {digest, path} of checked(this.#shelf.layout.pointers(), signal)) {
      if (await examine(this.#shelf, digest) === 'good') continue;
      await this.#shelf.unlink(path);
      pointers++;
    }
    return {entries, bytes, damaged, pointers, swept: await this.#shelf.sweep(STALE_AFTER)};
  }

  async prune(maxBytes: number, signal: AbortSignal | undefined): Promise<PruneReport> {
    const all: {path: string; size: number; modified: number}[] = [];
    for await (const {path, size, modified} of this.#contents(signal)) all.push({path, size, modified});
    let [removed, freed, left] = [0, 0, all.reduce((sum, {size}) => sum + size, 0)];
    for (const {path, size} of all.sort((one, other) => one.modified - other.modified)) {
      if (left <= maxBytes) break;
      throwIfAborted(signal);
      if (this.#shelf.isHeld(path)) continue;
      await this.#shelf.unlink(path);
      removed++;
      freed += size;
      left -= size;
    }
    if (removed > 0) await this.#removeDangling(signal);
    return {removed, freed, entries: all.length - removed, bytes: left};
  }

  async #removeDangling(signal: AbortSignal | undefined): Promise<void> {
    for await (const {digest, path} of checked(this.#shelf.layout.pointers(), signal)) {
      if (await this.#shelf.find(digest) === undefined) await this.#shelf.unlink(path);
    }
  }

  async *#contents(signal: AbortSignal | undefined): AsyncIterable<ContentEntry & {size: number; modified: number}> {
    for await (const found of checked(this.#shelf.layout.contents(), signal)) {
      const entry = await onDisk(this.#shelf.disk.stat(found.path), 'look at', found.path);
      if (entry?.kind === 'file') yield {...found, size: entry.size, modified: entry.modified};
    }
  }
}

async function *checked<T>(items: AsyncIterable<T>, signal: AbortSignal | undefined): AsyncIterable<T> {
  for await (const item of items) {
    throwIfAborted(signal);
    yield item;
  }
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw asCancel(signal.reason);
}
