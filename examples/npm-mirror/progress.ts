import cliProgress from 'cli-progress';
import type {TotalProgress} from 'jupiter-download';

/** A bar on stderr when that is a terminal; lines are printed above it. */
export class ProgressBar {
  readonly #bars: cliProgress.MultiBar | undefined;

  constructor(total: TotalProgress) {
    if (!process.stderr.isTTY) return;
    this.#bars = new cliProgress.MultiBar({
      stream: process.stderr, clearOnComplete: true, gracefulExit: false, fps: 8, format: () => lineOf(total, process.stderr.columns),
    });
    this.#bars.create(1, 0);
  }

  line(text: string): void {
    if (this.#bars === undefined) process.stderr.write(`${text}\n`);
    else this.#bars.log(`${text}\n`);
  }

  stop(): void {
    this.#bars?.update();
    this.#bars?.stop();
  }
}

function lineOf(total: TotalProgress, columns: number): string {
  const {items, bytes, percent = 0, speed, eta} = total.progress();
  const filled = Math.floor(percent / 5);
  const left = eta === undefined ? '' : `  ${Math.ceil(eta / 1000)} s left`;
  const bar = `[${'='.repeat(filled)}${' '.repeat(20 - filled)}] ${items.done + items.failed}/${items.expected ?? '?'}`;
  return `${bar}  ${mebibytes(bytes)} MiB  ${mebibytes(speed)} MiB/s${left}`.slice(0, columns - 1);
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}
