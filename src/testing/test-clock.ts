import type {Clock} from '../core/clock.js';

interface Due {
  readonly at: number;
  readonly order: number;
  readonly fire: () => void;
}

/** How a TestClock starts. */
export interface TestClockOptions {
  /** Epoch ms at `now() === 0`. @default 2026-01-01 */
  time?: number | undefined;
  /**
   * Every wait resolves at once: the clock jumps by its length. For specs of delays; not for code that races a wait
   * against something, since the wait then always wins. Ticks of `every` are not fired by these jumps. @default false
   */
  autoAdvance?: boolean | undefined;
}

/** A clock that stands still until it is told otherwise. */
export class TestClock implements Clock {
  /** The length of every wait ever asked for, ms, in order. */
  readonly waits: number[] = [];
  autoAdvance: boolean;

  readonly #start: number;
  readonly #waiting = new Set<Due>();
  readonly #ticking = new Set<{next: number; order: number; readonly ms: number; readonly tick: () => void}>();
  #now = 0;
  #order = 0;

  constructor(options: TestClockOptions = {}) {
    this.#start = options.time ?? Date.UTC(2026, 0, 1);
    this.autoAdvance = options.autoAdvance ?? false;
  }

  /** How many waits are not over. */
  get pending(): number {
    return this.#waiting.size;
  }

  /** How many `every` were not stopped. */
  get ticking(): number {
    return this.#ticking.size;
  }

  now(): number {
    return this.#now;
  }

  time(): number {
    return this.#start + this.#now;
  }

  async wait(ms: number, signal?: AbortSignal): Promise<void> {
    this.waits.push(ms);
    signal?.throwIfAborted();
    if (this.autoAdvance || ms <= 0) {
      this.#now += Math.max(0, ms);
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const abort = (): void => {
        this.#waiting.delete(due);
        reject(signal?.reason as Error);
      };
      const due: Due = {at: this.#now + ms, order: this.#order++, fire: () => {
        this.#waiting.delete(due);
        signal?.removeEventListener('abort', abort);
        resolve();
      }};
      this.#waiting.add(due);
      signal?.addEventListener('abort', abort, {once: true});
    });
  }

  every(ms: number, tick: () => void): () => void {
    const entry = {next: this.#now + ms, order: this.#order++, ms, tick};
    this.#ticking.add(entry);
    return () => { this.#ticking.delete(entry); };
  }

  /** Moves on by `ms`: what falls due is fired in order, at its own time, and promises and sockets get their turn between. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await turn();
    for (let due = this.#nextUntil(end); due !== undefined; due = this.#nextUntil(end)) {
      this.#now = Math.max(this.#now, due.at);
      due.fire();
      await turn();
    }
    this.#now = Math.max(this.#now, end);
  }

  /** Advances to the end of the wait that is over first; does nothing when there is none. */
  async advanceToNext(): Promise<void> {
    await turn();
    const first = Math.min(...[...this.#waiting].map(({at}) => at));
    if (Number.isFinite(first)) await this.advance(first - this.#now);
  }

  /** Resolves when `count` waits are pending. */
  async untilPending(count: number): Promise<void> {
    while (this.pending < count) await turn();
  }

  #nextUntil(end: number): Due | undefined {
    const ticks = [...this.#ticking].map((entry): Due => ({at: entry.next, order: entry.order, fire: () => {
      entry.next += entry.ms;
      entry.order = this.#order++;
      entry.tick();
    }}));
    return [...this.#waiting, ...ticks].filter(({at}) => at <= end).sort((a, b) => a.at - b.at || a.order - b.order)[0];
  }
}

/** One turn of the event loop: every microtask and one round of I/O. */
function turn(): Promise<void> {
  return new Promise((resolve) => { setImmediate(resolve); });
}
