import type {HeaderMap} from '../core/contract.js';
import type {Clock} from '../core/clock.js';
import {digestLength} from '../core/digest.js';
import type {ContentStore} from '../compose/content-store.js';
import {ContentUpkeep} from '../compose/content-upkeep.js';
import {examine} from '../compose/stored-content.js';
import {versionOf} from '../download/resume-key.js';
import type {DownloadResult} from '../download/result.js';
import {EntryBook, type Entry} from './entry-book.js';
import type {Resource} from './importer.js';
import type {OpenFile} from './open-file.js';
import {SmallContents} from './small-contents.js';
import {StreamShelf} from './stream-shelf.js';

/** How it is made. */
export interface StreamStoreOptions {
  readonly store: ContentStore;
  readonly clock: Clock;
  /** Bytes; above it what was not used for the longest time is removed. Undefined: no limit. */
  readonly maxBytes: number | undefined;
  /** Whether every content is read through before it is sent. */
  readonly verify: boolean;
  /** So many contents were removed. */
  readonly evicted: (count: number) => void;
}

/** A stored content, open for one client. */
export interface Holding {
  /** All of it, when it is small; nobody may write into it. */
  readonly body?: Buffer | undefined;
  /** Gives bytes that belong to the reader. */
  readonly file: Pick<OpenFile, 'read'>;
  readonly release: () => void;
}

/** Others can be made with the same digest of so few bytes. */
const LEAST_DIGEST = 28;
/** After a removal so much of the limit is left, so that not every new content makes one. */
const LEFT = 0.9;

/** What a streamer keeps: contents in a ContentStore, and under which key each can be had. */
export class StreamStore {
  readonly shelf: StreamShelf;
  readonly #book: EntryBook;
  readonly #small: SmallContents;
  readonly #options: StreamStoreOptions;
  /** Bytes in the store at the last walk, and those added since. */
  #bytes: number | undefined;
  #grown = 0;
  #upkeep: Promise<void> | undefined;

  constructor(options: StreamStoreOptions) {
    this.#options = options;
    this.shelf = new StreamShelf(options.store, options.clock);
    this.#book = new EntryBook(this.shelf);
    this.#small = new SmallContents(this.shelf, options.clock);
  }

  /** What there is of a resource: under its key, or by its digest. @throws WriterError */
  async find({key, digest}: Resource): Promise<Entry | undefined> {
    const entry = await this.#book.get(key);
    if (entry !== undefined && (digest === undefined || entry.version?.facts[digest.algorithm] === digest.hex)) return entry;
    if (digest === undefined || digestLength(digest.algorithm) < LEAST_DIGEST) return undefined;
    const found = await this.shelf.find(digest);
    if (found === undefined) return undefined;
    const facts = {size: found.entry.size, [found.key.algorithm]: found.key.hex, [digest.algorithm]: digest.hex};
    return {
      format: 1, key, digest: found.key, size: found.entry.size, headers: {'content-type': 'application/octet-stream'}, version: {facts},
      received: this.#options.clock.time(), age: 0,
    };
  }

  /** Opens what an entry stands for; undefined, and the entry is dropped, when that is gone or damaged. @throws WriterError */
  async open(entry: Entry): Promise<Holding | undefined> {
    const body = this.#options.verify ? undefined : await this.#small.get(entry);
    return body === undefined ? this.#openFile(entry) : held(body);
  }

  /** Remembers what was fetched and put on the shelf. @throws WriterError */
  async record(resource: Resource, result: DownloadResult, headers: HeaderMap): Promise<Entry> {
    const {facts} = result;
    const {algorithm} = this.shelf;
    const entry = await this.#book.put({
      format: 1, key: resource.key, digest: {algorithm, hex: String(facts[algorithm])}, size: facts.size, ...this.#times(headers),
      version: versionOf(result) ?? {facts},
    });
    this.#grow(entry.size);
    return entry;
  }

  /** The upstream confirmed what is stored (RFC 9111, 4.3.4). @throws WriterError */
  async renew(entry: Entry, headers: HeaderMap): Promise<Entry> {
    const {'content-encoding': _encoding, 'content-type': _type, ...news} = headers;
    const times = this.#times({...entry.headers, ...news});
    return this.#book.put({...entry, ...times, age: ageIn(headers)});
  }

  /** Waits for what is being removed. */
  async close(): Promise<void> {
    await this.#upkeep;
  }

  async #openFile(entry: Entry): Promise<Holding | undefined> {
    const found = await this.shelf.find(entry.digest);
    const isGood = found?.entry.size === entry.size && (!this.#options.verify || await examine(this.shelf, entry.digest) === 'good');
    const holding = found !== undefined && isGood ? await this.shelf.open(found) : undefined;
    if (holding === undefined || found === undefined) {
      if (found !== undefined) await examine(this.shelf, entry.digest);
      await this.#book.drop(entry.key);
      return undefined;
    }
    await this.shelf.used(found);
    return holding;
  }

  #times(headers: HeaderMap): Pick<Entry, 'headers' | 'received' | 'age'> {
    const {age: _age, ...kept} = headers;
    return {headers: kept, received: this.#options.clock.time(), age: ageIn(headers)};
  }

  #grow(bytes: number): void {
    const {maxBytes} = this.#options;
    if (maxBytes === undefined) return;
    this.#grown += bytes;
    if (this.#bytes === undefined || this.#bytes + this.#grown > maxBytes) this.#upkeep ??= this.#keepBelow(maxBytes);
  }

  /** What comes while the store is walked through is counted by another walk, if need be. */
  async #keepBelow(maxBytes: number): Promise<void> {
    try {
      while (this.#bytes === undefined || this.#bytes + this.#grown > maxBytes) {
        this.#grown = 0;
        await this.#prune(maxBytes);
        if ((this.#bytes ?? 0) > maxBytes) return;
      }
    } catch {
      // A store that can't be walked through now is tried again with the next content.
      this.#bytes = undefined;
    } finally {
      this.#upkeep = undefined;
    }
  }

  async #prune(maxBytes: number): Promise<void> {
    const upkeep = new ContentUpkeep(this.shelf);
    const {bytes} = await upkeep.size(undefined);
    this.#bytes = bytes;
    if (bytes <= maxBytes) return;
    const report = await upkeep.prune(Math.floor(maxBytes * LEFT), undefined);
    this.#bytes = report.bytes;
    this.#options.evicted(report.removed);
    if (report.removed > 0) await this.#book.sweep();
  }
}

function held(body: Buffer): Holding {
  return {body, file: {read: async (at, size) => Buffer.from(body.subarray(at, at + size))}, release: () => undefined};
}

function ageIn(headers: HeaderMap): number {
  const age = Number(headers.age ?? 0);
  return Number.isSafeInteger(age) && age > 0 ? age : 0;
}
