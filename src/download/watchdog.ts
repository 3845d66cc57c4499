import type {Clock} from '../core/clock.js';
import {contextKeys} from '../core/context-key.js';
import type {ContextView} from '../core/contract.js';
import {TimedOut, type TimeoutPhase} from '../core/errors.js';
import type {Timeout} from '../core/settings.js';

/** Resolution of every time limit, ms. */
const TICK = 100;

const TICKER = contextKeys<Ticker>('ticker').of();

/** One coarse timer for all watches of a Context; it runs only while there are any. */
class Ticker {
  readonly #watches = new Set<{check(now: number): void}>();
  readonly #clock: Clock;
  #stop: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(watch: {check(now: number): void}): void {
    this.#watches.add(watch);
    this.#stop ??= this.#clock.every(TICK, () => {
      const now = this.#clock.now();
      for (const one of [...this.#watches]) one.check(now);
    });
  }

  remove(watch: {check(now: number): void}): void {
    this.#watches.delete(watch);
    if (this.#watches.size === 0) this.close();
  }

  close(): void {
    this.#stop?.();
    this.#stop = undefined;
  }
}

/** Watches over one attempt's silences: connect, headers, read, low speed. Pauses while the writer is slow. */
export class Watchdog {
  readonly #ticker: Ticker;
  readonly #clock: Clock;
  readonly #timeout: Timeout;
  readonly #url: string;
  readonly #expire: (error: TimedOut) => void;
  #phase: TimeoutPhase | undefined;
  #since = 0;
  #paused = 0;
  #windowStart = 0;
  #windowBytes = 0;

  constructor(context: ContextView, timeout: Timeout, url: string, expire: (error: TimedOut) => void) {
    this.#ticker = context.share(TICKER, () => new Ticker(context.clock));
    this.#clock = context.clock;
    this.#timeout = timeout;
    this.#url = url;
    this.#expire = expire;
    this.#ticker.add(this);
  }

  /** A phase begins; its limit counts from now. Undefined: nothing is waited for. */
  enter(phase: 'connect' | 'headers' | 'read' | undefined): void {
    this.#phase = phase;
    this.#since = this.#clock.now();
    this.#windowStart = this.#since;
    this.#windowBytes = 0;
  }

  /** Bytes came. */
  seen(bytes: number): void {
    this.#since = this.#clock.now();
    this.#windowBytes += bytes;
  }

  /** The writer or a handler is busy: the server can't be blamed. */
  pause(): void {
    if (this.#paused++ === 0) this.#since = this.#clock.now();
  }

  resume(): void {
    if (--this.#paused > 0) return;
    const now = this.#clock.now();
    this.#windowStart += now - this.#since;
    this.#since = now;
  }

  check(now: number): void {
    if (this.#phase === undefined || this.#paused > 0) return;
    const limit = this.#timeout[this.#phase];
    if (limit > 0 && now - this.#since >= limit) {
      this.#end(this.#phase, `${SILENCE[this.#phase]} for ${limit} ms (timeout.${this.#phase})`);
      return;
    }
    if (this.#phase === 'read' && this.#timeout.lowSpeed > 0) this.#checkSpeed(now);
  }

  #checkSpeed(now: number): void {
    const {lowSpeed, lowSpeedTime} = this.#timeout;
    const span = now - this.#windowStart;
    if (span < lowSpeedTime) return;
    const rate = Math.floor(this.#windowBytes * 1000 / span);
    if (rate < lowSpeed) {
      this.#end('lowSpeed', `${rate} bytes/s over ${Math.round(span / 1000)} s, expected at least ${lowSpeed} (timeout.lowSpeed)`);
    }
    this.#windowStart = now;
    this.#windowBytes = 0;
  }

  #end(phase: TimeoutPhase, why: string): void {
    this.stop();
    this.#expire(new TimedOut(phase, `${why}: ${this.#url}`, {url: this.#url}));
  }

  stop(): void {
    this.#ticker.remove(this);
  }
}

const SILENCE: Readonly<Record<TimeoutPhase, string>> = {
  connect: 'no connection', headers: 'no complete headers', read: 'no byte', lowSpeed: 'too slow', deadline: 'not done',
};

/** Ends a run at its deadline. @returns the way to stop watching */
export function watchDeadline(context: ContextView, deadline: number, url: string, expire: (error: TimedOut) => void): () => void {
  if (deadline === 0) return () => undefined;
  const ticker = context.share(TICKER, () => new Ticker(context.clock));
  const end = context.clock.now() + deadline;
  const watch = {
    check(now: number): void {
      if (now < end) return;
      ticker.remove(watch);
      expire(new TimedOut('deadline', `not done after ${deadline} ms (timeout.deadline): ${url}`, {url}));
    },
  };
  ticker.add(watch);
  return () => { ticker.remove(watch); };
}
