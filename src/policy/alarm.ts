import type {Clock} from '../core/clock.js';

/** Rings once at a time, by an injected clock; no timer runs unless one is set. */
export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #at = Infinity;
  #controller: AbortController | undefined;

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Rings at this time at the latest, ms by the clock; keeps an earlier one. Infinity changes nothing. */
  by(at: number): void {
    if (at < this.#at) this.#set(at);
  }

  /** Rings at this time and no other. */
  set(at: number): void {
    if (at !== this.#at) this.#set(at);
  }

  clear(): void {
    this.#controller?.abort();
    this.#controller = undefined;
    this.#at = Infinity;
  }

  #set(at: number): void {
    this.clear();
    if (at === Infinity) return;
    const controller = this.#controller = new AbortController();
    this.#at = at;
    // Whole milliseconds, and at least one: a rest lost in rounding must not ring for ever at the same moment.
    const rest = Math.max(1, Math.ceil(at - this.#clock.now()));
    void this.#clock.wait(rest, controller.signal).then(() => {
      if (this.#controller !== controller) return;
      this.clear();
      this.#ring();
    }, () => undefined);
  }
}
