import type {ContextView} from '../core/contract.js';
import {Cancelled} from '../core/errors.js';
import {Event} from '../core/event.js';
import type {Download} from '../download/download.js';
import type {Entry} from './entry-book.js';
import {mayStore} from './freshness.js';
import {HeldHeaders} from './held-headers.js';
import type {Resource} from './importer.js';
import {isJudged} from './judged.js';
import {PartWriter} from './part-writer.js';
import type {StreamStore} from './stream-store.js';

/** Reads along with a transfer. */
export interface Reader {
  /** The highest byte that its client got. */
  readonly released: number;
}

/** How a transfer ended. */
export type TransferEnd =
  | {readonly outcome: 'fetched'; readonly stored: boolean}
  /** The upstream confirmed what is stored. */
  | {readonly outcome: 'notModified'; readonly entry: Entry}
  | {readonly outcome: 'failed'; readonly error: unknown};

/** What a transfer is made with. */
export interface TransferStart {
  readonly resource: Resource;
  readonly store: StreamStore;
  readonly context: ContextView;
  /** What is stored of it, to be confirmed. */
  readonly entry: Entry | undefined;
  /** Sees every download before it runs. */
  readonly watch: (download: Download) => void;
}

/** One upstream transfer, and all the clients that read along: each from its own place and at its own pace. */
export class Transfer {
  readonly #start: TransferStart;
  readonly #readers = new Set<Reader>();
  readonly #abort = new AbortController();
  readonly #wakers = new Set<() => void>();
  #part: PartWriter | undefined;
  #download: Download | undefined;
  #end: TransferEnd | undefined;
  #letFileGo = false;
  /** Settles when nothing of it is left open. */
  readonly work: Promise<void>;

  /** Begins at once. `settled` is called as soon as it can no longer be joined. */
  constructor(start: TransferStart, settled: (transfer: Transfer) => void) {
    this.#start = start;
    this.work = this.#run().catch((error: unknown): TransferEnd => ({outcome: 'failed', error})).then((end) => {
      this.#end = end;
      settled(this);
      this.#wake();
      this.#letGo();
    });
  }

  get part(): PartWriter | undefined { return this.#part; }
  /** How it ended; undefined while it runs. */
  get end(): TransferEnd | undefined { return this.#end; }
  /** Whether it may be joined. */
  get open(): boolean { return this.#end === undefined && !this.#abort.signal.aborted; }
  /** Whether somebody is still to judge the bytes. */
  get judged(): boolean {
    return isJudged(this.#start.resource, this.#download);
  }

  join(reader: Reader): void {
    this.#readers.add(reader);
  }

  /** When the last one leaves it goes on only if what it brings is kept and more than half there. */
  leave(reader: Reader): void {
    if (!this.#readers.delete(reader) || this.#readers.size > 0) return;
    const {accepted = 0, keeps = false, representation} = this.#part ?? {};
    const isWorthIt = keeps && representation?.size !== undefined && accepted * 2 > representation.size;
    if (this.#end === undefined && !isWorthIt) this.cancel(new Cancelled('no client waits any longer'));
    this.#letGo();
  }

  cancel(reason: Cancelled): void {
    this.#abort.abort(reason);
  }

  /** Resolves at the next news, or when the client is gone. */
  news(gone: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#wakers.delete(done);
        gone.removeEventListener('abort', done);
        resolve();
      };
      this.#wakers.add(done);
      if (gone.aborted) done();
      else gone.addEventListener('abort', done, {once: true});
    });
  }

  async #run(): Promise<TransferEnd> {
    const {resource, store, context, entry, watch} = this.#start;
    const {etag, lastModified} = entry?.version ?? {};
    const mayAsk = entry !== undefined && (etag !== undefined || lastModified !== undefined);
    const found = mayAsk ? await store.shelf.find(entry.digest) : undefined;
    const download = this.#download = resource.download(found === undefined ? undefined : entry?.version);
    const held = HeldHeaders.of(download);
    const part = this.#part = new PartWriter({
      shelf: store.shelf, digest: resource.digest, stored: found && {path: found.path, size: found.entry.size},
      headers: () => held.copy(), mayStore: (headers) => mayStore(resource, headers),
      released: () => Math.max(0, ...[...this.#readers].map(({released}) => released)),
      changed: () => { this.#wake(); },
    });
    download.writer = part;
    download.context = context;
    download.observe(part);
    download.register(Event.ERROR, () => { part.doubt(); }, {observe: true});
    watch(download);
    const result = await download.run(this.#abort.signal);
    if (result.outcome === 'notModified' && entry !== undefined) {
      return {outcome: 'notModified', entry: await store.renew(entry, held.copy())};
    }
    if (result.outcome !== 'fetched') throw new TypeError(`the download ended as '${result.outcome}', without bytes for its writer`);
    const headers = part.representation?.headers ?? {};
    // A fault of the book costs only that it is fetched once more.
    const stored = part.placed && await store.record(resource, result, headers).then(() => true, () => false);
    return {outcome: 'fetched', stored};
  }

  #wake(): void {
    for (const wake of [...this.#wakers]) wake();
  }

  /** The file is closed when nobody reads and nothing is written any more. */
  #letGo(): void {
    if (this.#end === undefined || this.#readers.size > 0 || this.#letFileGo) return;
    this.#letFileGo = true;
    this.#part?.file?.release();
  }
}
