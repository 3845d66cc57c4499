import {parseDigest, type NamedDigest} from '../core/digest.js';
import {byStrength} from '../policy/hash-strength.js';

/** The strong ones of the registry (RFC 3230, 4.1.1; RFC 5843). */
const ALGORITHMS: Readonly<Record<string, string>> = {'sha-256': 'sha256', 'sha-512': 'sha512'};

/**
 * The SHA-256 and SHA-512 of a Digest header (RFC 3230), strongest first: digests of the whole instance, whatever part
 * of it the reply has. Others are passed over, and so are broken ones and those that stand there twice with two values.
 */
export function parseInstanceDigests(header: string): NamedDigest[] {
  const found = new Map<string, string | undefined>();
  for (const part of header.split(',')) {
    const [, name = '', value = ''] = /^\s*([\w-]+)\s*=\s*([A-Za-z0-9+/]+={0,2})\s*$/.exec(part) ?? [];
    const lower = name.toLowerCase();
    const algorithm = Object.hasOwn(ALGORITHMS, lower) ? ALGORITHMS[lower] : undefined;
    if (algorithm === undefined) continue;
    const hex = hexOf(algorithm, value);
    found.set(algorithm, found.has(algorithm) && found.get(algorithm) !== hex ? undefined : hex);
  }
  return byStrength([...found].flatMap(([algorithm, hex]) => hex === undefined ? [] : [{algorithm, hex}]));
}

function hexOf(algorithm: string, base64: string): string | undefined {
  try {
    return parseDigest(algorithm, base64);
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) return undefined;
    throw error;
  }
}
