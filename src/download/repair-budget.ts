import type {ContextView, Fault, Retry, RetryPolicy} from '../core/contract.js';
import type {DownloadError} from '../core/errors.js';
import type {ErrorEvent} from '../core/event.js';
import {originOf} from '../core/url.js';

/** Attempts of one run, whatever the budget says. */
const HARD_END = 1000;

/**
 * How often a run may try again. Charged repairs are bounded by `retries`, whoever asked for them. Free of charge, each
 * bounded on its own: one credential refresh an origin, and what the policy calls uncharged, once per source and code.
 * A wait that would outlast the deadline isn't begun.
 */
export class RepairBudget {
  readonly #seen = new Map<string, number>();
  readonly #refreshed = new Set<string>();
  readonly #policy: RetryPolicy;
  readonly #context: ContextView;
  readonly #ends: number;
  #charged = 0;

  /** `ends`: the deadline by the Context's clock, Infinity for none. */
  constructor(policy: RetryPolicy, context: ContextView, ends = Infinity) {
    this.#policy = policy;
    this.#context = context;
    this.#ends = ends;
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
