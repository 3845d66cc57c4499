import {SystemDisk} from '../core/disk.js';
import type {Clock} from '../core/clock.js';
import {ContentLayout} from '../compose/content-layout.js';
import {ContentShelf, type Found} from '../compose/content-shelf.js';
import type {ContentStore} from '../compose/content-store.js';
import {systemCode} from '../writer/disk-fault.js';
import {OpenFile} from './open-file.js';

/** The shelf of a ContentStore, for readers that begin anywhere: what they read is not pruned. */
export class StreamShelf extends ContentShelf {
  readonly #readers = new Map<string, number>();

  /** Stands in the same folder as the store: any number of shelves may. */
  constructor({folder, algorithm, durability}: ContentStore, clock: Clock) {
    super({layout: new ContentLayout(folder), disk: new SystemDisk(), clock, durability, algorithm});
  }

  /** Opens a content and holds it until `release`; undefined when it is gone, or has another size. @throws WriterError */
  async open({path, entry}: Found): Promise<{readonly file: OpenFile; readonly release: () => void} | undefined> {
    this.#count(path, 1);
    try {
      const file = await OpenFile.open(path);
      if (await file.size() !== entry.size) {
        file.release();
        this.#count(path, -1);
        return undefined;
      }
      return {file, release: () => {
        file.release();
        this.#count(path, -1);
      }};
    } catch (error) {
      this.#count(path, -1);
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** A file in one read; undefined when it is gone, or has another size. @throws WriterError */
  async whole(path: string, size: number): Promise<Buffer | undefined> {
    this.#count(path, 1);
    try {
      const file = await OpenFile.open(path);
      try {
        // One byte more shows a file that is too long.
        const body = await file.read(0, size + 1);
        return body.byteLength === size ? body : undefined;
      } finally {
        file.release();
      }
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error;
    } finally {
      this.#count(path, -1);
    }
  }

  override isHeld(path: string): boolean {
    return this.#readers.has(path) || super.isHeld(path);
  }

  #count(path: string, by: 1 | -1): void {
    const readers = (this.#readers.get(path) ?? 0) + by;
    if (readers === 0) this.#readers.delete(path);
    else this.#readers.set(path, readers);
  }
}
