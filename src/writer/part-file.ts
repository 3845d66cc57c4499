import {randomUUID} from 'node:crypto';
import {basename, dirname, join} from 'node:path';
import type {Disk, DiskFile} from '../core/disk.js';
import {LONGEST_NAME, truncateBytes} from '../core/file-name.js';
import {diskFault, onDisk, systemCode} from './disk-fault.js';

/** How often a random name may be taken already before it can't be chance. */
const TRIES = 8;

/** The file that takes the bytes beside the target until they are published: `.name.<12 hex digits>.part`. */
export class PartFile {
  readonly path: string;
  readonly #disk: Disk;
  readonly #file: DiskFile;
  #open = true;
  #size = 0;

  private constructor(disk: Disk, path: string, file: DiskFile) {
    this.#disk = disk;
    this.path = path;
    this.#file = file;
  }

  /** Makes a new one beside the target; never opens what is there. @throws WriterError */
  static async create(disk: Disk, target: string, mode: number): Promise<PartFile> {
    for (let n = 1; ; n++) {
      const path = join(dirname(target), partName(basename(target)));
      try {
        return new PartFile(disk, path, await disk.create(path, mode));
      } catch (error) {
        if (systemCode(error) !== 'EEXIST' || n === TRIES) throw diskFault(error, 'create', path);
      }
    }
  }

  /** Opens what an earlier run left, cut off after `size` bytes; links are not followed. @throws WriterError */
  static async adopt(disk: Disk, path: string, size: number): Promise<PartFile> {
    const part = new PartFile(disk, path, await onDisk(disk.open(path, size), 'open', path));
    part.#size = size;
    return part;
  }

  /** Takes away what an earlier run left. @throws WriterError unless it is gone already */
  static async removeAt(disk: Disk, path: string): Promise<void> {
    try {
      await disk.unlink(path);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw diskFault(error, 'remove', path);
    }
  }

  /** Bytes written and not cut off. */
  get size(): number {
    return this.#size;
  }

  async write(buffers: readonly Uint8Array[]): Promise<void> {
    await onDisk(this.#file.write(buffers), 'write', this.path);
    for (const buffer of buffers) this.#size += buffer.byteLength;
  }

  /** Puts the bytes at `offset`; the end moves behind them or stays. */
  async writeAt(offset: number, bytes: Uint8Array): Promise<void> {
    await onDisk(this.#file.write([bytes], offset), 'write', this.path);
    this.#size = Math.max(this.#size, offset + bytes.byteLength);
  }

  async truncate(size: number): Promise<void> {
    await onDisk(this.#file.truncate(size), 'truncate', this.path);
    this.#size = size;
  }

  async chmod(mode: number): Promise<void> {
    await onDisk(this.#file.chmod(mode), 'change the mode of', this.path);
  }

  async sync(): Promise<void> {
    await onDisk(this.#file.sync(), 'sync', this.path);
  }

  /** Idempotent: a handle is closed once, even when the system says that closing failed. */
  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await onDisk(this.#file.close(), 'close', this.path);
  }

  /** Closes it and takes its name away. @throws WriterError unless it is gone already */
  async remove(): Promise<void> {
    try {
      await this.close();
    } catch {
      // The bytes are unwanted, so it doesn't matter whether they reached the disk.
    }
    await PartFile.removeAt(this.#disk, this.path);
  }
}

/** Whether a file name is one that parts have. */
export function isPartName(name: string): boolean {
  return /^\.[^/\\\0]{1,240}\.[0-9a-f]{12}\.part$/.test(name);
}

function partName(name: string): string {
  const tail = `.${randomUUID().slice(-12)}.part`;
  return `.${truncateBytes(name, LONGEST_NAME - tail.length - 1)}${tail}`;
}
