import type {Validation} from '../core/contract.js';
import {digestLength, type NamedDigest} from '../core/digest.js';
import {DigestValidation} from '../validation/digest-validation.js';
import {SizeValidation} from '../validation/size-validation.js';

/** By what a download's content may be looked for: any one of these digests will do. */
export interface WantedContent {
  readonly algorithm: string;
  readonly digests: readonly NamedDigest[];
}

/** Two files of one such digest can be made, or will be soon: whoever puts the one in decides what others get. */
const LEAST_BYTES = 28;
const WEAK = new Set(['md5-sha1']);

/**
 * What the enforced DigestValidations of the caller ask for, preferably by the algorithm that a store keeps contents
 * under; undefined when they say nothing that can be relied on.
 */
export function wantedContent(validations: readonly Validation[], preferred: string, weak: boolean): WantedContent | undefined {
  const usable = validations.filter(isEnforcedDigest).filter(({algorithm}) => weak || isStrong(algorithm));
  const best = usable.find(({algorithm}) => algorithm === preferred) ?? usable[0];
  return best && {algorithm: best.algorithm, digests: best.accepted.map((hex) => ({algorithm: best.algorithm, hex}))};
}

/**
 * The digests and sizes that the caller demands, once more: for the download that fetches, so that wrong bytes are its
 * own fault, which its mirrors mend.
 */
export function demandsOf(validations: readonly Validation[]): Validation[] {
  const digests = validations.filter(isEnforcedDigest).map(({algorithm, accepted}) => new DigestValidation(algorithm, accepted));
  const sizes = validations.filter(({enforced}) => enforced !== false).flatMap(({size}) => size === undefined ? [] : [new SizeValidation(size)]);
  return [...digests, ...sizes];
}

function isEnforcedDigest(validation: Validation): validation is DigestValidation {
  return validation instanceof DigestValidation && validation.enforced;
}

function isStrong(algorithm: string): boolean {
  return digestLength(algorithm) >= LEAST_BYTES && !WEAK.has(algorithm);
}
