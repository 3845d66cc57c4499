import {dirname} from 'node:path';
import {diskFault, systemCode} from './disk-fault.js';
import type {Folders} from './folders.js';
import {PartFile} from './part-file.js';
import {WriteBehind} from './write-behind.js';

/** How a part is finished. */
export interface Finish {
  /** Permission bits. */
  readonly mode: number;
  /** Whether the bytes must reach the medium. */
  readonly sync: boolean;
}

/** Nobody else reads bytes that were not verified. */
const PRIVATE = 0o600;
/** How often a folder that others remove meanwhile is made again. */
const TRIES = 8;

/**
 * The bytes of a file before it is published: in memory, and in a part beside the target as soon as there are too many.
 * A body that was small enough to stay in memory costs the fewest calls: create, write, close.
 */
export class Staging {
  readonly #folders: Folders;
  readonly #target: string;
  readonly #bytes = new WriteBehind((buffers) => this.#write(buffers));
  readonly #made: string[] = [];
  #part: PartFile | undefined;
  #synced: string | undefined;
  #creating: Promise<void> | undefined;

  constructor(folders: Folders, target: string) {
    this.#folders = folders;
    this.#target = target;
  }

  async makeFolder(): Promise<void> {
    await this.#folders.make(dirname(this.#target), this.#made);
  }

  async createPart(): Promise<void> {
    this.#part ??= await this.#create(PRIVATE);
  }

  /** Goes on with a part that has bytes already. */
  adopt(part: PartFile): void {
    this.#part = part;
  }

  /** Begins again in a new part, so that what is said of the old one never gets mixed with other bytes. @throws WriterError */
  async restart(): Promise<void> {
    this.#bytes.clear();
    await this.#bytes.settle();
    this.#bytes.clear();
    const part = this.#part;
    this.#part = undefined;
    await part?.remove();
  }

  /** Puts everything so far on the medium. @returns the path of the part */
  async secure(): Promise<string> {
    // After `finish` the part is closed, and on the medium if it was to be.
    if (this.#synced !== undefined) return this.#synced;
    await this.#bytes.drain();
    const part = this.#part ??= await this.#create(PRIVATE);
    await part.sync();
    return part.path;
  }

  /** Ends writing and leaves the part where it is. */
  async close(): Promise<void> {
    await this.#part?.close();
  }

  append(chunk: Uint8Array): void | Promise<void> {
    return this.#bytes.push(chunk);
  }

  /** Puts bytes anywhere into the part, which gets everything appended first. */
  async writeAt(offset: number, bytes: Uint8Array): Promise<void> {
    await this.#bytes.drain();
    // Several callers may wait at once; one part is made.
    if (this.#part === undefined) await (this.#creating ??= this.createPart().finally(() => { this.#creating = undefined; }));
    await this.#part?.writeAt(offset, bytes);
  }

  async rewind(offset: number): Promise<void> {
    await this.#bytes.settle();
    const written = this.#part?.size ?? 0;
    if (offset > written) {
      this.#bytes.trim(offset - written);
      return;
    }
    await this.#part?.truncate(offset);
    this.#bytes.clear();
  }

  async *read(): AsyncIterable<Uint8Array> {
    await this.#bytes.settle();
    if (this.#part === undefined) {
      yield* this.#bytes.list();
      return;
    }
    await this.#bytes.drain();
    yield* this.#folders.read(this.#part.path);
  }

  /** Writes all, sets the mode, syncs and closes. @returns what is ready to be published */
  async finish({mode, sync}: Finish): Promise<PartFile> {
    await this.#bytes.settle();
    // A part that is created only now, after its bytes were verified, may have its final mode at once.
    const created = this.#part === undefined && (mode & this.#folders.umask) === 0 ? mode : PRIVATE;
    const part = this.#part ??= await this.#create(created);
    await this.#bytes.drain();
    if (created !== mode) await part.chmod(mode);
    if (sync) await part.sync();
    await part.close();
    this.#synced = sync ? part.path : undefined;
    return part;
  }

  /** Removes the part, and the folders that were made as far as they are empty. @throws WriterError */
  async discard(): Promise<void> {
    this.#bytes.clear();
    await this.#bytes.settle();
    await this.#creating?.catch(() => undefined);
    try {
      await this.#part?.remove();
    } finally {
      await this.#folders.remove(this.#made);
    }
  }

  async #write(buffers: readonly Uint8Array[]): Promise<void> {
    this.#part ??= await this.#create(PRIVATE);
    await this.#part.write(buffers);
  }

  /** Another download that failed may have removed a folder that it had made; then it is made again. */
  async #create(mode: number): Promise<PartFile> {
    for (let n = 1; ; n++) {
      try {
        return await PartFile.create(this.#folders.disk, this.#target, mode);
      } catch (error) {
        if (systemCode(error) !== 'ENOENT' || n === TRIES) throw diskFault(error, 'create', this.#target);
      }
      await this.makeFolder();
    }
  }
}
