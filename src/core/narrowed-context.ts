import type {AllowedHosts} from './allowed-hosts.js';
import type {Clock} from './clock.js';
import type {ContextKey} from './context-key.js';
import type {ContextView, OnceOptions} from './contract.js';
import type {Limits} from './limits.js';

/** A Context whose downloads may ask fewer hosts; all else is shared with the one that it narrows, and closed by it. */
export class NarrowedContext implements ContextView {
  readonly clock: Clock;
  readonly random: () => number;
  readonly limits: Limits;
  readonly #context: ContextView;
  readonly #hosts: AllowedHosts;

  constructor(context: ContextView, hosts: AllowedHosts) {
    this.#context = context;
    this.#hosts = hosts;
    this.clock = context.clock;
    this.random = context.random;
    this.limits = context.limits;
  }

  get closed(): boolean {
    return this.#context.closed;
  }

  /** @throws PolicyRefused */
  mayAsk(origin: string, url: string): void {
    this.#hosts.check(origin, url);
    this.#context.mayAsk?.(origin, url);
  }

  get<T>(key: ContextKey<T>): T | undefined {
    return this.#context.get(key);
  }

  set<T>(key: ContextKey<T>, value: T): void {
    this.#context.set(key, value);
  }

  share<T>(key: ContextKey<T>, make: () => T): T {
    return this.#context.share(key, make);
  }

  once<T>(key: ContextKey<T>, compute: (signal: AbortSignal) => Promise<T> | T, options?: OnceOptions): Promise<T> {
    return this.#context.once(key, compute, options);
  }

  refresh<T>(key: ContextKey<T>, stale: T | undefined, compute: (signal: AbortSignal) => Promise<T> | T, options?: OnceOptions): Promise<T> {
    return this.#context.refresh(key, stale, compute, options);
  }
}
