import type {IncomingMessage} from 'node:http';
import type {DownloadError} from '../core/errors.js';
import {errorCode} from '../core/foreign-error.js';
import {bodyFault} from './http-faults.js';

/**
 * A reply's body, pulled: the next chunk is read when it is asked for, so a slow sink slows the socket. Ends normally
 * only at the end of a whole message; otherwise throws what broke it. `return()` closes it at any point.
 */
export class HttpBody implements AsyncIterableIterator<Uint8Array> {
  readonly #reply: IncomingMessage;
  readonly #url: string;
  readonly #close: () => Promise<void>;
  #wake: (() => void) | undefined;
  #closed: Promise<void> | undefined;
  #fault: DownloadError | undefined;
  #received = 0;

  /** `url` is for messages; `close` ends the exchange and is called once. */
  constructor(reply: IncomingMessage, url: string, close: () => Promise<void>) {
    this.#reply = reply;
    this.#url = url;
    this.#close = close;
    const stir = (): void => { this.#stir(); };
    reply.on('readable', stir);
    reply.once('end', stir);
    reply.once('error', (error) => { this.fail(error); });
    reply.once('close', () => { if (!reply.readableEnded) this.fail(Object.assign(new Error('aborted'), {code: 'ECONNRESET'})); });
  }

  /** Ends it with a fault; the first one counts. A connection that breaks after the whole message came is none. */
  fail(cause: unknown): void {
    const {readableEnded, complete, headers} = this.#reply;
    if (readableEnded || this.#closed !== undefined || this.#fault !== undefined) return;
    // A body framed by the connection's end is `complete` after any end, a reset too.
    const framed = headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
    if (complete && framed && errorCode(cause) === 'ECONNRESET') return;
    this.#fault = bodyFault(cause, this.#url, this.#received, headers['content-length']);
    this.#stir();
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    for (;;) {
      // What came before the connection broke is good, and may be continued.
      const chunk = this.#closed === undefined ? this.#reply.read() as Buffer | null : null;
      if (chunk !== null) {
        this.#received += chunk.byteLength;
        return {value: chunk, done: false};
      }
      if (this.#fault !== undefined) {
        await this.#finish();
        throw this.#fault;
      }
      if (this.#reply.readableEnded || this.#closed !== undefined) return this.return();
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
    this.#closed ??= this.#close();
    this.#stir();
    return this.#closed;
  }

  #stir(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
