import type {Fault, Retry, RetryPolicy} from '../core/contract.js';
import {misuse, onlyKeys, wholeNumber} from '../core/options.js';
import {ExponentialBackoff, RedoBackoff, type Backoff} from './backoff.js';

/** What the default policy is made with. */
export interface StandardRetryOptions {
  /** Charged repairs. @default 4 */
  retries?: number | undefined;
  /** @default full jitter, 1 s doubling to 30 s */
  backoff?: Backoff | undefined;
  /** The longest Retry-After that is waited for, ms; above it the run fails at once with `retryAt`. @default 120_000 */
  maxRetryAfter?: number | undefined;
}

/** The most that a Retry-After is spread by, ms. */
const MOST_SPREAD = 5000;

/**
 * The default: backs off on transient and throttled faults; repeats once, uncharged, after a mismatch (with
 * `Cache-Control: no-cache`, in case a cache lied) and after a refused continuation; asks DNS once more; leaves the
 * rest alone. `Retry-After` is waited for at least, and spread by up to a tenth.
 */
export class StandardRetryPolicy implements RetryPolicy {
  readonly retries: number;
  readonly #backoff: Backoff;
  readonly #maxRetryAfter: number;

  constructor(options: StandardRetryOptions = {}) {
    onlyKeys('retry', options, ['retries', 'backoff', 'maxRetryAfter']);
    this.retries = wholeNumber('retry.retries', options.retries ?? 4, 0);
    this.#backoff = options.backoff ?? new ExponentialBackoff();
    const {delay} = this.#backoff as {delay?: unknown};
    if (typeof delay !== 'function') throw misuse('retry.backoff', options.backoff, 'a Backoff');
    this.#maxRetryAfter = wholeNumber('retry.maxRetryAfter', options.maxRetryAfter ?? 120_000, 0);
  }

  decide(fault: Fault): Retry | undefined {
    switch (fault.class) {
      case 'transient':
      case 'throttled':
        return this.#wait(fault);
      case 'restart-free':
        return fault.seen(fault.error.code) === 0 ? {delay: 0, charged: false} : undefined;
      case 'source-bad':
        return this.#onceMore(fault);
      default:
        return undefined;
    }
  }

  #wait(fault: Fault): Retry | undefined {
    const backoff = this.#backoff.delay(fault.charged, fault.random);
    if (fault.error.retryAt === undefined) return {delay: backoff};
    const asked = Math.max(0, fault.error.retryAt - fault.now);
    if (asked > this.#maxRetryAfter) return undefined;
    return {delay: Math.max(asked, backoff) + fault.random() * Math.min(asked / 10, MOST_SPREAD)};
  }

  #onceMore(fault: Fault): Retry | undefined {
    const {code} = fault.error;
    if (fault.seen(code) > 0) return undefined;
    if (code === 'DIGEST_MISMATCH' || code === 'SIZE_MISMATCH') {
      return {delay: 0, charged: false, headers: {'cache-control': 'no-cache', pragma: 'no-cache'}};
    }
    return code === 'DNS_FAILED' ? {delay: this.#backoff.delay(fault.charged, fault.random)} : undefined;
  }
}

/** Repeats nothing by itself; handlers still may, if `retries` is raised. */
export class NoRetryPolicy implements RetryPolicy {
  readonly retries = 0;

  decide(): undefined {
    return undefined;
  }
}

/** Repeats whatever another try could mend, on a fixed sequence of sleeps. */
export class RedoRetryPolicy implements RetryPolicy {
  readonly retries: number;
  readonly #backoff: RedoBackoff;

  /** @throws RangeError when attempts < 1 */
  constructor(attempts: number, backoff: RedoBackoff) {
    this.retries = wholeNumber('redo.attempts', attempts, 1) - 1;
    this.#backoff = backoff;
  }

  decide(fault: Fault): Retry | undefined {
    if (fault.class === 'fatal' || fault.class === 'local' || fault.class === 'cancelled') return undefined;
    const asked = fault.error.retryAt === undefined ? 0 : Math.max(0, fault.error.retryAt - fault.now);
    return {delay: Math.max(asked, this.#backoff.delay(fault.charged, fault.random))};
  }
}

/** No repeats. */
export function noRetry(): RetryPolicy {
  return new NoRetryPolicy();
}

/**
 * The classic release-engineering preset: `redo(5, 60_000, 300_000, 1.5, 0)` makes 5 attempts and sleeps 60, 90, 135
 * and 202.5 s between them. Times in ms. `retries` of the download, if given, still bounds the repairs.
 *
 * @throws RangeError when attempts < 1 or jitter > sleepTime
 */
export function redo(attempts = 5, sleepTime = 60_000, maxSleepTime = 300_000, sleepScale = 1.5, jitter = 1000): RetryPolicy {
  return new RedoRetryPolicy(attempts, new RedoBackoff({sleepTime, maxSleepTime, sleepScale, jitter}));
}
