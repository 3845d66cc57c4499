import {misuse} from '../core/options.js';
import type {Download} from '../download/download.js';

/** Downloads, made one by one as they are asked for; a function gets the batch's signal, aborted when the loop is left. */
export type DownloadSource<D> = Iterable<D> | AsyncIterable<D> | ((signal: AbortSignal) => Iterable<D> | AsyncIterable<D>);

/** Reads a source: nothing before the first `next`, and nothing after it ended. */
export class SourceReader<D extends Download> {
  readonly #source: DownloadSource<D>;
  readonly #signal: AbortSignal;
  #iterator: Iterator<D> | AsyncIterator<D> | undefined;
  #over = false;

  constructor(source: DownloadSource<D>, signal: AbortSignal) {
    this.#source = source;
    this.#signal = signal;
  }

  /** The next download; undefined at the end. @throws what the source throws; TypeError when it gives something else */
  async next(): Promise<D | undefined> {
    try {
      this.#iterator ??= iteratorOf(this.#source, this.#signal);
      const step = await this.#iterator.next();
      if (step.done === true) {
        this.#over = true;
        return undefined;
      }
      if (typeof (step.value as Partial<D> | undefined)?.run === 'function') return step.value;
    } catch (thrown) {
      this.#over = true;
      throw thrown;
    }
    throw misuse('downloads', 'something else', 'a Download from the source');
  }

  /** Tells a source that is not at its end that nobody listens any longer. What it throws then is nobody's. */
  async end(): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    try {
      await this.#iterator?.return?.();
    } catch {
      // The loop was left; there is nobody to tell.
    }
  }
}

function iteratorOf<D>(source: DownloadSource<D>, signal: AbortSignal): Iterator<D> | AsyncIterator<D> {
  const given: unknown = typeof source === 'function' ? source(signal) : source;
  if (typeof given === 'object' && given !== null) {
    if (Symbol.asyncIterator in given) return (given as AsyncIterable<D>)[Symbol.asyncIterator]();
    if (Symbol.iterator in given) return (given as Iterable<D>)[Symbol.iterator]();
  }
  throw misuse('downloads', given, 'an iterable of downloads from the function');
}
