import type {DownloadView, Validation} from '../core/contract.js';
import type {NamedDigest} from '../core/digest.js';
import {hashStrength, isStrong} from '../policy/hash-strength.js';
import {DigestValidation} from '../validation/digest-validation.js';
import {SizeValidation} from '../validation/size-validation.js';

/**
 * How much the digests among the validations prove, as `hashStrength` has it; 0 without one. Those that only warn don't
 * count; a caller's own kind of digest, which we can't judge, proves everything.
 */
export function provenStrength(validations: readonly Validation[]): number {
  const digests = validations.filter(({enforced, proof}) => enforced !== false && proof === 'digest');
  return Math.max(0, ...digests.map((one) => one instanceof DigestValidation ? hashStrength(one.algorithm) || Infinity : Infinity));
}

/**
 * Adds what a document says of the file to the validations that are there; none is taken away. A weak digest is only
 * added where there is no other. Call it before the first byte.
 *
 * @param digests strongest first
 * @returns whether bytes from anywhere can be trusted now: by a digest of the caller, or a strong one of the document
 */
export function addProof(download: DownloadView, size: number | undefined, digests: readonly NamedDigest[]): boolean {
  const given = provenStrength(download.validations);
  const [best] = digests;
  if (size !== undefined) download.append(new SizeValidation(size));
  if (best === undefined || (!isStrong(best.algorithm) && given > 0)) return given > 0;
  download.append(new DigestValidation(best.algorithm, best.hex));
  return given > 0 || isStrong(best.algorithm);
}
