import {contextKeys} from '../core/context-key.js';
import type {ContextView, DownloadView} from '../core/contract.js';
import {DownloadFailed, MirrorsExhausted, PolicyRefused} from '../core/errors.js';
import {Event, type Delegate, type ErrorEvent, type Registry} from '../core/event.js';
import {misuse, oneOf, onlyKeys, wholeNumber} from '../core/options.js';
import {redactUrl} from '../core/redact.js';
import {plainUrl} from '../core/url.js';
import {checkSources, fileAt, inOrder, parseMirrorList, type Source} from '../policy/mirror-list.js';
import {MirrorTour} from './mirror-tour.js';

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
  original?: 'first' | 'last' | 'never' | undefined;
  /** How long a fetched list holds, ms. @default as long as the Context */
  ttl?: number | undefined;
}

/** The least wait before a further round, ms. */
const LEAST_PAUSE = 1000;

/**
 * Takes a download from mirror to mirror until one gives the right bytes. Untried mirrors are asked without delay; when
 * the round is over, those that failed in passing (timeouts, cuts, 5xx) are asked again after a backoff, as long as
 * `retries` are left. A fault of this machine is nobody's but ours: it ends the run. When all have failed the run fails
 * with MirrorsExhausted and the last fault of each; so it does when there is no mirror.
 */
export class MirrorDelegate implements Delegate {
  readonly #list: string | undefined;
  readonly #given: readonly Source[] | undefined;
  readonly #base: string | undefined;
  readonly #original: 'first' | 'last' | 'never';
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
    this.#original = oneOf('mirror.original', original, ['first', 'last', 'never'], 'never');
    this.#ttl = ttl === undefined ? undefined : wholeNumber('mirror.ttl', ttl, 0);
  }

  attach(download: DownloadView & Registry): void {
    let tour: MirrorTour | undefined;
    download.register(Event.PREPARED, async () => {
      tour = await this.#plan(download);
      const first = tour.next(0);
      if (first === undefined) throw new MirrorsExhausted(`there is no mirror: ${this.#name}`, [], {url: download.originalUrl});
      download.url = first.url;
      download.retries += tour.urls.length - 1;
    });
    download.register(Event.ERROR, (event) => {
      if (tour !== undefined && event.repairable) moveOn(tour, download, event);
    });
  }

  async #plan(download: DownloadView): Promise<MirrorTour> {
    const sources = this.#given ?? await this.#fetch(download, this.#list as string);
    const path = relativePath(download.originalUrl, this.#base);
    const urls = inOrder(sources).filter(({url}) => path !== undefined || !needsPath(url)).map((source) => fileAt(source, path ?? ''));
    if (urls.length === 0 && sources.length > 0 && this.#original === 'never') {
      const [url, base] = [redactUrl(download.originalUrl), this.#base ?? ''];
      throw new PolicyRefused(`the URL is not below mirror.base (${base}), so the mirrors have no path for it: ${url}`, {url});
    }
    if (this.#original === 'first') urls.unshift(download.originalUrl);
    if (this.#original === 'last') urls.push(download.originalUrl);
    return new MirrorTour(urls);
  }

  #fetch(download: DownloadView, list: string): Promise<readonly Source[]> {
    return (download.context as ContextView).once(MIRRORS.of(list), async (signal) => {
      const clone = download.clone();
      if (!('text' in clone.writer)) throw new DownloadFailed('a HEAD download can\'t read a mirror list; give the mirrors', {url: list});
      clone.url = list;
      await clone.run(signal);
      return Object.freeze(parseMirrorList((clone.writer as unknown as {text(): string}).text()));
    }, {signal: download.signal, ttl: this.#ttl});
  }

  get #name(): string {
    return this.#list === undefined ? 'the list is empty' : `the list ${redactUrl(this.#list)} names none`;
  }
}

/** @throws MirrorsExhausted */
function moveOn(tour: MirrorTour, download: DownloadView, event: ErrorEvent): void {
  const {error, backoff} = event;
  tour.failed(download.url, error);
  const stop = tour.next((download.context as ContextView).clock.time());
  const {errors} = tour;
  if (stop === undefined || (event.left === 0 && errors.length === tour.urls.length)) {
    const causes = errors.map((one) => `${one.code} at ${one.url ?? 'unknown'}`).join('; ');
    throw new MirrorsExhausted(`all ${tour.urls.length} mirrors failed: ${causes}`, errors, {url: download.originalUrl, cause: error});
  }
  download.url = stop.url;
  event.repaired = true;
  // What the policy would wait for this fault's own Retry-After is no other mirror's business.
  event.delay = stop.newRound ? Math.max(stop.wait, LEAST_PAUSE, error.retryAt === undefined ? backoff : 0) : stop.wait;
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
