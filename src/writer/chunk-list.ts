/** Bytes in memory, as the chunks that they came in. */
export class ChunkList {
  #chunks: Uint8Array[] = [];
  #size = 0;

  /** How many bytes there are. */
  get size(): number {
    return this.#size;
  }

  /** How many chunks there are. */
  get count(): number {
    return this.#chunks.length;
  }

  push(chunk: Uint8Array): void {
    if (chunk.byteLength === 0) return;
    this.#chunks.push(chunk);
    this.#size += chunk.byteLength;
  }

  /** Drops everything from `size` on. */
  trim(size: number): void {
    while (this.#size > size) {
      const last = this.#chunks.pop();
      if (last === undefined) return;
      this.#size -= last.byteLength;
      if (this.#size < size) this.push(last.subarray(0, size - this.#size));
    }
  }

  /** The chunks, which stay in it. */
  list(): readonly Uint8Array[] {
    return [...this.#chunks];
  }

  /** The chunks, which leave it. */
  take(): Uint8Array[] {
    const taken = this.#chunks;
    this.#chunks = [];
    this.#size = 0;
    return taken;
  }
}
