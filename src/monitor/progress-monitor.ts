import {SystemClock, type Clock} from '../core/clock.js';
import type {Registry} from '../core/event.js';
import {misuse, onlyKeys} from '../core/options.js';
import {DownloadPosition, type ProgressNotice, type ProgressState} from './download-position.js';
import {RateWindow} from './rate-window.js';

/** How far a download is. */
export interface Progress {
  /** Bytes that the writer has accepted; falls only together with a new rewind. */
  readonly bytes: number;
  /** Bytes of the whole; undefined while unknown. */
  readonly total: number | undefined;
  /** 0 to 100; undefined while the total is unknown. */
  readonly percent: number | undefined;
  /** Bytes a second over the last seconds (`window`). */
  readonly speed: number;
  /** Milliseconds that are left at this speed; undefined while that can't be said. */
  readonly eta: number | undefined;
  readonly state: ProgressState;
  /** How often an attempt had to start again at a lower offset. */
  readonly rewinds: number;
}

/** How progress is watched. */
export interface ProgressOptions {
  /** @default the machine's */
  clock?: Clock | undefined;
  /** The span over which speed is measured, ms. @default 5000 */
  window?: number | undefined;
  /**
   * Called at each chunk and change. What it throws fails the run, like any handler. Without it nothing is built per
   * chunk: ask `progress()` when a line is to be drawn.
   */
  onProgress?: ((progress: Progress, notice: ProgressNotice) => void) | undefined;
}

/** Shows how far a download is. It only observes; memory doesn't grow with the file. */
export class ProgressMonitor {
  readonly #position: DownloadPosition;
  readonly #rate: RateWindow;
  readonly #clock: Clock;

  /** Attaches itself. @throws TypeError, RangeError naming the option */
  constructor(download: Registry, options: ProgressOptions = {}) {
    onlyKeys('ProgressMonitor', options, ['clock', 'window', 'onProgress']);
    const {onProgress, clock = new SystemClock(), window} = options;
    if (onProgress !== undefined && typeof onProgress !== 'function') throw misuse('onProgress', onProgress, 'a function');
    this.#clock = clock;
    this.#rate = new RateWindow(window);
    this.#position = new DownloadPosition(download, (notice, bytes) => {
      const now = clock.now();
      if (bytes > 0) this.#rate.add(bytes, now);
      else if (this.#position.state === 'sent') this.#rate.start(now);
      onProgress?.(this.progress(), notice);
    });
  }

  /** How far it is now, frozen. */
  progress(): Progress {
    const {bytes, total, percent, state, rewinds, over} = this.#position;
    const speed = this.#rate.rate(this.#clock.now());
    return Object.freeze({bytes, total, percent, speed, eta: over ? 0 : timeLeft(bytes, total, speed), state, rewinds});
  }

  /** Watches no longer. Idempotent; the end of the run does it too. */
  detach(): void {
    this.#position.leave();
  }
}

/** Milliseconds until `total` at a speed in bytes a second; undefined when total or speed is unknown. */
export function timeLeft(bytes: number, total: number | undefined, speed: number): number | undefined {
  if (total === undefined) return undefined;
  if (bytes >= total) return 0;
  return speed > 0 ? (total - bytes) / speed * 1000 : undefined;
}
