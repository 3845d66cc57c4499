import type {Clock} from '../core/clock.js';
import type {Problem} from './problem.js';

/** Keys remembered at most. */
const MOST = 10_000;

/** Remembers for a moment what the upstream does not have. Other faults are never remembered. */
export class NegativeCache {
  readonly #clock: Clock;
  readonly #ttl: number;
  readonly #known = new Map<string, {readonly problem: Problem; readonly until: number}>();

  /** `ttl`: ms. */
  constructor(clock: Clock, ttl: number) {
    this.#clock = clock;
    this.#ttl = ttl;
  }

  get(key: string): Problem | undefined {
    const known = this.#known.get(key);
    if (known === undefined || known.until > this.#clock.now()) return known?.problem;
    this.#known.delete(key);
    return undefined;
  }

  add(key: string, problem: Problem): void {
    if (this.#ttl === 0) return;
    this.#known.delete(key);
    this.#known.set(key, {problem, until: this.#clock.now() + this.#ttl});
    const [oldest] = this.#known.keys();
    if (this.#known.size > MOST && oldest !== undefined) this.#known.delete(oldest);
  }
}
