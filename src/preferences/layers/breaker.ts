import type {Clock} from '../../core/clock.js';
import {onlyKeys, wholeNumber} from '../../core/options.js';

/** When something that keeps failing is left alone. */
export interface BreakerOptions {
  /** Failures in a row. @default 5 */
  readonly failures?: number | undefined;
  /** For how long then, ms; after it one call may try. @default 30_000 */
  readonly pause?: number | undefined;
}

/** Counts failures in a row, and says for a while that asking is pointless. */
export class Breaker {
  readonly #clock: Clock;
  readonly #failures: number;
  readonly #pause: number;
  #failed = 0;
  #closedUntil = -Infinity;

  /** @throws TypeError, RangeError naming the option */
  constructor(clock: Clock, options: BreakerOptions = {}) {
    onlyKeys('breaker', options, ['failures', 'pause']);
    this.#clock = clock;
    this.#failures = wholeNumber('breaker.failures', options.failures ?? 5, 1);
    this.#pause = wholeNumber('breaker.pause', options.pause ?? 30_000, 0);
  }

  /** How long nobody is let through, ms; 0: the caller may try. After a pause one caller may, and the others wait for its luck. */
  admit(): number {
    if (this.#failed < this.#failures) return 0;
    const left = this.#closedUntil - this.#clock.now();
    if (left > 0) return left;
    this.#closedUntil = this.#clock.now() + this.#pause;
    return 0;
  }

  succeeded(): void {
    this.#failed = 0;
  }

  failed(): void {
    this.#failed++;
    if (this.#failed >= this.#failures) this.#closedUntil = this.#clock.now() + this.#pause;
  }
}
