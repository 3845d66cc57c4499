/** The bytes of a body from `start` up to `end`; it is closed as soon as no more are wanted. `skipped` is told of those before. */
export class SlicedBody implements AsyncIterableIterator<Uint8Array> {
  readonly #body: AsyncIterator<Uint8Array>;
  readonly #end: number;
  readonly #start: number;
  readonly #skipped: (bytes: number) => void;
  #at = 0;

  constructor(body: AsyncIterable<Uint8Array>, start: number, end: number | undefined, skipped: (bytes: number) => void) {
    this.#body = body[Symbol.asyncIterator]();
    this.#start = start;
    this.#end = end ?? Infinity;
    this.#skipped = skipped;
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    while (this.#at < this.#end) {
      const result = await this.#body.next();
      if (result.done === true) return result;
      const {value} = result;
      const [from, to] = [this.#start - this.#at, this.#end - this.#at].map((place) => Math.min(Math.max(0, place), value.byteLength));
      this.#at += value.byteLength;
      if ((from as number) > 0) this.#skipped(from as number);
      if ((from as number) < (to as number)) return {value: value.subarray(from, to), done: false};
    }
    return this.return();
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    this.#at = Infinity;
    await this.#body.return?.();
    return {value: undefined, done: true};
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
