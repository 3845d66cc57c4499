import type {Digests, SequenceStart, Validation} from '../core/contract.js';
import {normaliseAlgorithm, parseDigest, parseIntegrity} from '../core/digest.js';
import {DigestMismatch, ValidationError} from '../core/errors.js';
import {misuse} from '../core/options.js';
import {enforcement, type ValidationOptions} from './validation-options.js';

/**
 * Demands a digest: any algorithm of node's crypto, as hex in either case, base64 or base64url. Several acceptable ones
 * may be given. The hash itself is the run's, so memory is constant and nothing is hashed twice.
 *
 * @example download.append(new DigestValidation('sha256', hex));
 * @example download.append(DigestValidation.fromIntegrity(lockfileEntry.integrity));
 */
export class DigestValidation implements Validation {
  readonly proof = 'digest';
  /** The one name of the algorithm: `sha256` for `SHA-256`. */
  readonly algorithm: string;
  /** What is acceptable, as lower-case hex. */
  readonly accepted: readonly string[];
  readonly enforced: boolean;
  #digests: Digests | undefined;

  /** @throws TypeError, RangeError naming the option: unknown algorithm, another length, no digest at all */
  constructor(algorithm: string, digest: string | readonly string[], options: ValidationOptions = {}) {
    this.enforced = enforcement('DigestValidation', options);
    this.algorithm = normaliseAlgorithm(algorithm);
    const given = Array.isArray(digest) ? digest as readonly string[] : [digest as string];
    if (given.length === 0) throw misuse('digest', digest, 'at least one acceptable digest');
    this.accepted = Object.freeze([...new Set(given.map((text) => parseDigest(this.algorithm, text)))]);
  }

  /** From an `integrity` text (W3C Subresource Integrity; see `parseIntegrity`). @throws TypeError, RangeError */
  static fromIntegrity(integrity: string, options: ValidationOptions = {}): DigestValidation {
    const digests = parseIntegrity(integrity);
    return new DigestValidation(digests[0]?.algorithm ?? '', digests.map(({hex}) => hex), options);
  }

  begin({digests}: SequenceStart): void {
    digests.request(this.algorithm);
    this.#digests = digests;
  }

  /** @throws DigestMismatch with both digests; ValidationError when no byte sequence was begun */
  apply(): void {
    if (this.#digests === undefined) throw new ValidationError(`the ${this.algorithm} digest was judged before any bytes were begun`);
    const actual = this.#digests.hex(this.algorithm);
    if (this.accepted.includes(actual)) return;
    const expected = this.accepted.join(' or ');
    throw new DigestMismatch(`${this.algorithm}: expected ${expected}, got ${actual}`, this.algorithm, expected, actual);
  }
}
