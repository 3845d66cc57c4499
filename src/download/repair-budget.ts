import type {ContextView, DownloadView, Fault, Retry, RetryPolicy} from '../core/contract.js';
import type {DownloadError} from '../core/errors.js';
import {Event, type ErrorEvent} from '../core/event.js';
import {originOf} from '../core/url.js';

/** Attempts of one run, whatever the budget says. */
const HARD_END = 1000;
/** So many new bytes, or ms without a fault, make earlier faults forgotten. */
const PROGRESS_BYTES = 1024 * 1024;
const PROGRESS_TIME = 60_000;
/** How often that may happen in a run. */
const MOST_REFUNDS = 100;

/**
 * How often a run may try again. Charged repairs are bounded by `retries`, whoever asked for them. Free of charge, each
 * bounded on its own: one credential refresh an origin, and what the policy calls uncharged, once per source and code.
 * Progress refunds them: after 1 MiB further than ever before, or 60 s without a fault, at most 100 times. A wait that would outlast the deadline isn't begun.
 */
export class RepairBudget {
  readonly #seen = new Map<string, number>();
  readonly #refreshed = new Set<string>();
  readonly #policy: RetryPolicy;
  readonly #context: ContextView;
  readonly #ends: number;
  #charged = 0;
  #furthest = 0;
  #refunds = 0;

  /** `ends`: the deadline by the Context's clock, Infinity for none. */
  constructor(policy: RetryPolicy, context: ContextView, ends = Infinity) {
    this.#policy = policy;
    this.#context = context;
    this.#ends = ends;
  }

  /** An attempt came to this byte, after so many ms. */
  progressed(position: number, duration: number): void {
    const further = position - this.#furthest;
    if (further < PROGRESS_BYTES && (duration < PROGRESS_TIME || further <= 0)) return;
    this.#furthest = position;
    if (this.#charged === 0 || this.#refunds >= MOST_REFUNDS) return;
    this.#refunds++;
    this.#charged = 0;
  }

  /** How many charged repairs are left. */
  left(retries: number): number {
    return Math.max(0, retries - this.#charged);
  }

  /** What the policy would do about the fault now; `source` is the address that failed. */
  ask(error: DownloadError, attempt: number, source: string, retries: number): Retry | undefined {
    const fault: Fault = {
      error, class: error.class, attempt, charged: this.#charged, retries,
      seen: (code) => this.#seen.get(`${code} ${source}`) ?? 0,
      now: this.#context.clock.time(), random: this.#context.random,
    };
    return this.#policy.decide(fault);
  }

  /** The ERROR event of a fault. */
  eventOf(error: DownloadError, attempt: {readonly number: number; readonly url: string}, repairable: boolean, download: DownloadView): ErrorEvent {
    const {retries} = download;
    const backoff = repairable ? this.ask(error, attempt.number, attempt.url, retries)?.delay ?? 0 : 0;
    return {name: Event.ERROR, download, attempt: attempt.number, error, class: error.class, repairable, left: this.left(retries), backoff,
      repaired: false, refreshed: false, delay: 0};
  }

  /** Decides after all handlers, and charges what is charged. Undefined: the fault is final. */
  spend(event: ErrorEvent, source: string, retries: number): Retry | undefined {
    const retry = event.repaired ? this.#repaired(event, originOf(source)) : this.ask(event.error, event.attempt, source, retries);
    const key = `${event.error.code} ${source}`;
    const before = this.#seen.get(key) ?? 0;
    this.#seen.set(key, before + 1);
    if (retry === undefined || event.attempt >= HARD_END) return undefined;
    if (this.#context.clock.now() + retry.delay >= this.#ends) return undefined;
    if (retry.charged === false && (event.repaired || before === 0)) return retry;
    if (this.left(retries) === 0) return undefined;
    this.#charged++;
    return retry;
  }

  #repaired({delay, refreshed}: ErrorEvent, origin: string): Retry {
    if (!refreshed || this.#refreshed.has(origin)) return {delay};
    this.#refreshed.add(origin);
    return {delay, charged: false};
  }
}
