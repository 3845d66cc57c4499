import * as fs from 'node:fs';
import {diskFault} from '../writer/disk-fault.js';

/** A file that is read at any place, by many at once, also while it grows. The Disk port has no call for it. */
export class OpenFile {
  readonly #descriptor: number;
  readonly #path: string;
  #users = 1;

  private constructor(descriptor: number, path: string) {
    this.#descriptor = descriptor;
    this.#path = path;
  }

  /** @throws WriterError */
  static async open(path: string): Promise<OpenFile> {
    return new Promise((resolve, reject) => {
      fs.open(path, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW, (error, descriptor) => {
        if (error === null) resolve(new OpenFile(descriptor, path));
        else reject(diskFault(error, 'open', path));
      });
    });
  }

  /** At most `size` bytes from `at` on; none at the end. `into`: where to, at least as large. @throws WriterError */
  async read(at: number, size: number, into?: Buffer): Promise<Buffer> {
    const buffer = into ?? Buffer.allocUnsafe(size);
    return new Promise((resolve, reject) => {
      fs.read(this.#descriptor, buffer, 0, size, at, (error, got) => {
        if (error === null) resolve(buffer.subarray(0, got));
        else reject(diskFault(error, 'read', this.#path));
      });
    });
  }

  /** Bytes. @throws WriterError */
  async size(): Promise<number> {
    return new Promise((resolve, reject) => {
      fs.fstat(this.#descriptor, (error, stat) => {
        if (error === null) resolve(stat.size);
        else reject(diskFault(error, 'look at', this.#path));
      });
    });
  }

  /** One more who must let go before it is closed. */
  hold(): void {
    this.#users++;
  }

  /** Closed when the last one lets go. */
  release(): void {
    if (--this.#users === 0) fs.close(this.#descriptor, () => undefined);
  }
}
