import {readFile} from 'node:fs/promises';
import {DownloadError} from '../core/errors.js';
import {originOf} from '../core/url.js';
import {BufferWriter} from '../writer/buffer-writer.js';
import {DownloadBuilder} from './download-builder.js';
import {fileFault} from './file-fault.js';
import type {Desk} from './transfer.js';
import {withoutSecrets} from './transfer-settings.js';

/** Whether a flag's value is an address, not a file. */
export function isAddress(source: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(source);
}

/**
 * Reads what a flag names: a file, or an address. Logins and headers go along only to the origin that they are for.
 *
 * @param home that origin, when known
 * @throws TypeError naming the flag; DownloadError, its message naming the flag, when the address can't be fetched
 */
export async function readSource(flag: string, source: string, home: string | undefined, desk: Desk): Promise<string> {
  if (isAddress(source)) return fetchText(flag, source, home, desk);
  try {
    return await readFile(source, 'utf8');
  } catch (cause) {
    throw new TypeError(`${flag}: expected a readable file or a URL, ${source} is none: ${fileFault(cause)}`, {cause});
  }
}

async function fetchText(flag: string, url: string, home: string | undefined, desk: Desk): Promise<string> {
  const {settings, context, preferences, signal} = desk;
  const own = URL.canParse(url) && originOf(url) === home ? settings : withoutSecrets(settings);
  const writer = new BufferWriter();
  try {
    const download = await new DownloadBuilder({...own, mirrors: []}, {context, preferences}).build({url}, writer, 0);
    await download.run(signal);
  } catch (thrown) {
    if (thrown instanceof DownloadError) thrown.message = `${flag}: ${thrown.message}`;
    throw thrown;
  }
  return writer.text();
}
