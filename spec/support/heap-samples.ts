import {setFlagsFromString} from 'node:v8';
import {runInNewContext} from 'node:vm';

/** Bytes in a MiB, the unit of what memory is judged by. */
export const MIB = 1024 * 1024;

/** How much the process holds, looked at again and again: each time after full garbage collections. */
export class HeapSamples {
  readonly #bytes: number[] = [];
  readonly #collect: () => void;

  constructor() {
    setFlagsFromString('--expose-gc');
    this.#collect = runInNewContext('gc') as () => void;
  }

  /** How often was looked. */
  get count(): number {
    return this.#bytes.length;
  }

  /** Bytes between the first look and the last one, heap and array buffers. */
  get growth(): number {
    return (this.#bytes.at(-1) ?? 0) - (this.#bytes[0] ?? 0);
  }

  /** Looks. */
  take(): void {
    this.#collect();
    // Buffers that the first round found are freed beside it; the second one waits for that.
    this.#collect();
    const {heapUsed, arrayBuffers} = process.memoryUsage();
    this.#bytes.push(heapUsed + arrayBuffers);
  }

  /** All samples in words. */
  toString(): string {
    return `held: ${this.#bytes.map((bytes) => (bytes / MIB).toFixed(1)).join(' ')} MiB`;
  }
}
