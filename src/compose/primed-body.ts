/**
 * Bytes whose first chunk is there already: so a file that can't be opened is known before anybody relies on it, and
 * `return()` closes what was opened even if nobody ever reads.
 */
export class PrimedBody implements AsyncIterableIterator<Uint8Array> {
  readonly #rest: AsyncIterator<Uint8Array>;
  #first: IteratorResult<Uint8Array> | undefined;

  private constructor(rest: AsyncIterator<Uint8Array>, first: IteratorResult<Uint8Array>) {
    this.#rest = rest;
    this.#first = first;
  }

  /** Rejects as the first read does. */
  static async start(bytes: AsyncIterable<Uint8Array>): Promise<PrimedBody> {
    const rest = bytes[Symbol.asyncIterator]();
    return new PrimedBody(rest, await rest.next());
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    const first = this.#first;
    this.#first = undefined;
    return first ?? this.#rest.next();
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    this.#first = undefined;
    await this.#rest.return?.();
    return {value: undefined, done: true};
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
