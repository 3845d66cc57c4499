import {contextKeys} from '../core/context-key.js';
import type {ContextView, DownloadView} from '../core/contract.js';
import {DownloadError, MirrorsExhausted} from '../core/errors.js';
import {Event, type Delegate, type ErrorEvent, type Registry} from '../core/event.js';
import {misuse, oneOf, onlyKeys} from '../core/options.js';
import {redactUrl} from '../core/redact.js';
import {checkSources, fileAt, inOrder, parseMirrorList, type Source} from '../policy/mirror-list.js';

/** Where a Context keeps mirror lists, by their URL. */
export const MIRRORS = contextKeys<readonly Source[]>('mirrors');

/** What a MirrorDelegate is made with: `list` or `mirrors`. */
export interface MirrorDelegateOptions {
  /** The URL of a text list: one mirror a line, `#` comments. Fetched once a Context, however many downloads wait. */
  list?: string | undefined;
  /** The mirrors themselves: files, folders ending in `/`, or templates with `{path}`. */
  mirrors?: readonly (string | Source)[] | undefined;
  /** The part of the download's URL that a mirror replaces. @default everything up to the last `/` */
  base?: string | undefined;
  /** Whether the download's own URL is a source too, and when. @default 'never' */
  original?: 'first' | 'last' | 'never' | undefined;
  /** How long a fetched list holds, ms. @default as long as the Context */
  ttl?: number | undefined;
}

/** What is known of one run. */
interface Tour {
  readonly urls: readonly string[];
  readonly errors: Map<string, DownloadError>;
  round: string[];
}

/**
 * Takes a download from mirror to mirror until one gives the right bytes. Untried mirrors are asked without delay; when
 * the round is over, those that failed in passing (timeouts, cuts, 5xx) are asked once more after a backoff. A fault of
 * this machine is nobody's but ours: it ends the run. When all have failed: MirrorsExhausted, with every cause.
 */
export class MirrorDelegate implements Delegate {
  readonly #options: MirrorDelegateOptions;
  readonly #given: readonly Source[] | undefined;

  /** @throws TypeError naming the option */
  constructor(options: MirrorDelegateOptions) {
    onlyKeys('mirror', options, ['list', 'mirrors', 'base', 'original', 'ttl']);
    if ((options.list === undefined) === (options.mirrors === undefined)) throw new TypeError('mirror: expected exactly one of list and mirrors');
    if (options.list !== undefined && !URL.canParse(options.list)) throw misuse('mirror.list', options.list, 'an absolute URL');
    if (options.base !== undefined && !URL.canParse(options.base)) throw misuse('mirror.base', options.base, 'an absolute URL');
    oneOf('mirror.original', options.original, ['first', 'last', 'never'], 'never');
    this.#options = options;
    this.#given = options.mirrors === undefined ? undefined : checkSources(options.mirrors);
  }

  attach(download: DownloadView & Registry): void {
    let tour: Tour | undefined;
    download.register(Event.PREPARED, async () => {
      tour = await this.#begin(download);
      const first = tour.round.shift();
      if (first === undefined) {
        throw new MirrorsExhausted(`there is no mirror: ${this.#name}`, [], {url: download.originalUrl});
      }
      download.url = first;
      download.retries += tour.urls.length - 1;
    });
    download.register(Event.ERROR, (event) => {
      if (tour !== undefined && event.repairable) repair(tour, download, event);
    });
  }

  async #begin(download: DownloadView): Promise<Tour> {
    const sources = this.#given ?? await this.#fetch(download);
    const path = relativePath(download.originalUrl, this.#options.base);
    const urls = inOrder(sources).map((source) => fileAt(source, path));
    const {original} = this.#options;
    if (original === 'first') urls.unshift(download.originalUrl);
    if (original === 'last') urls.push(download.originalUrl);
    const distinct = [...new Set(urls)];
    return {urls: distinct, errors: new Map(), round: [...distinct]};
  }

  #fetch(download: DownloadView): Promise<readonly Source[]> {
    const list = this.#options.list as string;
    const context = download.context as ContextView;
    return context.once(MIRRORS.of(list), async (signal) => {
      const clone = download.clone();
      clone.url = list;
      await clone.run(signal);
      return Object.freeze(parseMirrorList((clone.writer as unknown as {text(): string}).text()));
    }, {signal: download.signal, ttl: this.#options.ttl});
  }

  get #name(): string {
    return this.#options.list === undefined ? 'the list is empty' : `the list ${redactUrl(this.#options.list)} names none`;
  }
}

function repair(tour: Tour, download: DownloadView, event: ErrorEvent): void {
  tour.errors.set(download.url, event.error);
  const next = tour.round.shift();
  if (next !== undefined) {
    download.url = next;
    event.repaired = true;
    return;
  }
  const again = tour.urls.filter((url) => isPassing(tour.errors.get(url)));
  if (again.length === 0 || event.left === 0) {
    const causes = tour.urls.flatMap((url) => tour.errors.get(url) ?? []);
    throw new MirrorsExhausted(`all ${tour.urls.length} mirrors failed: ${causes.map((error) => `${error.code} at ${error.url ?? 'unknown'}`).join('; ')}`,
      causes, {url: download.originalUrl, cause: event.error});
  }
  download.url = again.shift() as string;
  tour.round = again;
  event.repaired = true;
  event.delay = Math.max(event.backoff, 1000);
}

function isPassing(error: DownloadError | undefined): boolean {
  return error !== undefined && (error.class === 'transient' || error.class === 'throttled');
}

/** What a mirror's folder is followed by: the rest of the URL after `base`, query included. */
function relativePath(url: string, base: string | undefined): string {
  const {href} = new URL(url);
  const folder = base === undefined ? href.replace(/[?#].*$/s, '').replace(/[^/]*$/, '') : new URL(base).href;
  return href.startsWith(folder) ? href.slice(folder.length) : href.replace(/[?#].*$/s, '').replace(/^.*\//s, '');
}
