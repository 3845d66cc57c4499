/** Wait between two probes, ms: doubles from the first to the last. */
const FIRST = 1000;
const LAST = 16_000;

/**
 * Watches for an origin that doesn't answer at all. After so many silent transfers in a row it opens: then one transfer
 * at a time goes through as a probe, after waits of 1, 2, 4 … 16 s, each shortened by up to a half at random. Any answer
 * closes it.
 */
export class Breaker {
  #faults = 0;
  #openedAt: number | undefined;
  #probeAt = 0;
  #step = 0;
  #probe: object | undefined;

  /** Since when it is open, by the clock that only goes forward. */
  get openedAt(): number | undefined {
    return this.#openedAt;
  }

  /** When the next probe is due, while it is open. */
  get probeAt(): number {
    return this.#probeAt;
  }

  get isProbing(): boolean {
    return this.#probe !== undefined;
  }

  /** Whether nothing is remembered. */
  get isClean(): boolean {
    return this.#openedAt === undefined && this.#faults === 0;
  }

  admits(now: number): boolean {
    return this.#openedAt === undefined || (this.#probe === undefined && now >= this.#probeAt);
  }

  /** A transfer begins. */
  begin(transfer: object): void {
    if (this.#openedAt !== undefined) this.#probe = transfer;
  }

  isProbe(transfer: object): boolean {
    return this.#probe === transfer;
  }

  /** The origin answered. @returns whether that closed it */
  answered(): boolean {
    const closes = this.#openedAt !== undefined;
    this.#faults = 0;
    this.#openedAt = undefined;
    this.#step = 0;
    this.#probe = undefined;
    return closes;
  }

  /** A transfer ended without any answer. Those that began before it opened tell nothing new. */
  silent(transfer: object, most: number, now: number, random: () => number): void {
    if (this.#openedAt === undefined) {
      this.#faults++;
      if (most === 0 || this.#faults < most) return;
      this.#openedAt = now;
    } else if (this.#probe !== transfer) {
      return;
    }
    this.#probe = undefined;
    this.#probeAt = now + Math.min(LAST, FIRST * 2 ** this.#step) * (1 - random() / 2);
    this.#step = Math.min(this.#step + 1, 10);
  }

  /** A transfer ended in a way that says nothing about the origin; if it was the probe, another one may go. */
  forget(transfer: object): void {
    if (this.#probe === transfer) this.#probe = undefined;
  }
}
