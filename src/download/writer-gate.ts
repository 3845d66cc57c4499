import {setImmediate} from 'node:timers/promises';
import type {Claims} from '../core/claims.js';
import type {Published, Writer, WriterMeta, WriterPlan, WriterStart} from '../core/contract.js';
import {Cancelled, DownloadError, ResumeRejected, WriterError} from '../core/errors.js';
import {messageOf} from '../core/foreign-error.js';
import {untilAborted, type Attempt} from './attempt.js';

/**
 * Keeps a run's dealings with its writer in order: prepare, open once, rewind before a restart, then close or discard.
 * Whatever a writer throws becomes a fault of this machine, unless it says otherwise itself.
 */
export class WriterGate {
  readonly writer: Writer;
  #opened = false;
  #touched = false;

  /** @throws TypeError when another run has the writer */
  constructor(writer: Writer, claims: Claims) {
    claims.take('writer', writer);
    this.writer = writer;
  }

  /** For a run that ends before it began; undefined when the writer is another run's, which goes on. */
  static ifFree(writer: Writer, claims: Claims): WriterGate | undefined {
    try {
      return new WriterGate(writer, claims);
    } catch {
      return undefined;
    }
  }

  /** Whether another attempt could begin at byte 0. */
  get canStartAgain(): boolean {
    return !this.#touched || (this.writer.rewind !== undefined && this.writer.floor === 0);
  }

  async prepare(start: WriterStart): Promise<WriterPlan | undefined> {
    return (await guard(() => this.writer.prepare?.(start))) ?? undefined;
  }

  /** Whether the writer can leave bytes to a later run, and wants to know under what they may be continued. */
  get resumes(): boolean {
    return (this.writer.abilities as Writer['abilities'] | undefined)?.resume === true;
  }

  /**
   * Begins at byte 0: opens at the first acceptable reply, takes back at later ones. A reply that `open` refuses was not
   * acceptable. @throws ResumeRejected when the writer can't begin again
   */
  async begin(meta: WriterMeta, attempt: Attempt): Promise<void> {
    if (!this.#opened) return this.#open(meta, attempt);
    const {url} = meta.reply;
    if (!this.canStartAgain) throw new ResumeRejected(`the source begins again at byte 0, and the writer can't: ${url}`, {url});
    if (this.#touched || this.resumes) await attempt.during(guarded(() => this.writer.rewind?.(0, meta)));
  }

  /** Goes on after what is there; that of an earlier run is opened now. */
  async goOn(meta: WriterMeta, attempt: Attempt): Promise<void> {
    if (this.#opened) return;
    await this.#open(meta, attempt);
    this.#touched = true;
  }

  async #open(meta: WriterMeta, attempt: Attempt): Promise<void> {
    await attempt.during(guarded(() => this.writer.open(meta)));
    this.#opened = true;
  }

  /** Starts an append; undefined when the writer took the chunk at once. @throws DownloadError */
  append(chunk: Uint8Array): void | Promise<void> {
    this.#touched = true;
    return guarded(() => this.writer.append(chunk));
  }

  /** For a protocol that puts the bytes into the writer itself. */
  handOver(): Writer {
    this.#touched = true;
    return this.writer;
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

  /**
   * Publishes. A cancel meanwhile tells the writer to give up; if it is past the point of no return, what it published
   * counts.
   */
  async publish(signal: AbortSignal): Promise<Published> {
    const closing = guard(() => this.writer.close());
    try {
      return (await untilAborted(closing, signal)) ?? {};
    } catch (thrown) {
      if (!signal.aborted) throw thrown;
      await this.discard(thrown as DownloadError).catch(() => undefined);
      // A writer that can say how far it came is believed.
      const end = await Promise.race([closing.then((done) => done ?? {}, asWriterError), setImmediate(undefined)]);
      if (end === undefined || end instanceof DownloadError) throw end instanceof Cancelled ? end : thrown;
      return end;
    }
  }

  /** `keep`: the bytes are good as far as they go. */
  async discard(error: DownloadError, keep = false): Promise<void> {
    await guard(() => this.writer.discard({error, keep}));
  }
}

/** Most calls of a writer answer at once: then there is no promise to make. */
function guarded(work: () => void | Promise<void>): void | Promise<void> {
  try {
    const answer = work();
    return answer?.catch((thrown: unknown) => { throw asWriterError(thrown); });
  } catch (thrown) {
    throw asWriterError(thrown);
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
