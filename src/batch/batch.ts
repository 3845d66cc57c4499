import {Context} from '../core/context.js';
import type {ContextView} from '../core/contract.js';
import {Cancelled, DownloadError, DownloadFailed} from '../core/errors.js';
import {messageOf} from '../core/foreign-error.js';
import {misuse, onlyKeys, wholeNumber} from '../core/options.js';
import type {Download} from '../download/download.js';
import type {DownloadResult} from '../download/result.js';
import {Plan, type AttachmentOf, type Settled} from './plan.js';

/** Downloads, made one by one as they are asked for. */
export type DownloadSource<D> = Iterable<D> | AsyncIterable<D> | ((signal: AbortSignal) => Iterable<D> | AsyncIterable<D>);

/** How a batch goes about it. */
export interface BatchOptions {
  /** Downloads alive at once: queued, running, finished and the one in your hands. @default 16 */
  backlog?: number | undefined;
  /** Downloads running at once; the Context's permits bound the transfers besides. @default backlog */
  concurrency?: number | undefined;
  /** `completion` gives what is ready first, `input` keeps the order of the source. @default 'completion' */
  order?: 'completion' | 'input' | undefined;
  /** Shared by all its downloads that have none. @default one of its own, closed with the batch */
  context?: ContextView | undefined;
  /** Ends the batch: what runs is cancelled, the iteration throws Cancelled. */
  signal?: AbortSignal | undefined;
}

/**
 * Runs the downloads of a source with a bounded backlog and gives a Plan for each. It pulls lazily, one at a time,
 * nothing before the first `next()`. One failure never ends the iteration. Leaving the loop in any way cancels what
 * runs, waits until it has cleaned up, and ends the source.
 *
 * @example for await (const plan of new Batch(downloads(), {backlog: 3})) await plan.result();
 */
export class Batch<D extends Download = Download> implements AsyncIterable<Plan<D>> {
  readonly #source: DownloadSource<D>;
  readonly #options: BatchOptions;
  readonly #controller = new AbortController();
  #loop: BatchLoop<D> | undefined;

  /** @throws TypeError, RangeError naming the option */
  constructor(source: DownloadSource<D>, options: BatchOptions = {}) {
    onlyKeys('batch', options, ['backlog', 'concurrency', 'order', 'context', 'signal']);
    if (typeof source !== 'function' && !isIterable(source)) throw misuse('downloads', source, 'an iterable of downloads, or a function that gives one');
    wholeNumber('batch.backlog', options.backlog ?? 1, 1);
    wholeNumber('batch.concurrency', options.concurrency ?? 1, 1);
    if (options.order !== undefined && options.order !== 'completion' && options.order !== 'input') {
      throw misuse('batch.order', options.order, 'completion or input');
    }
    this.#source = source;
    this.#options = options;
  }

  /** A batch runs once. @throws TypeError the second time */
  [Symbol.asyncIterator](): AsyncIterator<Plan<D>, undefined> {
    if (this.#loop !== undefined) throw new TypeError('batch: it runs once; make another one');
    return this.#loop = new BatchLoop(this.#source, this.#options, this.#controller);
  }

  /** Ends it, as leaving the loop does. Idempotent. */
  async close(): Promise<void> {
    await this.#loop?.return();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function isIterable(source: unknown): boolean {
  return typeof source === 'object' && source !== null && (Symbol.iterator in source || Symbol.asyncIterator in source);
}

/** The iteration itself. */
class BatchLoop<D extends Download> implements AsyncIterator<Plan<D>, undefined> {
  readonly #backlog: number;
  readonly #concurrency: number;
  readonly #inOrder: boolean;
  readonly #context: ContextView;
  readonly #own: Context | undefined;
  readonly #controller: AbortController;
  readonly #source: DownloadSource<D>;
  readonly #unlink: () => void;
  readonly #queued: {download: D; index: number}[] = [];
  readonly #running = new Set<Promise<void>>();
  readonly #finished: Plan<D>[] = [];
  #iterator: Iterator<D> | AsyncIterator<D> | undefined;
  #pulling: Promise<void> | undefined;
  #exhausted = false;
  #sourceFault: {readonly thrown: unknown} | undefined;
  #yielded = 0;
  #pulled = 0;
  #nextIndex = 0;
  #wake: (() => void) | undefined;
  #closed: Promise<void> | undefined;

  constructor(source: DownloadSource<D>, options: BatchOptions, controller: AbortController) {
    this.#source = source;
    this.#backlog = options.backlog ?? 16;
    this.#concurrency = Math.min(options.concurrency ?? this.#backlog, this.#backlog);
    this.#inOrder = options.order === 'input';
    this.#own = options.context === undefined ? new Context() : undefined;
    this.#context = options.context ?? this.#own as Context;
    this.#controller = controller;
    const {signal} = options;
    const abort = (): void => {
      controller.abort(new Cancelled('the batch was cancelled', {cause: signal?.reason}));
      this.#stir();
    };
    if (signal?.aborted === true) abort();
    else signal?.addEventListener('abort', abort, {once: true});
    this.#unlink = () => { signal?.removeEventListener('abort', abort); };
  }

  async next(): Promise<IteratorResult<Plan<D>, undefined>> {
    this.#yielded = 0;
    for (;;) {
      if (this.#closed !== undefined) return this.#end();
      if (this.#controller.signal.aborted) {
        await this.return();
        throw this.#controller.signal.reason;
      }
      this.#fill();
      const plan = this.#take();
      if (plan !== undefined) {
        this.#yielded = 1;
        return {value: plan, done: false};
      }
      if (this.#exhausted && this.#alive === 0 && this.#pulling === undefined) return this.#finish();
      await new Promise<void>((resolve) => { this.#wake = resolve; });
    }
  }

  /** Leaving the loop: cancels, cleans up, ends the source. Never waits on a pending pull. */
  async return(): Promise<IteratorResult<Plan<D>, undefined>> {
    this.#closed ??= this.#close();
    await this.#closed;
    return {value: undefined, done: true};
  }

  get #alive(): number {
    return this.#queued.length + this.#running.size + this.#finished.length + this.#yielded;
  }

  #fill(): void {
    while (this.#queued.length > 0 && this.#running.size < this.#concurrency) {
      const {download, index} = this.#queued.shift() as {download: D; index: number};
      this.#start(download, index);
    }
    if (this.#pulling !== undefined || this.#exhausted || this.#alive >= this.#backlog) return;
    this.#pulling = this.#pull().finally(() => {
      this.#pulling = undefined;
      this.#fill();
      this.#stir();
    });
  }

  async #pull(): Promise<void> {
    try {
      this.#iterator ??= iteratorOf(this.#source, this.#controller.signal);
      const pulled = await this.#iterator.next();
      if (this.#closed !== undefined) {
        if (pulled.done !== true) await checkDownload(pulled.value).run(this.#controller.signal).catch(() => undefined);
        return;
      }
      if (pulled.done === true) this.#exhausted = true;
      else this.#queued.push({download: checkDownload(pulled.value), index: this.#pulled++});
    } catch (thrown) {
      this.#exhausted = true;
      this.#sourceFault = {thrown};
    }
  }

  #start(download: D, index: number): void {
    const run: Promise<void> = this.#run(download, index).then((plan) => {
      this.#running.delete(run);
      if (this.#closed === undefined) this.#finished.push(plan);
      this.#fill();
      this.#stir();
    });
    this.#running.add(run);
  }

  async #run(download: D, index: number): Promise<Plan<D>> {
    let settled: Settled<AttachmentOf<D>>;
    try {
      download.context ??= this.#context;
      settled = {result: await download.run(this.#controller.signal) as DownloadResult<AttachmentOf<D>>};
    } catch (thrown) {
      settled = {error: thrown instanceof DownloadError ? thrown : new DownloadFailed(`the download can't run: ${messageOf(thrown)}`, {cause: thrown})};
    }
    return new Plan(download, index, settled);
  }

  #take(): Plan<D> | undefined {
    if (!this.#inOrder) return this.#finished.shift();
    const at = this.#finished.findIndex((plan) => plan.index === this.#nextIndex);
    if (at < 0) return undefined;
    this.#nextIndex++;
    return this.#finished.splice(at, 1)[0];
  }

  async #finish(): Promise<IteratorResult<Plan<D>, undefined>> {
    await this.return();
    if (this.#sourceFault !== undefined) {
      const {thrown} = this.#sourceFault;
      this.#sourceFault = undefined;
      throw thrown;
    }
    return this.#end();
  }

  async #end(): Promise<IteratorResult<Plan<D>, undefined>> {
    await this.#closed;
    return {value: undefined, done: true};
  }

  async #close(): Promise<void> {
    this.#unlink();
    this.#controller.abort(new Cancelled('the batch was left'));
    this.#stir();
    const pulling = this.#pulling !== undefined;
    const {signal} = this.#controller;
    const leftover = this.#queued.splice(0).map(async ({download}) => { await download.run(signal).catch(() => undefined); });
    await Promise.allSettled([...this.#running, ...leftover]);
    this.#finished.length = 0;
    const ended = this.#exhausted ? undefined : endSource(this.#iterator);
    if (!pulling) await ended;
    await this.#own?.close();
  }

  #stir(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}

function iteratorOf<D>(source: DownloadSource<D>, signal: AbortSignal): Iterator<D> | AsyncIterator<D> {
  const given = typeof source === 'function' ? source(signal) : source;
  return Symbol.asyncIterator in given ? given[Symbol.asyncIterator]() : given[Symbol.iterator]();
}

/** What a source throws at its end has nobody to hear it. */
async function endSource(iterator: Iterator<unknown> | AsyncIterator<unknown> | undefined): Promise<void> {
  try {
    await iterator?.return?.();
  } catch {
    // The loop was left; there is nobody to tell.
  }
}

function checkDownload<D extends Download>(value: D): D {
  if (typeof (value as Partial<D> | undefined)?.run !== 'function') throw misuse('downloads', value, 'a Download from the source');
  return value;
}
