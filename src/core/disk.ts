import * as fs from 'node:fs';

/** What is at a path. */
export interface DiskEntry {
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  readonly size: number;
  readonly mode: number;
  /** Epoch ms. */
  readonly modified: number;
  /** How many names the file has; undefined where that is not known. */
  readonly links?: number | undefined;
  /** The user's number; undefined where files have none. */
  readonly owner?: number | undefined;
}

/** An open file. */
export interface DiskFile {
  /** Appends all buffers, whole; with `at` they go there, and the end stays where it is or moves behind them. */
  write(buffers: readonly Uint8Array[], at?: number): Promise<void>;
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
  /** Opens a file that is there for writing, its end at `size`, where it is cut off: O_NOFOLLOW. */
  open(path: string, size: number): Promise<DiskFile>;
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
  /** Waits until the names in the folder are on the medium. */
  syncFolder(path: string): Promise<void>;
  /** The bytes of a file, or its first `size` ones. */
  read(path: string, size?: number): AsyncIterable<Uint8Array>;
  /** The names in the folder, in no order; only `sweepParts` asks. */
  listFolder?(folder: string): Promise<string[]>;
}

const {constants} = fs;
const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY;
const READ_SIZE = 256 * 1024;

/** The machine's disk, by node's callbacks: its promises cost twice as much for a small file (performance, docs/decisions). */
export class SystemDisk implements Disk {
  async create(path: string, mode: number): Promise<DiskFile> {
    return new SystemFile(await call<number>((done) => { fs.open(path, NEW_FILE, mode, done); }));
  }

  async open(path: string, size: number): Promise<DiskFile> {
    const file = new SystemFile(await call<number>((done) => { fs.open(path, constants.O_WRONLY | constants.O_NOFOLLOW, done); }));
    try {
      await file.truncate(size);
      return file;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  stat(path: string): Promise<DiskEntry | undefined> {
    return new Promise((resolve, reject) => {
      fs.lstat(path, (error, stat) => {
        if (error === null) resolve(entryOf(stat));
        else if (error.code === 'ENOENT') resolve(undefined);
        else reject(error);
      });
    });
  }

  realPath(path: string): Promise<string> {
    return call((done) => { fs.realpath(path, done); });
  }

  checkWritable(folder: string): Promise<void> {
    return call((done) => { fs.access(folder, constants.W_OK | constants.X_OK, done); });
  }

  makeFolder(path: string): Promise<void> {
    return call((done) => { fs.mkdir(path, done); });
  }

  removeFolder(path: string): Promise<void> {
    return call((done) => { fs.rmdir(path, done); });
  }

  rename(from: string, to: string): Promise<void> {
    return call((done) => { fs.rename(from, to, done); });
  }

  link(from: string, to: string): Promise<void> {
    return call((done) => { fs.link(from, to, done); });
  }

  unlink(path: string): Promise<void> {
    return call((done) => { fs.unlink(path, done); });
  }

  async syncFolder(path: string): Promise<void> {
    const folder = await call<number>((done) => { fs.open(path, FOLDER, done); });
    try {
      await call((done) => { fs.fsync(folder, done); });
    } finally {
      await call((done) => { fs.close(folder, done); });
    }
  }

  async *read(path: string, limit = Infinity): AsyncIterable<Uint8Array> {
    const file = await call<number>((done) => { fs.open(path, constants.O_RDONLY, done); });
    try {
      for (let left = limit; left > 0;) {
        const buffer = Buffer.allocUnsafe(Math.min(READ_SIZE, left));
        const size = await call<number>((done) => { fs.read(file, buffer, 0, buffer.byteLength, null, done); });
        if (size === 0) return;
        left -= size;
        yield buffer.subarray(0, size);
      }
    } finally {
      await call((done) => { fs.close(file, done); });
    }
  }

  listFolder(folder: string): Promise<string[]> {
    return call((done) => { fs.readdir(folder, done); });
  }
}

/** A file of the machine's, closed once: a number that is closed twice could be somebody else's by then. */
class SystemFile implements DiskFile {
  #descriptor: number | undefined;
  #position = 0;
  #busy = 0;
  #idle: (() => void) | undefined;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  async write(buffers: readonly Uint8Array[], at?: number): Promise<void> {
    let position = at ?? this.#position;
    for (let rest = buffers; rest.length > 0;) {
      const [first] = rest;
      const written = await this.#use<number>((descriptor, done) => {
        if (rest.length === 1 && first !== undefined) fs.write(descriptor, first, 0, first.byteLength, position, done);
        else fs.writev(descriptor, rest, position, done);
      });
      position += written;
      this.#position = at === undefined ? position : Math.max(this.#position, position);
      rest = after(rest, written);
    }
  }

  async truncate(size: number): Promise<void> {
    await this.#use((descriptor, done) => { fs.ftruncate(descriptor, size, done); });
    this.#position = size;
  }

  chmod(mode: number): Promise<void> {
    return this.#use((descriptor, done) => { fs.fchmod(descriptor, mode, done); });
  }

  sync(): Promise<void> {
    return this.#use((descriptor, done) => { fs.fdatasync(descriptor, done); });
  }

  /** Waits for what is under way, then closes; idempotent. */
  async close(): Promise<void> {
    const descriptor = this.#descriptor;
    if (descriptor === undefined) return;
    this.#descriptor = undefined;
    if (this.#busy > 0) await new Promise<void>((resolve) => { this.#idle = resolve; });
    await call((done) => { fs.close(descriptor, done); });
  }

  async #use<T = void>(work: (descriptor: number, done: Done<T>) => void): Promise<T> {
    const descriptor = this.#descriptor;
    if (descriptor === undefined) throw Object.assign(new Error('EBADF: the file is closed'), {code: 'EBADF'});
    this.#busy++;
    try {
      return await call<T>((done) => { work(descriptor, done); });
    } finally {
      if (--this.#busy === 0) this.#idle?.();
    }
  }
}

type Done<T> = (error: NodeJS.ErrnoException | null, value?: T) => void;

function call<T = void>(work: (done: Done<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    work((error, value) => {
      if (error === null) resolve(value as T);
      else reject(error);
    });
  });
}

function entryOf(stat: fs.Stats): DiskEntry {
  const kind = stat.isFile() ? 'file' : stat.isDirectory() ? 'folder' : stat.isSymbolicLink() ? 'link' : 'other';
  const owner = process.geteuid === undefined ? undefined : stat.uid;
  return {kind, size: stat.size, mode: stat.mode & 0o7777, modified: stat.mtimeMs, links: stat.nlink, owner};
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
