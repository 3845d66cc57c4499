import type {AttemptRecord, Continuation, ContextView, HeaderMap, KeptVersion, Reply, Writer} from '../core/contract.js';
import {Cancelled, DownloadError, DownloadFailed, TimedOut} from '../core/errors.js';
import {messageOf} from '../core/foreign-error.js';
import {redactUrl} from '../core/redact.js';
import type {Timeout} from '../core/settings.js';
import type {Governor, Permit} from '../policy/governor.js';
import type {ByteSequence} from './byte-sequence.js';
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
  readonly resume?: Continuation | undefined;
  readonly condition?: KeptVersion | undefined;
  /** Takes the bytes of every chunk, and may make the attempt wait. */
  readonly pace?: Pace | undefined;
  readonly accept?: ((head: Omit<Reply, 'body'>) => Promise<Writer>) | undefined;
  /** Tells the run's FETCHED. */
  readonly teller?: {fetched(attempt: number, total: number | undefined): TellFetched | undefined} | undefined;
}

/** Tells FETCHED of a chunk and where it stands; `held`: bytes that the writer has by now, where they don't come in order. */
export type TellFetched = (chunk: Uint8Array, offset: number, held?: number) => void | Promise<void>;

/** What slows a transfer down. */
export interface Pace {
  take(bytes: number, signal: AbortSignal): void | Promise<void>;
}

/**
 * One try at one source. A protocol's `send(attempt)` asks `attempt.url` and gives up when `attempt.signal` aborts; it
 * says what it waits for by `attempt.waitFor`, and asks for the permit of another origin by `attempt.moveTo`.
 */
export class Attempt {
  readonly number: number;
  /** The address to ask. */
  readonly url: string;
  /** Where in the representation it starts: the end of what is there already, or 0; 0 too when the reply begins there. */
  offset: number;
  /** How to go on after what is there; a protocol that can't answers from byte 0. */
  readonly resume: Continuation | undefined;
  /** A version that is there already: a protocol that knows conditions may answer `notModified`. */
  readonly condition: KeptVersion | undefined;
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
  /** Who judges the bytes, once the head was accepted. */
  sequence: ByteSequence | undefined;

  constructor(start: AttemptStart) {
    this.#start = start;
    this.number = start.number;
    this.url = start.url;
    this.context = start.context;
    this.headers = start.headers;
    this.resume = start.resume;
    this.condition = start.condition;
    this.offset = start.resume?.offset ?? 0;
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

  /**
   * Takes the permit for this origin; a held one is given back first, so that nobody waits while holding one.
   *
   * @throws PolicyRefused when the Context's downloads may not ask it
   */
  async moveTo(origin: string): Promise<void> {
    if (this.#permit?.origin === origin) return;
    this.context.mayAsk?.(origin, this.url);
    // Only a redirect leads on to another origin, and a redirect is an answer.
    this.#permit?.replied();
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

  /** Makes room for so many bytes under every bandwidth limit. */
  pace(bytes: number): void | Promise<void> {
    return this.#start.pace?.take(bytes, this.signal);
  }

  /**
   * For protocols that put the bytes into the writer themselves (`writeAt`): tells REPLIED, judges the head and opens
   * the writer. `send` then gives the same head, without a body.
   */
  async accept(head: Omit<Reply, 'body'>): Promise<Writer> {
    const {accept} = this.#start;
    if (accept === undefined) throw new TypeError('accept: expected an attempt of a run');
    return accept(head);
  }

  /** For such protocols: the way to tell FETCHED of the chunks; undefined when nobody listens. `total`: bytes of the whole. */
  fetched(total: number | undefined): TellFetched | undefined {
    return this.#start.teller?.fetched(this.number, total);
  }

  /** The source answered. */
  answered(reply: Reply): Reply {
    this.#permit?.replied();
    return this.reply = reply;
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

  /** Gives everything back: permit, watch, link to the run. The governor learns how it ended. */
  end(error = this.#fault): void {
    this.#ended ??= this.context.clock.now();
    this.#watchdog?.stop();
    this.#watchdog = undefined;
    this.#unlink();
    this.#permit?.release({error, bytes: this.accepted});
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

  /** Milliseconds from the first request to the end, or until now. */
  get duration(): number {
    return (this.#ended ?? this.context.clock.now()) - this.#began;
  }

  /** What is remembered of it. */
  record(error?: DownloadError, delay?: number): AttemptRecord {
    return {
      attempt: this.number, url: redactUrl(this.url), offset: this.offset, bytes: this.accepted,
      duration: this.duration, status: this.reply?.status,
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
