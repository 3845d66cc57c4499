import type {DownloadError} from '../core/errors.js';

/** A mirror's Retry-After beyond this is not waited for, ms. */
const LONGEST_WAIT = 120_000;

/** The next mirror to ask. */
export interface Stop {
  readonly url: string;
  /** What the mirror itself asked to be waited for, ms. */
  readonly wait: number;
  /** Everything was tried, and a further round begins here. */
  readonly newRound: boolean;
}

/** One download's way through the mirrors: each once, then again and again those that failed in passing. */
export class MirrorTour {
  readonly urls: readonly string[];
  readonly #errors = new Map<string, DownloadError>();
  #round: string[];

  constructor(urls: readonly string[]) {
    this.urls = [...new Set(urls)];
    this.#round = [...this.urls];
  }

  /** The last fault of each mirror, in the order of the list. */
  get errors(): readonly DownloadError[] {
    return this.urls.flatMap((url) => this.#errors.get(url) ?? []);
  }

  /** Remembers why a mirror failed. */
  failed(url: string, error: DownloadError): void {
    this.#errors.set(url, error);
  }

  /** Where to go; undefined when no mirror is worth asking. `now`: epoch ms. */
  next(now: number): Stop | undefined {
    const newRound = this.#round.length === 0;
    if (newRound) {
      this.#round = this.urls.filter((url) => this.#mayRecover(url, now))
        .sort((one, other) => this.#wait(one, now) - this.#wait(other, now));
    }
    const url = this.#round.shift();
    return url === undefined ? undefined : {url, wait: this.#wait(url, now), newRound};
  }

  #mayRecover(url: string, now: number): boolean {
    const faultClass = this.#errors.get(url)?.class;
    return (faultClass === 'transient' || faultClass === 'throttled') && this.#wait(url, now) <= LONGEST_WAIT;
  }

  #wait(url: string, now: number): number {
    return Math.max(0, (this.#errors.get(url)?.retryAt ?? now) - now);
  }
}
