import {Context} from '../core/context.js';
import type {ContextView} from '../core/contract.js';
import {Cancelled, DownloadError, DownloadFailed} from '../core/errors.js';
import {messageOf} from '../core/foreign-error.js';
import type {Download} from '../download/download.js';
import type {DownloadResult} from '../download/result.js';
import {GOVERNOR} from '../policy/governor.js';
import type {RateLimiter} from '../policy/rate-limiter.js';
import {Admission, type Entry} from './admission.js';
import {SourceReader, type DownloadSource} from './download-source.js';
import {Plan, type AttachmentOf, type Settled} from './plan.js';

/** The options of a batch, complete. */
export interface LoopTerms {
  readonly backlog: number;
  readonly concurrency: number;
  /** Bytes that those which run may come to; Infinity for no limit. */
  readonly byteBudget: number;
  /** What all its downloads share. */
  readonly limiter: RateLimiter;
  readonly inOrder: boolean;
  readonly context: ContextView | undefined;
  readonly signal: AbortSignal | undefined;
}

type Step<D extends Download> = IteratorResult<Plan<D>, undefined>;

/**
 * One iteration of a batch: the downloads alive and what becomes of them. Everything is decided in `#fill` (start and
 * pull), `#take` (give) and `#close` (leave); whatever changes calls `#stir`.
 */
export class BatchLoop<D extends Download> implements AsyncIterator<Plan<D>, undefined> {
  readonly #terms: LoopTerms;
  readonly #own: Context | undefined;
  readonly #context: ContextView;
  readonly #controller = new AbortController();
  readonly #source: SourceReader<D>;
  readonly #unlink: () => void;
  readonly #queued: Admission<D>;
  readonly #running = new Set<Promise<void>>();
  readonly #finished: Plan<D>[] = [];
  #last: Promise<unknown> = Promise.resolve();
  #pulling = false;
  #exhausted = false;
  #sourceFault: {readonly thrown: unknown} | undefined;
  #yielded = 0;
  #pulled = 0;
  #given = 0;
  #wake: (() => void) | undefined;
  #closed: Promise<void> | undefined;

  constructor(source: DownloadSource<D>, terms: LoopTerms) {
    const {signal} = terms;
    this.#terms = terms;
    this.#own = terms.context === undefined ? new Context() : undefined;
    const context = this.#context = terms.context ?? this.#own as Context;
    this.#queued = new Admission({byteBudget: terms.byteBudget,
      limitOf: (origin) => context.get(GOVERNOR)?.view(origin).limit ?? context.limits.perOrigin});
    this.#source = new SourceReader(source, this.#controller.signal);
    const abort = (): void => {
      this.#controller.abort(new Cancelled('the batch was cancelled', {cause: signal?.reason}));
      this.#stir();
    };
    if (signal?.aborted === true) abort();
    else signal?.addEventListener('abort', abort, {once: true});
    this.#unlink = () => { signal?.removeEventListener('abort', abort); };
  }

  /** The next plan. May be called again before the one before is settled: the calls are answered in turn. */
  next(): Promise<Step<D>> {
    const step = this.#last.then(() => this.#advance());
    this.#last = step.catch(() => undefined);
    return step;
  }

  /** Leaving the loop: cancels, cleans up, ends the source. Never waits on a pending pull. */
  async return(): Promise<Step<D>> {
    this.#closed ??= this.#close();
    await this.#closed;
    return {value: undefined, done: true};
  }

  async #advance(): Promise<Step<D>> {
    this.#yielded = 0;
    for (;;) {
      if (this.#closed !== undefined) return this.return();
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
      if (this.#exhausted && this.#alive === 0) return this.#finish();
      await new Promise<void>((resolve) => { this.#wake = resolve; });
    }
  }

  get #alive(): number {
    return this.#queued.size + this.#running.size + this.#finished.length + this.#yielded;
  }

  /** Starts what may run, then pulls if there is room for one more. */
  #fill(): void {
    if (this.#closed !== undefined || this.#controller.signal.aborted) return;
    const {backlog, concurrency} = this.#terms;
    // Where every download alive has a place, none is taken from another one.
    const others = concurrency < backlog && !this.#exhausted && this.#alive < backlog;
    while (this.#running.size < concurrency) {
      const entry = this.#queued.next(others);
      if (entry === undefined) break;
      this.#start(entry);
    }
    if (this.#pulling || this.#exhausted || this.#alive >= backlog) return;
    this.#pulling = true;
    void this.#pull().then(() => {
      this.#pulling = false;
      this.#fill();
      this.#stir();
    });
  }

  async #pull(): Promise<void> {
    try {
      const download = await this.#source.next();
      if (download === undefined) this.#exhausted = true;
      else if (this.#closed !== undefined) await this.#refuse(download);
      else this.#queued.add(download, this.#pulled++);
    } catch (thrown) {
      this.#exhausted = true;
      this.#sourceFault = {thrown};
    }
  }

  #start(entry: Entry<D>): void {
    const {download, index} = entry;
    const run: Promise<void> = this.#run(download).then((settled) => {
      this.#running.delete(run);
      this.#queued.over(entry);
      if (this.#closed === undefined) this.#finished.push(new Plan(download, index, settled));
      this.#fill();
      this.#stir();
    });
    this.#running.add(run);
  }

  async #run(download: D): Promise<Settled<AttachmentOf<D>>> {
    try {
      download.context ??= this.#context;
      download.throttle(this.#terms.limiter);
      return {result: await download.run(this.#controller.signal) as DownloadResult<AttachmentOf<D>>};
    } catch (thrown) {
      if (thrown instanceof DownloadError) return {error: thrown};
      const error = new DownloadFailed(`the download can't run: ${messageOf(thrown)}`, {cause: thrown, url: download.originalUrl});
      error.download = download;
      return {error};
    }
  }

  /** Tells a download that never started that it failed: run with an aborted signal, it is FAILED and nothing else. */
  async #refuse(download: D): Promise<void> {
    await download.run(this.#controller.signal).catch(() => undefined);
  }

  #take(): Plan<D> | undefined {
    const at = this.#terms.inOrder ? this.#finished.findIndex(({index}) => index === this.#given) : 0;
    const plan = at < 0 ? undefined : this.#finished.splice(at, 1)[0];
    if (plan !== undefined) this.#given++;
    return plan;
  }

  async #finish(): Promise<Step<D>> {
    const fault = this.#sourceFault;
    const end = await this.return();
    if (fault !== undefined) throw fault.thrown;
    return end;
  }

  async #close(): Promise<void> {
    this.#unlink();
    this.#controller.abort(new Cancelled('the batch was left'));
    this.#stir();
    const queued = this.#queued.drain().map(({download}) => this.#refuse(download));
    await Promise.all([...this.#running, ...queued]);
    this.#finished.length = 0;
    const ended = this.#source.end();
    if (!this.#pulling) await ended;
    await this.#own?.close();
  }

  #stir(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
