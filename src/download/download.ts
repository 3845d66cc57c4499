import {Context} from '../core/context.js';
import type {
  AttemptRecord, ContextView, DownloadView, HeaderMap, Monitor, Reply, Retry, RetryPolicy, Validation, Writer,
} from '../core/contract.js';
import {DownloadError} from '../core/errors.js';
import {Event, type ErrorEvent, type EventName, type Handler, type RegisterOptions, type Registry} from '../core/event.js';
import {messageOf} from '../core/foreign-error.js';
import {quietHeaders, redactUrl} from '../core/redact.js';
import type {Timeout, User} from '../core/settings.js';
import {originOf} from '../core/url.js';
import {GOVERNOR, Governor} from '../policy/governor.js';
import type {BufferWriter} from '../writer/buffer-writer.js';
import {Attempt, untilAborted} from './attempt.js';
import {ByteSequence, judgesOf, type Judges} from './byte-sequence.js';
import {checkOptions, checkValidation, DOWNLOAD_OPTIONS, type DownloadOptions} from './download-options.js';
import {judgeExisting} from './existing.js';
import {pump, replay} from './pump.js';
import {refuseReply} from './refusals.js';
import {RepairBudget} from './repair-budget.js';
import type {DownloadResult, Outcome} from './result.js';
import {linkRun} from './run-signal.js';
import {asHandlerError, Teller} from './teller.js';
import {Terms} from './terms.js';
import {WriterGate} from './writer-gate.js';

/** A clone: the same class, with a BufferWriter of its own. */
export type Clone<D> = D & {readonly writer: BufferWriter};
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
  #gate: WriterGate | undefined;
  #reply: Reply | undefined;
  #settled: Outcome | undefined;
  #ends = Infinity;

  /** @throws TypeError, RangeError naming the option, the value and what was expected */
  constructor(options: DownloadOptions<A>, known: readonly string[] = DOWNLOAD_OPTIONS, schemes?: readonly string[]) {
    const checked = checkOptions(options, known, schemes);
    this.#options = options;
    this.#terms = new Terms(options, checked, schemes);
    this.retry = checked.retry;
    this.timeout = checked.timeout;
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
    let unlink: (() => void) | undefined;
    try {
      unlink = linkRun(this.#controller, signal, this.#shared, this.timeout.deadline, this.originalUrl);
      return await this.#succeed(await this.#begin() ?? await this.#transfer());
    } catch (thrown) {
      throw await this.#fail(thrown);
    } finally {
      unlink?.();
      this.#judges.claims.release();
      this.#terms.phase = 'over';
      await own?.close();
    }
  }

  /** prepare() then PREPARED, then the target is looked at. Settles the run when there is nothing to fetch. */
  async #begin(): Promise<Outcome | undefined> {
    const {deadline} = this.timeout;
    if (deadline > 0) this.#ends = this.#shared.clock.now() + deadline;
    this.signal.throwIfAborted();
    await this.#teller.guard('settings', () => this.check());
    await this.#teller.hook('prepare', () => this.prepare());
    await this.#teller.tell(Event.PREPARED, () => ({settle: (kept) => { this.#settled = {outcome: 'kept', ...kept}; }}));
    this.signal.throwIfAborted();
    this.#terms.phase = 'running';
    if (this.#settled !== undefined) return this.#settled;
    await this.#teller.guard('validations', () => { this.validations.forEach((one) => { checkValidation(one, this.bodiless, this.#judges.claims); }); });
    const {writer, signal} = this;
    const gate = this.#gate = new WriterGate(writer, this.#judges.claims);
    const validated = this.validations.some(({enforced}) => enforced !== false);
    const start = {context: this.#shared, url: redactUrl(this.originalUrl), signal, validated};
    const plan = writer.prepare === undefined ? undefined : await untilAborted(gate.prepare(start), signal);
    return plan?.existing === undefined ? undefined : judgeExisting(plan, gate, this.#judges, signal, this.#warnings);
  }

  /** Attempt after attempt, until one succeeds or a fault is final. No permit is held while waiting. */
  async #transfer(): Promise<Outcome> {
    const context = this.#shared;
    const budget = new RepairBudget(this.retry, context, this.#ends);
    const governor = context.share(GOVERNOR, () => new Governor(context.limits));
    for (let number = 1, headers = NO_HEADERS; ; number++) {
      const attempt = new Attempt({number, url: this.url, context, governor, timeout: this.timeout, signal: this.signal, headers});
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
      await this.#teller.tell(Event.SENT, () => ({attempt: attempt.number, offset: attempt.offset, url: redactUrl(attempt.url)}));
      attempt.signal.throwIfAborted();
      const {body, ...head} = await this.send(attempt);
      received = body;
      const reply: Reply = this.#reply = attempt.reply = Object.freeze({...head, headers: quietHeaders(head.headers)});
      await attempt.during(this.#teller.tell(Event.REPLIED, () => ({attempt: attempt.number, reply})));
      refuseReply(reply, body !== undefined, this.#judges, this.#options);
      await gate.open(reply, attempt);
      const sequence = new ByteSequence(this.#judges, reply);
      await this.#receive(body, sequence, attempt, gate);
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

  async #receive(body: Reply['body'], sequence: ByteSequence, attempt: Attempt, gate: WriterGate): Promise<void> {
    const reply = attempt.reply as Reply;
    const total = reply.length === undefined ? undefined : attempt.offset + reply.length;
    const tell = (buffer: Uint8Array, offset: number): void | Promise<void> =>
      this.#teller.tell(Event.FETCHED, () => ({attempt: attempt.number, buffer, offset, total}));
    const parts = {reply, gate, sequence, attempt, fetched: this.#teller.hears(Event.FETCHED) ? tell : undefined};
    if (body !== undefined) await pump(body, parts);
    else if (reply.framing !== 'none') await replay(parts);
  }

  /** onError(), then ERROR, then the retry policy. @throws the fault when it is final */
  async #repair(error: DownloadError, attempt: Attempt, budget: RepairBudget): Promise<Retry> {
    const repairable = error.class !== 'local' && error.class !== 'cancelled' && !this.#teller.threw(error)
      && this.#gate?.canStartAgain === true;
    const backoff = repairable ? budget.ask(error, attempt.number, attempt.url, this.retries)?.delay ?? 0 : 0;
    const event: ErrorEvent = {
      name: Event.ERROR, download: this, attempt: attempt.number, error, class: error.class, repairable,
      left: budget.left(this.retries), backoff, repaired: false, refreshed: false, delay: 0,
    };
    let again: Retry | undefined;
    this.#terms.phase = 'repairing';
    try {
      await this.#teller.hook('onError', () => this.onError(event));
      await this.#teller.tellError(event);
      if (repairable) again = budget.spend(event, attempt.url, this.retries);
    } finally {
      this.#terms.phase = 'running';
      this.#attempts.push(attempt.record(error, again?.delay));
    }
    if (again === undefined) throw error;
    return again;
  }

  async #succeed(outcome: Outcome): Promise<DownloadResult<A>> {
    const {facts, path} = outcome;
    const attempts = Object.freeze(this.#attempts);
    this.#warnings.push(...await this.#teller.tellEnd(Event.SUCCEEDED, () => ({outcome: outcome.outcome, facts, path, attempts})));
    return Object.freeze({
      outcome: outcome.outcome, url: redactUrl(this.originalUrl), path, facts, reply: this.#reply, attempts, attachment: this.attachment,
      warnings: Object.freeze([...this.#warnings, ...this.#gate?.writer.warnings ?? []]), durability: outcome.durability,
    });
  }

  async #fail(thrown: unknown): Promise<DownloadError> {
    const error = thrown instanceof DownloadError ? thrown : asHandlerError('run', thrown);
    const attempts = Object.freeze([...this.#attempts]);
    const suppressed: unknown[] = [];
    await (this.#gate ?? WriterGate.ifFree(this.writer, this.#judges.claims))?.discard(error).catch((fault: unknown) => { suppressed.push(fault); });
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

  /** Takes part in an event (docs/reference/events.md). @returns the way to unregister */
  register<N extends EventName>(name: N, handler: Handler<N>, options?: RegisterOptions): () => void {
    return this.#teller.register(name, handler, options);
  }

  /**
   * The same class with the same options, context, url and headers; no handlers, validations, reply or attachment, and
   * a BufferWriter of its own. When run it calls `settings()` and `send()` but no hooks and no handlers, so a subclass
   * may clone itself inside `prepare()`.
   */
  clone(): Clone<this> {
    const context = this.context?.closed === true ? undefined : this.context;
    const copy = cloneOf(this, {...this.#options, writer: undefined, validations: undefined, attachment: undefined, maxBytes: undefined, context});
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

function cloneOf<D extends Download>(original: D, options: DownloadOptions): D {
  const {constructor} = original as unknown as {constructor: new (options: DownloadOptions) => D};
  try {
    return new constructor(options);
  } catch (cause) {
    throw new TypeError(`clone: ${constructor.name} can't be made from its options alone (${messageOf(cause)}); override clone()`, {cause});
  }
}
