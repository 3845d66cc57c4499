import {createHash, timingSafeEqual} from 'node:crypto';

/** A token's two halves: the name of its row, and the secret. */
export interface TokenParts {
  readonly id: string;
  readonly secret: string;
}

/** What tokens begin with, so that scanners for leaked secrets find them. */
const PREFIX = 'jct';
const ID_BYTES = 6;
/** 256 bits of randomness need no slow hash: nobody can try them all. */
const SECRET_BYTES = 32;
const TOKEN = /^jct_([A-Za-z0-9_-]{12})_([A-Za-z0-9_-]{43})$/;

/** Makes a token. @param random so many random bytes */
export function newToken(random: (bytes: number) => Uint8Array): TokenParts & {readonly text: string} {
  // In hex, as it stands on command lines, where a hyphen at its beginning would make it a flag.
  const id = Buffer.from(random(ID_BYTES)).toString('hex');
  const secret = Buffer.from(random(SECRET_BYTES)).toString('base64url');
  return {id, secret, text: `${PREFIX}_${id}_${secret}`};
}

/** The halves of a text that looks like a token; undefined for another. */
export function parseToken(text: string): TokenParts | undefined {
  const found = TOKEN.exec(text);
  return found === null ? undefined : {id: found[1] ?? '', secret: found[2] ?? ''};
}

/** What is kept of a secret: its SHA-256, lower-case hex. */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Compares in a time that tells nothing. @param hash lower-case hex of SHA-256 */
export function isSecretOf(secret: string, hash: string): boolean {
  const kept = Buffer.from(hash, 'hex');
  const given = createHash('sha256').update(secret).digest();
  return kept.length === given.length && timingSafeEqual(kept, given);
}
