import type {AttemptRecord, Continuation, DownloadView, Durability, Facts, FaultClass, Reply} from './contract.js';
import type {DownloadError} from './errors.js';

/** The moments of a download's life, in the order in which they come (docs/reference/events.md). */
export const Event = {
  /** Once per run, awaited, before anything is sent: url, headers, writer, context and retries may be changed. */
  PREPARED: 'prepared',
  /** An attempt asks its source. */
  SENT: 'sent',
  /** Status and headers are there; no body byte has reached the writer. Once per attempt. */
  REPLIED: 'replied',
  /** A chunk was accepted by the writer. */
  FETCHED: 'fetched',
  /** An attempt failed; a handler may repair it. */
  ERROR: 'error',
  /** The bytes are validated and published. The last event of a run that went well. */
  SUCCEEDED: 'succeeded',
  /** Nothing was published. The last event of a run that did not go well. */
  FAILED: 'failed',
} as const;

/** The name of an event. */
export type EventName = (typeof Event)[keyof typeof Event];

interface Told<N extends EventName> {
  readonly name: N;
  readonly download: DownloadView;
}

/** `settle` ends the run before anything is sent: the file is there already, and its path may be named. */
export interface PreparedEvent extends Told<'prepared'> {
  settle(kept: {readonly path?: string | undefined; readonly facts: Facts}): void;
}

/** `offset`: where the attempt starts in the representation. */
export interface SentEvent extends Told<'sent'> {
  readonly attempt: number;
  readonly offset: number;
  readonly url: string;
  /** Under what it goes on; absent: it begins at byte 0. */
  readonly resume?: Continuation | undefined;
}

/** The reply, before its body. */
export interface RepliedEvent extends Told<'replied'> {
  readonly attempt: number;
  readonly reply: Reply;
}

/** One accepted chunk and where it stands. The buffer is the writer's: read it, don't keep it. */
export interface FetchedEvent extends Told<'fetched'> {
  readonly attempt: number;
  readonly buffer: Uint8Array;
  readonly offset: number;
  /** Bytes of the whole, when known. */
  readonly total: number | undefined;
  /** Bytes that the writer has by now, where they come in any order. @default offset + those of the buffer */
  readonly held?: number | undefined;
}

/** A fault. Set `repaired` (and `delay`, ms) after mending what was wrong; the next attempt then starts. */
export interface ErrorEvent extends Told<'error'> {
  readonly attempt: number;
  readonly error: DownloadError;
  readonly class: FaultClass;
  /**
   * `false`: a fault of this machine or of a handler, a cancel, or bytes that the writer can't take back; setting
   * `repaired` has no effect.
   */
  readonly repairable: boolean;
  /** How many more charged repairs the run allows. */
  readonly left: number;
  /** What the retry policy would wait now, ms. */
  readonly backoff: number;
  repaired: boolean;
  /** `true`: this repair is a credential refresh, which is not charged, once per origin. */
  refreshed: boolean;
  delay: number;
}

/** The last event of a good run. */
export interface SucceededEvent extends Told<'succeeded'> {
  readonly outcome: 'fetched' | 'kept' | 'notModified';
  readonly facts: Facts;
  readonly path: string | undefined;
  readonly attempts: readonly AttemptRecord[];
  readonly durability: Durability | undefined;
  /** As in the result. */
  readonly unverifiedResume: boolean;
  /** Those so far. */
  readonly warnings: readonly DownloadError[];
}

/** The last event of a bad run. */
export interface FailedEvent extends Told<'failed'> {
  readonly error: DownloadError;
  readonly attempts: readonly AttemptRecord[];
}

/** Event name → what its handlers get. */
export interface EventMap {
  prepared: PreparedEvent;
  sent: SentEvent;
  replied: RepliedEvent;
  fetched: FetchedEvent;
  error: ErrorEvent;
  succeeded: SucceededEvent;
  failed: FailedEvent;
}

/** Takes part in one event; a returned promise is awaited. */
export type Handler<N extends EventName = EventName> = (event: EventMap[N]) => void | Promise<void>;

/** How a handler takes part. */
export interface RegisterOptions {
  /** An observer always runs, before the handlers, and may change nothing. Default false. */
  readonly observe?: boolean | undefined;
}

/** What delegates attach to: registering gives back the way to unregister. */
export interface Registry {
  register<N extends EventName>(name: N, handler: Handler<N>, options?: RegisterOptions): () => void;
}

/** Takes part in a download's life: an object that registers handlers. */
export interface Delegate {
  attach(download: DownloadView & Registry): void;
}

