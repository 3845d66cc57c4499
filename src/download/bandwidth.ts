import type {Clock} from '../core/clock.js';
import {wholeNumber} from '../core/options.js';
import {RateLimiter} from '../policy/rate-limiter.js';
import type {Pace} from './attempt.js';

/** The bandwidth limits that a download is under: its own, and those that it shares with others. */
export class Bandwidth implements Pace {
  readonly #shared: Pace[] = [];
  #limit: number;
  #own: RateLimiter | undefined;
  #clock: Clock | undefined;

  /** @param limit bytes a second; undefined or 0 means none @throws TypeError, RangeError */
  constructor(limit: number | undefined) {
    this.#limit = wholeNumber('bandwidth', limit ?? 0, 0);
  }

  get limit(): number | undefined {
    return this.#limit === 0 ? undefined : this.#limit;
  }

  /** May be set at any time. @throws TypeError, RangeError */
  set limit(value: number | undefined) {
    this.#limit = wholeNumber('bandwidth', value ?? 0, 0);
    if (this.#own !== undefined) this.#own.limit = this.#limit;
    else if (this.#clock !== undefined) this.start(this.#clock);
  }

  /** Puts the download under a limit that it shares. */
  share(limiter: Pace): void {
    this.#shared.push(limiter);
  }

  /** The transfer begins. */
  start(clock: Clock): void {
    this.#clock = clock;
    if (this.#limit > 0) this.#own = new RateLimiter(clock, this.#limit);
  }

  take(bytes: number, signal: AbortSignal): void | Promise<void> {
    let waits: Promise<void>[] | undefined;
    for (const limiter of this.#shared) {
      const wait = limiter.take(bytes, signal);
      if (wait !== undefined) (waits ??= []).push(wait);
    }
    const own = this.#own?.take(bytes, signal);
    if (own !== undefined) (waits ??= []).push(own);
    return waits === undefined ? undefined : Promise.all(waits).then(() => undefined);
  }
}
