import {Cancelled} from '../core/errors.js';
import type {Attempt} from '../download/attempt.js';

/** The body of an attempt within an attempt: the inner one, with its permit, ends when the body does, or when it is left. */
export class LentBody implements AsyncIterableIterator<Uint8Array> {
  readonly #body: AsyncIterator<Uint8Array>;
  readonly #attempt: Attempt;

  constructor(body: AsyncIterable<Uint8Array>, attempt: Attempt) {
    this.#body = body[Symbol.asyncIterator]();
    this.#attempt = attempt;
    // Who reads it watches it.
    attempt.waitFor(undefined);
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    try {
      const result = await this.#body.next();
      if (result.done === true) this.#attempt.end();
      else this.#attempt.accepted += result.value.byteLength;
      return result;
    } catch (thrown) {
      const fault = this.#attempt.faultOf(thrown);
      this.#attempt.end(fault);
      throw fault;
    }
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    try {
      await this.#body.return?.();
    } finally {
      this.#attempt.end(new Cancelled('the body was left'));
    }
    return {value: undefined, done: true};
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
