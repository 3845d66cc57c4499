import type {Stats} from 'node:fs';
import type {FileHandle} from 'node:fs/promises';
import {Interrupted, type DownloadError} from '../core/errors.js';

/** Which bytes of which file. */
export interface FilePart {
  readonly start: number;
  readonly length: number;
  /** The file as it was when it was opened. */
  readonly opened: Stats;
  readonly url: string;
  /** Makes the fault of a failed read. */
  readonly fault: (cause: unknown, url: string) => DownloadError;
}

const CHUNK = 256 * 1024;

/**
 * The bytes of an open file, which it closes at the end, at a fault and at `return()`, whichever comes first: also when
 * nobody ever read. A file whose size or time of change is another at the end was written meanwhile, and what was read
 * may be a mixture.
 */
export class FileBody implements AsyncIterableIterator<Uint8Array> {
  readonly #handle: FileHandle;
  readonly #part: FilePart;
  #read = 0;
  #closed: Promise<void> | undefined;

  constructor(handle: FileHandle, part: FilePart) {
    this.#handle = handle;
    this.#part = part;
  }

  /** @throws Interrupted when the file changed; DownloadFailed when it can't be read */
  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#closed !== undefined) return this.return();
    try {
      const left = this.#part.length - this.#read;
      const {bytesRead, buffer} = left === 0 ? NOTHING
        : await this.#handle.read({buffer: Buffer.allocUnsafe(Math.min(CHUNK, left)), position: this.#part.start + this.#read});
      this.#read += bytesRead;
      if (bytesRead > 0) return {value: buffer.subarray(0, bytesRead), done: false};
      await this.#checkUnchanged();
    } catch (thrown) {
      await this.#close();
      throw thrown instanceof Interrupted ? thrown : this.#part.fault(thrown, this.#part.url);
    }
    return this.return();
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    await this.#close();
    return {value: undefined, done: true};
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #checkUnchanged(): Promise<void> {
    const {opened, length, url} = this.#part;
    const now = await this.#handle.stat();
    if (now.size === opened.size && now.mtimeMs === opened.mtimeMs) return;
    throw new Interrupted(`the file was changed while it was read: ${url}`, length, this.#read, {url});
  }

  #close(): Promise<void> {
    return this.#closed ??= this.#handle.close();
  }
}

const NOTHING = {bytesRead: 0, buffer: Buffer.alloc(0)};
