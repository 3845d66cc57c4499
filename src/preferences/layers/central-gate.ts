import type {Clock} from '../../core/clock.js';
import {onlyKeys, wholeNumber} from '../../core/options.js';
import {CentralReadOnly, CentralUnavailable, OutcomeUnknown, StoreFault} from '../preferences-errors.js';
import {Breaker, type BreakerOptions} from './breaker.js';

/** How long the central store is waited for. */
export interface CentralGateOptions extends BreakerOptions {
  /** For what is read, ms. @default 500 */
  readonly patience?: number | undefined;
  /** For what is written, ms. @default 5_000 */
  readonly writePatience?: number | undefined;
}

/** The way to a central store that may be away: nobody waits long, and after some failures nobody waits at all. */
export class CentralGate {
  readonly #clock: Clock;
  readonly #breaker: Breaker;
  readonly #patience: number;
  readonly #writePatience: number;

  /** @throws TypeError, RangeError naming the option */
  constructor(clock: Clock, options: CentralGateOptions = {}) {
    onlyKeys('central', options, ['failures', 'pause', 'patience', 'writePatience']);
    this.#clock = clock;
    this.#breaker = new Breaker(clock, {failures: options.failures, pause: options.pause});
    this.#patience = wholeNumber('central.patience', options.patience ?? 500, 1);
    this.#writePatience = wholeNumber('central.writePatience', options.writePatience ?? 5000, 1);
  }

  /** The answer. Every fault of the store is CentralUnavailable: not knowing is not the same as nothing being there. */
  async read<T>(work: () => Promise<T>): Promise<T> {
    const wait = this.#breaker.admit();
    if (wait > 0) throw new CentralUnavailable(`the central store is not asked for another ${Math.ceil(wait)} ms`, wait);
    try {
      const answer = await this.#within(this.#patience, work,
        (ms) => new CentralUnavailable(`the central store gave no answer within ${ms} ms`));
      this.#breaker.succeeded();
      return answer;
    } catch (error) {
      if (!(error instanceof StoreFault)) throw error;
      this.#breaker.failed();
      throw error instanceof CentralUnavailable ? error
        : new CentralUnavailable(`the central store can't be read: ${error.message}`, 0, {cause: error});
    }
  }

  /** A write is always tried: somebody wants it now. @throws OutcomeUnknown when no answer came in time */
  write<T>(work: () => Promise<T>): Promise<T> {
    return this.#try(work,
      (ms) => new OutcomeUnknown(`the central store gave no answer to a write within ${ms} ms; writing the same again is safe`));
  }

  /** What a write depends on, without writing. */
  check<T>(work: () => Promise<T>): Promise<T> {
    return this.#try(work, (ms) => new CentralUnavailable(`the central store gave no answer within ${ms} ms`));
  }

  async #try<T>(work: () => Promise<T>, late: (ms: number) => StoreFault): Promise<T> {
    try {
      const result = await this.#within(this.#writePatience, work, late);
      this.#breaker.succeeded();
      return result;
    } catch (error) {
      if (error instanceof CentralUnavailable || error instanceof OutcomeUnknown) this.#breaker.failed();
      else if (error instanceof CentralReadOnly) this.#breaker.succeeded();
      throw error;
    }
  }

  async #within<T>(ms: number, work: () => Promise<T>, late: (ms: number) => StoreFault): Promise<T> {
    const answered = new AbortController();
    const answer = work();
    // An answer that comes later, or a fault, is nobody's any more.
    answer.catch(() => undefined);
    const limit = this.#clock.wait(ms, answered.signal).then(() => { throw late(ms); });
    try {
      return await Promise.race([answer, limit]);
    } finally {
      answered.abort();
    }
  }
}
