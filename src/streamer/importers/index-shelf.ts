import type {Clock} from '../../core/clock.js';
import {Cancelled, DownloadError, NotFound} from '../../core/errors.js';
import {Flight} from '../../core/single-flight.js';

/** What a shelf can hold. */
export interface Weighed {
  /** In the unit of the shelf's `limit`. */
  readonly weight: number;
}

/** How a shelf is made. */
export interface IndexShelfOptions {
  readonly clock: Clock;
  /** The most that all kept things may weigh; those not used for longest go. */
  readonly limit: number;
}

interface Kept<T> {
  readonly value: T;
  /** Milliseconds of the clock. */
  readonly since: number;
}

/** How long a fault is told again instead of upstream being asked once more, ms. */
const FAULT_PAUSE = 10_000;
const MOST_FAULTS = 1_000;

/**
 * What an importer has learned from upstream's indexes: bounded, each fetched once however many wait, and kept when
 * upstream is down.
 */
export class IndexShelf<T extends Weighed> {
  readonly #clock: Clock;
  readonly #limit: number;
  /** In the order of use. */
  readonly #kept = new Map<string, Kept<T>>();
  readonly #faults = new Map<string, {readonly fault: DownloadError; readonly until: number}>();
  readonly #flights = new Map<string, Flight<T>>();
  #weight = 0;

  constructor({clock, limit}: IndexShelfOptions) {
    this.#clock = clock;
    this.#limit = limit;
  }

  /** What is kept, whatever its age. */
  get(key: string): T | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    return kept.value;
  }

  /** All that is kept, used last first. */
  values(): T[] {
    return [...this.#kept.values()].map(({value}) => value).reverse();
  }

  /** Keeps it as of now. */
  put(key: string, value: T): void {
    this.drop(key);
    this.#kept.set(key, {value, since: this.#clock.now()});
    this.#weight += value.weight;
    for (const oldest of this.#kept.keys()) {
      if (this.#weight <= this.#limit || oldest === key) return;
      this.drop(oldest);
    }
  }

  /** Forgets it. */
  drop(key: string): void {
    this.#weight -= this.#kept.get(key)?.value.weight ?? 0;
    this.#kept.delete(key);
    this.#faults.delete(key);
  }

  /**
   * What is kept if it is good enough, else what `load` gives. A fault is remembered for 10 s; until it is mended, and
   * unless upstream says that there is no such thing, what was kept goes on being given.
   *
   * @param fresh whether what is kept, of that age in ms, will do
   * @throws DownloadError
   */
  async fetch(key: string, fresh: (value: T, age: number) => boolean, load: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const kept = this.#kept.get(key);
    if (kept !== undefined && fresh(kept.value, this.#clock.now() - kept.since)) return this.get(key) as T;
    try {
      return await this.#ask(key, load);
    } catch (fault) {
      const old = this.get(key);
      if (old === undefined || fault instanceof NotFound || fault instanceof Cancelled) throw fault;
      return old;
    }
  }

  /** Ends what is being fetched. */
  close(): void {
    for (const flight of [...this.#flights.values()]) flight.abort(new Cancelled('the Context was closed'));
    this.#kept.clear();
    this.#weight = 0;
  }

  async #ask(key: string, load: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const known = this.#faults.get(key);
    if (known !== undefined && known.until > this.#clock.now()) throw known.fault;
    const underWay = this.#flights.get(key);
    if (underWay !== undefined && !underWay.over) return underWay.join(undefined);
    const flight = new Flight<T>(load, {
      answered: (value) => { this.put(key, value); },
      settled: () => { if (this.#flights.get(key) === flight) this.#flights.delete(key); },
    });
    this.#flights.set(key, flight);
    return flight.join(undefined).catch((fault: unknown) => {
      this.#failed(key, fault);
      throw fault;
    });
  }

  #failed(key: string, fault: unknown): void {
    if (!(fault instanceof DownloadError) || fault instanceof Cancelled) return;
    if (fault instanceof NotFound) this.drop(key);
    this.#faults.delete(key);
    this.#faults.set(key, {fault, until: this.#clock.now() + FAULT_PAUSE});
    const [oldest] = this.#faults.keys();
    if (this.#faults.size > MOST_FAULTS && oldest !== undefined) this.#faults.delete(oldest);
  }
}
