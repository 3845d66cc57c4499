import {ChunkList} from './chunk-list.js';

/** So many bytes are gathered before they are written. */
export const GATHERED_BYTES = 1024 * 1024;
/** The most buffers that one writev takes on every system. */
const GATHERED_CHUNKS = 1024;

/**
 * Gathers chunks and writes them in large pieces, one piece behind the caller: while a piece is being written the next
 * one is gathered, and only a caller who fills that one too has to wait. So at most two pieces are in memory. A fault
 * of writing is thrown at the next call.
 */
export class WriteBehind {
  readonly #write: (buffers: readonly Uint8Array[]) => Promise<void>;
  readonly #gathered = new ChunkList();
  #writing: Promise<void> | undefined;
  #fault: {readonly error: unknown} | undefined;

  constructor(write: (buffers: readonly Uint8Array[]) => Promise<void>) {
    this.#write = write;
  }

  push(chunk: Uint8Array): void | Promise<void> {
    this.#raise();
    this.#gathered.push(chunk);
    if (this.#gathered.size < GATHERED_BYTES && this.#gathered.count < GATHERED_CHUNKS) return undefined;
    if (this.#writing !== undefined) return this.flush();
    this.#start();
    return undefined;
  }

  /** Waits for the piece that is being written, then starts to write what is gathered. */
  async flush(): Promise<void> {
    // Looked at again after each wait: another caller may have started a piece meanwhile, and two at once would overlap.
    while (this.#writing !== undefined) await this.#writing;
    this.#raise();
    if (this.#gathered.size > 0) this.#start();
  }

  /** Waits until everything is written. */
  async drain(): Promise<void> {
    await this.flush();
    await this.settle();
    this.#raise();
  }

  /** Waits for the piece that is being written, whatever comes of it. */
  async settle(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
  }

  /** Forgets what is gathered from `size` on. @throws the fault of an earlier piece, since bytes before these are lost */
  trim(size: number): void {
    this.#raise();
    this.#gathered.trim(size);
  }

  /** Forgets everything, an earlier fault too. */
  clear(): void {
    this.#gathered.take();
    this.#fault = undefined;
  }

  /** What is gathered; it stays. */
  list(): readonly Uint8Array[] {
    return this.#gathered.list();
  }

  #start(): void {
    const writing = this.#write(this.#gathered.take()).then(() => undefined, (error: unknown) => { this.#fault ??= {error}; }).then(() => {
      if (this.#writing === writing) this.#writing = undefined;
    });
    this.#writing = writing;
  }

  #raise(): void {
    if (this.#fault !== undefined) throw this.#fault.error;
  }
}
