import type {NamedDigest} from '../core/digest.js';

/** The hash functions that documents about files name (IANA, Hash Function Textual Names), and what they prove. */
const STRENGTHS: Readonly<Record<string, number>> = {md5: 1, sha1: 2, sha224: 224, sha256: 256, sha384: 384, sha512: 512};

/** Below, files with equal digests can be made at will. */
const STRONG = 224;

/** The one name of a hash function, in the spellings of the registry; undefined for one that is passed over. */
export function hashName(name: string): string | undefined {
  const plain = name.trim().toLowerCase().replace(/^sha-(?=\d)/, 'sha');
  return Object.hasOwn(STRENGTHS, plain) ? plain : undefined;
}

/** How much a digest proves: more is better, bits from SHA-224 on; 0 for none that we know. */
export function hashStrength(algorithm: string): number {
  return Object.hasOwn(STRENGTHS, algorithm) ? STRENGTHS[algorithm] ?? 0 : 0;
}

/** Whether equal digests prove equal files, against somebody who chooses the file too. */
export function isStrong(algorithm: string): boolean {
  return hashStrength(algorithm) >= STRONG;
}

/** Strongest first. */
export function byStrength(digests: readonly NamedDigest[]): NamedDigest[] {
  return [...digests].sort((one, other) => hashStrength(other.algorithm) - hashStrength(one.algorithm));
}
