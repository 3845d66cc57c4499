import type {Writable} from 'node:stream';
import type {WriterStart} from '../core/contract.js';
import {DownloadError, WriterError} from '../core/errors.js';
import {messageOf} from '../core/foreign-error.js';
import {misuse, onlyKeys} from '../core/options.js';
import {BaseWriter} from './base-writer.js';

/** How a StreamWriter is made. */
export interface StreamWriterOptions {
  /** `false`: the stream is left open, after success and after failure (for process.stdout). @default true */
  end?: boolean | undefined;
}

interface Waiting {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: DownloadError) => void;
}

/**
 * Hands the bytes to a stream, at its pace: an HTTP response, a socket, a decompressor, stdout. What was handed over
 * can't be taken back, so a download starts again only while nothing was. When it fails, the stream is destroyed with
 * the error, so that half a body never looks whole (with `end: false` the stream is left as it is).
 */
export class StreamWriter extends BaseWriter {
  readonly #stream: Writable;
  readonly #end: boolean;
  #released = 0;
  #attached = false;
  #closing = false;
  #over = false;
  /** Whether the stream told that it is closed. */
  #gone = false;
  #fault: DownloadError | undefined;
  #waiting: Waiting | undefined;
  /** Chunks that the stream took and has not written yet; counted only when nobody ends the stream. */
  #unwritten = 0;

  /** @throws TypeError naming the option */
  constructor(stream: Writable, options: StreamWriterOptions = {}) {
    super();
    onlyKeys('StreamWriter', options, ['end']);
    if (typeof (stream as Partial<Writable> | null | undefined)?.write !== 'function' || typeof stream.on !== 'function') {
      throw misuse('stream', stream, 'a writable stream of node');
    }
    if (options.end !== undefined && typeof options.end !== 'boolean') throw misuse('end', options.end, 'true or false');
    this.#stream = stream;
    this.#end = options.end ?? true;
  }

  /** The bytes handed over. */
  override get floor(): number {
    return this.#released;
  }

  /** @throws WriterError when the stream takes nothing any more */
  prepare(_start: WriterStart): void {
    this.#attach();
  }

  /** @throws WriterError when the stream takes nothing any more */
  override open(): void {
    this.#attach();
  }

  append(chunk: Uint8Array): void | Promise<void> {
    this.#check();
    if (chunk.byteLength === 0) return undefined;
    this.#released += chunk.byteLength;
    if (this.#write(chunk)) return undefined;
    return this.#wait();
  }

  /** Ends the stream and waits for its `finish`; with `end: false`, until it has written everything. @throws WriterError */
  async close(): Promise<void> {
    this.#check();
    this.#closing = true;
    if (this.#end) {
      this.#stream.end();
      await this.#wait();
    } else if (this.#unwritten > 0) {
      await this.#wait();
    }
    this.#over = true;
    this.#detach();
  }

  override discard({error}: {readonly error: DownloadError}): void {
    if (this.#over) return;
    this.#over = true;
    this.#fail(error);
    this.#detach();
    if (!this.#end || this.#gone) return;
    const stream = this.#stream;
    if (!this.#attached && stream.destroyed) return;
    // Its error may have no other listener, and would end the process then; it comes before `close`.
    const swallow = (): void => undefined;
    stream.on('error', swallow).once('close', () => { stream.removeListener('error', swallow); });
    stream.destroy(error);
  }

  #write(chunk: Uint8Array): boolean {
    if (this.#end) return this.#stream.write(chunk);
    this.#unwritten++;
    return this.#stream.write(chunk, this.#onWritten);
  }

  #wait(): Promise<void> {
    if (this.#fault !== undefined) return Promise.reject(this.#fault);
    this.#waiting ??= waiting();
    return this.#waiting.promise;
  }

  #check(): void {
    if (this.#fault !== undefined) throw this.#fault;
    if (this.#over) throw new TypeError('append: expected a StreamWriter that is open, it is closed');
  }

  #attach(): void {
    const stream = this.#stream;
    if (stream.destroyed || stream.writableEnded) {
      throw new WriterError('the stream is closed already', undefined, {cause: stream.errored ?? undefined});
    }
    if (this.#attached) return;
    this.#attached = true;
    stream.on('error', this.#onError).on('close', this.#onClose).on('drain', this.#onDrain).on('finish', this.#onFinish);
  }

  #detach(): void {
    this.#stream.removeListener('error', this.#onError).removeListener('close', this.#onClose)
      .removeListener('drain', this.#onDrain).removeListener('finish', this.#onFinish);
  }

  #proceed(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve();
  }

  #fail(error: DownloadError): void {
    this.#fault ??= error;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(this.#fault);
  }

  readonly #onError = (error: unknown): void => {
    if (error instanceof DownloadError) this.#fail(error);
    else this.#fail(new WriterError(`the stream failed: ${messageOf(error)}`, undefined, {cause: error}));
  };

  readonly #onClose = (): void => {
    this.#gone = true;
    this.#fail(new WriterError(`the stream was closed after ${this.#released} bytes, before its end`));
  };

  readonly #onDrain = (): void => {
    if (!this.#closing) this.#proceed();
  };

  readonly #onFinish = (): void => {
    if (this.#closing) this.#proceed();
    else this.#fail(new WriterError('the stream was ended by somebody else'));
  };

  readonly #onWritten = (): void => {
    this.#unwritten--;
    if (this.#closing && this.#unwritten === 0) this.#proceed();
  };
}

function waiting(): Waiting {
  let resolve: Waiting['resolve'] = () => undefined;
  let reject: Waiting['reject'] = () => undefined;
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return {promise, resolve, reject};
}
