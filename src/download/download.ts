import {Context} from '../core/context.js';
import type {
  AttemptRecord, ContextView, DownloadView, HeaderMap, Monitor, Reply, Retry, RetryPolicy, Validation, Writer,
} from '../core/contract.js';
import {DownloadError, ResumeRejected} from '../core/errors.js';
import {Event, type ErrorEvent, type EventName, type Handler, type RegisterOptions, type Registry} from '../core/event.js';
import {quietHeaders, redactUrl} from '../core/redact.js';
import type {Timeout, User} from '../core/settings.js';
import {originOf} from '../core/url.js';
import {GOVERNOR, Governor} from '../policy/governor.js';
import {Attempt, type Pace} from './attempt.js';
import {judgesOf, type ByteSequence, type Judges} from './byte-sequence.js';
import {Bandwidth} from './bandwidth.js';
import {cloneOf, type Clone} from './clone.js';
import {checkOptions, checkValidation, DOWNLOAD_OPTIONS, type DownloadOptions} from './download-options.js';
import {PartialBody} from './partial-body.js';
import {receive} from './pump.js';
import {refuseReply} from './refusals.js';
import {RepairBudget} from './repair-budget.js';
import {totalOf} from './resume-key.js';
import type {DownloadResult, Outcome} from './result.js';
import {linkRun, type RunLink} from './run-signal.js';
import {lookAtTarget, notModified, type Look} from './target-look.js';
import {asHandlerError, Teller} from './teller.js';
import {Terms} from './terms.js';
import {WriterGate} from './writer-gate.js';

const NO_HEADERS: HeaderMap = Object.freeze({});

/**
 * One file to fetch. It delegates its bytes to a Writer, its checks to Validations, its decisions to event handlers,
 * and keeps the promise: SUCCEEDED means validated and published; otherwise FAILED says why and nothing wrong is left.
 * A protocol overrides `send(attempt)`. The story begins at `run`.
 */
export abstract class Download<A = unknown> implements DownloadView<A>, Registry {
  readonly validations: Validation[] = [];
  readonly retry: RetryPolicy;
  readonly timeout: Timeout;
  readonly #options: DownloadOptions<A>;
  readonly #terms: Terms<A>;
  readonly #monitors: Monitor[] = [];
  readonly #attempts: AttemptRecord[] = [];
  readonly #warnings: DownloadError[] = [];
  readonly #controller = new AbortController();
  readonly #judges: Judges;
  readonly #teller = new Teller(this);
  readonly #bandwidth: Bandwidth;
  #link: RunLink | undefined;
  #gate: WriterGate | undefined;
  #partial: PartialBody | undefined;
  #reply: Reply | undefined;
  #look: Look = {};

  /** @throws TypeError, RangeError naming the option, the value and what was expected */
  constructor(options: DownloadOptions<A>, known: readonly string[] = DOWNLOAD_OPTIONS, schemes?: readonly string[]) {
    const checked = checkOptions(options, known, schemes);
    this.#options = options;
    this.#terms = new Terms(options, checked, schemes);
    this.retry = checked.retry;
    this.timeout = checked.timeout;
    this.#bandwidth = new Bandwidth(options.bandwidth);
    this.#judges = judgesOf(this.validations, this.#monitors, checked);
    for (const validation of options.validations ?? []) this.validations.push(checkValidation(validation, false));
  }

  /**
   * Runs the download, once. Resolves when the bytes are validated and published.
   *
   * @throws DownloadError why not; nothing was published then. @throws TypeError at a second call: use `clone()`
   */
  async run(signal?: AbortSignal): Promise<DownloadResult<A>> {
    if (this.#terms.phase !== 'new') throw new TypeError('run: a download runs once; use clone() to run it again');
    this.#terms.phase = 'preparing';
    const own = this.context === undefined ? new Context() : undefined;
    if (own !== undefined) this.context = own;
    try {
      this.#link = linkRun(this.#controller, signal, this.#shared, this.timeout.deadline, this.originalUrl);
      return await this.#succeed(await this.#begin() ?? await this.#transfer());
    } catch (thrown) {
      throw await this.#fail(thrown);
    } finally {
      this.#link?.unlink();
      this.#judges.claims.release();
      this.#terms.phase = 'over';
      await own?.close();
    }
  }

  /** prepare() then PREPARED, then the target is looked at. Settles the run when there is nothing to fetch. */
  async #begin(): Promise<Outcome | undefined> {
    this.signal.throwIfAborted();
    await this.#teller.guard('settings', () => this.check());
    await this.#teller.hook('prepare', () => this.prepare());
    let settled = undefined as Outcome | undefined;
    await this.#teller.tell(Event.PREPARED, () => ({settle: (kept) => { settled = {outcome: 'kept', ...kept}; }}));
    this.signal.throwIfAborted();
    this.#terms.phase = 'running';
    if (settled !== undefined) return settled;
    await this.#teller.guard('validations', () => { this.validations.forEach((one) => { checkValidation(one, this.bodiless, this.#judges.claims); }); });
    const gate = this.#gate = new WriterGate(this.writer, this.#judges.claims);
    const partial = this.#partial = new PartialBody(this.#judges, gate);
    this.#look = await lookAtTarget({gate, judges: this.#judges, partial, context: this.#shared, signal: this.signal, url: this.originalUrl,
      ifChanged: this.#options.ifChanged, warnings: this.#warnings});
    return this.#look.kept;
  }

  /** Attempt after attempt, until one succeeds or a fault is final. No permit is held while waiting. */
  async #transfer(): Promise<Outcome> {
    const context = this.#shared;
    const budget = new RepairBudget(this.retry, context, this.#link?.ends);
    const governor = context.share(GOVERNOR, () => new Governor(context.limits, context));
    const [partial, gate] = [this.#partial as PartialBody, this.#gate as WriterGate];
    this.#bandwidth.share(governor.bandwidth);
    this.#bandwidth.start(context.clock);
    for (let number = 1, headers = NO_HEADERS; ; number++) {
      const {url, timeout, signal} = this;
      const resume = partial.continuationAt(url);
      const condition = resume === undefined ? this.#look.version : undefined;
      const attempt: Attempt = new Attempt({number, url, context, governor, timeout, signal, headers, resume, condition,
        pace: this.#bandwidth, teller: this.#teller, accept: (head) => this.#accept(attempt, head, true).then(() => gate.handOver())});
      try {
        const outcome = await this.#attempt(attempt);
        this.#attempts.push(attempt.record());
        return outcome;
      } catch (thrown) {
        const again = await this.#repair(attempt.faultOf(thrown), attempt, budget);
        headers = again.headers ?? NO_HEADERS;
        if (again.delay > 0) await context.clock.wait(again.delay, this.signal);
      }
    }
  }

  /** Permit → SENT → REPLIED → open → FETCHED… → length → validations → publish. */
  async #attempt(attempt: Attempt): Promise<Outcome> {
    const gate = this.#gate as WriterGate;
    let received: Reply['body'];
    try {
      const origin = this.permitFor(attempt.url);
      if (origin !== undefined) await attempt.moveTo(origin);
      await this.#teller.tell(Event.SENT, () => ({attempt: attempt.number, offset: attempt.offset, url: redactUrl(attempt.url), resume: attempt.resume}));
      attempt.signal.throwIfAborted();
      const {body, ...head} = await this.send(attempt);
      received = body;
      const sequence = attempt.sequence ?? await this.#accept(attempt, head, body !== undefined);
      const reply = attempt.reply as Reply;
      if (sequence === undefined) return await notModified(this.#look, gate, attempt.url);
      await receive(body, {reply, gate, sequence, attempt, fetched: this.#teller.fetched(attempt.number, totalOf(reply))});
      if (!this.bodiless) await attempt.during(sequence.apply(this.#warnings));
      attempt.signal.throwIfAborted();
      const facts = this.bodiless ? {size: reply.length ?? 0} : sequence.facts;
      return {outcome: 'fetched', facts, ...await gate.publish(this.signal)};
    } catch (thrown) {
      const error = attempt.faultOf(thrown);
      attempt.abort();
      await received?.[Symbol.asyncIterator]().return?.().catch(() => undefined);
      throw error;
    } finally {
      attempt.end();
    }
  }

  /** REPLIED, then the head is judged; the writer is made ready for what comes. @returns who judges it; undefined: nothing comes */
  async #accept(attempt: Attempt, head: Omit<Reply, 'body'>, hasBody: boolean): Promise<ByteSequence | undefined> {
    const reply = this.#reply = attempt.answered(Object.freeze({...head, headers: quietHeaders(head.headers)}));
    await attempt.during(this.#teller.tell(Event.REPLIED, () => ({attempt: attempt.number, reply})));
    refuseReply(reply, hasBody, this.#judges, this.#options);
    return attempt.sequence = reply.notModified === true ? undefined : await (this.#partial as PartialBody).accept(reply, attempt);
  }

  /** onError(), then ERROR, then the retry policy. @throws the fault when it is final */
  async #repair(error: DownloadError, attempt: Attempt, budget: RepairBudget): Promise<Retry> {
    if (error instanceof ResumeRejected) this.#look = {};
    this.#partial?.failed(error, attempt);
    budget.progressed(attempt.offset + attempt.accepted, attempt.duration);
    const repairable = error.class !== 'local' && error.class !== 'cancelled' && !this.#teller.threw(error)
      && this.#partial?.mayTry(attempt.url) === true;
    const event = budget.eventOf(error, attempt, repairable, this);
    let again: Retry | undefined;
    this.#terms.phase = 'repairing';
    try {
      await this.#teller.hook('onError', () => this.onError(event));
      await this.#teller.tellError(event);
      if (repairable && this.#partial?.mayTry(this.url) === true) again = budget.spend(event, attempt.url, this.retries);
    } finally {
      this.#terms.phase = 'running';
      this.#attempts.push(attempt.record(error, again?.delay));
    }
    if (again === undefined) throw error;
    return again;
  }

  async #succeed({outcome, facts, path, durability}: Outcome): Promise<DownloadResult<A>> {
    const before = Object.freeze([...this.#warnings, ...this.#gate?.writer.warnings ?? []]);
    const unverifiedResume = this.#partial?.weaklyResumed ?? false;
    const end = {outcome, facts, path, durability, unverifiedResume, attempts: Object.freeze(this.#attempts)};
    const late = await this.#teller.tellEnd(Event.SUCCEEDED, () => ({...end, warnings: before}));
    const warnings = Object.freeze([...before, ...late]);
    return Object.freeze({...end, url: redactUrl(this.originalUrl), reply: this.#reply, attachment: this.attachment, warnings});
  }

  async #fail(thrown: unknown): Promise<DownloadError> {
    const error = thrown instanceof DownloadError ? thrown : asHandlerError('run', thrown);
    const attempts = Object.freeze([...this.#attempts]);
    const suppressed: unknown[] = [];
    const gate = this.#gate ?? WriterGate.ifFree(this.writer, this.#judges.claims);
    await gate?.discard(error, this.#partial?.keepable).catch((fault: unknown) => { suppressed.push(fault); });
    if (error.download === undefined) {
      error.attempts = attempts;
      error.download = this;
    }
    suppressed.push(...await this.#teller.tellEnd(Event.FAILED, () => ({error, attempts})));
    if (suppressed.length > 0) error.suppressed = Object.freeze([...error.suppressed, ...suppressed]);
    return error;
  }

  get url(): string { return this.#terms.url; }
  set url(value: string) { this.#terms.url = value; }
  get originalUrl(): string { return this.#terms.originalUrl; }
  /** What is sent to the origin of `url`; setting it binds the headers to that origin. */
  get headers(): HeaderMap { return this.#terms.headers; }
  set headers(value: HeaderMap) { this.#terms.headers = value; }
  /** The bound on charged repairs. */
  get retries(): number { return this.#terms.retries; }
  set retries(value: number) { this.#terms.retries = value; }
  get writer(): Writer { return this.#terms.writer; }
  set writer(value: Writer) { this.#terms.writer = value; }
  get context(): ContextView | undefined { return this.#terms.context; }
  set context(value: ContextView | undefined) { this.#terms.context = value; }
  get attachment(): A | undefined { return this.#terms.attachment; }
  set attachment(value: A | undefined) { this.#terms.attachment = value; }
  /** Bytes a second; may be set at any time, undefined or 0 means no limit of its own. */
  get bandwidth(): number | undefined { return this.#bandwidth.limit; }
  set bandwidth(value: number | undefined) { this.#bandwidth.limit = value; }
  /** The latest reply. */
  get reply(): Reply | undefined { return this.#reply; }
  /** Aborted when the run is cancelled; pass it on to whatever a handler waits for. */
  get signal(): AbortSignal { return this.#controller.signal; }

  /** Adds a validation. @throws TypeError when it isn't one, or a reply without body could not satisfy it */
  append(validation: Validation): this {
    this.validations.push(checkValidation(validation, this.bodiless));
    return this;
  }

  /** Lets a monitor see every byte sequence from its beginning. */
  observe(monitor: Monitor): void {
    this.#monitors.push(monitor);
  }

  /** Puts the download under a bandwidth limit that it shares with others. */
  throttle(limiter: Pace): void { this.#bandwidth.share(limiter); }

  /** Takes part in an event (docs/reference/events.md). @returns the way to unregister */
  register<N extends EventName>(name: N, handler: Handler<N>, options?: RegisterOptions): () => void {
    return this.#teller.register(name, handler, options);
  }

  /**
   * The same class with the same options, context, url and headers, but for those that are about this very file (`range`,
   * `maxBytes`, `ifChanged`); no handlers, validations, reply or attachment, and a BufferWriter of its own. When run it
   * calls `settings()` and `send()` but no hooks and no handlers, so a subclass may clone itself inside `prepare()`.
   */
  clone(): Clone<this> {
    const context = this.context?.closed === true ? undefined : this.context;
    const copy = cloneOf(this, {...this.#options, context});
    copy.validations.length = 0;
    copy.#monitors.length = 0;
    copy.#teller.silence();
    copy.#terms.inherit(this.#terms);
    return copy as Clone<this>;
  }

  /** Checks what a protocol was given, before any event. */
  protected check(): void | Promise<void> { /* nothing to check */ }

  /** A subclass's own preparation, before PREPARED. */
  protected prepare(): void | Promise<void> { /* nothing to prepare */ }

  /** A subclass's own repairs, before ERROR is told. */
  protected onError(_event: ErrorEvent): void | Promise<void> { /* nothing to repair */ }

  /** The one method of a protocol: asks `attempt.url` and gives the reply, with its body unread. */
  protected abstract send(attempt: Attempt): Promise<Reply>;

  /** Whose permit an attempt takes; undefined: none (a download composed of others). */
  protected permitFor(url: string): string | undefined { return originOf(url); }

  /** Whether replies have no body (HEAD). */
  protected get bodiless(): boolean { return false; }

  /** What may be sent to an origin. */
  protected headersFor(origin: string): HeaderMap { return this.#terms.headersFor(origin); }

  /** Who was named in a URL of that origin. */
  protected userFor(origin: string): User | undefined { return this.#terms.userFor(origin); }

  get #shared(): ContextView { return this.context as ContextView; }
}
