import {parseDictionary} from 'structured-headers';
import {digestLength, type NamedDigest} from '../core/digest.js';

/** The keys of RFC 9530, 5 that are still called active, strongest first, and our names for them. */
const ALGORITHMS = [['sha-512', 'sha512'], ['sha-256', 'sha256']] as const;

/**
 * The strongest digest of a Repr-Digest or Content-Digest field (RFC 9530; a dictionary of byte sequences, RFC 9651).
 * Unknown and outdated algorithms are passed over. Undefined when none is left, and when anything in the field is broken:
 * a weaker digest must not take the place of one that can't be read.
 */
export function strongestDigest(field: string): NamedDigest | undefined {
  let members: ReadonlyMap<string, readonly unknown[]>;
  try {
    members = parseDictionary(field);
  } catch {
    return undefined;
  }
  const digests: NamedDigest[] = [];
  for (const [key, algorithm] of ALGORITHMS) {
    const value = members.get(key)?.[0];
    if (value === undefined) continue;
    if (!(value instanceof ArrayBuffer) || value.byteLength !== digestLength(algorithm)) return undefined;
    digests.push({algorithm, hex: Buffer.from(value).toString('hex')});
  }
  return digests[0];
}
