/**
 * The faces of every seam, types only: what a Download, a Writer, a Validation, a delegate and a Context promise one
 * another. Lower floors name upper things through this file, and plugin authors implement these interfaces.
 */
import type {Clock} from './clock.js';
import type {DownloadError} from './errors.js';
import type {ContextKey} from './context-key.js';
import type {Limits} from './limits.js';
import type {Reply} from './reply-contract.js';
import type {Writer} from './writer-contract.js';

export type * from './reply-contract.js';
export type * from './writer-contract.js';

/** Header names in lower case; a header that came several times is joined with `, `. */
export type HeaderMap = Readonly<Record<string, string>>;

/** What kind of fault it is; decided where the fault is created (docs/reference/errors.md). */
export type FaultClass = 'transient' | 'throttled' | 'restart-free' | 'source-bad' | 'fatal' | 'local' | 'cancelled';

/** How the end of a body is known. Only `length` and `chunked` can tell a whole body from a cut one. */
export type Framing = 'length' | 'chunked' | 'close' | 'none';

/** How much of a power cut a published file survives (docs/reference/writers.md). */
export type Durability = 'none' | 'file' | 'full';

/** The digests of one byte sequence: each algorithm is computed once, whoever asks. */
export interface Digests {
  /** Asks for an algorithm before the first byte. @throws RangeError when node's crypto doesn't know it. */
  request(algorithm: string): void;
  /** The digest of all bytes so far, lower-case hex. */
  hex(algorithm: string): string;
  /** How many bytes were seen. */
  readonly size: number;
}

/** How a byte sequence begins, for validations and monitors. */
export interface SequenceStart {
  readonly digests: Digests;
  /** Absent when bytes that were there already are judged. */
  readonly reply?: Reply | undefined;
  readonly offset: number;
}

/** Decides whether the bytes are good (docs/reference/validations.md). */
export interface Validation {
  /** `false`: a failure becomes a warning. Default true. */
  readonly enforced?: boolean | undefined;
  /** The exact number of bytes demanded, if any: lets the run refuse at the headers and while streaming. */
  readonly size?: number | undefined;
  /** What an acceptance proves of the whole body; without a proof a body framed by the connection's end is refused. */
  readonly proof?: 'size' | 'digest' | undefined;
  /** A new byte sequence begins; forget the one before. */
  begin?(start: SequenceStart): void;
  update?(chunk: Uint8Array): void;
  /** Judges. @throws ValidationError */
  apply(): void | Promise<void>;
}

/** Knows things about the bytes. Attached by `download.observe`. */
export interface Monitor {
  begin?(start: SequenceStart): void;
}

/** What is known of the bytes: `size` and each requested digest as lower-case hex. */
export type Facts = Readonly<{size: number} & Record<string, string | number>>;

/** What one attempt came to. Secrets are redacted. */
export interface AttemptRecord {
  readonly attempt: number;
  readonly url: string;
  readonly offset: number;
  /** Bytes that the writer accepted in this attempt. */
  readonly bytes: number;
  /** Milliseconds from the first request to the end. */
  readonly duration: number;
  readonly status?: number | undefined;
  readonly error?: {readonly code: string; readonly class: FaultClass; readonly message: string} | undefined;
  /** Milliseconds waited after it. */
  readonly delay?: number | undefined;
}

/** What a fault looks like to a retry policy. */
export interface Fault {
  readonly error: DownloadError;
  readonly class: FaultClass;
  /** The number of the attempt that failed, from 1. */
  readonly attempt: number;
  /** Charged repairs since the last progress refund. */
  readonly charged: number;
  /** The bound on charged repairs. */
  readonly retries: number;
  /** How often each code failed before at this source. */
  readonly seen: (code: string) => number;
  /** Epoch ms. */
  readonly now: number;
  readonly random: () => number;
}

/** A decision to try again. */
export interface Retry {
  /** Milliseconds to wait first. */
  readonly delay: number;
  /** `false`: doesn't count against `retries`. Default true. */
  readonly charged?: boolean | undefined;
  /** Headers for the next attempt only. */
  readonly headers?: HeaderMap | undefined;
}

/** Decides, after all ERROR handlers, whether and when an attempt is repeated. Pure: no timers, no network. */
export interface RetryPolicy {
  decide(fault: Fault): Retry | undefined;
  /** The bound on charged repairs that this policy wants when the download names none. */
  readonly retries: number;
}

/** A secret for one hop. */
export type Credential =
  | {readonly scheme: 'basic'; readonly name: string; readonly password: string}
  | {readonly scheme: 'bearer'; readonly token: string};

/** Asked for each hop: redirect, mirror and refresh alike. */
export interface CredentialSource {
  for(origin: string, path: string): Credential | undefined;
}

/** What a Context offers to the floors above it. */
export interface ContextView {
  readonly clock: Clock;
  readonly random: () => number;
  readonly closed: boolean;
  /** What it was made with; what holds now, the governor knows. */
  readonly limits: Limits;
  /** Called before an origin is asked: at first, after a redirect, and for every part. @throws PolicyRefused when it may not be */
  mayAsk?(origin: string, url: string): void;
  get<T>(key: ContextKey<T>): T | undefined;
  set<T>(key: ContextKey<T>, value: T): void;
  share<T>(key: ContextKey<T>, make: () => T): T;
  once<T>(key: ContextKey<T>, compute: (signal: AbortSignal) => Promise<T> | T, options?: OnceOptions): Promise<T>;
  refresh<T>(key: ContextKey<T>, stale: T | undefined, compute: (signal: AbortSignal) => Promise<T> | T, options?: OnceOptions): Promise<T>;
}

/** How `once` waits and remembers. */
export interface OnceOptions {
  /** Leaves the wait; the computation goes on while others wait. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for which the answer holds. Default: as long as the Context. */
  readonly ttl?: number | undefined;
}

/** What handlers and delegates see of a download. */
export interface DownloadView<A = unknown> {
  url: string;
  readonly originalUrl: string;
  headers: HeaderMap;
  retries: number;
  readonly retry: RetryPolicy;
  writer: Writer;
  context: ContextView | undefined;
  attachment: A | undefined;
  readonly validations: Validation[];
  readonly reply: Reply | undefined;
  readonly signal: AbortSignal;
  append(validation: Validation): this;
  /** Attaches a monitor: its `begin` is called at each new byte sequence. */
  observe(monitor: Monitor): void;
  clone(): DownloadView;
  run(signal?: AbortSignal): Promise<unknown>;
}
