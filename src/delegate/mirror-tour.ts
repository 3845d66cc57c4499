import type {DownloadError} from '../core/errors.js';
import {plainUrl} from '../core/url.js';

/** A mirror's Retry-After beyond this is not waited for, ms. */
const LONGEST_WAIT = 120_000;

/** The next mirror to ask. */
export interface Stop {
  /** As it was given, login included. */
  readonly url: string;
  /** What the mirror itself asked to be waited for, ms. */
  readonly wait: number;
  /** Everything was tried, and a further round begins here. */
  readonly newRound: boolean;
}

/**
 * One download's way through the mirrors: each once, then again and again those that failed in passing. An address
 * written in two ways (another login, another case of the host) is one mirror; the first way is used.
 */
export class MirrorTour {
  /** As they were given, each once. */
  readonly urls: readonly string[];
  readonly #errors = new Map<string, DownloadError>();
  #round: string[];

  constructor(urls: readonly string[]) {
    const first = new Map<string, string>();
    for (const url of urls) if (!first.has(keyOf(url))) first.set(keyOf(url), url);
    this.urls = [...first.values()];
    this.#round = [...this.urls];
  }

  /** The last fault of each mirror, in the order of the list. */
  get errors(): readonly DownloadError[] {
    return this.urls.flatMap((url) => this.#errorOf(url) ?? []);
  }

  /** Remembers why a mirror failed. */
  failed(url: string, error: DownloadError): void {
    this.#errors.set(keyOf(url), error);
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
    const faultClass = this.#errorOf(url)?.class;
    return (faultClass === 'transient' || faultClass === 'throttled') && this.#wait(url, now) <= LONGEST_WAIT;
  }

  #wait(url: string, now: number): number {
    return Math.max(0, (this.#errorOf(url)?.retryAt ?? now) - now);
  }

  #errorOf(url: string): DownloadError | undefined {
    return this.#errors.get(keyOf(url));
  }
}

/** What the download calls its URL once it was set: no login, no fragment, normal form. */
function keyOf(url: string): string {
  return URL.canParse(url) ? plainUrl('mirror', url).href : url;
}
