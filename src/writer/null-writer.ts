import type {WriterAbilities} from '../core/contract.js';
import {BaseWriter} from './base-writer.js';

const ABILITIES: WriterAbilities = Object.freeze({rewind: true, resume: false, positional: false, read: false});

/** Drops the bytes and counts them: for HEAD, for verifying without keeping, for measuring. */
export class NullWriter extends BaseWriter {
  #bytes = 0;

  /** How many bytes were accepted and not rewound. */
  get bytes(): number {
    return this.#bytes;
  }

  override get floor(): number {
    return 0;
  }

  override get abilities(): WriterAbilities {
    return ABILITIES;
  }

  append(chunk: Uint8Array): void {
    this.#bytes += chunk.byteLength;
  }

  rewind(offset: number): void {
    this.#bytes = Math.min(this.#bytes, offset);
  }

  close(): void {
    return undefined;
  }
}
