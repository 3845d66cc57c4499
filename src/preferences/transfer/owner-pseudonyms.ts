import {createHmac} from 'node:crypto';

const LEAST_KEY = 32;

/** Names for owners that tell nothing without the key: HMAC-SHA-256 (RFC 2104), the first 20 bytes of it in base64url. */
export class OwnerPseudonyms {
  readonly #key: Buffer;

  /** @throws TypeError when the key has less than 32 bytes */
  constructor(key: Uint8Array) {
    if (!(key instanceof Uint8Array) || key.byteLength < LEAST_KEY) {
      // Not the value: it may be a key that is too short.
      throw new TypeError(`pseudonyms.key: expected ${LEAST_KEY} bytes at least, got something else`);
    }
    this.#key = Buffer.from(key);
  }

  of(owner: string): string {
    return createHmac('sha256', this.#key).update('jupiter-preferences owner\0').update(owner).digest().subarray(0, 20).toString('base64url');
  }

  /** Pseudonym → owner. */
  back(owners: Iterable<string>): Map<string, string> {
    return new Map(Array.from(owners, (owner) => [this.of(owner), owner]));
  }
}
