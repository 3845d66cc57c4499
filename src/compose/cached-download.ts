import type {Reply, Writer} from '../core/contract.js';
import type {NamedDigest} from '../core/digest.js';
import {CredentialError, DownloadError, DownloadFailed, HandlerError, NotAuthorized, PolicyRefused, WriterError} from '../core/errors.js';
import type {ErrorEvent} from '../core/event.js';
import {redactUrl} from '../core/redact.js';
import type {User} from '../core/settings.js';
import {originOf} from '../core/url.js';
import type {Attempt} from '../download/attempt.js';
import type {Clone} from '../download/clone.js';
import {Download} from '../download/download.js';
import {DOWNLOAD_OPTIONS} from '../download/download-options.js';
import type {DownloadResult} from '../download/result.js';
import {noRetry} from '../policy/retry-policy.js';
import {systemCode} from '../writer/disk-fault.js';
import {checkCached, type CachedDownloadOptions, type CachedFrom, type CachedResult} from './cached-download-options.js';
import {ContentFetches} from './content-fetches.js';
import type {ContentStore} from './content-store.js';
import {PrimedBody} from './primed-body.js';
import {demandsOf, wantedContent, type WantedContent} from './wanted-content.js';

const OPTIONS = [...DOWNLOAD_OPTIONS, 'download', 'store', 'offline', 'weakDigests'];
/** How often what was just fetched may be gone again before that can't be chance. */
const TRIES = 3;

/**
 * A download that looks into a ContentStore first. What the caller's enforced DigestValidations demand is taken from
 * the store; if it isn't there, `download` fetches it into the store, once for all who want it in one Context. Then the
 * bytes go to the writer, past all validations. Content that turns out damaged is dropped and fetched once anew.
 * Without such a digest the bytes pass through and are not kept.
 *
 * Retries, mirrors and tokens belong to `download`: attach delegates there. Those attached here see one attempt for a
 * whole run of it, and a repair asks a clone of it.
 */
export class CachedDownload<A = unknown> extends Download<A> {
  readonly #store: ContentStore;
  readonly #offline: boolean;
  readonly #weak: boolean;
  #download: Download;
  #used = false;
  #from: CachedFrom | undefined;
  #upstream: DownloadResult | undefined;
  /** What the present attempt reads from the store. */
  #served: NamedDigest | undefined;
  #refetched = false;

  /** @throws TypeError, RangeError naming the option */
  constructor(options: CachedDownloadOptions<A>) {
    const {download, store, offline = false, weakDigests = false} = checkCached(options);
    super({
      ...options, url: options.url ?? download.url, context: options.context ?? download.context, retry: options.retry ?? noRetry(),
    }, OPTIONS);
    this.#download = download;
    this.#store = store;
    this.#offline = offline;
    this.#weak = weakDigests;
  }

  /** As every download, and says where the bytes came from. @throws DownloadError @throws TypeError at a second call */
  override async run(signal?: AbortSignal): Promise<CachedResult<A>> {
    const result = await super.run(signal);
    return Object.freeze({...result, from: this.#from, upstream: this.#upstream});
  }

  override clone(): Clone<this> {
    const copy = super.clone();
    copy.#download = this.#download.clone();
    return copy;
  }

  /** None: the download that fetches takes its own. */
  protected override permitFor(): undefined {
    return undefined;
  }

  protected override async send(attempt: Attempt): Promise<Reply> {
    const wanted = wantedContent(this.validations, this.#store.algorithm, this.#weak);
    if (wanted === undefined) return this.#passOn(attempt);
    this.#from = 'store';
    this.#upstream = undefined;
    this.#served = undefined;
    for (let n = 0; ; n++) {
      const body = await this.#open(wanted);
      if (body !== undefined) return {...this.#head(attempt), length: body.size, body: body.bytes};
      if (n === TRIES) throw new WriterError(`the store loses what is put into it: ${this.#store.folder}`, this.#store.folder);
      await this.#fetchOnce(wanted, attempt);
    }
  }

  /** Bytes from the store that turned out wrong are nobody's fault but the store's: dropped, and fetched again at no cost. */
  protected override async onError(event: ErrorEvent): Promise<void> {
    const served = this.#served;
    this.#served = undefined;
    if (served === undefined || this.#refetched || !event.repairable) return;
    if (await this.#store.check(served) === 'good') return;
    this.#refetched = true;
    this.retries += 1;
    event.repaired = true;
  }

  /** Opens the content, if the store has it. A writer that can't start again gets no byte that was not verified before. */
  async #open(wanted: WantedContent): Promise<{readonly size: number; readonly bytes: PrimedBody} | undefined> {
    for (const digest of wanted.digests) {
      const content = await this.#store.get(digest);
      if (content === undefined || (!canStartAgain(this.writer) && await this.#store.check(digest) !== 'good')) continue;
      this.#served = digest;
      try {
        return {size: content.size, bytes: await PrimedBody.start(content.read({verify: false}))};
      } catch (error) {
        if (systemCode(error) !== 'ENOENT') throw error;
      }
      this.#served = undefined;
    }
    return undefined;
  }

  /**
   * One fetch for all who want the content. A fault that may be its owner's alone (another address, credentials,
   * handlers, time limits) is nobody else's: then those who waited fetch by themselves, together if they ask the same.
   */
  async #fetchOnce(wanted: WantedContent, attempt: Attempt): Promise<void> {
    this.#refuseOffline(attempt);
    const fetches = ContentFetches.of(attempt.context);
    const fetch = (signal: AbortSignal): Promise<CachedFrom> => this.#fetch(wanted, attempt, signal);
    const content = [this.#store.folder, ...wanted.digests.map(({algorithm, hex}) => `${algorithm} ${hex}`)];
    for (const key of [content, [...content, attempt.url]]) {
      const {own, url, value, error} = await fetches.join(JSON.stringify(key), attempt.url, fetch, attempt.signal);
      if (value !== undefined) {
        this.#from = own ? value : 'shared';
        return;
      }
      attempt.signal.throwIfAborted();
      if (own || (url === attempt.url && isEverybodys(error))) throw error as DownloadError;
    }
    this.#from = await fetch(attempt.signal);
  }

  /** Fetches into the store, unless somebody was faster. */
  async #fetch(wanted: WantedContent, attempt: Attempt, signal: AbortSignal): Promise<CachedFrom> {
    for (const digest of wanted.digests) if (await this.#store.has(digest)) return 'store';
    const writer = this.#store.writer([wanted.algorithm]);
    const download = this.#source(attempt, writer);
    download.observe(writer);
    this.#upstream = await download.run(signal);
    if (writer.content === undefined) throw unfetched(this.#upstream);
    return 'source';
  }

  /** Without a digest to keep it by: through a temporary file of the store, so that the download can still start again. */
  async #passOn(attempt: Attempt): Promise<Reply> {
    this.#refuseOffline(attempt);
    this.#from = 'source';
    const spool = await this.#store.spool();
    const upstream = this.#upstream = await this.#source(attempt, spool.writer).run(attempt.signal);
    if (upstream.outcome !== 'fetched') throw unfetched(upstream);
    return {...this.#head(attempt), length: upstream.facts.size, body: await spool.take()};
  }

  /** The download that asks: the one given, at the second time a clone of it. */
  #source(attempt: Attempt, writer: Writer): Download {
    const download = this.#used ? this.#download.clone() : this.#download;
    this.#used = true;
    download.context = attempt.context;
    download.writer = writer;
    if (attempt.url !== download.url) download.url = withUser(attempt.url, this.userFor(originOf(attempt.url)));
    const headers = {...this.headersFor(originOf(attempt.url)), ...attempt.headers};
    if (Object.keys(headers).length > 0) download.headers = {...download.headers, ...headers};
    for (const validation of demandsOf(this.validations)) download.append(validation);
    return download;
  }

  /** What the source said, when it was asked; from the store nothing but the bytes is known. */
  #head({url}: Attempt): Reply {
    const {status, headers, hops, url: from, validators} = this.#upstream?.reply
      ?? {status: 200, headers: {}, hops: [], url: redactUrl(url), validators: {}};
    return {status: status === 206 ? 200 : status, headers, hops, url: from, validators, offset: 0, framing: 'length'};
  }

  #refuseOffline({url}: Attempt): void {
    if (this.#offline) throw new PolicyRefused(`it is not in the store, and offline nothing may be asked: ${redactUrl(url)}`, {url});
  }
}

function canStartAgain(writer: Writer): boolean {
  return writer.abilities.rewind && writer.rewind !== undefined && writer.floor === 0;
}

/** Whether a fault would have met every download that asked the same. */
function isEverybodys(error: unknown): boolean {
  return error instanceof DownloadError && error.class !== 'cancelled'
    && !(error instanceof NotAuthorized || error instanceof CredentialError || error instanceof HandlerError);
}

function unfetched({url, outcome}: DownloadResult): DownloadFailed {
  return new DownloadFailed(`the composed download ended as '${outcome}' without any bytes: ${url}`, {url});
}

function withUser(url: string, user: User | undefined): string {
  if (user === undefined) return url;
  const full = new URL(url);
  full.username = encodeURIComponent(user.name);
  full.password = encodeURIComponent(user.password.reveal());
  return full.href;
}
