import {dirname} from 'node:path';
import type {Disk, DiskFile} from '../core/disk.js';
import type {DownloadError} from '../core/errors.js';
import {diskFault, onDisk} from '../writer/disk-fault.js';

/**
 * Appends lines to a file. Each is on the medium when its promise resolves; those that come while a sync runs share the
 * next one. After a fault nothing more is written: a line in the middle would be broken.
 */
export class LineLog {
  readonly path: string;
  readonly #file: DiskFile;
  #lines: Buffer[] = [];
  #next: Promise<void> | undefined;
  #last: Promise<void> = Promise.resolve();
  #fault: DownloadError | undefined;

  private constructor(path: string, file: DiskFile) {
    this.path = path;
    this.#file = file;
  }

  /**
   * Opens a file, or makes it.
   *
   * @param size where the first line goes; what stands behind is dropped. @default the end of the file
   * @throws WriterError
   */
  static async open(disk: Disk, path: string, size?: number): Promise<LineLog> {
    const there = await onDisk(disk.stat(path), 'look at', path);
    if (there !== undefined) return new LineLog(path, await onDisk(disk.open(path, size ?? there.size), 'open', path));
    const file = await onDisk(disk.create(path, 0o666), 'create', path);
    try {
      await onDisk(disk.syncFolder(dirname(path)), 'sync the folder of', path);
      return new LineLog(path, file);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Adds a line; its end is added too. @throws WriterError */
  append(line: string): Promise<void> {
    this.#lines.push(Buffer.from(`${line}\n`));
    if (this.#next !== undefined) return this.#next;
    const turn = this.#last.then(() => this.#flush());
    this.#last = turn.catch(() => undefined);
    return this.#next = turn;
  }

  /** Waits for what is under way, then closes. @throws WriterError when a line could not be written */
  async close(): Promise<void> {
    await this.#last;
    await onDisk(this.#file.close(), 'close', this.path);
    if (this.#fault !== undefined) throw this.#fault;
  }

  async #flush(): Promise<void> {
    const lines = this.#lines;
    this.#lines = [];
    this.#next = undefined;
    if (this.#fault !== undefined) throw this.#fault;
    try {
      await this.#file.write(lines);
      await this.#file.sync();
    } catch (error) {
      throw this.#fault = diskFault(error, 'write', this.path);
    }
  }
}
