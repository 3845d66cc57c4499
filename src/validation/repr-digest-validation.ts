import type {Digests, Reply, SequenceStart, Validation} from '../core/contract.js';
import type {NamedDigest} from '../core/digest.js';
import {DigestMismatch, ValidationError} from '../core/errors.js';
import {strongestDigest} from './digest-field.js';
import {enforcement, truth, type ValidationOptions} from './validation-options.js';

/** How a ReprDigestValidation is made. */
export interface ReprDigestOptions extends ValidationOptions {
  /** `true`: a reply that tells no usable digest is refused, and so are bytes that come without a reply. @default false */
  required?: boolean | undefined;
}

const PARTIAL = 206;

/**
 * Holds the server to the digest that it tells itself (RFC 9530): `Repr-Digest`, which is of the whole representation,
 * Content-Encoding included, as our bytes are. `Content-Digest` counts when the reply is no range, for then it is of the
 * same bytes. sha-512 goes before sha-256; other algorithms and broken fields are passed over. Headers only, no trailers.
 *
 * It finds damage on the way. It proves nothing about who made the bytes, so it has no `proof` and replaces no digest of
 * the caller's.
 */
export class ReprDigestValidation implements Validation {
  readonly enforced: boolean;
  readonly required: boolean;
  #digests: Digests | undefined;
  #told: NamedDigest | undefined;

  /** @throws TypeError naming the option */
  constructor(options: ReprDigestOptions = {}) {
    this.enforced = enforcement('ReprDigestValidation', options, ['required']);
    this.required = truth('required', options.required, false);
  }

  /** @throws ValidationError when a digest is required and none is told */
  begin({digests, reply}: SequenceStart): void {
    this.#digests = undefined;
    this.#told = reply === undefined ? undefined : toldBy(reply);
    if (this.#told === undefined && this.required) {
      const actual = reply === undefined ? 'bytes without a reply' : 'a reply without one that can be used';
      throw new ValidationError(`expected a Repr-Digest with sha-256 or sha-512, got ${actual}`);
    }
    if (this.#told !== undefined) digests.request(this.#told.algorithm);
    this.#digests = digests;
  }

  /** @throws DigestMismatch with both digests; ValidationError when no byte sequence was begun */
  apply(): void {
    if (this.#digests === undefined) throw new ValidationError('the digest of the reply was judged before any bytes were begun');
    if (this.#told === undefined) return;
    const {algorithm, hex} = this.#told;
    const actual = this.#digests.hex(algorithm);
    if (actual !== hex) throw new DigestMismatch(`${algorithm}: the server promised ${hex}, got ${actual}`, algorithm, hex, actual);
  }
}

function toldBy({status, offset, headers}: Reply): NamedDigest | undefined {
  const whole = status !== PARTIAL && offset === 0 && headers['content-range'] === undefined;
  const fields = [headers['repr-digest'], whole ? headers['content-digest'] : undefined];
  for (const field of fields) {
    const digest = field === undefined ? undefined : strongestDigest(field);
    if (digest !== undefined) return digest;
  }
  return undefined;
}
