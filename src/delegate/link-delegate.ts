import type {DownloadView, Reply, Validation} from '../core/contract.js';
import {DownloadError, PolicyRefused, ValidationError} from '../core/errors.js';
import {Event, type Delegate, type ErrorEvent, type Registry} from '../core/event.js';
import {onlyKeys} from '../core/options.js';
import {hashStrength} from '../policy/hash-strength.js';
import {DigestValidation} from '../validation/digest-validation.js';
import {parseInstanceDigests} from './instance-digest.js';
import {parseLinks, type Link} from './link-header.js';
import {flag} from './metalink-delegate.js';
import {fetchMetalink, pickFile} from './metalink-source.js';
import {contextOf, MirrorJourney} from './mirror-journey.js';
import {MirrorTour, type Place} from './mirror-tour.js';
import {addProof, provenStrength} from './mirror-trust.js';

/** What a LinkDelegate is made with. */
export interface LinkDelegateOptions {
  /** Whether the duplicates may be asked though nothing strong proves what they give. @default false */
  allowUnverified?: boolean | undefined;
  /** Whether a metalink that the server names may be fetched, where its headers name no duplicate or no digest. @default true */
  describedBy?: boolean | undefined;
}

/** What the first source told one download. */
interface Told {
  readonly download: DownloadView;
  readonly journey: MirrorJourney;
  links: readonly Link[];
  /** The digest that we added. */
  digest: Validation | undefined;
  /** A body was begun, now or by an earlier run: what is added now would not see its first bytes. */
  receiving: boolean;
  /** The metalink was asked for. */
  described: boolean;
}

const LOWEST_PRIORITY = 999_999;
const METALINK = /^application\/metalink4\+xml\b/i;

/**
 * Listens to what a server says of its mirrors in the headers of its replies (Metalink/HTTP, RFC 6249): its Digest (RFC
 * 3230) becomes a validation unless the caller gave one as strong, and when the server fails, the download goes on to the
 * duplicates that it named, as with a MirrorDelegate. Without any digest the duplicates are left alone, and where nothing
 * else can help the run fails with PolicyRefused. Only the source that is asked first is listened to.
 */
export class LinkDelegate implements Delegate {
  readonly #allowUnverified: boolean;
  readonly #describedBy: boolean;

  /** @throws TypeError naming the option */
  constructor(options: LinkDelegateOptions = {}) {
    onlyKeys('link', options, ['allowUnverified', 'describedBy']);
    this.#allowUnverified = flag('link.allowUnverified', options.allowUnverified);
    this.#describedBy = flag('link.describedBy', options.describedBy ?? true);
  }

  attach(download: DownloadView & Registry): void {
    const journey = new MirrorJourney(download);
    const told: Told = {download, journey, links: [], digest: undefined, receiving: false, described: false};
    download.register(Event.SENT, ({offset}) => { told.receiving ||= offset > 0; }, {observe: true});
    download.register(Event.REPLIED, ({reply}) => { if (!journey.begun) listen(told, reply); });
    download.register(Event.ERROR, async (event) => {
      if (!journey.begun && event.repairable) await this.#begin(told, event);
      journey.moveOn(event);
    });
  }

  /** Makes a tour of what was told, if that can be trusted. @throws PolicyRefused */
  async #begin(told: Told, event: ErrorEvent): Promise<void> {
    const {download, journey} = told;
    const own: Place = {url: download.url, priority: -Infinity};
    let places = duplicatesOf(told.links);
    let trusted = provenStrength(download.validations) > 0;
    if (this.#describedBy && !told.described && (places.length === 0 || !trusted)) {
      told.described = true;
      const metalink = await describe(told, trusted);
      places = [...places, ...metalink.places];
      trusted = metalink.trusted;
    }
    if (places.length === 0) return;
    if (!trusted && !this.#allowUnverified) {
      if (isFinal(event)) throw refusal(download, places.length, event.error);
      return;
    }
    // Without a digest nothing but the encryption protects the bytes.
    const secure = trusted || !download.url.startsWith('https:');
    journey.join(new MirrorTour([own, ...places.filter(({url}) => secure || url.startsWith('https:'))], contextOf(download)));
  }
}

function listen(told: Told, reply: Reply): void {
  const links = [...reply.hops.flatMap(({url, headers}) => parseLinks(headers?.link ?? '', url)), ...linksOfReply(reply)];
  if (links.length > 0) told.links = links;
  if (reply.fault !== undefined || reply.notModified === true) return;
  told.receiving = true;
  // Only what sees the first byte can judge; and a HEAD has no bytes at all.
  if (reply.offset > 0 || (told.download as {readonly method?: unknown}).method === 'HEAD') return;
  takeDigest(told, reply.headers.digest ?? reply.hops.findLast(({headers}) => headers?.digest !== undefined)?.headers?.digest ?? '');
}

/** The last hop is the reply itself, of a protocol that tells headers of hops. */
function linksOfReply({hops, headers, url}: Reply): Link[] {
  return hops.at(-1)?.headers === undefined ? parseLinks(headers.link ?? '', url) : [];
}

/** What the same source said before is replaced; what the caller demands stays. */
function takeDigest(told: Told, header: string): void {
  const [best] = parseInstanceDigests(header);
  if (best === undefined) return;
  const {validations} = told.download;
  if (told.digest !== undefined) validations.splice(validations.indexOf(told.digest), 1);
  told.digest = undefined;
  if (provenStrength(validations) >= hashStrength(best.algorithm)) return;
  told.digest = new DigestValidation(best.algorithm, best.hex);
  told.download.append(told.digest);
}

function duplicatesOf(links: readonly Link[]): Place[] {
  return links.filter(({rels}) => rels.includes('duplicate')).map(({url, parameters}) => {
    const priority = Number(/^\d{1,6}$/.exec(parameters.get('pri') ?? '')?.[0] ?? LOWEST_PRIORITY);
    return {url, priority, preference: parameters.has('pref') ? 1 : 0, location: parameters.get('geo')?.toLowerCase()};
  });
}

/** Asks the metalink that the server named. It helps or it doesn't: its faults are not the download's. */
async function describe(told: Told, trusted: boolean): Promise<{places: readonly Place[]; trusted: boolean}> {
  const {download, links, receiving} = told;
  const link = links.find(({rels, parameters}) => rels.includes('describedby') && METALINK.test(parameters.get('type') ?? ''));
  if (link === undefined) return {places: [], trusted};
  try {
    const file = pickFile(await fetchMetalink(download, link.url), undefined, download.originalUrl);
    return {places: file.urls, trusted: trusted || (!receiving && addProof(download, file.size, file.hashes))};
  } catch (error) {
    if (!(error instanceof DownloadError) || error.class === 'cancelled') throw error;
    return {places: [], trusted};
  }
}

/** Whether asking the same source again can't help. */
function isFinal({class: faultClass, error, left}: ErrorEvent): boolean {
  return left === 0 || faultClass === 'fatal' || (faultClass === 'source-bad' && !(error instanceof ValidationError));
}

function refusal(download: DownloadView, count: number, cause: DownloadError): PolicyRefused {
  const addresses = `${count} other ${count === 1 ? 'address' : 'addresses'}`;
  return new PolicyRefused(`the server failed (${cause.code}) and names ${addresses}, but nothing proves what they give; `
    + 'expected a digest validation, or link.allowUnverified', {url: download.originalUrl, cause});
}
