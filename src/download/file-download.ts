import {constants} from 'node:fs';
import {open, realpath, type FileHandle} from 'node:fs/promises';
import {isAbsolute, sep} from 'node:path';
import {fileURLToPath} from 'node:url';
import type {Reply} from '../core/contract.js';
import {DownloadFailed, NotAuthorized, NotFound, PolicyRefused, type DownloadError} from '../core/errors.js';
import {errorCode, messageOf} from '../core/foreign-error.js';
import {misuse, onlyKeys, wholeNumber} from '../core/options.js';
import type {Attempt} from './attempt.js';
import {Download} from './download.js';
import {DOWNLOAD_OPTIONS, type DownloadOptions} from './download-options.js';

/** Bytes `start` to `end`, both included; without `end` to the end of the file. */
export interface ByteRange {
  start: number;
  end?: number | undefined;
}

/** What a FileDownload is made with, beside what every download is. */
export interface FileDownloadOptions<A = unknown> extends DownloadOptions<A> {
  /** Folders, absolute; the file's real path must be under one of them. @default any path */
  roots?: readonly string[] | undefined;
  /** A part of the file. @default the whole */
  range?: ByteRange | undefined;
}

const CHUNK = 256 * 1024;

/** A download of a `file:` URL (RFC 8089), percent-decoded; symbolic links count where they lead. */
export class FileDownload<A = unknown> extends Download<A> {
  readonly #roots: readonly string[] | undefined;
  readonly #range: ByteRange;

  /** @throws TypeError, RangeError naming the option */
  constructor(options: FileDownloadOptions<A>) {
    super(options, [...DOWNLOAD_OPTIONS, 'roots', 'range'], ['file:']);
    for (const root of options.roots ?? []) if (!isAbsolute(root)) throw misuse('roots', root, 'an absolute path');
    const range = options.range ?? {start: 0};
    onlyKeys('range', range, ['start', 'end']);
    wholeNumber('range.start', range.start, 0);
    if (range.end !== undefined) wholeNumber('range.end', range.end, range.start);
    this.#roots = options.roots;
    this.#range = Object.freeze({...range});
  }

  protected override async send(attempt: Attempt): Promise<Reply> {
    const path = pathOf(attempt.url);
    const real = await realpath(path).catch((cause: unknown) => { throw fileFault(cause, attempt.url); });
    await this.#checkRoots(real, attempt.url);
    const file = await open(real, constants.O_RDONLY | constants.O_NONBLOCK).catch((cause: unknown) => { throw fileFault(cause, attempt.url); });
    try {
      const stat = await file.stat();
      if (!stat.isFile()) throw new NotFound(`not a file: ${attempt.url}`, {status: 404}, {url: attempt.url});
      const {start, end = stat.size - 1} = this.#range;
      if (start > 0 && start >= stat.size) {
        throw new DownloadFailed(`range.start: expected less than ${stat.size}, the file's size, got ${start}: ${attempt.url}`, {url: attempt.url});
      }
      const length = Math.max(0, Math.min(end, stat.size - 1) - start + 1);
      return {
        status: 200, headers: {}, hops: [{url: attempt.url, status: 200}], url: attempt.url, offset: 0, length, framing: 'length',
        validators: {lastModified: stat.mtime.toUTCString()}, body: read(file, start, length, attempt),
      };
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async #checkRoots(real: string, url: string): Promise<void> {
    if (this.#roots === undefined) return;
    for (const root of this.#roots) {
      const top = await realpath(root).catch(() => undefined);
      if (top !== undefined && (real === top || real.startsWith(top.endsWith(sep) ? top : top + sep))) return;
    }
    throw new PolicyRefused(`the file is not under any of the allowed roots: ${url}`, {url});
  }
}

function pathOf(url: string): string {
  try {
    return fileURLToPath(url);
  } catch (cause) {
    throw new PolicyRefused(`expected a file URL of this machine without encoded separators: ${url}`, {url, cause});
  }
}

/** Reads exactly `length` bytes; a file that shrank meanwhile ends early, which the length check finds. */
async function *read(file: FileHandle, start: number, length: number, attempt: Attempt): AsyncGenerator<Uint8Array> {
  try {
    for (let at = start, left = length; left > 0;) {
      attempt.signal.throwIfAborted();
      const {bytesRead, buffer} = await file.read({buffer: Buffer.allocUnsafe(Math.min(CHUNK, left)), position: at});
      if (bytesRead === 0) return;
      at += bytesRead;
      left -= bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } catch (thrown) {
    throw attempt.signal.aborted ? thrown : fileFault(thrown, attempt.url);
  } finally {
    await file.close();
  }
}

function fileFault(cause: unknown, url: string): DownloadError {
  const code = errorCode(cause) ?? '';
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG' || code === 'ELOOP') {
    return new NotFound(`no such file (${code}): ${url}`, {status: 404}, {cause, url});
  }
  if (code === 'EACCES' || code === 'EPERM') return new NotAuthorized(`the file may not be read (${code}): ${url}`, {status: 403}, {cause, url});
  return new DownloadFailed(`the file can't be read (${messageOf(cause)}): ${url}`, {cause, url});
}
