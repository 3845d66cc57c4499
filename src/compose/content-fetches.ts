import {contextKeys} from '../core/context-key.js';
import type {ContextView} from '../core/contract.js';
import {Cancelled} from '../core/errors.js';
import {Flight} from '../core/single-flight.js';

/** How a fetch ended for one who waited for it. */
export interface Landing<T> {
  /** Whether the fetch was the waiter's own. */
  readonly own: boolean;
  /** What its owner asked. */
  readonly url: string;
  readonly value?: T | undefined;
  readonly error?: unknown;
}

interface Fetch {
  readonly url: string;
  readonly flight: Flight<unknown>;
  /** Settles when nothing of it is left open. */
  work: Promise<unknown>;
}

const FETCHES = contextKeys<ContentFetches>('content-fetches');

/** The fetches under way in one Context, one for each content. */
export class ContentFetches {
  readonly #fetches = new Map<string, Fetch>();

  static of(context: ContextView): ContentFetches {
    return context.share(FETCHES.of(), () => new ContentFetches());
  }

  /**
   * Joins the fetch of this key, or begins it. Each waiter leaves alone by its own signal; the last one to leave aborts
   * the fetch and waits until it has cleaned up.
   */
  async join<T>(key: string, url: string, fetch: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<Landing<T>> {
    const present = this.#fetches.get(key);
    const own = present === undefined || present.flight.over;
    const joined = own ? this.#begin(key, url, fetch) : present;
    try {
      return {own, url: joined.url, value: await joined.flight.join(signal) as T};
    } catch (error) {
      if (joined.flight.over) await joined.work;
      return {own, url: joined.url, error};
    }
  }

  /** Ends every fetch; called when the Context closes. */
  async close(): Promise<void> {
    const fetches = [...this.#fetches.values()];
    for (const {flight} of fetches) flight.abort(new Cancelled('the Context was closed'));
    await Promise.all(fetches.map(({work}) => work));
  }

  #begin(key: string, url: string, fetch: (signal: AbortSignal) => Promise<unknown>): Fetch {
    const compute = (signal: AbortSignal): Promise<unknown> => {
      const work = fetch(signal);
      begun.work = work.catch(() => undefined);
      return work;
    };
    const settled = (): void => { if (this.#fetches.get(key) === begun) this.#fetches.delete(key); };
    const begun: Fetch = {url, flight: new Flight(compute, {answered: () => undefined, settled}), work: Promise.resolve()};
    this.#fetches.set(key, begun);
    return begun;
  }
}
