import {Cancelled} from '../core/errors.js';

/** The signals that end a transfer in order, and the exit codes that tell of them (128 + number). */
const SIGNALS = {SIGHUP: 129, SIGINT: 130, SIGTERM: 143} as const;

/** The name of such a signal. */
export type EndSignal = keyof typeof SIGNALS;

/**
 * A signal that comes so soon after the first, ms, is the same one: a wrapper (npm, npx, tsx) passes on what the
 * terminal had sent to the whole group already.
 */
const SAME_SIGNAL = 500;

/**
 * Listens for SIGINT, SIGTERM and SIGHUP: the first aborts `signal`, so that what runs can clean up; the second ends
 * the process at once.
 */
export class Interruption {
  readonly #controller = new AbortController();
  readonly #now: () => number;
  #by: EndSignal | undefined;
  #at = 0;

  /** @param now ms of a clock that only goes forward */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    for (const name of Object.keys(SIGNALS) as EndSignal[]) process.on(name, this.#hear);
  }

  /** Aborted by the first signal, or by `abort`. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Which signal came. */
  get by(): EndSignal | undefined {
    return this.#by;
  }

  /** The exit code that tells of the signal. */
  get exitCode(): number | undefined {
    return this.#by && SIGNALS[this.#by];
  }

  /** Ends the transfer without a signal of the system: nobody reads the output, say. */
  abort(why: string): void {
    this.#controller.abort(new Cancelled(why));
  }

  /** Resolves when it is aborted. */
  came(): Promise<void> {
    const {signal} = this;
    return new Promise((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => { resolve(); }, {once: true});
    });
  }

  /** Listens no longer. */
  release(): void {
    for (const name of Object.keys(SIGNALS) as EndSignal[]) process.off(name, this.#hear);
  }

  readonly #hear = (name: NodeJS.Signals): void => {
    if (this.#by !== undefined) {
      if (this.#now() - this.#at >= SAME_SIGNAL) process.exit(SIGNALS[name as EndSignal]);
      return;
    }
    this.#at = this.#now();
    this.#by = name as EndSignal;
    this.#controller.abort(new Cancelled(`ended by ${name}`));
  };
}
