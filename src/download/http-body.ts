import type {IncomingMessage} from 'node:http';

/**
 * A reply's body, pulled: the next chunk is read when it is asked for, so a slow sink slows the socket. Ends normally
 * only at the end of a whole message; otherwise throws what broke it. `return()` closes it at any point.
 */
export class HttpBody implements AsyncIterableIterator<Uint8Array> {
  readonly #reply: IncomingMessage;
  readonly #close: () => Promise<void>;
  #wake: (() => void) | undefined;
  #ended = false;
  #closed: Promise<void> | undefined;
  #fault: unknown;
  #failed = false;

  /** `close` ends the exchange; it is called once. */
  constructor(reply: IncomingMessage, close: () => Promise<void>) {
    this.#reply = reply;
    this.#close = close;
    reply.on('readable', () => { this.#stir(); });
    reply.once('end', () => {
      this.#ended = true;
      this.#stir();
    });
    reply.once('error', (error) => { this.fail(error); });
    reply.once('aborted', () => { this.fail(Object.assign(new Error('aborted'), {code: 'ECONNRESET'})); });
    reply.once('close', () => { if (!this.#ended) this.fail(Object.assign(new Error('aborted'), {code: 'ECONNRESET'})); });
  }

  /** The first fault counts. */
  fail(fault: unknown): void {
    if (this.#ended || this.#failed) return;
    this.#failed = true;
    this.#fault = fault;
    this.#stir();
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    for (;;) {
      if (this.#failed) {
        await this.#finish();
        throw this.#fault;
      }
      const chunk = this.#closed === undefined ? this.#reply.read() as Buffer | null : null;
      if (chunk !== null) return {value: chunk, done: false};
      if (this.#ended || this.#closed !== undefined) {
        await this.#finish();
        return {value: undefined, done: true};
      }
      await new Promise<void>((resolve) => { this.#wake = resolve; });
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    await this.#finish();
    return {value: undefined, done: true};
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #finish(): Promise<void> {
    return this.#closed ??= this.#close();
  }

  #stir(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
