import type {DownloadView} from '../core/contract.js';
import {PolicyRefused} from '../core/errors.js';
import {Event, type Delegate, type Registry} from '../core/event.js';
import {misuse, onlyKeys, wholeNumber} from '../core/options.js';
import {redactUrl, show} from '../core/redact.js';
import {parseMetalink, type Metalink, type MetalinkFile} from '../policy/metalink.js';
import {fetchMetalink, pickFile} from './metalink-source.js';
import {originalOf, withOriginal, type Original} from './mirror-delegate.js';
import {contextOf, MirrorJourney} from './mirror-journey.js';
import {MirrorTour} from './mirror-tour.js';
import {addProof} from './mirror-trust.js';

/** What a MetalinkDelegate is made with: `url` or `document`. */
export interface MetalinkDelegateOptions {
  /** Where the Metalink 4 document is (RFC 5854). Fetched once a Context, however many downloads wait. */
  url?: string | undefined;
  /** The document itself, or what `parseMetalink` made of it: so several delegates read it once. */
  document?: string | Metalink | undefined;
  /**
   * The name or path of the file in it.
   * @default the only file of the document, or the one that is called like the end of the download's URL
   */
  file?: string | undefined;
  /** Whether its addresses may be asked though nothing strong proves what they give. @default false */
  allowUnverified?: boolean | undefined;
  /** Whether the download's own URL is a source too, and when. @default 'never' */
  original?: Original | undefined;
  /** How long a fetched document holds, ms. @default as long as the Context */
  ttl?: number | undefined;
}

/**
 * Fetches a file by its Metalink 4 description: size and the strongest digest become validations beside the caller's
 * own, and the download goes from one of the addresses to the next as with a MirrorDelegate. Fails with PolicyRefused
 * when neither the caller nor the document has a digest that can be trusted (SHA-224 and longer, or any of the caller's).
 */
export class MetalinkDelegate implements Delegate {
  readonly #url: string | undefined;
  readonly #document: Metalink | undefined;
  readonly #file: string | undefined;
  readonly #allowUnverified: boolean;
  readonly #original: Original;
  readonly #ttl: number | undefined;
  readonly #files = new WeakMap<DownloadView, MetalinkFile>();

  /** @throws TypeError, RangeError naming the option; ValidationError when `document` is no metalink */
  constructor(options: MetalinkDelegateOptions) {
    onlyKeys('metalink', options, ['url', 'document', 'file', 'allowUnverified', 'original', 'ttl']);
    const {url, document, file, allowUnverified, original, ttl} = options;
    if ((url === undefined) === (document === undefined)) throw new TypeError('metalink: expected exactly one of url and document');
    if (url !== undefined && !URL.canParse(url)) throw misuse('metalink.url', url, 'an absolute URL');
    if (file !== undefined && typeof file !== 'string') throw misuse('metalink.file', file, 'a name');
    if (ttl !== undefined && url === undefined) throw new TypeError('metalink.ttl: expected metalink.url beside it, got none');
    this.#url = url;
    this.#document = typeof document === 'object' && Array.isArray(document.files) ? document : parsed(document);
    this.#file = file;
    this.#allowUnverified = flag('metalink.allowUnverified', allowUnverified);
    this.#original = originalOf('metalink', original);
    this.#ttl = ttl === undefined ? undefined : wholeNumber('metalink.ttl', ttl, 0);
  }

  /** What the document says of a download's file, pieces included; undefined before its PREPARED. */
  fileOf(download: DownloadView): MetalinkFile | undefined {
    return this.#files.get(download);
  }

  attach(download: DownloadView & Registry): void {
    const journey = new MirrorJourney(download);
    download.register(Event.PREPARED, async () => {
      const metalink = this.#document ?? await fetchMetalink(download, this.#url as string, this.#ttl);
      const file = pickFile(metalink, this.#file, download.originalUrl);
      this.#files.set(download, file);
      this.#prove(download, file);
      const places = withOriginal(file.urls, download.originalUrl, this.#original);
      const none = `there is no mirror: ${this.#name} has no http address of ${show(file.name)}`;
      journey.begin(new MirrorTour(places, contextOf(download)), none);
    });
    download.register(Event.ERROR, (event) => { journey.moveOn(event); });
  }

  /** @throws PolicyRefused */
  #prove(download: DownloadView, {name, size, hashes}: MetalinkFile): void {
    if (addProof(download, size, hashes) || this.#allowUnverified) return;
    const best = hashes[0] === undefined ? 'no digest' : `no digest stronger than ${hashes[0].algorithm}`;
    throw new PolicyRefused(`${this.#name} has ${best} for ${show(name)}, so nothing proves what its mirrors give; `
      + 'expected a digest validation, or metalink.allowUnverified', {url: download.originalUrl});
  }

  get #name(): string {
    return this.#url === undefined ? 'the metalink' : `the metalink ${redactUrl(this.#url)}`;
  }
}

/** @throws TypeError, ValidationError */
function parsed(document: MetalinkDelegateOptions['document']): Metalink | undefined {
  return document === undefined ? undefined : parseMetalink(document as string);
}

/** @throws TypeError naming the option */
export function flag(option: string, value: unknown): boolean {
  if (value !== undefined && typeof value !== 'boolean') throw misuse(option, value, 'true or false');
  return value ?? false;
}
