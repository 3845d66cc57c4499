import {SystemClock} from '../core/clock.js';
import type {ContextView} from '../core/contract.js';
import {misuse, oneOf, onlyKeys, wholeNumber} from '../core/options.js';
import type {Download} from '../download/download.js';
import {RateLimiter} from '../policy/rate-limiter.js';
import {BatchLoop} from './batch-loop.js';
import type {DownloadSource} from './download-source.js';
import type {Plan} from './plan.js';

export type {DownloadSource} from './download-source.js';

/** How a batch goes about it. */
export interface BatchOptions {
  /** Downloads alive at once: queued, running, finished and the one in your hands. @default 16 */
  backlog?: number | undefined;
  /** Downloads running at once; the Context's permits bound the transfers besides. @default backlog */
  concurrency?: number | undefined;
  /**
   * Bytes that the downloads running at once may come to, by the sizes that their validations demand; unknown ones count
   * as 0. The next one waits until it fits, and nobody overtakes it; a bigger one runs alone. @default no limit
   */
  byteBudget?: number | undefined;
  /** Bytes a second, over all its downloads; 0 means no limit. @default 0 */
  bandwidth?: number | undefined;
  /** `completion` gives what is ready first, `input` keeps the order of the source. @default 'completion' */
  order?: 'completion' | 'input' | undefined;
  /** Shared by all its downloads that have none. @default one of its own, closed with the batch */
  context?: ContextView | undefined;
  /** Ends the batch: what runs is cancelled, the iteration throws Cancelled. */
  signal?: AbortSignal | undefined;
}

/** The default backlog. */
const BACKLOG = 16;

/**
 * Runs the downloads of a source with a bounded backlog and gives a Plan for each. It pulls lazily, one at a time,
 * nothing before the first `next()`. One failure never ends the iteration. Leaving the loop in any way cancels what
 * runs, waits until it has cleaned up, and ends the source. A source that throws is told after the plans before it.
 *
 * @example for await (const plan of new Batch(downloads(), {backlog: 3})) await plan.result();
 */
export class Batch<D extends Download = Download> implements AsyncIterable<Plan<D>> {
  readonly #source: DownloadSource<D>;
  readonly #options: BatchOptions;
  readonly #limiter: RateLimiter;
  #loop: BatchLoop<D> | undefined;
  #closed = false;

  /** @throws TypeError, RangeError naming the option */
  constructor(source: DownloadSource<D>, options: BatchOptions = {}) {
    onlyKeys('batch', options, ['backlog', 'concurrency', 'byteBudget', 'bandwidth', 'order', 'context', 'signal']);
    if (typeof source !== 'function' && !isIterable(source)) {
      throw misuse('downloads', source, 'an iterable of downloads, or a function that gives one');
    }
    wholeNumber('batch.backlog', options.backlog ?? 1, 1);
    wholeNumber('batch.concurrency', options.concurrency ?? 1, 1);
    wholeNumber('batch.byteBudget', options.byteBudget ?? 1, 1);
    const bandwidth = wholeNumber('batch.bandwidth', options.bandwidth ?? 0, 0);
    oneOf('batch.order', options.order, ['completion', 'input'], 'completion');
    if (options.context !== undefined && typeof options.context.once !== 'function') {
      throw misuse('batch.context', options.context, 'a Context');
    }
    if (options.signal !== undefined && typeof options.signal.addEventListener !== 'function') {
      throw misuse('batch.signal', options.signal, 'an AbortSignal');
    }
    this.#source = source;
    this.#options = options;
    this.#limiter = new RateLimiter(options.context?.clock ?? new SystemClock(), bandwidth);
  }

  /** Bytes a second, over all its downloads; 0: no limit. May be set while it runs. @throws TypeError, RangeError */
  get bandwidth(): number {
    return this.#limiter.limit ?? 0;
  }

  set bandwidth(value: number) {
    this.#limiter.limit = wholeNumber('batch.bandwidth', value, 0);
  }

  /** A batch runs once. @throws TypeError the second time, and after `close` */
  [Symbol.asyncIterator](): AsyncIterator<Plan<D>, undefined> {
    if (this.#closed) throw new TypeError('batch: it is closed; make another one');
    if (this.#loop !== undefined) throw new TypeError('batch: it runs once; make another one');
    const {backlog = BACKLOG, concurrency = backlog, byteBudget = Infinity, order, context, signal} = this.#options;
    return this.#loop = new BatchLoop(this.#source, {
      backlog, concurrency: Math.min(concurrency, backlog), byteBudget, limiter: this.#limiter, inOrder: order === 'input', context, signal,
    });
  }

  /** Ends it, as leaving the loop does. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#loop?.return();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function isIterable(source: unknown): boolean {
  return typeof source === 'object' && source !== null && (Symbol.iterator in source || Symbol.asyncIterator in source);
}
