import type {Hash} from 'node:crypto';
import type {Digests, Facts} from '../core/contract.js';
import {copyHash, newHash, normaliseAlgorithm} from '../core/digest.js';
import {misuse} from '../core/options.js';

/**
 * The digests of one byte sequence. Validations and monitors request algorithms from it before the first byte, so
 * nothing is hashed twice, and nothing at all when nobody asks. The run feeds it and calls `finish` at the last byte.
 */
export class DigestSet implements Digests {
  readonly #hashes = new Map<string, Hash>();
  readonly #finished = new Map<string, string>();
  #size = 0;
  #over = false;

  /** How many bytes were seen. */
  get size(): number {
    return this.#size;
  }

  /** What was requested, in that order, under the names of `normaliseAlgorithm`. */
  get algorithms(): readonly string[] {
    return this.#over ? [...this.#finished.keys()] : [...this.#hashes.keys()];
  }

  /**
   * Asks for an algorithm; asking again is free.
   *
   * @throws RangeError when node's crypto doesn't know it, TypeError when it is new and bytes have gone by
   */
  request(algorithm: string): void {
    const name = normaliseAlgorithm(algorithm);
    if (this.#hashes.has(name) || this.#finished.has(name)) return;
    if (this.#size > 0 || this.#over) throw misuse('algorithm', name, 'to be requested before the first byte');
    this.#hashes.set(name, newHash(name));
  }

  /** Takes the next bytes. @throws TypeError after `finish` */
  update(chunk: Uint8Array): void {
    if (this.#over) throw misuse('chunk', chunk, 'none after finish()');
    this.#size += chunk.byteLength;
    for (const hash of this.#hashes.values()) hash.update(chunk);
  }

  /** The digest of all bytes so far, lower-case hex. Before `finish` it costs a copy of the state. @throws TypeError, RangeError */
  hex(algorithm: string): string {
    const name = normaliseAlgorithm(algorithm);
    const hash = this.#hashes.get(name);
    const hex = hash === undefined ? this.#finished.get(name) : copyHash(hash, name).digest('hex');
    if (hex === undefined) throw misuse('algorithm', name, 'one that was requested before the first byte');
    return hex;
  }

  /** No more bytes will come: the digests are made and the hashes let go. Idempotent. */
  finish(): void {
    if (this.#over) return;
    this.#over = true;
    for (const [name, hash] of this.#hashes) this.#finished.set(name, hash.digest('hex'));
    this.#hashes.clear();
  }

  /** Size and every requested digest, as known so far. */
  facts(): Facts {
    return Object.freeze({size: this.#size, ...Object.fromEntries(this.algorithms.map((name) => [name, this.hex(name)]))});
  }
}
