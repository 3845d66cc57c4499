import {wholeNumber} from '../core/options.js';

const BUCKETS = 10;

/**
 * Bytes a second over the last few seconds, in constant memory: ten buckets of time, not one entry per chunk. The
 * oldest bucket leaves as a whole, so the span varies by a tenth of the window.
 */
export class RateWindow {
  readonly #width: number;
  readonly #bytes = new Float64Array(BUCKETS);
  /** The number of the newest bucket, counted from the clock's zero. */
  #newest = -1;
  #start: number | undefined;

  /** @param window ms @throws TypeError, RangeError */
  constructor(window = 5000) {
    this.#width = wholeNumber('window', window, BUCKETS) / BUCKETS;
  }

  /** The measured time begins; later calls change nothing. `now`: the clock's ms. */
  start(now: number): void {
    this.#start ??= now;
  }

  add(bytes: number, now: number): void {
    this.start(now);
    const bucket = this.#moveTo(now);
    this.#bytes[bucket] = (this.#bytes[bucket] ?? 0) + bytes;
  }

  /** Bytes a second; 0 before anything came. In the first tenth of the window it is careful: as if that had passed. */
  rate(now: number): number {
    if (this.#start === undefined) return 0;
    this.#moveTo(now);
    const oldest = Math.max(this.#start, (this.#newest - BUCKETS + 1) * this.#width);
    const sum = this.#bytes.reduce((one, other) => one + other, 0);
    return sum * 1000 / Math.max(now - oldest, this.#width);
  }

  /** Empties the buckets that time has gone past; gives the index of the newest. */
  #moveTo(now: number): number {
    const bucket = Math.floor(now / this.#width);
    for (let at = Math.max(this.#newest + 1, bucket - BUCKETS + 1); at <= bucket; at++) this.#bytes[at % BUCKETS] = 0;
    this.#newest = Math.max(this.#newest, bucket);
    return this.#newest % BUCKETS;
  }
}
