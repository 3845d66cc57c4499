import {misuse, onlyKeys, wholeNumber} from '../core/options.js';

/** How long to wait before repair number n, from 0. */
export interface Backoff {
  delay(n: number, random: () => number): number;
}

/** What an exponential backoff is made with, ms. */
export interface ExponentialBackoffOptions {
  /** @default 1_000 */
  base?: number | undefined;
  /** @default 30_000 */
  cap?: number | undefined;
}

/** Full jitter: random(0, min(cap, base·2ⁿ)), clamped after the jitter. Immutable. */
export class ExponentialBackoff implements Backoff {
  readonly base: number;
  readonly cap: number;

  constructor(options: ExponentialBackoffOptions = {}) {
    onlyKeys('backoff', options, ['base', 'cap']);
    this.base = wholeNumber('backoff.base', options.base ?? 1000, 0);
    this.cap = wholeNumber('backoff.cap', options.cap ?? 30_000, 0);
    Object.freeze(this);
  }

  delay(n: number, random: () => number): number {
    return Math.min(this.cap, Math.round(random() * Math.min(this.cap, this.base * 2 ** Math.min(n, 50))));
  }
}

/** What the classic redo sequence is made with, ms. */
export interface RedoBackoffOptions {
  sleepTime: number;
  maxSleepTime: number;
  sleepScale: number;
  jitter: number;
}

/**
 * The release-engineering sequence: sleepTime·scaleⁿ ± jitter·scaleⁿ, never above maxSleepTime. The original caps after
 * the jitter and so loses it at the cap; here the whole window (sleepTime ± jitter)·scaleⁿ stops growing when its upper
 * end reaches the cap, so that the jitter survives.
 */
export class RedoBackoff implements Backoff {
  readonly #options: RedoBackoffOptions;

  /** @throws RangeError when jitter > sleepTime, or a number is negative */
  constructor(options: RedoBackoffOptions) {
    onlyKeys('redo', options, ['sleepTime', 'maxSleepTime', 'sleepScale', 'jitter']);
    for (const [name, value] of Object.entries(options)) {
      if (typeof value !== 'number' || !Number.isFinite(value)) throw misuse(`redo.${name}`, value, 'a number');
      if (value < 0) throw new RangeError(`redo.${name}: expected at least 0, got ${value}`);
    }
    if (options.jitter > options.sleepTime) {
      throw new RangeError(`redo.jitter: expected at most sleepTime (${options.sleepTime}), got ${options.jitter}`);
    }
    this.#options = Object.freeze({...options});
  }

  delay(n: number, random: () => number): number {
    const {sleepTime, maxSleepTime, sleepScale, jitter} = this.#options;
    const widest = sleepTime + jitter;
    const scale = widest === 0 ? 0 : Math.min(sleepScale ** n, maxSleepTime / widest);
    return (sleepTime + jitter * (2 * random() - 1)) * scale;
  }
}
