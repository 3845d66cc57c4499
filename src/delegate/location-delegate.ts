import {contextKeys} from '../core/context-key.js';
import type {DownloadView} from '../core/contract.js';
import {CredentialError, DownloadError, ReplyFailed} from '../core/errors.js';
import {Event, type Delegate, type ErrorEvent, type Registry} from '../core/event.js';
import {messageOf} from '../core/foreign-error.js';
import {misuse, onlyKeys} from '../core/options.js';
import {redactUrl} from '../core/redact.js';
import {Secret} from '../core/secret.js';
import {originOf} from '../core/url.js';
import {contextOf} from './mirror-journey.js';

/** Where a file can be had for a while. */
export interface Location {
  /** Absolute; it may hold a signature, which no event or error shows (see docs/reference/mirrors.md). */
  url: string;
  /** Until when, epoch ms or a Date. @default until the server refuses it */
  expires?: number | Date | undefined;
}

/** Why a location is asked for. */
export interface LocationAsked {
  /** There was none yet, it expires within 30 s, or the server refused it. */
  readonly reason: 'first' | 'expired' | 'refused';
  /** The status of the refusal. */
  readonly status: number | undefined;
  /** Aborted when nobody waits for the answer any longer. */
  readonly signal: AbortSignal;
}

/** Gives the present location of a download's file, by its `originalUrl`. */
export type LocationRefresh = (download: DownloadView, why: LocationAsked) => Location | Promise<Location>;

/** What a LocationDelegate is made with. */
export interface LocationDelegateOptions {
  refresh: LocationRefresh;
  /** Until when the download's own URL is good, epoch ms or a Date. @default it is only a name, and `refresh` is asked first */
  expires?: number | Date | undefined;
  /** Tells locations of one URL apart: give names where the credentials differ. @default 'default' */
  name?: string | undefined;
}

interface Kept {
  readonly secret: Secret;
  /** Epoch ms. */
  readonly until: number;
}

/** What one download has to do with locations. */
interface Use {
  readonly download: DownloadView;
  /** The location in use, and what the download made of its URL. */
  sent: {readonly kept: Kept; readonly url: string} | undefined;
  /** It came after a refusal and has not shown yet that it is any good. */
  doubted: boolean;
  refreshes: number;
  readonly origins: Set<string>;
}

const LOCATIONS = contextKeys<Kept>('locations');

/** A location that expires within this is not used any more, ms. */
const MARGIN = 30_000;
/** A run asks for no more new locations than this. */
const MOST_REFRESHES = 10;
const REFUSALS = new Set([401, 403, 410]);

/**
 * Fetches from addresses that hold for a while only, such as signed ones: asks `refresh` before the first attempt, when
 * an address is about to expire, and once when the server refuses it (401, 403, 410). Downloads of one URL in a Context
 * share the answer. The attempt after a refusal is not charged; a new address that is refused before it gave anything is
 * final. Attach it before a MirrorDelegate. The run fails with CredentialError when there is no address to be had.
 */
export class LocationDelegate implements Delegate {
  readonly #refresh: LocationRefresh;
  readonly #expires: number | undefined;
  readonly #name: string;

  /** @throws TypeError naming the option */
  constructor(options: LocationDelegateOptions) {
    onlyKeys('location', options, ['refresh', 'expires', 'name']);
    const {refresh, expires, name} = options;
    if (typeof refresh !== 'function') throw misuse('location.refresh', refresh, 'a function');
    if (name !== undefined && typeof name !== 'string') throw misuse('location.name', name, 'a text');
    this.#refresh = refresh;
    this.#expires = expires === undefined ? undefined : timeOf(expires);
    if (Number.isNaN(this.#expires)) throw misuse('location.expires', expires, 'milliseconds since 1970 or a Date');
    this.#name = name ?? 'default';
  }

  attach(download: DownloadView & Registry): void {
    const use: Use = {download, sent: undefined, doubted: false, refreshes: 0, origins: new Set()};
    download.register(Event.PREPARED, () => this.#begin(use));
    download.register(Event.REPLIED, ({reply}) => { if (reply.fault === undefined) use.doubted = false; }, {observe: true});
    download.register(Event.ERROR, async (event) => {
      const {sent} = use;
      if (event.repairable && sent?.url === download.url) await this.#mend(use, sent.kept, event);
    });
  }

  async #begin(use: Use): Promise<void> {
    const {download} = use;
    const known = contextOf(download).get(LOCATIONS.of(download.originalUrl, this.#name));
    const own = this.#expires === undefined ? undefined : {secret: new Secret(download.url), until: this.#expires};
    const kept = [known, own].find((one) => one !== undefined && holds(one, download));
    const reason = known === undefined && own === undefined ? 'first' : 'expired';
    send(use, kept ?? await this.#renew(use, undefined, reason));
  }

  async #mend(use: Use, kept: Kept, event: ErrorEvent): Promise<void> {
    const {error} = event;
    const {download} = use;
    const expired = !holds(kept, download);
    const refused = error instanceof ReplyFailed && REFUSALS.has(error.status);
    if (!refused) {
      // The attempt after this one would only be refused.
      if (expired && use.refreshes < MOST_REFRESHES && isPassing(event)) send(use, await this.#renew(use, kept, 'expired'));
      return;
    }
    if (use.refreshes >= MOST_REFRESHES || (use.doubted && !expired)) return;
    const origin = originOf(download.url);
    send(use, await this.#renew(use, kept, expired ? 'expired' : 'refused', error.status));
    use.doubted = true;
    event.repaired = event.refreshed = true;
    // The run repeats once an origin without charge; what is more is paid for here.
    if (use.origins.has(origin)) download.retries += 1;
    use.origins.add(origin);
  }

  /** One question, shared by all that need the location. @throws CredentialError */
  async #renew(use: Use, sent: Kept | undefined, reason: LocationAsked['reason'], status?: number): Promise<Kept> {
    const {download} = use;
    const context = contextOf(download);
    const key = LOCATIONS.of(download.originalUrl, this.#name);
    const known = context.get(key);
    const stale = known !== sent && known !== undefined && holds(known, download) ? undefined : known;
    use.refreshes++;
    try {
      return await context.refresh(key, stale, async (signal) => keep(await this.#refresh(download, {reason, status, signal})),
        {signal: download.signal});
    } catch (thrown) {
      if (thrown instanceof DownloadError && thrown.class === 'cancelled') throw thrown;
      const shown = redactUrl(download.originalUrl);
      throw new CredentialError(`no location: ${messageOf(thrown)}: ${shown}`, {cause: thrown, url: shown});
    }
  }
}

function send(use: Use, kept: Kept): void {
  use.download.url = kept.secret.reveal();
  use.sent = {kept, url: use.download.url};
}

function holds({until}: Kept, download: DownloadView): boolean {
  return until - contextOf(download).clock.time() > MARGIN;
}

function isPassing({class: faultClass}: ErrorEvent): boolean {
  return faultClass === 'transient' || faultClass === 'throttled' || faultClass === 'restart-free';
}

/** No fault of this shows what was answered. */
function keep(given: Location): Kept {
  const {url, expires} = (given as Location | undefined) ?? {url: ''};
  if (typeof url !== 'string' || !URL.canParse(url)) throw new CredentialError('expected a location with an absolute URL');
  const until = expires === undefined ? Infinity : timeOf(expires);
  if (Number.isNaN(until)) throw new CredentialError('expected expires as milliseconds since 1970 or a Date');
  return {secret: new Secret(url), until};
}

/** NaN for what is no time. */
function timeOf(value: unknown): number {
  if (value instanceof Date) return value.getTime();
  return typeof value === 'number' ? value : NaN;
}
