import {misuse} from '../core/options.js';

/** A place where the file can be had. */
export interface Source {
  /**
   * The file's own URL; or a folder's, ending in `/`, to which the file's path is appended; or a template with `{path}`.
   */
  readonly url: string;
  /** Lower is asked first. @default the order of the list */
  readonly priority?: number | undefined;
}

const LONGEST_LIST = 10_000;

/**
 * Reads a plain text mirror list: a URL a line; blank lines and lines starting with `#` don't count. Only http and
 * https are taken, so that a list can't point at local files; other lines, and those with a space in them, are skipped.
 */
export function parseMirrorList(text: string): Source[] {
  return text.split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#') && !/\s/.test(line) && isHttp(line))
    .slice(0, LONGEST_LIST)
    .map((url) => ({url}));
}

/** Checks sources that a caller wrote. @throws TypeError naming the entry */
export function checkSources(sources: readonly (string | Source)[]): Source[] {
  return sources.map((entry, index) => {
    const source = typeof entry === 'string' ? {url: entry} : entry;
    const url: unknown = (source as Source | null)?.url;
    if (typeof url !== 'string' || !isHttp(url)) throw misuse(`mirrors[${index}]`, url, 'an http or https URL');
    return source;
  });
}

/** Lowest priority number first; the list's order among equals. */
export function inOrder(sources: readonly Source[]): Source[] {
  return [...sources].sort((one, other) => (one.priority ?? Infinity) === (other.priority ?? Infinity) ? 0
    : (one.priority ?? Infinity) - (other.priority ?? Infinity));
}

/** The file's address at a source; `path` is relative, already percent-encoded. */
export function fileAt(source: Source, path: string): string {
  if (source.url.includes('{path}')) return source.url.replaceAll('{path}', () => path);
  return source.url.endsWith('/') ? `${source.url}${path}` : source.url;
}

function isHttp(text: string): boolean {
  const plain = text.replaceAll('{path}', 'path');
  return URL.canParse(plain) && /^https?:$/.test(new URL(plain).protocol);
}
