import {contextKeys} from '../core/context-key.js';
import type {ContextView, DownloadView} from '../core/contract.js';
import {ValidationError} from '../core/errors.js';
import {nameFromUrl} from '../core/file-name.js';
import {redactUrl, show} from '../core/redact.js';
import {parseMetalink, type Metalink, type MetalinkFile} from '../policy/metalink.js';
import {readDocument} from './mirror-document.js';

/** Where a Context keeps metalinks, by their URL. */
export const METALINKS = contextKeys<Metalink>('metalinks');

/** Names shown in a message. */
const MOST_SHOWN = 10;

/** The metalink that a download of this Context fetched from the URL, if it still holds. */
export function metalinkOf(context: ContextView, url: string): Metalink | undefined {
  return context.get(METALINKS.of(url));
}

/** The metalink at a URL, fetched once a Context. @throws DownloadError when it can't be had or read */
export function fetchMetalink(download: DownloadView, url: string, ttl?: number): Promise<Metalink> {
  return readDocument(download, {
    url, key: METALINKS.of(url), ttl, name: 'a metalink', remedy: 'give the document', read: parseMetalink,
  });
}

/**
 * The file of that name or path; without a name the only one, or the one that is called like the end of the URL.
 *
 * @throws ValidationError when there is none, or more than one
 */
export function pickFile({files}: Metalink, name: string | undefined, url: string): MetalinkFile {
  const [first] = files;
  if (name === undefined && files.length === 1 && first !== undefined) return first;
  const wanted = name ?? nameFromUrl(url, {fallback: '-'});
  const found = files.filter((file) => file.path === wanted);
  const [file, ...more] = found.length > 0 ? found : files.filter((one) => one.name === wanted);
  if (file !== undefined && more.length === 0) return file;
  const names = files.slice(0, MOST_SHOWN).map(({path}) => show(path)).join(', ');
  const has = files.length === 0 ? 'no file' : `${files.length > MOST_SHOWN ? `${files.length} files, such as ` : ''}${names}`;
  const how = more.length > 0 ? `more than one file ${show(wanted)}` : `no file ${show(wanted)}; it has ${has}`;
  throw new ValidationError(`the metalink has ${how}${name === undefined ? '; say which by metalink.file' : ''}`, {url: redactUrl(url)});
}
