import {basename} from 'node:path';
import {parseChecksums, type Checksum} from '../batch/checksum-file.js';
import {messageOf} from '../core/foreign-error.js';
import {isAddress, readSource} from './named-source.js';
import type {Desk} from './transfer.js';

/** The algorithm that the name of a checksum file tells where the length of a digest can't: B2SUMS, app.b2sum. */
export function algorithmOf(name: string): string | undefined {
  return /(?:^|\.)b2sums?\b/i.test(basename(name)) ? 'blake2b512' : undefined;
}

/**
 * Reads `--checksums`, a file or an address. Logins and headers go along only to the origin that they are for.
 *
 * @param home that origin, when known
 * @throws TypeError naming the flag; DownloadError when the address can't be fetched
 */
export async function loadChecksums(source: string | undefined, home: string | undefined, desk: Desk): Promise<Checksum[] | undefined> {
  if (source === undefined) return undefined;
  const text = await readSource('--checksums', source, home, desk);
  try {
    return parseChecksums(text, {algorithm: algorithmOf(isAddress(source) ? new URL(source).pathname : source)});
  } catch (cause) {
    throw new TypeError(`--checksums: expected a checksum file, got one with ${messageOf(cause)}`, {cause});
  }
}
