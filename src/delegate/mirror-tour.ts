import type {ContextView} from '../core/contract.js';
import type {DownloadError} from '../core/errors.js';
import {originOf, plainUrl} from '../core/url.js';
import {GOVERNOR} from '../policy/governor.js';
import {inOrder, mirrorOf, type Source} from '../policy/mirror-list.js';
import {orderMirrors} from '../policy/mirror-order.js';
import {MIRROR_SCORES, MirrorScores, type MirrorScore, type MirrorVisit} from '../policy/mirror-score.js';

/** A mirror's Retry-After beyond this is not waited for, ms. */
const LONGEST_WAIT = 120_000;

/** Where one file can be had. */
export interface Place extends Source {
  /** The mirror that it belongs to. @default its folder */
  readonly mirror?: string | undefined;
}

/** The next mirror to ask. */
export interface Stop {
  /** As it was given, login included. */
  readonly url: string;
  /** What the mirror itself asked to be waited for, ms. */
  readonly wait: number;
  /** Everything was tried, and a further round begins here. */
  readonly newRound: boolean;
}

interface Mirror {
  readonly key: string;
  readonly url: string;
  readonly source: Place;
  readonly origin: string;
  readonly score: MirrorScore;
  asked: boolean;
  error: DownloadError | undefined;
}

/**
 * One download's way through the mirrors: each once, the one that promises most first; then again and again those that
 * failed in passing. Mirrors that are out (four failures in a row, seen by any download of the Context) are left to the
 * second round, unless all are. An address written in two ways (another login, another case of the host) is one mirror;
 * the first way is used.
 */
export class MirrorTour {
  readonly #context: ContextView;
  readonly #mirrors: readonly Mirror[];
  #round: Mirror[];

  constructor(places: readonly Place[], context: ContextView) {
    this.#context = context;
    const scores = context.share(MIRROR_SCORES, () => new MirrorScores(context.clock));
    const known = new Map<string, Mirror>();
    for (const source of inOrder(places)) {
      const key = keyOf(source.url);
      if (known.has(key)) continue;
      const score = scores.of(source.mirror ?? mirrorOf(key));
      known.set(key, {key, url: source.url, source, origin: originOf(key), score, asked: false, error: undefined});
    }
    this.#mirrors = [...known.values()];
    const fit = this.#mirrors.filter(({score}) => score.standing !== 'out');
    this.#round = fit.length > 0 ? fit : [...this.#mirrors];
  }

  /** As they were given, each once, by priority. */
  get urls(): readonly string[] {
    return this.#mirrors.map(({url}) => url);
  }

  /** The last fault of each mirror, in the order of `urls`. */
  get errors(): readonly DownloadError[] {
    return this.#mirrors.flatMap(({error}) => error ?? []);
  }

  /** Remembers why a mirror failed. */
  failed(url: string, error: DownloadError): void {
    const mirror = this.#find(url);
    if (mirror === undefined) return;
    mirror.asked = true;
    mirror.error = error;
    this.#round = this.#round.filter((one) => one !== mirror);
  }

  /** Where to go now; undefined when no mirror is worth asking. */
  next(): Stop | undefined {
    const newRound = this.#round.length === 0;
    if (newRound) this.#round = this.#mirrors.filter((mirror) => this.#mayRecover(mirror));
    const waits = new Map(this.#round.map((mirror) => [mirror, Math.max(this.#wait(mirror), this.#closed(mirror))]));
    const [first] = orderMirrors(this.#round, this.#context.random)
      .sort((one, other) => (waits.get(one) ?? 0) - (waits.get(other) ?? 0));
    if (first === undefined) return undefined;
    first.asked = true;
    this.#round = this.#round.filter((mirror) => mirror !== first);
    return {url: first.url, wait: this.#wait(first), newRound};
  }

  /** An attempt at one of the mirrors begins; undefined for another address. */
  visit(url: string): MirrorVisit | undefined {
    return this.#find(url)?.score.visit();
  }

  #find(url: string): Mirror | undefined {
    const key = keyOf(url);
    return this.#mirrors.find((mirror) => mirror.key === key);
  }

  #mayRecover(mirror: Mirror): boolean {
    if (!mirror.asked) return true;
    const {error} = mirror;
    return (error?.class === 'transient' || error?.class === 'throttled') && this.#wait(mirror) <= LONGEST_WAIT;
  }

  /** ms for which the governor would make us wait for the mirror's origin: others are asked meanwhile. */
  #closed({origin}: Mirror): number {
    const {closedUntil = 0, silentSince} = this.#context.get(GOVERNOR)?.view(origin) ?? {};
    return silentSince === undefined ? closedUntil - this.#context.clock.time() : LONGEST_WAIT;
  }

  #wait({error}: Mirror): number {
    const now = this.#context.clock.time();
    return Math.max(0, (error?.retryAt ?? now) - now);
  }
}

/** What the download calls its URL once it was set: no login, no fragment, normal form. */
function keyOf(url: string): string {
  return URL.canParse(url) ? plainUrl('mirror', url).href : url;
}
