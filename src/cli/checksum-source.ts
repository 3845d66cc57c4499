import {readFile} from 'node:fs/promises';
import {basename} from 'node:path';
import {parseChecksums, type Checksum} from '../batch/checksum-file.js';
import {messageOf} from '../core/foreign-error.js';
import {originOf} from '../core/url.js';
import {BufferWriter} from '../writer/buffer-writer.js';
import {DownloadBuilder} from './download-builder.js';
import type {Desk} from './transfer.js';
import {withoutSecrets} from './transfer-settings.js';

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
  const isUrl = /^[a-z][a-z0-9+.-]*:\/\//i.test(source);
  const text = isUrl ? await fetchText(source, home, desk) : await readText(source);
  try {
    const path = isUrl ? new URL(source).pathname : source;
    return parseChecksums(text, {algorithm: algorithmOf(path)});
  } catch (cause) {
    throw new TypeError(`--checksums: expected a checksum file, got one with ${messageOf(cause)}`, {cause});
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new TypeError(`--checksums: expected a readable file or a URL, ${path} is none: ${messageOf(cause)}`, {cause});
  }
}

async function fetchText(url: string, home: string | undefined, {settings, context, signal}: Desk): Promise<string> {
  const own = URL.canParse(url) && originOf(url) === home ? settings : withoutSecrets(settings);
  const writer = new BufferWriter();
  await new DownloadBuilder({...own, mirrors: []}, {context}).build({url}, writer, 0).run(signal);
  return writer.text();
}
