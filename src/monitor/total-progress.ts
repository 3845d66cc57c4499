import {SystemClock, type Clock} from '../core/clock.js';
import type {Registry} from '../core/event.js';
import {misuse, onlyKeys, wholeNumber} from '../core/options.js';
import {DownloadPosition, type ProgressNotice} from './download-position.js';
import {timeLeft} from './progress-monitor.js';
import {RateWindow} from './rate-window.js';

/** How many downloads, by what became of them. */
export interface TotalItems {
  readonly added: number;
  readonly running: number;
  readonly done: number;
  readonly failed: number;
  /** How many there will be, when known. */
  readonly expected: number | undefined;
}

/** How far many downloads are together. */
export interface TotalFacts {
  readonly items: TotalItems;
  /** Bytes of all of them; what a failed one brought stays counted. */
  readonly bytes: number;
  /** Bytes of all together; undefined until every expected item is added and its size known. */
  readonly total: number | undefined;
  /** 0 to 100: of the bytes when `total` is known, else of the expected items; undefined when their number is unknown. */
  readonly percent: number | undefined;
  /** Bytes a second over the last seconds (`window`). */
  readonly speed: number;
  /** Milliseconds; sizes that are not known yet are taken as the mean of the known ones. */
  readonly eta: number | undefined;
  readonly rewinds: number;
}

/** How they are watched. */
export interface TotalProgressOptions {
  /** How many downloads there will be, when known. */
  expected?: number | undefined;
  /** @default the machine's */
  clock?: Clock | undefined;
  /** The span over which speed is measured, ms. @default 5000 */
  window?: number | undefined;
  /** Called at each chunk and change; ask `progress()` inside when a line is to be drawn. */
  onProgress?: ((notice: ProgressNotice) => void) | undefined;
}

/** Adds up the progress of many downloads, of a batch say. A finished one is folded into the sums and let go. */
export class TotalProgress {
  readonly #running = new Map<Registry, DownloadPosition>();
  readonly #over = {done: 0, failed: 0, bytes: 0, rewinds: 0};
  readonly #rate: RateWindow;
  readonly #clock: Clock;
  #expected: number | undefined;
  readonly #tell: ((notice: ProgressNotice) => void) | undefined;

  /** @throws TypeError, RangeError naming the option */
  constructor(options: TotalProgressOptions = {}) {
    onlyKeys('TotalProgress', options, ['expected', 'clock', 'window', 'onProgress']);
    const {onProgress} = options;
    if (onProgress !== undefined && typeof onProgress !== 'function') throw misuse('onProgress', onProgress, 'a function');
    this.#expected = options.expected === undefined ? undefined : wholeNumber('expected', options.expected, 0);
    this.#rate = new RateWindow(options.window);
    this.#clock = options.clock ?? new SystemClock();
    this.#tell = onProgress;
  }

  /** Watches a download until it ends. Adding it again changes nothing while it runs. */
  add(download: Registry): this {
    if (this.#running.has(download)) return this;
    const position: DownloadPosition = new DownloadPosition(download, (notice, bytes) => {
      if (bytes > 0) this.#rate.add(bytes, this.#clock.now());
      else if (position.state === 'sent') this.#rate.start(this.#clock.now());
      if (position.over) this.#fold(download, position);
      this.#tell?.(notice);
    });
    this.#running.set(download, position);
    return this;
  }

  /** Takes out a download that will not run to its end, its bytes too. One that has ended stays counted. */
  remove(download: Registry): void {
    this.#running.get(download)?.leave();
    this.#running.delete(download);
  }

  /** Says how many downloads there will be, once that is known. @throws TypeError, RangeError */
  expect(items: number): void {
    this.#expected = wholeNumber('expected', items, 0);
    this.#tell?.('changed');
  }

  /** How far they are now, frozen. */
  progress(): TotalFacts {
    const {done, failed} = this.#over;
    const running = [...this.#running.values()];
    const added = done + failed + running.length;
    const sizes = running.flatMap(({total}) => total ?? []);
    const sized = done + failed + sizes.length;
    const bytes = this.#over.bytes + sum(running.map((one) => one.bytes));
    const known = this.#over.bytes + sum(sizes);
    const items = this.#expected === undefined ? undefined : Math.max(this.#expected, added);
    const total = items === sized ? known : undefined;
    const guess = items === undefined || sized === 0 ? undefined : known / sized * items;
    const speed = this.#rate.rate(this.#clock.now());
    return Object.freeze({
      items: Object.freeze({added, running: running.length, done, failed, expected: this.#expected}),
      bytes, total, percent: percentOf(bytes, total, done + failed, items), speed, eta: timeLeft(bytes, total ?? guess, speed),
      rewinds: this.#over.rewinds + sum(running.map((one) => one.rewinds)),
    });
  }

  #fold(download: Registry, position: DownloadPosition): void {
    if (!this.#running.delete(download)) return;
    this.#over[position.state === 'succeeded' ? 'done' : 'failed']++;
    this.#over.bytes += position.bytes;
    this.#over.rewinds += position.rewinds;
  }
}

/** By bytes, or by items while the bytes of the whole are unknown; 100 as soon as every item is over. */
function percentOf(bytes: number, total: number | undefined, over: number, items: number | undefined): number | undefined {
  if (items === undefined) return undefined;
  if (over === items) return 100;
  return total === undefined ? over / items * 100 : total === 0 ? 0 : Math.min(100, bytes / total * 100);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((one, other) => one + other, 0);
}
