import {createHash} from 'node:crypto';
import {authorization} from '../../core/credentials.js';
import {Context} from '../../core/context.js';
import type {ContextView, KeptVersion, RetryPolicy, Validation} from '../../core/contract.js';
import {PolicyRefused, type DownloadError} from '../../core/errors.js';
import {Event, type Delegate} from '../../core/event.js';
import {duration, misuse} from '../../core/options.js';
import {redactUrl} from '../../core/redact.js';
import type {Download} from '../../download/download.js';
import type {ByteRange} from '../../download/byte-range.js';
import {Factory} from '../../factory/factory.js';
import {Remote, type RemoteOptions} from '../../factory/remote.js';
import {hastyRetry, STREAM_LIMITS} from '../patience.js';
import {BufferWriter} from '../../writer/buffer-writer.js';

/** What the importers that come with the streamer are made with: where from, and everything that a Remote knows of it. */
export interface UpstreamOptions extends Omit<RemoteOptions, 'url' | 'digests' | 'retry'> {
  /** The folder that all is below, http or https, without a query. A name and password in it are lifted out. */
  upstream: string;
  /** Shared connections, limits and indexes; left open by `close`. @default one of its own, closed by `close` */
  context?: ContextView | undefined;
  /** @default two repeats, after 200 and 400 ms at most: a client waits */
  retry?: RetryPolicy | undefined;
  /** How long a stored mutable document is fresh when upstream says nothing, ms. @default 60_000 */
  ttl?: number | false | undefined;
  /** `true`: nothing is asked of upstream; what is not stored fails with PolicyRefused. @default false */
  offline?: boolean | undefined;
}

/** What one download from upstream is made with. */
export interface UpstreamRequest {
  readonly accept?: string | undefined;
  /** The version that is stored: asked for again only if it changed. */
  readonly known?: KeptVersion | undefined;
  /** Only these bytes. */
  readonly range?: ByteRange | undefined;
  readonly validations?: readonly Validation[] | undefined;
  /** Takes part once the download is made. */
  readonly delegate?: Delegate | undefined;
}

/** Charged repairs of an index: a client is waiting. */
const INDEX_RETRIES = 1;
/** bytes. The same bound as the streamer's for documents. */
const LARGEST_DOCUMENT = 64 * 1024 * 1024;

/** The place that an importer gets everything from, and the Context that it does so in. */
export class Upstream {
  /** Ends in a slash. */
  readonly base: string;
  readonly origin: string;
  /** Of the folder and its mirrors, each with its port, unless that is the scheme's own. */
  readonly hosts: ReadonlySet<string>;
  readonly context: ContextView;
  /** Milliseconds. */
  readonly ttl: number;
  /** Tells what this importer may see from what another may; shows no secret. */
  readonly identity: string;
  readonly #factory: Factory;
  readonly #own: Context | undefined;
  readonly #offline: boolean;

  /** @throws TypeError, RangeError naming the option */
  constructor({upstream, context, ttl, offline, retry = hastyRetry(), ...rest}: UpstreamOptions) {
    if (offline !== undefined && typeof offline !== 'boolean') throw misuse('offline', offline, 'true or false');
    const remote = new Remote({...rest, retry, url: folderOf(upstream), digests: []});
    this.base = remote.url;
    this.origin = remote.origin;
    this.hosts = new Set([remote, ...remote.mirrors].map(({url}) => new URL(url).host));
    this.ttl = duration('ttl', ttl, 60_000);
    this.identity = identityOf(remote);
    this.#offline = offline ?? false;
    this.#own = context === undefined ? new Context({limits: STREAM_LIMITS}) : undefined;
    this.context = context ?? (this.#own as Context);
    this.#factory = new Factory({remote, context: this.context});
  }

  /**
   * The address of a path below the folder, whose segments are percent-encoded already.
   * @returns undefined when it would be anywhere else
   */
  url(segments: readonly string[], query = ''): string | undefined {
    const text = `${this.base}${segments.join('/')}${query === '' ? '' : `?${query}`}`;
    if (!URL.canParse(text)) return undefined;
    const {href, hash} = new URL(text);
    return href.startsWith(this.base) && hash === '' ? href : undefined;
  }

  /** A download of an address, below the folder or one that upstream's own documents name. */
  download(url: string, {accept, known, range, validations, delegate}: UpstreamRequest = {}): Download {
    const delegates = delegate === undefined ? [] : [delegate];
    const download = this.#factory.build(url, {validations, delegates, options: {ifChanged: known, range}});
    if (accept !== undefined) download.headers = {...download.headers, accept};
    if (this.#offline) failWith(download, this.#refusal(url));
    return download;
  }

  /** A download that is over before it begins: for what may be stored, and can't be had now. */
  failing(url: string, fault: DownloadError): Download {
    const download = this.#factory.build(url);
    failWith(download, fault);
    return download;
  }

  /** The bytes of an index. @throws DownloadError */
  async document(url: string, request: UpstreamRequest, signal: AbortSignal): Promise<Buffer> {
    const download = this.download(url, request);
    const writer = new BufferWriter({limit: LARGEST_DOCUMENT});
    download.writer = writer;
    download.retries = Math.min(download.retries, INDEX_RETRIES);
    await download.run(signal);
    return writer.content();
  }

  /** Closes the Context, unless it was given. */
  async close(): Promise<void> {
    await this.#own?.close();
  }

  #refusal(url: string): PolicyRefused {
    return new PolicyRefused(`${redactUrl(url)}: expected it in the store, since upstream is not to be asked`, {url});
  }
}

function failWith(download: Download, fault: DownloadError): void {
  download.register(Event.PREPARED, () => { throw fault; });
}

function folderOf(upstream: string): string {
  if (typeof upstream !== 'string' || !URL.canParse(upstream)) throw misuse('upstream', upstream, 'the URL of a folder');
  const url = new URL(upstream);
  if (!/^https?:$/.test(url.protocol)) throw misuse('upstream', redactUrl(url), 'a URL with scheme http or https');
  if (url.search !== '' || url.hash !== '') throw misuse('upstream', redactUrl(url), 'a URL without query and fragment');
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url.href;
}

function identityOf(remote: Remote): string {
  const credential = remote.credentials.for(remote.origin, new URL(remote.url).pathname);
  const secret = JSON.stringify([credential === undefined ? '' : authorization(credential), remote.headers]);
  return createHash('sha256').update(secret).digest('hex');
}
