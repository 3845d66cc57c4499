import {originOf} from '../core/url.js';
import type {Download} from '../download/download.js';

/** A download of a batch on its way. */
export interface Entry<D> {
  readonly download: D;
  /** Its place in the source, from 0. */
  readonly index: number;
}

interface Guest<D> extends Entry<D> {
  readonly origin: string;
  /** Bytes that an enforced validation demands; 0 when nobody knows. */
  readonly size: number;
}

/** What bounds an admission. */
export interface AdmissionTerms {
  /** Bytes that those which run may come to; Infinity for no limit. */
  readonly byteBudget: number;
  /** How many transfers an origin gets at once. */
  readonly limitOf: (origin: string) => number;
}

/**
 * Who of those that wait in a batch may start. The origin with the fewest running comes first, so that a slow host
 * doesn't take every place; among equals the order of the source counts. As long as others may come, none starts that
 * would only wait for a permit. Under a byte budget, one that doesn't fit waits
 * at the head of the line and nobody overtakes it; when nothing that counts is running it starts, however big.
 */
export class Admission<D extends Download> {
  readonly #terms: AdmissionTerms;
  readonly #line: Guest<D>[] = [];
  readonly #running = new Map<string, number>();
  #head: Guest<D> | undefined;
  #bytes = 0;

  constructor(terms: AdmissionTerms) {
    this.#terms = terms;
  }

  /** How many wait. */
  get size(): number {
    return this.#line.length + (this.#head === undefined ? 0 : 1);
  }

  add(download: D, index: number): void {
    const {url} = download;
    this.#line.push({download, index, origin: URL.canParse(url) ? originOf(url) : '', size: expectedSize(download)});
  }

  /**
   * The next one to start, counted as running from now on; undefined: none yet.
   *
   * @param others whether more downloads may come before one of these is over
   */
  next(others: boolean): Entry<D> | undefined {
    const head = this.#head ??= this.#choose(others);
    if (head === undefined || (this.#bytes > 0 && this.#bytes + head.size > this.#terms.byteBudget)) return undefined;
    this.#head = undefined;
    this.#bytes += head.size;
    this.#running.set(head.origin, (this.#running.get(head.origin) ?? 0) + 1);
    return head;
  }

  /** It ran: gives its place back. */
  over(entry: Entry<D>): void {
    const {origin, size} = entry as Guest<D>;
    this.#bytes -= size;
    const left = (this.#running.get(origin) ?? 1) - 1;
    if (left === 0) this.#running.delete(origin);
    else this.#running.set(origin, left);
  }

  /** Empties the line. */
  drain(): Entry<D>[] {
    const all = [...this.#head === undefined ? [] : [this.#head], ...this.#line];
    this.#head = undefined;
    this.#line.length = 0;
    return all;
  }

  #choose(others: boolean): Guest<D> | undefined {
    let best = -1;
    let fewest = Infinity;
    for (const [at, {origin}] of this.#line.entries()) {
      const count = this.#running.get(origin) ?? 0;
      if (count >= fewest || (others && count > 0 && count >= this.#terms.limitOf(origin))) continue;
      best = at;
      fewest = count;
      if (count === 0) break;
    }
    return best < 0 ? undefined : this.#line.splice(best, 1)[0];
  }
}

function expectedSize({validations}: Download): number {
  for (const {enforced, size} of validations ?? []) if (enforced !== false && size !== undefined) return size;
  return 0;
}
