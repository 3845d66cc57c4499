import cliProgress from 'cli-progress';
import type {TotalFacts, TotalProgress} from '../monitor/total-progress.js';
import {formatBytes, formatClock, formatSpeed} from './quantities.js';

/** `bar`: one line that is drawn again and again; `lines`: a line every two seconds; `off`: nothing. */
export type ProgressMode = 'bar' | 'lines' | 'off';

const LINES_EVERY = 2000;
const WIDEST_BAR = 30;
const NARROWEST_BAR = 8;

/** Shows a total on stderr, and prints lines above it. */
export class ProgressDisplay {
  readonly #total: TotalProgress;
  readonly #mode: ProgressMode;
  readonly #stream: NodeJS.WriteStream;
  #bars: cliProgress.MultiBar | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(total: TotalProgress, mode: ProgressMode, stream: NodeJS.WriteStream = process.stderr) {
    this.#total = total;
    this.#mode = mode;
    this.#stream = stream;
  }

  start(): void {
    if (this.#mode === 'lines') {
      this.#timer = setInterval(() => { this.#stream.write(`${progressLine(this.#total.progress())}\n`); }, LINES_EVERY).unref();
    }
    if (this.#mode !== 'bar') return;
    this.#bars = new cliProgress.MultiBar({
      stream: this.#stream, clearOnComplete: true, hideCursor: true, gracefulExit: false, fps: 8,
      format: () => progressLine(this.#total.progress(), this.#stream.columns),
    });
    this.#bars.create(1, 0);
    // The second Ctrl-C ends the process in the middle of things.
    process.once('exit', this.#restore);
  }

  /** A line of text, above the bar if there is one. */
  line(text: string): void {
    if (this.#bars === undefined) this.#stream.write(`${text}\n`);
    else this.#bars.log(`${text}\n`);
  }

  /** Takes the bar away; lines that were not drawn yet are. */
  stop(): void {
    clearInterval(this.#timer);
    if (this.#bars === undefined) return;
    this.#bars.update();
    this.#bars.stop();
    this.#bars = undefined;
    process.off('exit', this.#restore);
  }

  readonly #restore = (): void => { this.#bars?.stop(); };
}

/** The line of a total. @param columns the width of the terminal; without one there is no bar */
export function progressLine(facts: TotalFacts, columns?: number): string {
  const {items, bytes, total, percent, speed, eta} = facts;
  const over = items.done + items.failed;
  const isWhole = total !== undefined && (items.expected ?? items.added) <= items.added;
  const parts = [
    isWhole ? `${formatBytes(bytes)} of ${formatBytes(total)}` : formatBytes(bytes),
    formatSpeed(speed),
    ...eta === undefined || eta <= 0 ? [] : [`ETA ${formatClock(eta)}`],
    ...items.expected === 1 ? [] : [`${over}${items.expected === undefined ? '' : `/${items.expected}`} files`],
    ...items.failed === 0 ? [] : [`${items.failed} failed`],
  ].join('  ');
  if (percent === undefined) return cut(parts, columns);
  const share = `${String(Math.floor(percent)).padStart(3)}%`;
  const room = columns === undefined ? 0 : Math.min(WIDEST_BAR, columns - parts.length - share.length - 6);
  return cut(room < NARROWEST_BAR ? `${share}  ${parts}` : `${share} [${barOf(percent, room)}]  ${parts}`, columns);
}

function barOf(percent: number, width: number): string {
  const filled = Math.floor(percent / 100 * width);
  return filled >= width ? '='.repeat(width) : `${'='.repeat(filled)}>${' '.repeat(width - filled - 1)}`;
}

function cut(text: string, columns: number | undefined): string {
  return columns === undefined || text.length < columns ? text : text.slice(0, Math.max(columns - 1, 0));
}
