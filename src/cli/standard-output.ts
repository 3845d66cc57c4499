import {WriterError} from '../core/errors.js';
import {EXIT_OUTPUT_CLOSED} from './exit-codes.js';

/**
 * The stdout of one command. What it can't take ends the command with exit code 7: without a word where nobody reads it
 * any more (`| head`), told on stderr otherwise (a full disk, say). Release it.
 */
export class StandardOutput {
  readonly #name: string;
  readonly #tell: (why: string) => void;
  #closed = false;
  #written = Promise.resolve();

  /**
   * @param name The command, for the message: `jupiter get`.
   * @param tell Is told that nothing can be written any more, and why.
   */
  constructor(name: string, tell: (why: string) => void = () => undefined) {
    this.#name = name;
    this.#tell = tell;
    process.stdout.on('error', this.#hear);
  }

  /** Whether it takes no more. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Hands over a line; `flush` and `end` know whether it went out. */
  print(line: string): void {
    if (this.#closed) return;
    this.#written = new Promise((resolve) => {
      process.stdout.write(`${line}\n`, (error) => {
        if (error instanceof Error) this.#hear(error);
        resolve();
      });
    });
  }

  /** Waits until every line went out. @throws WriterError when one did not, and was told by then */
  async flush(): Promise<void> {
    await this.#written;
    if (this.#closed) throw new WriterError('cannot write to standard output');
  }

  /** The exit code of the command, when it has given all its lines. @param code If they went out. */
  async end(code: number): Promise<number> {
    await this.#written;
    return this.#closed ? EXIT_OUTPUT_CLOSED : code;
  }

  /** Listens no longer. */
  release(): void {
    process.stdout.off('error', this.#hear);
  }

  readonly #hear = ({code = 'unknown'}: NodeJS.ErrnoException): void => {
    if (this.#closed) return;
    const nobody = code === 'EPIPE';
    if (!nobody) process.stderr.write(`${this.#name}: cannot write to standard output (${code})\n`);
    this.#closed = true;
    this.#tell(nobody ? 'nobody reads the output any more' : 'the output cannot be written');
  };
}
