import type {AttemptRecord, ContextView, HeaderMap, Reply} from '../core/contract.js';
import {Cancelled, DownloadError, DownloadFailed, TimedOut} from '../core/errors.js';
import {messageOf} from '../core/foreign-error.js';
import {redactUrl} from '../core/redact.js';
import type {Timeout} from '../core/settings.js';
import type {Governor, Permit} from '../policy/governor.js';
import {Watchdog} from './watchdog.js';

/** What an attempt is made with. */
export interface AttemptStart {
  readonly number: number;
  readonly url: string;
  readonly context: ContextView;
  readonly governor: Governor;
  readonly timeout: Timeout;
  /** Aborted when the run is cancelled. */
  readonly signal: AbortSignal;
  /** Headers of this attempt alone, sent wherever the public ones are. */
  readonly headers: HeaderMap;
}

/**
 * One try at one source. A protocol's `send(attempt)` asks `attempt.url` and gives up when `attempt.signal` aborts; it
 * says what it waits for by `attempt.waitFor`, and asks for the permit of another origin by `attempt.moveTo`.
 */
export class Attempt {
  readonly number: number;
  /** The address to ask. */
  readonly url: string;
  /** Where in the representation to start. */
  readonly offset: number = 0;
  readonly context: ContextView;
  readonly headers: HeaderMap;
  readonly #start: AttemptStart;
  readonly #controller = new AbortController();
  readonly #unlink: () => void;
  #watchdog: Watchdog | undefined;
  #permit: Permit | undefined;
  #fault: DownloadError | undefined;
  #asked = false;
  #began: number;
  #ended: number | undefined;
  /** Bytes that the writer accepted. */
  accepted = 0;
  reply: Reply | undefined;

  constructor(start: AttemptStart) {
    this.#start = start;
    this.number = start.number;
    this.url = start.url;
    this.context = start.context;
    this.headers = start.headers;
    this.#began = start.context.clock.now();
    const abort = (): void => { this.#controller.abort(start.signal.reason); };
    if (start.signal.aborted) abort();
    else start.signal.addEventListener('abort', abort, {once: true});
    this.#unlink = () => { start.signal.removeEventListener('abort', abort); };
  }

  /** Aborted at a time limit, a cancel, and the end of the attempt. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Takes the permit for this origin; a held one is given back first, so that nobody waits while holding one. */
  async moveTo(origin: string): Promise<void> {
    if (this.#permit?.origin === origin) return;
    this.#permit?.release();
    this.#permit = undefined;
    this.waitFor(undefined);
    const permit = this.#start.governor.take(origin, this.signal);
    this.#permit = permit instanceof Promise ? await permit : permit;
    this.signal.throwIfAborted();
    if (!this.#asked) this.#began = this.context.clock.now();
    this.#asked = true;
  }

  /** Says which time limit counts from now on; undefined: the source can't be blamed for anything now. */
  waitFor(phase: 'connect' | 'headers' | 'read' | undefined): void {
    if (this.#ended !== undefined) return;
    if (phase === undefined) {
      this.#watchdog?.enter(undefined);
      return;
    }
    this.#watchdog ??= new Watchdog(this.context, this.#start.timeout, redactUrl(this.url), (error) => { this.#controller.abort(error); });
    this.#watchdog.enter(phase);
  }

  /** Bytes came from the source. */
  seen(bytes: number): void {
    this.#watchdog?.seen(bytes);
  }

  /** Awaits the writer or a handler: the time limits pause, a cancel ends the wait. */
  async during(work: Promise<unknown> | void): Promise<void> {
    if (work === undefined) return;
    this.#watchdog?.pause();
    try {
      await untilAborted(work, this.signal);
    } finally {
      this.#watchdog?.resume();
    }
  }

  /** Gives everything back: permit, watch, link to the run. */
  end(): void {
    this.#ended ??= this.context.clock.now();
    this.#watchdog?.stop();
    this.#watchdog = undefined;
    this.#unlink();
    this.#permit?.release();
    this.#permit = undefined;
  }

  /** Ends what the protocol still has open. */
  abort(): void {
    this.#controller.abort(new Cancelled('the attempt is over'));
  }

  /** The fault behind whatever was thrown: a time limit or cancel comes before what it caused. */
  faultOf(thrown: unknown): DownloadError {
    return this.#fault ??= this.#judge(thrown);
  }

  #judge(thrown: unknown): DownloadError {
    const reason: unknown = this.signal.aborted ? this.signal.reason : undefined;
    if (reason instanceof TimedOut || reason instanceof Cancelled) return reason;
    if (thrown instanceof DownloadError) {
      // Validations and writers don't know the address.
      (thrown as {url: string | undefined}).url ??= redactUrl(this.url);
      return thrown;
    }
    return new DownloadFailed(`unexpected: ${messageOf(thrown)}`, {cause: thrown, url: this.url});
  }

  /** What is remembered of it. */
  record(error?: DownloadError, delay?: number): AttemptRecord {
    return {
      attempt: this.number, url: redactUrl(this.url), offset: this.offset, bytes: this.accepted,
      duration: (this.#ended ?? this.context.clock.now()) - this.#began, status: this.reply?.status,
      error: error && {code: error.code, class: error.class, message: error.message}, delay,
    };
  }
}

/** Waits for work, or rejects with the signal's reason; the work's own late fault is swallowed then. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let abort: () => void = () => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => { reject(signal.reason as Error); };
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, {once: true});
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
