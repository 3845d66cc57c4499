import {contextKeys} from '../core/context-key.js';
import type {DownloadView} from '../core/contract.js';
import {PolicyRefused} from '../core/errors.js';
import {Event, type Delegate, type Registry} from '../core/event.js';
import {misuse, oneOf, onlyKeys, wholeNumber} from '../core/options.js';
import {redactUrl} from '../core/redact.js';
import {plainUrl} from '../core/url.js';
import {checkSources, fileAt, mirrorOf, parseMirrorList, type Source} from '../policy/mirror-list.js';
import {readDocument} from './mirror-document.js';
import {contextOf, MirrorJourney} from './mirror-journey.js';
import {MirrorTour, type Place} from './mirror-tour.js';

/** Where a Context keeps mirror lists, by their URL. */
export const MIRRORS = contextKeys<readonly Source[]>('mirrors');

/** What a MirrorDelegate is made with: `list` or `mirrors`. */
export interface MirrorDelegateOptions {
  /** The URL of a text list: one mirror a line, `#` comments. Fetched once a Context, however many downloads wait. */
  list?: string | undefined;
  /** The mirrors themselves: files, folders ending in `/`, or templates with `{path}`. */
  mirrors?: readonly (string | Source)[] | undefined;
  /**
   * The folder in the download's URL that a mirror replaces; a login, query or fragment in it doesn't count. For a URL
   * that is not below it no path is guessed: folders and templates are left out, and when nothing is left to ask the run
   * fails with PolicyRefused. @default everything up to the last `/`
   */
  base?: string | undefined;
  /** Whether the download's own URL is a source too, and when. @default 'never' */
  original?: Original | undefined;
  /** How long a fetched list holds, ms. @default as long as the Context */
  ttl?: number | undefined;
}

/** When the download's own URL is asked, beside the mirrors. */
export type Original = 'first' | 'last' | 'never';

/**
 * Takes a download from mirror to mirror until one gives the right bytes. Untried mirrors are asked without delay, by
 * priority and then by what the downloads of the Context saw of them; when the round is over, those that failed in
 * passing (timeouts, cuts, 5xx) are asked again after a backoff, as long as `retries` are left. A fault of this machine
 * is nobody's but ours: it ends the run. When all have failed the run fails with MirrorsExhausted and the last fault of
 * each; so it does when there is no mirror.
 */
export class MirrorDelegate implements Delegate {
  readonly #list: string | undefined;
  readonly #given: readonly Source[] | undefined;
  readonly #base: string | undefined;
  readonly #original: Original;
  readonly #ttl: number | undefined;

  /** @throws TypeError, RangeError naming the option */
  constructor(options: MirrorDelegateOptions) {
    onlyKeys('mirror', options, ['list', 'mirrors', 'base', 'original', 'ttl']);
    const {list, mirrors, base, original, ttl} = options;
    if ((list === undefined) === (mirrors === undefined)) throw new TypeError('mirror: expected exactly one of list and mirrors');
    if (list !== undefined && !URL.canParse(list)) throw misuse('mirror.list', list, 'an absolute URL');
    if (mirrors !== undefined && !Array.isArray(mirrors)) throw misuse('mirror.mirrors', mirrors, 'a list of URLs');
    if (ttl !== undefined && list === undefined) throw new TypeError('mirror.ttl: expected mirror.list beside it, got none');
    this.#list = list;
    this.#given = mirrors === undefined ? undefined : checkSources(mirrors);
    this.#base = base === undefined ? undefined : folderOf(base);
    this.#original = originalOf('mirror', original);
    this.#ttl = ttl === undefined ? undefined : wholeNumber('mirror.ttl', ttl, 0);
  }

  attach(download: DownloadView & Registry): void {
    const journey = new MirrorJourney(download);
    download.register(Event.PREPARED, async () => { journey.begin(await this.#plan(download), `there is no mirror: ${this.#name}`); });
    download.register(Event.ERROR, (event) => { journey.moveOn(event); });
  }

  async #plan(download: DownloadView): Promise<MirrorTour> {
    const sources = this.#given ?? await this.#fetch(download, this.#list as string);
    const path = relativePath(download.originalUrl, this.#base);
    const places = sources.filter(({url}) => path !== undefined || !needsPath(url))
      .map((source) => ({...source, url: fileAt(source, path ?? ''), mirror: mirrorOf(source.url)}));
    if (places.length === 0 && sources.length > 0 && this.#original === 'never') {
      const [url, base] = [redactUrl(download.originalUrl), this.#base ?? ''];
      throw new PolicyRefused(`the URL is not below mirror.base (${base}), so the mirrors have no path for it: ${url}`, {url});
    }
    const own = path === undefined ? undefined : this.#base;
    return new MirrorTour(withOriginal(places, download.originalUrl, this.#original, own), contextOf(download));
  }

  #fetch(download: DownloadView, list: string): Promise<readonly Source[]> {
    return readDocument(download, {
      url: list, key: MIRRORS.of(list), ttl: this.#ttl, name: 'a mirror list', remedy: 'give the mirrors',
      read: (text) => Object.freeze(parseMirrorList(text)),
    });
  }

  get #name(): string {
    return this.#list === undefined ? 'the list is empty' : `the list ${redactUrl(this.#list)} names none`;
  }
}

/** @throws TypeError naming the option */
export function originalOf(group: string, original: Original | undefined): Original {
  return oneOf(`${group}.original`, original, ['first', 'last', 'never'], 'never');
}

/** The places with the download's own URL among them; `mirror` is what that one belongs to. */
export function withOriginal(places: readonly Place[], url: string, when: Original, mirror?: string): Place[] {
  if (when === 'never') return [...places];
  if (when === 'first') return [{url, mirror, priority: -Infinity, preference: Infinity}, ...places];
  return [...places, {url, mirror, priority: Infinity, preference: -Infinity}];
}

/** A base as it is compared with: without login, query and fragment, with its slash. @throws TypeError */
function folderOf(base: string): string {
  return plainUrl('mirror.base', base).href.replace(/\?.*$/s, '').replace(/\/?$/, '/');
}

function needsPath(url: string): boolean {
  return url.endsWith('/') || url.includes('{path}');
}

/** What a mirror's folder is followed by: the rest of the URL after `base`, query included; undefined when it isn't below. */
function relativePath(url: string, base: string | undefined): string | undefined {
  const folder = base ?? url.replace(/[?#].*$/s, '').replace(/[^/]*$/, '');
  return url.startsWith(folder) ? url.slice(folder.length) : undefined;
}
