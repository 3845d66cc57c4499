import {AllowedHosts} from './allowed-hosts.js';
import {SystemClock, type Clock} from './clock.js';
import type {ContextKey} from './context-key.js';
import type {ContextView, OnceOptions} from './contract.js';
import {Cancelled} from './errors.js';
import {checkLimits, type Limits} from './limits.js';
import {misuse, onlyKeys} from './options.js';
import {asCancel, Flight} from './single-flight.js';

export type {Limits} from './limits.js';

/** What a Context is made with. */
export interface ContextOptions {
  limits?: Partial<Limits> | undefined;
  /** @default the machine's */
  clock?: Clock | undefined;
  /** Numbers from 0 to 1. @default Math.random */
  random?: (() => number) | undefined;
  /**
   * The only hosts that its downloads may ask, redirects, mirrors and lists of them included: `name`, `name:port`,
   * `*.name`. Others fail with PolicyRefused, unasked. @default any
   */
  hosts?: readonly string[] | undefined;
}

interface Closable {
  close(): void | Promise<void>;
}

/**
 * What downloads share: connections, permits, tokens, mirror lists. A container with typed keys; `close()` releases
 * all. Batch and Streamer close only what they made; without one, `run()` makes a private one and closes it.
 */
export class Context implements ContextView {
  readonly clock: Clock;
  readonly random: () => number;
  readonly limits: Limits;
  readonly #hosts: AllowedHosts | undefined;
  readonly #values = new Map<string, {value: unknown; until: number}>();
  readonly #flights = new Map<string, Flight<unknown>>();
  #closed = false;
  #closing: Promise<void> | undefined;

  /** @throws TypeError, RangeError naming the option */
  constructor(options: ContextOptions = {}) {
    onlyKeys('Context', options, ['limits', 'clock', 'random', 'hosts']);
    const {total = 8, perOrigin = Math.min(6, total), ...others} = checkLimits('Context.limits', options.limits ?? {});
    this.limits = Object.freeze({total, perOrigin, ...others});
    this.clock = options.clock ?? new SystemClock();
    if (typeof this.clock.now !== 'function' || typeof this.clock.wait !== 'function') throw misuse('clock', options.clock, 'a Clock');
    this.random = options.random ?? Math.random;
    if (typeof this.random !== 'function') throw misuse('random', options.random, 'a function');
    this.#hosts = options.hosts && new AllowedHosts('Context.hosts', options.hosts);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** @throws PolicyRefused when the host is not one of `hosts` */
  mayAsk(origin: string, url: string): void {
    this.#hosts?.check(origin, url);
  }

  /** What is kept under the key, if it still holds. */
  get<T>(key: ContextKey<T>): T | undefined {
    return this.#fresh(key)?.value as T | undefined;
  }

  /** Keeps a value as long as the Context lives. */
  set<T>(key: ContextKey<T>, value: T): void {
    this.#check();
    this.#values.set(key, {value, until: Infinity});
  }

  /** The one thing of this key, made at the first call; its `close()`, if it has one, is called when the Context closes. */
  share<T>(key: ContextKey<T>, make: () => T): T {
    this.#check();
    const kept = this.#fresh(key);
    if (kept !== undefined) return kept.value as T;
    const value = make();
    this.#values.set(key, {value, until: Infinity});
    return value;
  }

  /**
   * The answer to `compute`, asked for once, however many wait (single-flight). Keys must hold everything that makes
   * the answer differ. `compute` gets a signal of its own, aborted when the last waiter leaves; each waiter leaves
   * alone by its own signal. Failures are told to all who wait and not remembered.
   */
  async once<T>(key: ContextKey<T>, compute: (signal: AbortSignal) => Promise<T> | T, options: OnceOptions = {}): Promise<T> {
    this.#check();
    const kept = this.#fresh(key);
    if (kept !== undefined) return kept.value as T;
    if (options.signal?.aborted === true) throw asCancel(options.signal.reason);
    let flight = this.#flights.get(key) as Flight<T> | undefined;
    if (flight === undefined || flight.over) {
      flight = new Flight<T>(compute, {
        settled: () => { if (this.#flights.get(key) === flight) this.#flights.delete(key); },
        answered: (value) => {
          if (!this.#closed) this.#values.set(key, {value, until: options.ttl === undefined ? Infinity : this.clock.now() + options.ttl});
        },
      });
      this.#flights.set(key, flight);
    }
    return flight.join(options.signal);
  }

  /**
   * Like `once`, but `stale` is what the caller found wanting: if it is still what is kept, it is dropped and computed
   * again; if somebody renewed it meanwhile, the new one is given. So many who fail together refresh once.
   */
  async refresh<T>(
    key: ContextKey<T>, stale: T | undefined, compute: (signal: AbortSignal) => Promise<T> | T, options: OnceOptions = {},
  ): Promise<T> {
    if (stale !== undefined && this.get(key) === stale) this.#values.delete(key);
    return this.once(key, compute, options);
  }

  /** Ends what is being computed and closes what is shared. Idempotent: every caller waits for the one closing. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    this.#closed = true;
    for (const flight of [...this.#flights.values()]) flight.abort(new Cancelled('the Context was closed'));
    const kept = [...this.#values.values()].map(({value}) => value);
    this.#values.clear();
    await Promise.allSettled(kept.filter(isClosable).map(async (value) => { await value.close(); }));
  }

  #fresh(key: string): {readonly value: unknown} | undefined {
    const kept = this.#values.get(key);
    if (kept === undefined || kept.until > this.clock.now()) return kept;
    this.#values.delete(key);
    return undefined;
  }

  #check(): void {
    if (this.#closed) throw new Cancelled('the Context was closed');
  }
}

function isClosable(value: unknown): value is Closable {
  return typeof (value as Partial<Closable> | undefined)?.close === 'function';
}
