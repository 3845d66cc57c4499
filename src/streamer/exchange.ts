import {DownloadError, NotAuthorized} from '../core/errors.js';
import type {ByteRange} from '../download/byte-range.js';
import {answerOf, type Answer, type Asked, type Representation} from './answer.js';
import type {ClientReply} from './client-reply.js';
import type {Entry} from './entry-book.js';
import type {ExchangeParts} from './exchange-parts.js';
import {Follower} from './follower.js';
import {ageOf, directivesOf, isFresh, mayBeStale, type Directives} from './freshness.js';
import type {Resource, StreamRequest} from './importer.js';
import {passThrough} from './pass-through.js';
import {rangeOf} from './range-request.js';
import {isAbsent, NOT_FOUND, NOT_STORED, problemOf} from './problem.js';
import {resourceOf} from './resource-of.js';
import {documentIn, rewrite, withoutOriginal} from './rewritten.js';
import {sendHeld} from './send-held.js';
import type {StreamStore} from './stream-store.js';

/** How often a client begins anew: after others failed, and when what was stored is gone. */
const TURNS = 3;

/** One request and its answer: from the store, along with a transfer, or straight through. */
export class Exchange {
  readonly #parts: ExchangeParts;
  readonly #reply: ClientReply;
  readonly #asked: Asked;
  readonly #request: StreamRequest;
  readonly #directives: Directives;
  /** A transfer of others failed under this client once. */
  #elected = false;

  constructor(parts: ExchangeParts, reply: ClientReply, asked: Asked, request: StreamRequest) {
    this.#parts = parts;
    this.#reply = reply;
    this.#asked = asked;
    this.#request = request;
    const control = asked.headers['cache-control'];
    this.#directives = directivesOf(Array.isArray(control) ? control.join(',') : control);
  }

  /** Never rejects: the client gets its answer, or its connection is reset. */
  async run(): Promise<void> {
    try {
      for (let turn = 0; turn < TURNS; turn++) if (await this.#turn()) return;
      this.#reply.refuse(problemOf(undefined));
    } catch (error) {
      if (this.#reply.gone.aborted) return;
      if (!(error instanceof DownloadError)) this.#parts.metrics.add('faults', {code: 'INTERNAL'});
      this.#reply.refuse(problemOf(error), this.#said('fwd=miss'));
    }
  }

  /** @returns whether the client was answered; else what was looked at is out of date, and it is looked at again */
  async #turn(): Promise<boolean> {
    const resource = await resourceOf(this.#parts.options.importer, this.#request);
    if (resource === undefined) {
      this.#reply.refuse(NOT_FOUND);
      return true;
    }
    const {store, options, negative, context} = this.#parts;
    if (store === undefined) return this.#passOn(resource);
    const entry = await store.find(resource);
    const fresh = entry !== undefined && (options.offline || isFresh(entry, resource, this.#directives, context.clock.time()));
    if (fresh) return this.#sendStored(store, entry, resource, 'hit');
    if (options.offline || this.#directives.has('only-if-cached')) {
      this.#reply.refuse(NOT_STORED, this.#said('detail=only-if-cached'));
      return true;
    }
    const absent = negative.get(resource.key);
    if (absent !== undefined) {
      this.#reply.refuse(absent, this.#said('hit; detail=negative'));
      return true;
    }
    try {
      if (this.#request.method === 'HEAD') return await this.#head(resource);
      const isUnknown = entry === undefined && !this.#parts.transfers.has(resource.key);
      return (isUnknown && await this.#passRange(resource)) || await this.#forward(store, entry, resource);
    } catch (error) {
      return this.#recover(error, store, entry, resource);
    }
  }

  async #passOn(resource: Resource): Promise<boolean> {
    const absent = this.#parts.negative.get(resource.key);
    if (absent !== undefined) {
      this.#reply.refuse(absent, this.#said('hit; detail=negative'));
      return true;
    }
    try {
      if (this.#request.method === 'HEAD') return await this.#head(resource);
      return await this.#passRange(resource) || await this.#pass(resource);
    } catch (error) {
      this.#noteAbsence(error, resource);
      throw error;
    }
  }

  #pass(resource: Resource, range?: ByteRange): Promise<boolean> {
    this.#reply.outcome = 'miss';
    return passThrough(this.#parts, this.#reply, this.#request, resource, (what, judged) => (
      this.#decide(what, judged ? 'fwd=miss' : 'fwd=miss; detail=unverified')
    ), range);
  }

  /** A range of what nobody would judge is asked for alone. @returns whether it was; else the whole is needed */
  async #passRange(resource: Resource): Promise<boolean> {
    const {range: header, 'if-range': condition} = this.#asked.headers;
    // A Download that is given as it is can't be made again.
    const mayAsk = typeof header === 'string' && condition === undefined && resource.digest === undefined && resource.transform === undefined
      && this.#parts.options.importer.resolve !== undefined;
    const asked = mayAsk ? rangeOf(header) : undefined;
    const range = asked !== undefined && 'last' in asked ? await this.#lastOf(asked.last, resource) : asked;
    return range !== undefined && this.#pass(resource, range);
  }

  /** The last bytes, for which the size must be known. Undefined: it isn't, or there is no such range. */
  async #lastOf(count: number, resource: Resource): Promise<ByteRange | undefined> {
    const {size} = await this.#parts.heads.ask(resource, this.#parts, this.#reply.gone);
    return size === undefined || size === 0 || count === 0 ? undefined : {start: Math.max(0, size - count)};
  }

  /** Asks for the head alone: a body is never fetched for it. */
  async #head(resource: Resource): Promise<boolean> {
    const {headers, size} = await this.#parts.heads.ask(resource, this.#parts, this.#reply.gone);
    const what = resource.transform === undefined ? {headers, size} : {headers: withoutOriginal(headers), size: undefined};
    this.#reply.outcome = 'miss';
    const answer = this.#decide(what, 'fwd=miss');
    this.#reply.begin(answer.status, answer.headers);
    await this.#reply.end();
    return true;
  }

  async #forward(store: StreamStore, entry: Entry | undefined, resource: Resource): Promise<boolean> {
    const {transfers, context, watch} = this.#parts;
    let fwd = entry === undefined ? 'fwd=uri-miss' : 'fwd=stale';
    const follower = new Follower(this.#reply, (what) => this.#decide(what, transfer.judged ? fwd : `${fwd}; detail=unverified`));
    const {transfer, own} = transfers.join(resource.key, follower, () => (
      {resource, store, context, entry, watch: (download) => { watch.attach(download); }}
    ));
    if (!own) fwd += '; collapsed';
    this.#reply.outcome = own ? 'miss' : 'join';
    try {
      const confirmed = resource.transform === undefined ? await follower.follow(transfer) : await follower.wait(transfer);
      if (confirmed !== undefined) return await this.#sendStored(store, confirmed, resource, 'revalidated');
      if (resource.transform !== undefined && transfer.part?.file !== undefined) {
        const {file, accepted, representation} = transfer.part;
        await this.#sendRewritten(resource, await documentIn(file, accepted), representation?.headers ?? {}, fwd);
      }
      return true;
    } catch (error) {
      const mayElect = !own && !this.#elected && transfer.end?.outcome === 'failed' && problemOf(error).status >= 500;
      if (!mayElect || this.#reply.begun || this.#reply.gone.aborted) throw error;
      this.#elected = true;
      return false;
    } finally {
      transfer.leave(follower);
    }
  }

  /** After a fault: what is stored may do, though it is stale. @throws the fault when not */
  async #recover(error: unknown, store: StreamStore, entry: Entry | undefined, resource: Resource): Promise<boolean> {
    this.#noteAbsence(error, resource);
    const isDown = error instanceof DownloadError && !(error instanceof NotAuthorized)
      && [429, 500, 502, 503, 504].includes(problemOf(error).status);
    const usable = entry !== undefined && isDown && !this.#reply.begun && !this.#reply.gone.aborted
      && mayBeStale(entry, resource, this.#parts.context.clock.time());
    if (!usable || !await this.#sendStored(store, entry, resource, 'stale')) throw error;
    return true;
  }

  #noteAbsence(error: unknown, {key}: Resource): void {
    if (error instanceof DownloadError && isAbsent(error)) this.#parts.negative.add(key, problemOf(error));
  }

  /** @returns false when it is gone: then nothing was sent */
  async #sendStored(store: StreamStore, entry: Entry, resource: Resource, how: 'hit' | 'revalidated' | 'stale'): Promise<boolean> {
    const holding = await store.open(entry);
    if (holding === undefined) return false;
    try {
      this.#reply.outcome = how;
      const status = how === 'hit' ? 'hit' : how === 'stale' ? 'hit; fwd=stale; detail=stale-if-error' : 'hit; fwd=stale; fwd-status=304';
      const age = String(ageOf(entry, this.#parts.context.clock.time()));
      if (resource.transform === undefined) {
        const headers = {etag: `"${entry.digest.algorithm}-${entry.digest.hex}"`, ...entry.headers, age};
        await sendHeld(this.#reply, holding, this.#decide({headers, size: entry.size}, status));
      } else {
        await this.#sendRewritten(resource, await documentIn(holding.file, entry.size), {...entry.headers, age}, status);
      }
      return true;
    } finally {
      holding.release();
    }
  }

  async #sendRewritten(resource: Resource, original: Buffer, headers: Representation['headers'], status: string): Promise<void> {
    const {representation, body} = await rewrite(resource, this.#request, original, headers);
    const answer = this.#decide(representation, status);
    this.#reply.begin(answer.status, answer.headers);
    if (!answer.bodiless) await this.#reply.write(body.subarray(answer.start, answer.end));
    await this.#reply.end();
  }

  #decide(what: Representation, status: string): Answer {
    return answerOf(this.#asked, what, this.#said(status));
  }

  #said(status: string): Record<string, string> {
    return {'cache-status': `jupiter; ${status}`, via: '1.1 jupiter'};
  }
}
