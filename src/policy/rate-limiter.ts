import type {Clock} from '../core/clock.js';
import {wholeNumber} from '../core/options.js';
import {Alarm} from './alarm.js';
import {WaitLine} from './wait-line.js';

/** How much unused time may be made up for, ms: timers ring late. */
const BURST = 100;

/**
 * Bounds a rate of bytes. Whoever finds no debt passes at once, whatever the size of the chunk, and leaves its bytes as
 * a debt that those after it wait for; so chunks larger than a second's worth work too. First come, first served.
 * No timer runs while nobody waits. The limit may change at any time, also for those who wait.
 */
export class RateLimiter {
  readonly #clock: Clock;
  readonly #alarm: Alarm;
  readonly #line = new WaitLine<number, undefined>();
  #limit: number;
  /** Bytes that may pass; below 0 it is a debt. */
  #balance = 0;
  #since: number;

  /** @param limit bytes a second; undefined or 0 means none @throws TypeError, RangeError */
  constructor(clock: Clock, limit?: number) {
    this.#clock = clock;
    this.#limit = wholeNumber('limit', limit ?? 0, 0);
    this.#since = clock.now();
    this.#alarm = new Alarm(clock, () => { this.#serve(); });
  }

  /** Bytes a second; undefined: no limit. */
  get limit(): number | undefined {
    return this.#limit === 0 ? undefined : this.#limit;
  }

  /** Undefined or 0 means none. @throws TypeError, RangeError */
  set limit(value: number | undefined) {
    const limit = wholeNumber('limit', value ?? 0, 0);
    this.#refill();
    this.#limit = limit;
    if (limit === 0) this.#balance = 0;
    this.#serve();
  }

  /** How many wait. */
  get waiting(): number {
    return this.#line.size;
  }

  /** Passes so many bytes, at once (undefined) or when it is their turn; rejects with the signal's reason. */
  take(bytes: number, signal: AbortSignal): void | Promise<void> {
    if (this.#limit === 0) return undefined;
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    this.#refill();
    if (this.#line.size === 0 && this.#balance >= 0) {
      this.#balance -= bytes;
      return undefined;
    }
    const turn = this.#line.join(bytes, signal, () => { this.#serve(); });
    if (this.#line.size === 1) this.#serve();
    return turn;
  }

  #refill(): void {
    const now = this.#clock.now();
    const most = this.#limit * BURST / 1000;
    this.#balance = Math.min(most, this.#balance + (now - this.#since) * this.#limit / 1000);
    this.#since = now;
  }

  #serve(): void {
    this.#refill();
    while (this.#line.size > 0 && (this.#limit === 0 || this.#balance >= 0)) {
      if (this.#limit > 0) this.#balance -= this.#line.first ?? 0;
      this.#line.admit(undefined);
    }
    if (this.#line.size === 0) this.#alarm.clear();
    else this.#alarm.set(this.#since - this.#balance * 1000 / this.#limit);
  }
}
