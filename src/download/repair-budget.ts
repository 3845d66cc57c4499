import type {ContextView, Fault, Retry, RetryPolicy} from '../core/contract.js';
import type {DownloadError} from '../core/errors.js';
import type {ErrorEvent} from '../core/event.js';

/** Attempts of one run, whatever the budget says. */
const HARD_END = 1000;

/**
 * How often a run may try again. Charged repairs are bounded by `retries`, whoever asked for them. Free of charge, each
 * bounded on its own: one credential refresh an origin, and what the policy calls uncharged, once per source and code.
 */
export class RepairBudget {
  readonly #seen = new Map<string, number>();
  readonly #refreshed = new Set<string>();
  readonly #policy: RetryPolicy;
  #charged = 0;

  constructor(policy: RetryPolicy) {
    this.#policy = policy;
  }

  /** How many charged repairs are left. */
  left(retries: number): number {
    return Math.max(0, retries - this.#charged);
  }

  /** What the policy would do about the fault. */
  ask(error: DownloadError, attempt: number, source: string, retries: number, context: ContextView): Retry | undefined {
    const fault: Fault = {
      error, class: error.class, attempt, charged: this.#charged, retries,
      seen: (code) => this.#seen.get(`${code} ${source}`) ?? 0,
      now: context.clock.time(), random: context.random,
    };
    return this.#policy.decide(fault);
  }

  /** Decides, and charges what is charged. Undefined: the fault is final. */
  spend(event: ErrorEvent, asked: Retry | undefined, source: string, origin: string, retries: number): Retry | undefined {
    const {code} = event.error;
    this.#seen.set(`${code} ${source}`, (this.#seen.get(`${code} ${source}`) ?? 0) + 1);
    if (event.attempt >= HARD_END) return undefined;
    if (event.repaired && event.refreshed && !this.#refreshed.has(origin)) {
      this.#refreshed.add(origin);
      return {delay: event.delay, charged: false};
    }
    const retry = event.repaired ? {delay: event.delay} : asked;
    if (retry === undefined || retry.charged === false) return retry;
    if (this.left(retries) === 0) return undefined;
    this.#charged++;
    return retry;
  }
}
