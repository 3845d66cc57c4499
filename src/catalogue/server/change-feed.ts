import type {Clock} from '../../core/clock.js';
import type {Change, ReleaseCatalogue} from '../contract.js';

/** How many changes are read at once. */
const PAGE = 100;

/**
 * Tells streams when there may be something new. While somebody waits, the catalogue is asked for it at intervals, once for
 * all, as other processes write to it too; a write of this server is told at once.
 */
export class ChangeFeed {
  readonly #catalogue: Pick<ReleaseCatalogue, 'changes'>;
  readonly #clock: Clock;
  readonly #interval: number;
  readonly #waiting = new Set<() => void>();
  #stop: (() => void) | undefined;
  #looking = false;
  /** How far the looks have come. */
  #tip = 0;
  #wakes = 0;

  /** @param interval ms between two looks */
  constructor(catalogue: Pick<ReleaseCatalogue, 'changes'>, clock: Clock, interval: number) {
    this.#catalogue = catalogue;
    this.#clock = clock;
    this.#interval = interval;
  }

  /** The last place of the feed; 0 when it is empty. A few lookups, however long it is: there is no gap. */
  async last(): Promise<number> {
    if (!await this.#hasMore(0)) return 0;
    let [there, missing] = [0, 1];
    while (await this.#hasMore(missing)) [there, missing] = [missing, missing * 2];
    while (missing - there > 1) {
      const middle = Math.floor((there + missing) / 2);
      if (await this.#hasMore(middle)) there = middle;
      else missing = middle;
    }
    return missing;
  }

  /** Changes behind a place, page by page for ever; waits for new ones until the signal ends it. */
  async *follow(after: number, name: string | undefined, signal: AbortSignal): AsyncGenerator<readonly Change[], void, undefined> {
    for (let seen = after; !signal.aborted;) {
      const wakes = this.#wakes;
      const changes = await this.#catalogue.changes({after: seen, limit: PAGE, ...name !== undefined && {name}});
      seen = changes.at(-1)?.seq ?? seen;
      if (changes.length > 0) yield changes;
      // Who was woken while it read looks once more.
      if (changes.length < PAGE && wakes === this.#wakes && !signal.aborted) await this.#news(seen, signal);
    }
  }

  /** Something was written. */
  readonly wake = (): void => {
    this.#wakes++;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  };

  #news(seen: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#waiting.delete(done);
        signal.removeEventListener('abort', done);
        if (this.#waiting.size === 0) this.#rest();
        resolve();
      };
      this.#waiting.add(done);
      signal.addEventListener('abort', done, {once: true});
      if (this.#stop !== undefined) return;
      this.#tip = Math.max(this.#tip, seen);
      this.#stop = this.#clock.every(this.#interval, () => void this.#look());
    });
  }

  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      const changes = await this.#catalogue.changes({after: this.#tip, limit: PAGE});
      this.#tip = changes.at(-1)?.seq ?? this.#tip;
      if (changes.length > 0) this.wake();
    } catch {
      // The next look tells; who reads meets the fault itself.
    } finally {
      this.#looking = false;
    }
  }

  #rest(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  async #hasMore(after: number): Promise<boolean> {
    return (await this.#catalogue.changes({after, limit: 1})).length > 0;
  }
}
