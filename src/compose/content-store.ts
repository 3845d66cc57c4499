import {SystemClock, type Clock} from '../core/clock.js';
import type {Durability, Reply} from '../core/contract.js';
import {normaliseAlgorithm, parseDigest, type NamedDigest} from '../core/digest.js';
import {SystemDisk, type Disk} from '../core/disk.js';
import {DigestMismatch, DownloadError, DownloadFailed} from '../core/errors.js';
import {messageOf} from '../core/foreign-error.js';
import {misuse, oneOf, onlyKeys, wholeNumber} from '../core/options.js';
import {asCancel} from '../core/single-flight.js';
import {DigestSet} from '../monitor/digest-set.js';
import {ContentLayout} from './content-layout.js';
import {ContentShelf, STALE_AFTER} from './content-shelf.js';
import {ContentUpkeep, type PruneReport, type StoreReport, type StoreSize} from './content-upkeep.js';
import {ContentWriter} from './content-writer.js';
import {Spool} from './spool.js';
import {examine, StoredContent, type Condition} from './stored-content.js';

/** How a ContentStore is made. */
export interface ContentStoreOptions {
  /** Where it is; made when something is first put into it. Give it to nobody else. */
  folder: string;
  /** The digest that contents are kept under: any of node's crypto; others only point there. @default 'sha256' */
  algorithm?: string | undefined;
  /** `file`: a name never stands for bytes that a power cut took; `full`: the name survives it too. @default 'file' */
  durability?: Durability | undefined;
  /** @default the machine's */
  disk?: Disk | undefined;
  /** @default the machine's */
  clock?: Clock | undefined;
}

/** How content is put into a store. */
export interface PutOptions {
  /** What the bytes must have; the content will be found by each of them. */
  readonly digests?: readonly NamedDigest[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How a walk over the store is cancelled: it rejects with Cancelled. */
export interface UpkeepOptions {
  readonly signal?: AbortSignal | undefined;
}

const LOCAL: Reply = Object.freeze({status: 200, headers: {}, hops: [], url: '', validators: {}, offset: 0, framing: 'chunked'});

/**
 * Files kept by what is in them, in a folder of its own (docs/reference/compose.md has the format). Any number of
 * processes may use one folder at once, without locks: a file gets its name when it is whole and is never changed
 * afterwards. What is read is verified; what is damaged is removed as soon as somebody notices.
 */
export class ContentStore {
  /** Absolute. */
  readonly folder: string;
  readonly algorithm: string;
  readonly durability: Durability;
  readonly #shelf: ContentShelf;
  readonly #upkeep: ContentUpkeep;

  /** @throws TypeError, RangeError naming the option */
  constructor(options: ContentStoreOptions) {
    onlyKeys('ContentStore', options, ['folder', 'algorithm', 'durability', 'disk', 'clock']);
    const {folder} = options;
    if (typeof folder !== 'string' || folder === '' || folder.includes('\0')) throw misuse('folder', folder, 'the path of a folder');
    const layout = new ContentLayout(folder);
    this.folder = layout.folder;
    this.algorithm = normaliseAlgorithm(options.algorithm ?? 'sha256');
    this.durability = oneOf('durability', options.durability, ['none', 'file', 'full'], 'file');
    const {disk = new SystemDisk(), clock = new SystemClock()} = options;
    if (typeof (disk as Partial<Disk> | null)?.create !== 'function') throw misuse('disk', disk, 'a Disk');
    if (typeof (clock as Partial<Clock> | null)?.time !== 'function') throw misuse('clock', clock, 'a Clock');
    this.#shelf = new ContentShelf({layout, disk, clock, durability: this.durability, algorithm: this.algorithm});
    this.#upkeep = new ContentUpkeep(this.#shelf);
  }

  /** Whether there is content of this digest; its bytes are not looked at. @throws TypeError, RangeError, WriterError */
  async has(digest: NamedDigest): Promise<boolean> {
    return await this.#shelf.find(named(digest)) !== undefined;
  }

  /** The content, which is verified while it is read; undefined when there is none. @throws TypeError, RangeError, WriterError */
  async get(digest: NamedDigest): Promise<StoredContent | undefined> {
    const wanted = named(digest);
    const found = await this.#shelf.find(wanted);
    if (found === undefined) return undefined;
    await this.#shelf.used(found);
    return new StoredContent(this.#shelf, wanted, found);
  }

  /**
   * Puts bytes in. Chunks belong to the store from then on. Nothing is kept when the source throws or a digest differs.
   *
   * @throws DigestMismatch; Cancelled; WriterError; DownloadFailed with what the source threw
   */
  async put(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, options: PutOptions = {}): Promise<StoredContent> {
    onlyKeys('put', options, ['digests', 'signal']);
    const expected = (options.digests ?? []).map(named);
    const writer = this.writer(expected.map(({algorithm}) => algorithm));
    const digests = new DigestSet();
    writer.begin({digests, offset: 0});
    try {
      await this.#shelf.begin();
      await writer.open({offset: 0, reply: LOCAL});
      for await (const chunk of source) {
        if (options.signal?.aborted === true) throw asCancel(options.signal.reason);
        digests.update(chunk);
        await writer.append(chunk);
      }
      digests.finish();
      for (const one of expected) demand(one, digests.hex(one.algorithm));
      await writer.close();
    } catch (thrown) {
      const error = thrown instanceof DownloadError ? thrown : new DownloadFailed(`put: the source failed: ${messageOf(thrown)}`, {cause: thrown});
      await writer.discard({error}).catch((fault: unknown) => { error.suppressed = [...error.suppressed, fault]; });
      throw error;
    }
    return writer.content as StoredContent;
  }

  /**
   * A Writer for one download: what it publishes is content of this store. `observe` it too, so that nothing is hashed
   * twice. `also`: further algorithms by which the content shall be found. @throws RangeError
   */
  writer(also: readonly string[] = []): ContentWriter {
    return new ContentWriter(this.#shelf, also.map(normaliseAlgorithm));
  }

  /** Reads a content through and removes it when it is damaged. @throws TypeError, RangeError, WriterError */
  async check(digest: NamedDigest): Promise<Condition> {
    return examine(this.#shelf, named(digest));
  }

  /** @returns whether it was there @throws TypeError, RangeError, WriterError */
  async remove(digest: NamedDigest): Promise<boolean> {
    const found = await this.#shelf.find(named(digest));
    if (found?.pointer !== undefined) await this.#shelf.unlink(found.pointer);
    return found !== undefined && this.#shelf.unlink(found.path);
  }

  /** Counts. @throws WriterError, Cancelled */
  async size(options: UpkeepOptions = {}): Promise<StoreSize> {
    return this.#upkeep.size(options.signal);
  }

  /** Reads everything, and removes what is damaged, points nowhere or was left behind a day ago. @throws WriterError, Cancelled */
  async verify(options: UpkeepOptions = {}): Promise<StoreReport> {
    return this.#upkeep.verify(options.signal);
  }

  /**
   * Removes what was not used for the longest time, until at most `maxBytes` are left. Uses are known to the hour.
   * What is being read in this process stays. @throws TypeError, RangeError, WriterError, Cancelled
   */
  async prune(options: UpkeepOptions & {readonly maxBytes: number}): Promise<PruneReport> {
    return this.#upkeep.prune(wholeNumber('maxBytes', options.maxBytes, 0), options.signal);
  }

  /**
   * Removes temporary files that nobody has written to for so long, ms: what killed processes left. Done by itself,
   * with a day, before the first write. @returns how many @throws TypeError, RangeError, WriterError
   */
  async sweep(olderThan: number = STALE_AFTER): Promise<number> {
    return this.#shelf.sweep(wholeNumber('olderThan', olderThan, 0));
  }

  /** A temporary file for bytes that are handed on and not kept. @throws WriterError */
  async spool(): Promise<Spool> {
    await this.#shelf.begin();
    return new Spool(this.#shelf);
  }
}

function named({algorithm, hex}: NamedDigest): NamedDigest {
  return {algorithm: normaliseAlgorithm(algorithm), hex: parseDigest(algorithm, hex)};
}

function demand({algorithm, hex}: NamedDigest, actual: string): void {
  if (actual !== hex) throw new DigestMismatch(`put: ${algorithm}: expected ${hex}, got ${actual}`, algorithm, hex, actual);
}
