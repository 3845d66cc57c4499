import {SystemClock, type Clock} from '../core/clock.js';
import {contextKeys} from '../core/context-key.js';
import type {ContextView} from '../core/contract.js';
import {Cancelled} from '../core/errors.js';
import {checkLimits, type Limits} from '../core/limits.js';
import {Alarm} from './alarm.js';
import {OriginState} from './origin-state.js';
import type {Permit} from './permit.js';
import {RateLimiter} from './rate-limiter.js';

export type {Permit, TransferEnd} from './permit.js';

/** The governor of a Context: every batch and streamer on it shares its permits. */
export const GOVERNOR = contextKeys<Governor>('governor').of();

/** The governor of a Context, made when nobody asked for it before. @throws Cancelled when the Context was closed */
export function governorOf(context: ContextView): Governor {
  return context.share(GOVERNOR, () => new Governor(context.limits, context));
}

/** Time and chance of a governor; a Context will do. */
export interface GovernorTools {
  /** @default the machine's */
  readonly clock?: Clock | undefined;
  /** Numbers from 0 to 1. @default Math.random */
  readonly random?: (() => number) | undefined;
}

/** How an origin fares, for logs. Times in epoch ms. */
export interface OriginView {
  /** Transfers at once that it bears now: `limits.perOrigin`, or less after setbacks. */
  readonly limit: number;
  readonly running: number;
  readonly waiting: number;
  /** It asked for patience until then. */
  readonly closedUntil?: number | undefined;
  /** It has been silent since then. */
  readonly silentSince?: number | undefined;
}

/** Origins of which something is remembered although nobody is there. */
const MOST_REMEMBERED = 4096;
const DEFAULTS = {requestsPerSecond: 0, bandwidth: 0, maxWait: 120_000, maxOutage: 120_000, outageFaults: 5};

/**
 * Bounds the transfers at once, in all and per origin (scheme + host + port). Those who wait are served first come
 * first served within an origin, and the origins take turns, so that a slow host doesn't starve the rest. An origin
 * that asks for patience is left alone until then, and gets fewer transfers at once; one that doesn't answer at all is
 * tried by one transfer at a time. What an idle origin taught is forgotten after ten minutes.
 */
export class Governor {
  /** Over everything that shares the Context; `change` sets its limit. */
  readonly bandwidth: RateLimiter;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #alarm: Alarm;
  readonly #origins = new Map<string, OriginState>();
  /** Origins where somebody waits; the next to be served first. */
  readonly #lines = new Set<OriginState>();
  #limits: Required<Limits>;
  #total = 0;
  #sweepAt = 64;
  #closed = false;

  /** @throws TypeError, RangeError naming the limit */
  constructor(limits: Limits, {clock = new SystemClock(), random = Math.random}: GovernorTools = {}) {
    this.#limits = {...DEFAULTS, ...checkLimits('limits', limits)} as Required<Limits>;
    this.#clock = clock;
    this.#random = random;
    this.#alarm = new Alarm(clock, () => { this.#look(); });
    this.bandwidth = new RateLimiter(clock, this.#limits.bandwidth);
  }

  /** What holds now. */
  get limits(): Readonly<Required<Limits>> {
    return {...this.#limits};
  }

  /** Changes some limits, at once also for those who wait; what runs goes on. @throws TypeError, RangeError, and nothing changes */
  change(limits: Partial<Limits>): void {
    this.#limits = {...this.#limits, ...checkLimits('limits', limits)};
    if (limits.bandwidth !== undefined) this.bandwidth.limit = limits.bandwidth;
    this.#look();
  }

  /** Permits given out now. */
  get running(): number {
    return this.#total;
  }

  /** Those who wait now. */
  get waiting(): number {
    let sum = 0;
    for (const {line} of this.#lines) sum += line.size;
    return sum;
  }

  /** How an origin fares. */
  view(origin: string): OriginView {
    const state = this.#origins.get(origin);
    if (state === undefined) return {limit: this.#limits.perOrigin, running: 0, waiting: 0};
    const {running, line, closedUntil, silentSince} = state;
    return {limit: state.limit(this.#limits), running, waiting: line.size, closedUntil, silentSince};
  }

  /**
   * A permit at once when there is one, else when it is this caller's turn; rejects with the signal's reason.
   *
   * @throws Throttled when the origin is to be left alone for longer than `maxWait`; ConnectFailed (`source-bad`) when it
   * has been silent for longer than `maxOutage`; both with `retryAt`. Cancelled when the Context was closed.
   */
  take(origin: string, signal: AbortSignal): Permit | Promise<Permit> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    if (this.#closed) return Promise.reject(closed());
    const state = this.#stateOf(origin);
    if (state.line.size === 0 && this.#total < this.#limits.total && state.admits(this.#limits)) return this.#grant(state);
    const refusal = state.refusal(this.#limits);
    if (refusal !== undefined) return Promise.reject(refusal);
    this.#lines.add(state);
    this.#alarm.by(state.nextChange(this.#limits));
    return state.line.join(undefined, signal, () => { this.#settle(state); });
  }

  /** Ends every wait with Cancelled. The Context does it. */
  close(): void {
    this.#closed = true;
    for (const {line} of this.#lines) line.refuse(closed);
    this.#lines.clear();
    this.#alarm.clear();
    this.bandwidth.limit = undefined;
  }

  #grant(state: OriginState): Permit {
    this.#total++;
    const transfer = state.begin(this.#limits);
    let held = true;
    return {
      origin: state.origin,
      replied: () => { if (held && state.answered()) this.#serve(); },
      release: (end) => {
        if (!held) return;
        held = false;
        this.#total--;
        state.end(transfer, end, this.#limits);
        this.#refuse(state);
        this.#serve();
        this.#settle(state);
      },
    };
  }

  /** Serves one waiter of each origin in turn, as long as there is room; a served origin goes to the end of the line. */
  #serve(): void {
    for (const state of this.#lines) {
      if (this.#total >= this.#limits.total) return;
      if (!state.admits(this.#limits)) {
        this.#alarm.by(state.nextChange(this.#limits));
        continue;
      }
      this.#lines.delete(state);
      if (state.line.size > 1) this.#lines.add(state);
      state.line.admit(this.#grant(state));
    }
  }

  /** Time went on, or the limits changed: looks at everybody who waits. */
  #look(): void {
    this.#serve();
    for (const state of [...this.#lines]) {
      this.#refuse(state);
      this.#settle(state);
    }
  }

  #refuse(state: OriginState): void {
    if (state.line.size === 0 || state.refusal(this.#limits) === undefined) return;
    // The waiters are other downloads: each gets an error of its own.
    state.line.refuse(() => state.refusal(this.#limits) as Error);
  }

  /** Keeps the books after somebody left: who waits, and when to look again. */
  #settle(state: OriginState): void {
    if (state.line.size > 0) this.#alarm.by(state.nextChange(this.#limits));
    else this.#lines.delete(state);
    if (this.#lines.size === 0) this.#alarm.clear();
  }

  #stateOf(origin: string): OriginState {
    const known = this.#origins.get(origin);
    if (known !== undefined) return known;
    if (this.#origins.size >= this.#sweepAt) this.#sweep();
    const state = new OriginState(origin, this.#clock, this.#random);
    this.#origins.set(origin, state);
    return state;
  }

  /** Drops what may be forgotten, and the oldest when it is too much. Done each time that the number doubled. */
  #sweep(): void {
    for (const [origin, state] of this.#origins) if (state.isForgettable(this.#limits)) this.#origins.delete(origin);
    for (const [origin, state] of this.#origins) {
      if (this.#origins.size <= MOST_REMEMBERED) break;
      if (state.isIdle) this.#origins.delete(origin);
    }
    this.#sweepAt = Math.max(64, 2 * this.#origins.size);
  }
}

function closed(): Cancelled {
  return new Cancelled('the Context was closed');
}
