import {constants} from 'node:fs';
import * as fs from 'node:fs/promises';

/** What is at a path. */
export interface DiskEntry {
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  readonly size: number;
  readonly mode: number;
  /** Epoch ms. */
  readonly modified: number;
}

/** An open file. */
export interface DiskFile {
  /** Appends all buffers, whole. */
  write(buffers: readonly Uint8Array[]): Promise<void>;
  /** Cuts the file to `size`; the next write goes there. */
  truncate(size: number): Promise<void>;
  chmod(mode: number): Promise<void>;
  /** Waits until data and size are on the medium. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The one way to the file system, so that a spec can fail any call, or replay the log and drop what was not synced
 * (what a power cut does). All paths are absolute. Rejections are node's, with their codes.
 */
export interface Disk {
  /** Opens a new file for writing: O_EXCL | O_NOFOLLOW. */
  create(path: string, mode: number): Promise<DiskFile>;
  /** What is there, links not followed; undefined when nothing is. */
  stat(path: string): Promise<DiskEntry | undefined>;
  realPath(path: string): Promise<string>;
  /** Checks that the process may write into the folder. */
  checkWritable(folder: string): Promise<void>;
  /** Makes one folder. */
  makeFolder(path: string): Promise<void>;
  removeFolder(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** A second name for the file; fails with EEXIST instead of replacing. */
  link(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** Copies into a new file. */
  copy(from: string, to: string): Promise<void>;
  /** Waits until the names in the folder are on the medium. */
  syncFolder(path: string): Promise<void>;
  read(path: string): AsyncIterable<Uint8Array>;
}

const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** The machine's disk. */
export class SystemDisk implements Disk {
  async create(path: string, mode: number): Promise<DiskFile> {
    return new SystemFile(await fs.open(path, NEW_FILE, mode));
  }

  async stat(path: string): Promise<DiskEntry | undefined> {
    try {
      const stat = await fs.lstat(path);
      const kind = stat.isFile() ? 'file' : stat.isDirectory() ? 'folder' : stat.isSymbolicLink() ? 'link' : 'other';
      return {kind, size: stat.size, mode: stat.mode & 0o7777, modified: stat.mtimeMs};
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  realPath(path: string): Promise<string> {
    return fs.realpath(path);
  }

  checkWritable(folder: string): Promise<void> {
    return fs.access(folder, constants.W_OK | constants.X_OK);
  }

  makeFolder(path: string): Promise<void> {
    return fs.mkdir(path);
  }

  removeFolder(path: string): Promise<void> {
    return fs.rmdir(path);
  }

  rename(from: string, to: string): Promise<void> {
    return fs.rename(from, to);
  }

  link(from: string, to: string): Promise<void> {
    return fs.link(from, to);
  }

  unlink(path: string): Promise<void> {
    return fs.unlink(path);
  }

  copy(from: string, to: string): Promise<void> {
    return fs.copyFile(from, to, constants.COPYFILE_EXCL);
  }

  async syncFolder(path: string): Promise<void> {
    const folder = await fs.open(path, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  async *read(path: string): AsyncIterable<Uint8Array> {
    const file = await fs.open(path, constants.O_RDONLY);
    try {
      for (;;) {
        const {bytesRead, buffer} = await file.read({buffer: Buffer.allocUnsafe(READ_SIZE), position: null});
        if (bytesRead === 0) return;
        yield buffer.subarray(0, bytesRead);
      }
    } finally {
      await file.close();
    }
  }
}

const READ_SIZE = 256 * 1024;

class SystemFile implements DiskFile {
  readonly #handle: fs.FileHandle;
  #position = 0;

  constructor(handle: fs.FileHandle) {
    this.#handle = handle;
  }

  async write(buffers: readonly Uint8Array[]): Promise<void> {
    let rest = [...buffers];
    while (rest.length > 0) {
      const {bytesWritten} = await this.#handle.writev(rest, this.#position);
      this.#position += bytesWritten;
      rest = after(rest, bytesWritten);
    }
  }

  async truncate(size: number): Promise<void> {
    await this.#handle.truncate(size);
    this.#position = size;
  }

  chmod(mode: number): Promise<void> {
    return this.#handle.chmod(mode);
  }

  sync(): Promise<void> {
    return this.#handle.datasync();
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

/** What is left of the buffers after a short write. */
function after(buffers: readonly Uint8Array[], written: number): Uint8Array[] {
  let skip = written;
  const rest: Uint8Array[] = [];
  for (const buffer of buffers) {
    if (skip >= buffer.byteLength) {
      skip -= buffer.byteLength;
      continue;
    }
    rest.push(skip === 0 ? buffer : buffer.subarray(skip));
    skip = 0;
  }
  return rest;
}
