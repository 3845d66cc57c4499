import type {Published, Reply, Writer, WriterPlan, WriterStart} from '../core/contract.js';
import {DownloadError, WriterError} from '../core/errors.js';
import {messageOf} from '../core/foreign-error.js';
import type {Attempt} from './attempt.js';

/**
 * Keeps a run's dealings with its writer in order: prepare, open once, rewind before a restart, then close or discard.
 * Whatever a writer throws becomes a fault of this machine, unless it says otherwise itself.
 */
export class WriterGate {
  readonly writer: Writer;
  #opened = false;
  #touched = false;

  constructor(writer: Writer) {
    this.writer = writer;
  }

  /** Whether another attempt could begin at byte 0. */
  get canStartAgain(): boolean {
    return !this.#touched || (this.writer.rewind !== undefined && this.writer.floor === 0);
  }

  async prepare(start: WriterStart): Promise<WriterPlan | undefined> {
    return (await guard(() => this.writer.prepare?.(start))) ?? undefined;
  }

  /** Opens at the first acceptable reply, rewinds at later ones. */
  async open(reply: Reply, attempt: Attempt): Promise<void> {
    if (!this.#opened) {
      this.#opened = true;
      await attempt.during(guard(() => this.writer.open({length: reply.length, reply})));
    } else if (this.#touched) {
      await attempt.during(guard(() => this.writer.rewind?.(0)));
    }
  }

  /** Bytes are about to be appended. */
  touch(): void {
    this.#touched = true;
  }

  /** What the writer holds, as if it came in again. */
  async *read(): AsyncIterable<Uint8Array> {
    try {
      if (this.writer.read === undefined) throw new WriterError('the writer holds the bytes but cannot read them back to be validated');
      yield* this.writer.read();
    } catch (thrown) {
      throw asWriterError(thrown);
    }
  }

  async publish(): Promise<Published> {
    return (await guard(() => this.writer.close())) ?? {};
  }

  async discard(error: DownloadError): Promise<void> {
    await guard(() => this.writer.discard({error}));
  }
}

async function guard<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw asWriterError(thrown);
  }
}

/** Whatever a writer throws is a fault of this machine, unless it says otherwise itself. */
export function asWriterError(thrown: unknown): DownloadError {
  if (thrown instanceof DownloadError) return thrown;
  return new WriterError(`the writer failed: ${messageOf(thrown)}`, undefined, {cause: thrown});
}
