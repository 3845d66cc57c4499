import type {DownloadError} from '../core/errors.js';

/** Backoff of an origin that didn't say until when, ms: doubles from the first to the last. */
const FIRST = 1000;
const LAST = 30_000;
/** The longest that a gate stays closed, ms, whatever was asked: a wrong Retry-After must not lock an origin out for good. */
const LONGEST = 24 * 60 * 60 * 1000;

/** Closed while an origin wants to be left alone (RFC 9110, 10.2.3). Times by the clock that only goes forward. */
export class Gate {
  #opensAt = -Infinity;
  #closedAt = 0;
  #step = 0;

  /** When it opens, or opened. */
  get opensAt(): number {
    return this.#opensAt;
  }

  /** Whether nothing is remembered. */
  isClean(now: number): boolean {
    return this.#opensAt <= now && this.#step === 0;
  }

  /**
   * Closes until the error's `retryAt`, or for a backoff of its own; it never opens earlier than it would have.
   *
   * @param time epoch ms at `now` @param event the number of this event at the origin
   */
  close({retryAt}: DownloadError, now: number, time: number, event: number): void {
    if (retryAt !== undefined) {
      this.#opensAt = Math.max(this.#opensAt, now + Math.min(retryAt - time, LONGEST));
    } else if (this.#opensAt <= now) {
      this.#opensAt = now + Math.min(LAST, FIRST * 2 ** this.#step);
      this.#step = Math.min(this.#step + 1, 10);
    }
    this.#closedAt = event;
  }

  /** A transfer that began at this event finished well. */
  finished(began: number): void {
    if (began > this.#closedAt) this.#step = 0;
  }
}
