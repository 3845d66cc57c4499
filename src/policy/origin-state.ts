import type {Clock} from '../core/clock.js';
import {
  ConnectFailed, Interrupted, ProtocolError, RedirectRefused, ReplyFailed, ResumeRejected, Throttled, TimedOut, TooLarge, ValidationError,
  type DownloadError,
} from '../core/errors.js';
import type {Limits} from '../core/limits.js';
import {AdaptiveLimit} from './adaptive-limit.js';
import {Breaker} from './breaker.js';
import {Gate} from './gate.js';
import {Pace} from './pace.js';
import type {Permit, TransferEnd} from './permit.js';
import {WaitLine} from './wait-line.js';

/** A transfer that has a permit. */
export interface Transfer {
  /** The number of the event at which it began, at its origin. */
  readonly began: number;
}

/** After how long an idle origin's setbacks are forgotten, ms. */
const FORGET = 600_000;

/** Faults that only an origin that answered can cause. */
const ANSWERS = [Interrupted, ProtocolError, RedirectRefused, ResumeRejected, TooLarge, ValidationError];

/** What the governor knows of one origin: who transfers, who waits, and what the ends of its transfers taught. */
export class OriginState {
  readonly origin: string;
  readonly line = new WaitLine<undefined, Permit>();
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #adaptive = new AdaptiveLimit();
  readonly #gate = new Gate();
  readonly #breaker = new Breaker();
  readonly #pace = new Pace();
  #running = 0;
  #events = 0;
  /** The event at which a transfer finished well, the last time. */
  #finished = -1;
  #lastEnd = 0;

  constructor(origin: string, clock: Clock, random: () => number) {
    this.origin = origin;
    this.#clock = clock;
    this.#random = random;
  }

  /** Transfers under way. */
  get running(): number {
    return this.#running;
  }

  /** How many it bears at once now. */
  limit({perOrigin}: Limits): number {
    return this.#adaptive.now(perOrigin);
  }

  /** When its gate opens, epoch ms; undefined: it is open. */
  get closedUntil(): number | undefined {
    const rest = this.#gate.opensAt - this.#clock.now();
    return rest > 0 ? this.#clock.time() + rest : undefined;
  }

  /** Since when it has been silent, epoch ms; undefined: it isn't. */
  get silentSince(): number | undefined {
    const {openedAt} = this.#breaker;
    return openedAt === undefined ? undefined : this.#clock.time() - (this.#clock.now() - openedAt);
  }

  /** Whether one more transfer may begin now. */
  admits(limits: Limits): boolean {
    const now = this.#clock.now();
    return this.#running < this.limit(limits) && this.#gate.opensAt <= now && this.#breaker.admits(now)
      && this.#pace.next(limits.requestsPerSecond ?? 0) <= now;
  }

  begin(limits: Limits): Transfer {
    const transfer: Transfer = {began: this.#events++};
    this.#running++;
    this.#breaker.begin(transfer);
    this.#pace.begin(this.#clock.now(), limits.requestsPerSecond ?? 0);
    return transfer;
  }

  /** The origin answered. @returns whether that ended a silence */
  answered(): boolean {
    return this.#breaker.answered();
  }

  /** A transfer is over; learns from how it ended. */
  end(transfer: Transfer, end: TransferEnd | undefined, limits: Limits): void {
    this.#running--;
    this.#lastEnd = this.#clock.now();
    if (end?.error === undefined) {
      if (end !== undefined) this.#finish(transfer, limits);
    } else {
      this.#learn(transfer, end.error, end.bytes ?? 0, limits);
    }
    this.#breaker.forget(transfer);
  }

  #finish({began}: Transfer, {perOrigin}: Limits): void {
    this.#finished = this.#events++;
    this.#adaptive.finished(perOrigin);
    this.#gate.finished(began);
    this.#breaker.answered();
  }

  #learn(transfer: Transfer, error: DownloadError, bytes: number, {perOrigin, outageFaults = 0}: Limits): void {
    const {began} = transfer;
    const now = this.#clock.now();
    const event = this.#events++;
    if (error.class === 'throttled') {
      this.#adaptive.halve(perOrigin, began, event);
      this.#gate.close(error, now, this.#clock.time(), event);
    }
    // Others got through meanwhile, so it is no silence: the origin is asked too much at once.
    const crowded = error instanceof TimedOut && error.class === 'transient' && this.#finished > began;
    if (crowded) this.#adaptive.lowerByOne(perOrigin, began, event);
    else if (isSilence(error) && bytes === 0) this.#breaker.silent(transfer, outageFaults, now, this.#random);
    // A body that broke may have broken in the very outage; only an answer to what was asked since proves something.
    else if (isStatus(error) || (this.#breaker.isProbe(transfer) && (bytes > 0 || isAnswer(error)))) this.#breaker.answered();
  }

  /** Why nobody should wait here; undefined: it is worth it. */
  refusal({maxWait = Infinity, maxOutage = Infinity}: Limits): DownloadError | undefined {
    const [now, time] = [this.#clock.now(), this.#clock.time()];
    const opensIn = this.#gate.opensAt - now;
    if (opensIn > maxWait && opensIn > 0) {
      const retryAt = time + opensIn;
      const text = `the origin is to be left alone until ${new Date(retryAt).toISOString()}: ${this.origin}`;
      return new Throttled(text, {status: 429}, {url: this.origin, retryAt});
    }
    const {openedAt, probeAt} = this.#breaker;
    if (openedAt === undefined || now - openedAt < maxOutage || this.#breaker.admits(now)) return undefined;
    const seconds = Math.round((now - openedAt) / 1000);
    return new ConnectFailed(`the origin has given no answer for ${seconds} s: ${this.origin}`,
      {class: 'source-bad', url: this.origin, retryAt: time + Math.max(0, probeAt - now)});
  }

  /** When time alone next changes something for those who wait, by the clock; Infinity: never. */
  nextChange({requestsPerSecond = 0, maxOutage = Infinity}: Limits): number {
    const {openedAt, probeAt} = this.#breaker;
    const times = [this.#gate.opensAt, this.#pace.next(requestsPerSecond)];
    if (openedAt !== undefined) times.push(probeAt, openedAt + maxOutage);
    const now = this.#clock.now();
    return Math.min(...times.filter((time) => time > now));
  }

  /** Whether it may be dropped: nobody is here, and there is nothing worth remembering, or nothing happened for long. */
  isForgettable({requestsPerSecond = 0}: Limits): boolean {
    if (!this.isIdle) return false;
    const now = this.#clock.now();
    if (this.#gate.opensAt > now || this.#pace.next(requestsPerSecond) > now) return false;
    const clean = this.#gate.isClean(now) && this.#breaker.isClean && !this.#adaptive.isLowered;
    return clean || now - this.#lastEnd > FORGET;
  }

  get isIdle(): boolean {
    return this.#running === 0 && this.line.size === 0;
  }
}

/** Whether the origin never said anything, in a way that may pass. */
function isSilence(error: DownloadError): boolean {
  if (error.class !== 'transient') return false;
  return error instanceof ConnectFailed || (error instanceof TimedOut && (error.phase === 'connect' || error.phase === 'headers'));
}

/** Whether the origin said something just now. */
function isStatus(error: DownloadError): boolean {
  return error instanceof ReplyFailed || error.class === 'throttled';
}

/** Whether the origin said something before it came to that. */
function isAnswer(error: DownloadError): boolean {
  if (error instanceof TimedOut) return error.phase === 'read' || error.phase === 'lowSpeed';
  return ANSWERS.some((kind) => error instanceof kind);
}
