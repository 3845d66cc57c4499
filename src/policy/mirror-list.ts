import {misuse, onlyKeys, outOfRange} from '../core/options.js';

/** A place where the file can be had. */
export interface Source {
  /**
   * The file's own URL; or a folder's, ending in `/`, to which the file's path is appended; or a template with `{path}`.
   */
  readonly url: string;
  /** Lower is asked first. @default after those that have one */
  readonly priority?: number | undefined;
  /** Higher is asked first, among those of one priority. @default 0 */
  readonly preference?: number | undefined;
  /** Its share of the downloads, among those of one priority and preference; above 0. @default 1, where another has one */
  readonly weight?: number | undefined;
  /** The country it stands in (ISO 3166-1, two letters). Told, not used. */
  readonly location?: string | undefined;
}

const LONGEST_LIST = 10_000;
const KEYS = ['url', 'priority', 'preference', 'weight', 'location'];

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

/** Checks sources that a caller wrote. @throws TypeError, RangeError naming the entry */
export function checkSources(sources: readonly (string | Source)[]): Source[] {
  return sources.map((entry, index) => {
    const name = `mirrors[${index}]`;
    const source = typeof entry === 'string' ? {url: entry} : entry;
    const url: unknown = (source as Source | null)?.url;
    if (typeof url !== 'string' || !isHttp(url)) throw misuse(name, url, 'an http or https URL');
    onlyKeys(name, source, KEYS);
    checkNumber(`${name}.priority`, source.priority);
    checkNumber(`${name}.preference`, source.preference);
    checkNumber(`${name}.weight`, source.weight);
    if (source.weight !== undefined && source.weight <= 0) throw outOfRange(`${name}.weight`, source.weight, 'a number above 0');
    if (source.location !== undefined && typeof source.location !== 'string') throw misuse(`${name}.location`, source.location, 'a text');
    return source;
  });
}

function checkNumber(name: string, value: unknown): void {
  if (value !== undefined && !Number.isFinite(value)) throw misuse(name, value, 'a number');
}

/** Lowest priority number first, then the highest preference; the list's order among equals. */
export function inOrder<S extends Omit<Source, 'url'>>(sources: readonly S[]): S[] {
  return [...sources].sort(compareRanks);
}

/** Below 0 when the first is to be asked before the other, 0 when they are equals. */
export function compareRanks(one: Omit<Source, 'url'>, other: Omit<Source, 'url'>): number {
  const [first, second] = [one.priority ?? Infinity, other.priority ?? Infinity];
  return first === second ? (other.preference ?? 0) - (one.preference ?? 0) : first - second;
}

/** The file's address at a source; `path` is relative, already percent-encoded. */
export function fileAt(source: Source, path: string): string {
  if (source.url.includes('{path}')) return source.url.replaceAll('{path}', () => path);
  return source.url.endsWith('/') ? `${source.url}${path}` : source.url;
}

/**
 * What a mirror is called in a Context: the folder of a source, or its template, without login, query and fragment, so
 * that all files below it tell of one mirror.
 */
export function mirrorOf(url: string): string {
  if (!URL.canParse(url)) return url;
  const {protocol, host, pathname, search} = new URL(url);
  if (url.includes('{path}')) return `${protocol}//${host}${pathname}${search}`;
  return `${protocol}//${host}${pathname.replace(/[^/]*$/, '')}`;
}

/** Whether it is an address that a list from elsewhere may name. */
export function isHttp(text: string): boolean {
  const plain = text.replaceAll('{path}', 'path');
  return URL.canParse(plain) && /^https?:$/.test(new URL(plain).protocol);
}
