import type {ContextView, DownloadView} from '../core/contract.js';
import {MirrorsExhausted} from '../core/errors.js';
import {Event, type ErrorEvent, type Registry} from '../core/event.js';
import type {MirrorVisit} from '../policy/mirror-score.js';
import type {MirrorTour} from './mirror-tour.js';

/** The least wait before a further round, ms. */
const LEAST_PAUSE = 1000;

/**
 * One download under way along a tour, for all delegates that know of mirrors: it asks the next mirror at every
 * repairable fault, and tells the scores of the Context what came of each attempt.
 */
export class MirrorJourney {
  readonly #download: DownloadView;
  #tour: MirrorTour | undefined;
  #visit: MirrorVisit | undefined;

  constructor(download: DownloadView & Registry) {
    this.#download = download;
    const observe = {observe: true};
    download.register(Event.SENT, () => { this.#visit = this.#tour?.visit(download.url); }, observe);
    download.register(Event.REPLIED, ({reply}) => { if (reply.fault === undefined) this.#visit?.replied(); }, observe);
    download.register(Event.ERROR, ({error}) => { this.#visit?.failed(error); }, observe);
    download.register(Event.SUCCEEDED, ({attempts}) => {
      const last = attempts.at(-1);
      if (last !== undefined) this.#visit?.succeeded(last.bytes, last.duration);
    }, observe);
    download.register(Event.FAILED, () => { this.#visit?.left(); }, observe);
  }

  /** Whether there is a way to go. */
  get begun(): boolean {
    return this.#tour !== undefined;
  }

  /** Goes to the first mirror. Call it in PREPARED. @throws MirrorsExhausted with this message when there is none */
  begin(tour: MirrorTour, none: string): void {
    const first = tour.next();
    if (first === undefined) throw new MirrorsExhausted(none, [], {url: this.#download.originalUrl});
    this.#download.url = first.url;
    this.#take(tour);
  }

  /** Goes on with a tour whose first place is where the download is already. Call it in ERROR, before `moveOn`. */
  join(tour: MirrorTour): void {
    this.#take(tour);
  }

  /** Repairs a fault by the next mirror, if a tour was begun. Call it in ERROR. @throws MirrorsExhausted */
  moveOn(event: ErrorEvent): void {
    const tour = this.#tour;
    if (tour === undefined || !event.repairable) return;
    const {error, backoff} = event;
    const download = this.#download;
    tour.failed(download.url, error);
    const stop = tour.next();
    const {errors, urls} = tour;
    if (stop === undefined || (event.left === 0 && errors.length === urls.length)) {
      const causes = errors.map((one) => `${one.code} at ${one.url ?? 'unknown'}`).join('; ');
      throw new MirrorsExhausted(`all ${urls.length} mirrors failed: ${causes}`, errors, {url: download.originalUrl, cause: error});
    }
    download.url = stop.url;
    event.repaired = true;
    // What the policy would wait for this fault's own Retry-After is no other mirror's business.
    event.delay = stop.newRound ? Math.max(stop.wait, LEAST_PAUSE, error.retryAt === undefined ? backoff : 0) : stop.wait;
  }

  /** Each mirror may be asked once without taking from the repeats that the caller allowed. */
  #take(tour: MirrorTour): void {
    this.#tour = tour;
    this.#download.retries += tour.urls.length - 1;
  }
}

/** The Context of a download, which it has from PREPARED on. */
export function contextOf(download: DownloadView): ContextView {
  return download.context as ContextView;
}
