import {createHash, type Hash, type HashOptions} from 'node:crypto';
import {misuse, outOfRange} from './options.js';

/** A digest and how it was made. */
export interface NamedDigest {
  readonly algorithm: string;
  /** Lower case. */
  readonly hex: string;
}

/** Bytes of the digests that every build of node knows (FIPS 180-4). */
const LENGTHS: Readonly<Record<string, number>> = {sha1: 20, sha224: 28, sha256: 32, sha384: 48, sha512: 64};

/** Bytes asked of the functions without a length of their own (FIPS 202); those that node took when it had defaults. */
const EXTENDABLE: Readonly<Record<string, number>> = {shake128: 16, shake256: 32};

const ALIASES: Readonly<Record<string, string>> = {'sha1-2': 'sha1', ripemd: 'ripemd160', rmd160: 'ripemd160'};

/** The algorithms that `integrity` texts name, strongest first; W3C has the first three, npm wrote the others. */
const INTEGRITY_ALGORITHMS: readonly string[] = ['sha512', 'sha384', 'sha256', 'sha1', 'md5'];

/**
 * The one name of a digest algorithm: `SHA-256`, `sha_256` and `RSA-SHA256` are `sha256`, `SHA-512/256` is `sha512-256`.
 *
 * @throws TypeError when it is not a text, RangeError when node's crypto doesn't know it
 */
export function normaliseAlgorithm(name: string): string {
  if (typeof name !== 'string') throw misuse('algorithm', name, 'a name such as sha256');
  if (Object.hasOwn(LENGTHS, name)) return name;
  const dashed = name.trim().toLowerCase().replace(/[_/ ]/g, '-').replace(/^rsa-/, '');
  const plain = dashed.replace(/^(sha|md|ripemd|blake2b|blake2s|shake)-(?=\d)/, '$1');
  const known = Object.hasOwn(ALIASES, plain) ? ALIASES[plain] ?? plain : plain;
  if (!Object.hasOwn(LENGTHS, known)) make(known, name);
  return known;
}

/** A fresh hash. @throws RangeError when node's crypto doesn't know the algorithm */
export function newHash(algorithm: string): Hash {
  const name = normaliseAlgorithm(algorithm);
  return make(name, algorithm);
}

/** A second hash with the same state, for a digest of what has come so far. */
export function copyHash(hash: Hash, algorithm: string): Hash {
  return hash.copy(lengthOption(algorithm));
}

function lengthOption(name: string): HashOptions | undefined {
  return Object.hasOwn(EXTENDABLE, name) ? {outputLength: EXTENDABLE[name]} : undefined;
}

function make(name: string, given: string): Hash {
  try {
    return createHash(name, lengthOption(name));
  } catch {
    throw outOfRange('algorithm', given, 'a digest that node\'s crypto knows, such as sha256 or sha512');
  }
}

/** Bytes of a digest. For shake128 and shake256, which have no end, it is 16 and 32. @throws RangeError */
export function digestLength(algorithm: string): number {
  const name = normaliseAlgorithm(algorithm);
  return LENGTHS[name] ?? make(name, algorithm).digest().byteLength;
}

/**
 * A digest given as hex in either case, base64 or base64url (padded or not; RFC 4648, 4 and 5), as lower-case hex. The
 * length decides which it is: of 16 bytes and more, which all of node's digests have, hex is always the longer. A text
 * made of hex digits only is thus still base64 when it has the length of base64. White space around it is dropped.
 *
 * @throws TypeError for characters or padding of no such coding, RangeError for another length or an unknown algorithm
 */
export function parseDigest(algorithm: string, text: string): string {
  const name = normaliseAlgorithm(algorithm);
  const length = digestLength(name);
  const expected = `a ${name} digest of ${2 * length} hex or ${base64Length(length)} base64 characters (${length} bytes)`;
  if (typeof text !== 'string') throw misuse('digest', text, expected);
  const given = text.trim();
  if (given.length === 2 * length) {
    if (/^[0-9a-f]+$/i.test(given)) return given.toLowerCase();
    throw misuse('digest', given, expected);
  }
  const unpadded = Math.ceil(length * 4 / 3);
  if (given.length !== unpadded && given.length !== base64Length(length)) {
    throw new RangeError(`digest: expected ${expected}, got ${given.length} characters`);
  }
  const hex = fromBase64(given, unpadded);
  if (hex === undefined) throw misuse('digest', given, expected);
  return hex;
}

function base64Length(bytes: number): number {
  return Math.ceil(bytes / 3) * 4;
}

/** Undefined unless encoding it again gives the same text, so that one digest has one spelling in each alphabet. */
function fromBase64(text: string, unpadded: number): string | undefined {
  if (!/^(?:[a-z0-9+/]+|[a-z0-9_-]+)={0,2}$/i.test(text)) return undefined;
  const bare = text.replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_');
  const bytes = Buffer.from(bare, 'base64url');
  return bare.length === unpadded && bytes.toString('base64url') === bare ? bytes.toString('hex') : undefined;
}

/**
 * The acceptable digests of an `integrity` text (W3C Subresource Integrity, 3.3): several hashes may stand there with
 * white space between them, options after `?` are ignored, and of the strongest algorithm any one is good. Hashes of
 * other algorithms are passed over, as W3C demands; but a text of which nothing is left is refused instead of proving
 * nothing, and so is a broken hash, lest a weaker one takes its place unseen.
 *
 * @throws TypeError, RangeError
 */
export function parseIntegrity(integrity: string): NamedDigest[] {
  const expected = 'hashes such as sha512-<base64>';
  if (typeof integrity !== 'string') throw misuse('integrity', integrity, expected);
  const found: NamedDigest[] = [];
  for (const token of integrity.split(/\s+/).filter((part) => part !== '')) {
    const [, algorithm, digest] = /^([^-?]+)-([^?]+)(?:\?.*)?$/.exec(token) ?? [];
    if (algorithm === undefined || digest === undefined) throw misuse('integrity', token, expected);
    const name = algorithm.toLowerCase();
    if (INTEGRITY_ALGORITHMS.includes(name)) found.push({algorithm: name, hex: parseDigest(name, digest)});
  }
  const strongest = INTEGRITY_ALGORITHMS.find((name) => found.some((one) => one.algorithm === name));
  if (strongest === undefined) throw outOfRange('integrity', integrity, `${expected} (${INTEGRITY_ALGORITHMS.join(', ')})`);
  const best = new Set(found.filter((one) => one.algorithm === strongest).map((one) => one.hex));
  return [...best].map((hex) => ({algorithm: strongest, hex}));
}
