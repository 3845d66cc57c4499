import {constants, type Stats} from 'node:fs';
import {open, readlink, realpath, stat, type FileHandle} from 'node:fs/promises';
import {isAbsolute, sep} from 'node:path';
import {fileURLToPath} from 'node:url';
import type {Reply} from '../core/contract.js';
import {DownloadError, DownloadFailed, NotAuthorized, NotFound, PolicyRefused} from '../core/errors.js';
import {errorCode, messageOf} from '../core/foreign-error.js';
import {misuse} from '../core/options.js';
import type {Attempt} from './attempt.js';
import {checkRange, type ByteRange} from './byte-range.js';
import {Download} from './download.js';
import {DOWNLOAD_OPTIONS, type DownloadOptions} from './download-options.js';
import {FileBody} from './file-body.js';

/** What a FileDownload is made with, beside what every download is. */
export interface FileDownloadOptions<A = unknown> extends DownloadOptions<A> {
  /** Folders, absolute; the file's real path must be under one of them. @default any path */
  roots?: readonly string[] | undefined;
  /** A part of the file. @default the whole */
  range?: ByteRange | undefined;
}

/**
 * A download of a `file:` URL (RFC 8089), percent-decoded; symbolic links count where they lead. Only regular files are
 * opened; one that is changed while it is read is a fault.
 */
export class FileDownload<A = unknown> extends Download<A> {
  readonly #roots: readonly string[] | undefined;
  readonly #range: ByteRange;

  /** @throws TypeError, RangeError naming the option */
  constructor(options: FileDownloadOptions<A>) {
    super(options, [...DOWNLOAD_OPTIONS, 'roots', 'range'], ['file:']);
    for (const root of options.roots ?? []) {
      if (typeof root !== 'string' || !isAbsolute(root)) throw misuse('roots', root, 'an absolute path');
    }
    this.#roots = options.roots && [...options.roots];
    this.#range = checkRange(options.range ?? {start: 0});
  }

  protected override async send({url}: Attempt): Promise<Reply> {
    let handle: FileHandle | undefined;
    try {
      const path = await realpath(pathOf(url));
      await this.#checkRoots(path, url);
      // A look before the opening, since opening a device can do things; then what was opened counts.
      refuseOthers(await stat(path), url);
      handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
      const opened = await handle.stat();
      refuseOthers(opened, url);
      if (this.#roots !== undefined) await this.#checkRoots(await whereIs(handle, path), url);
      return this.#reply(handle, opened, url);
    } catch (thrown) {
      await handle?.close();
      throw thrown instanceof DownloadError ? thrown : fileFault(thrown, url);
    }
  }

  #reply(handle: FileHandle, opened: Stats, url: string): Reply {
    const {start, end = opened.size - 1} = this.#range;
    if (start > 0 && start >= opened.size) {
      throw new DownloadFailed(`range.start: expected less than ${opened.size}, the file's size, got ${start}: ${url}`, {url});
    }
    const length = Math.max(0, Math.min(end, opened.size - 1) - start + 1);
    return {
      status: 200, headers: {}, hops: [{url, status: 200}], url, offset: 0, length, framing: 'length',
      validators: {lastModified: opened.mtime.toUTCString()},
      body: new FileBody(handle, {start, length, opened, url, fault: fileFault}),
    };
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

function refuseOthers(entry: Stats, url: string): void {
  if (!entry.isFile()) throw new NotFound(`not a regular file: ${url}`, {status: 404}, {url});
}

function pathOf(url: string): string {
  try {
    return fileURLToPath(url);
  } catch (cause) {
    throw new PolicyRefused(`expected a file URL of this machine without encoded separators: ${url}`, {url, cause});
  }
}

/** Where the opened file is now: a folder on its path may have been exchanged since it was looked up. Linux knows, others don't say. */
async function whereIs(handle: FileHandle, path: string): Promise<string> {
  return process.platform === 'linux' ? readlink(`/proc/self/fd/${handle.fd}`).catch(() => path) : path;
}

function fileFault(cause: unknown, url: string): DownloadError {
  const code = errorCode(cause) ?? '';
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG' || code === 'ELOOP') {
    return new NotFound(`no such file (${code}): ${url}`, {status: 404}, {cause, url});
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new NotAuthorized(`the file may not be read (${code}): ${url}`, {status: 403}, {cause, url});
  }
  return new DownloadFailed(`the file can't be read (${messageOf(cause)}): ${url}`, {cause, url});
}
