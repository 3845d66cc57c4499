/**
 * The faces of every seam, types only: what a Download, a Writer, a Validation, a delegate and a Context promise one
 * another. Lower floors name upper things through this file, and plugin authors implement these interfaces.
 */
import type {Clock} from './clock.js';
import type {DownloadError} from './errors.js';
import type {ContextKey} from './context-key.js';

/** Header names in lower case; a header that came several times is joined with `, `. */
export type HeaderMap = Readonly<Record<string, string>>;

/** What kind of fault it is; decided where the fault is created (docs/reference/errors.md). */
export type FaultClass = 'transient' | 'throttled' | 'restart-free' | 'source-bad' | 'fatal' | 'local' | 'cancelled';

/** How the end of a body is known. Only `length` and `chunked` can tell a whole body from a cut one. */
export type Framing = 'length' | 'chunked' | 'close' | 'none';

/** How much of a power cut a published file survives (docs/reference/writers.md). */
export type Durability = 'none' | 'file' | 'full';

/** One request on the way to a reply. */
export interface Hop {
  /** The address asked, with secrets redacted. */
  readonly url: string;
  readonly status: number;
}

/** What identifies a version of the representation (RFC 9110, 8.8). */
export interface Validators {
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
}

/** What a protocol answers for one attempt, in neutral words. */
export interface Reply {
  /** The status code; protocols without one use 200. */
  readonly status: number;
  readonly headers: HeaderMap;
  /** Every request made for this reply, the last one included. */
  readonly hops: readonly Hop[];
  /** The address that answered, secrets redacted. */
  readonly url: string;
  readonly validators: Validators;
  /** Bytes of body announced, when announced. */
  readonly length?: number | undefined;
  /** Where in the representation the first body byte stands. */
  readonly offset: number;
  readonly framing: Framing;
  /** The Content-Encoding of the body when it is not `identity`; the bytes are passed on as they came. */
  readonly encoding?: string | undefined;
  /** Why this reply can't be used (a 404, say). It is raised after REPLIED was told. */
  readonly fault?: DownloadError | undefined;
  /** The bytes; absent when the protocol wrote them into the writer itself, or when there is none (HEAD). */
  readonly body?: AsyncIterable<Uint8Array> | undefined;
}

/** What a writer learns before a byte moves. */
export interface WriterStart {
  readonly context: ContextView;
  /** The address asked for first, secrets redacted. */
  readonly url: string;
  readonly signal: AbortSignal;
  /** Whether an enforced validation will judge the bytes. */
  readonly validated: boolean;
}

/** What a writer may answer from `prepare`. */
export interface WriterPlan {
  /**
   * There is content already. `keep`: it stays; when validations are attached they judge it and a mismatch fails the
   * run. `same`: it stays if the validations accept it, else it is fetched again.
   */
  readonly existing?: 'keep' | 'same' | undefined;
  /** Bytes of that content, when known without reading it. */
  readonly size?: number | undefined;
  readonly path?: string | undefined;
}

/** What a writer learns with the first acceptable reply. */
export interface WriterMeta {
  /** Bytes to come, when known. */
  readonly length?: number | undefined;
  readonly reply: Reply;
}

/** What was published. */
export interface Published {
  /** The final path, for writers that have one. */
  readonly path?: string | undefined;
  readonly durability?: Durability | undefined;
}

/** What a writer can do. */
export interface WriterAbilities {
  /** It can go back to a lower offset. */
  readonly rewind: boolean;
  /** It can continue what an earlier process left. */
  readonly resume: boolean;
  /** It can write at any offset. */
  readonly positional: boolean;
  /** Its bytes can be read again. */
  readonly read: boolean;
}

/** Where the bytes of a download go (docs/reference/writers.md). */
export interface Writer {
  /** The lowest offset that `rewind` can reach: 0 for files, the bytes already released for sockets. */
  readonly floor: number;
  readonly abilities: WriterAbilities;
  /** Faults that did not matter, told with the result. */
  readonly warnings?: readonly DownloadError[] | undefined;
  /** Checks the target before a byte moves. */
  prepare?(start: WriterStart): WriterPlan | undefined | void | Promise<WriterPlan | undefined | void>;
  /** Called once, at the first acceptable reply. */
  open(meta: WriterMeta): void | Promise<void>;
  /** Takes one chunk; a returned promise is back pressure. It may keep it, but not change or transfer it: the validations read it too. */
  append(chunk: Uint8Array): void | Promise<void>;
  /** Drops everything from `offset` on. */
  rewind?(offset: number): void | Promise<void>;
  /** The accepted or existing bytes, from the first one on. */
  read?(): AsyncIterable<Uint8Array>;
  /** Publishes. Called once, only after every enforced validation passed. */
  close(): Published | void | Promise<Published | void>;
  /**
   * Leaves nothing behind. Called instead of `close`, after a failed one, or while one is under way when the run is
   * cancelled: then `close` rejects, unless it is past the point of no return. May be called twice.
   */
  discard(end: {readonly error: DownloadError}): void | Promise<void>;
}

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
  /** Transfers at once, in all and to one origin. */
  readonly limits: {readonly total: number; readonly perOrigin: number};
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
