import type {Continuation, Reply, Writer} from '../core/contract.js';
import {ProtocolError, ResumeRejected, TooLarge, type DownloadError} from '../core/errors.js';
import {Attempt, untilAborted} from '../download/attempt.js';
import {isProven} from '../download/byte-sequence.js';
import type {Clone} from '../download/clone.js';
import {HttpDownload, type HttpDownloadOptions} from '../download/http-download.js';
import type {DownloadResult} from '../download/result.js';
import {GOVERNOR, Governor} from '../policy/governor.js';
import {LentBody} from './lent-body.js';
import {PieceValidation} from './piece-digests.js';
import type {Intended} from './piece-intake.js';
import {SegmentJob} from './segment-job.js';
import {SEGMENT_OPTIONS, SegmentTerms, type SegmentOptions} from './segment-options.js';
import {SegmentPool} from './segment-pool.js';
import {SegmentSource, sumOf, type SourceReport} from './segment-source.js';

/** What a SegmentedDownload is made with. */
export interface SegmentedDownloadOptions<A = unknown> extends HttpDownloadOptions<A>, SegmentOptions {}

/** What a SegmentedDownload came to. */
export interface SegmentedResult<A = unknown> extends DownloadResult<A> {
  /** Who gave the pieces; none when all came in one stream. */
  readonly sources: readonly SourceReport[];
}

/** Asks for everything in a way that shows whether parts can be had. Nothing is here yet, so that nothing can be mixed. */
const PROBE: Continuation = Object.freeze({offset: 0, key: Object.freeze({hop: ''}), proven: true});

/**
 * A download over several connections. The first request asks for the range from byte 0: a 206 of a file that is large
 * enough, under a key as in transfer.md 3, is the first transfer of several; anything else is one ordinary stream. The
 * writer must be able to write anywhere (FileWriter); with others it is an HttpDownload.
 *
 * Each transfer takes a permit of its own. Faults of one transfer are mended by the others; when none is left, ERROR is
 * told, and the next attempt goes on with the pieces that are there. A source that refuses a part turns the download into
 * one stream.
 */
export class SegmentedDownload<A = unknown> extends HttpDownload<A> {
  #terms: SegmentTerms;
  #job: SegmentJob | undefined;
  /** Those of all attempts. */
  #sources: SegmentSource[] = [];
  /** Whether what an earlier run left was looked at. */
  #looked = false;
  /** All pieces were handed over: asked again, some of them are wrong. */
  #handed = false;
  /** One stream, from now on. */
  #single = false;
  #weak = false;

  /** @throws TypeError, RangeError naming the option, the value and what was expected */
  constructor(options: SegmentedDownloadOptions<A>) {
    const [own, rest] = split(options);
    super(rest);
    const terms = this.#terms = new SegmentTerms(own);
    if (rest.range !== undefined) throw new TypeError('range: expected none in a download by segments, which fetches whole files');
    if (terms.demanding) this.append(new PieceValidation(() => terms.pieces));
  }

  /** As every download, and says who gave the pieces. @throws DownloadError @throws TypeError at a second call */
  override async run(signal?: AbortSignal): Promise<SegmentedResult<A>> {
    const result = await super.run(signal);
    const sources = sumOf(this.#sources.map((source) => source.report()));
    return Object.freeze({...result, unverifiedResume: result.unverifiedResume || (this.#weak && !this.#proven), sources});
  }

  override clone(): Clone<this> {
    const copy = super.clone();
    copy.#terms = this.#terms;
    return copy;
  }

  /** None when there are several transfers: each takes its own. */
  protected override permitFor(url: string): string | undefined {
    return this.#scatters ? undefined : super.permitFor(url);
  }

  protected override async send(attempt: Attempt): Promise<Reply> {
    if (this.#handed) this.#forget(true);
    const job = this.#scatters ? await this.#jobFor(attempt) : undefined;
    if (!this.#scatters || (job === undefined && attempt.resume !== undefined)) return super.send(attempt);
    const segment = job?.map.take() ?? {next: 0, end: 1};
    const inner = this.#attemptFor(attempt, attempt.url, job?.continuation(segment, attempt.url) ?? PROBE, attempt.condition);
    const reply = await this.#ask(inner).catch((thrown: unknown) => {
      job?.map.release(segment);
      throw endOf(inner, thrown);
    });
    if (reply.fault !== undefined || reply.body === undefined) {
      inner.end(reply.fault);
      job?.map.release(segment);
      if (reply.fault instanceof ResumeRejected) this.#forget(true);
      return job === undefined && this.#single ? super.send(attempt) : reply;
    }
    const taken = reply.status === 206 && job !== undefined ? job : SegmentJob.from(reply, attempt.url, this.#terms, this.#proven);
    if (taken === undefined) {
      this.#forget(false);
      return {...reply, body: new LentBody(reply.body, inner)};
    }
    return this.#scatter(taken, reply, attempt, {attempt: inner, segment: job === undefined ? taken.map.takeAll() : segment});
  }

  /** Hands the head over, then fetches piece by piece. @returns the head: the bytes are in the writer */
  async #scatter(job: SegmentJob, reply: Reply, attempt: Attempt, first: Omit<Intended, 'source'>): Promise<Reply> {
    const {map, digests} = job;
    const head = job.headOf(reply);
    let writer: Writer;
    try {
      writer = await attempt.accept(head);
    } catch (thrown) {
      map.release(first.segment);
      const fault = endOf(first.attempt, thrown);
      first.attempt.abort();
      await reply.body?.[Symbol.asyncIterator]().return?.().catch(() => undefined);
      throw fault;
    }
    this.#job = job;
    job.begun = true;
    this.#weak = job.key.etag === undefined;
    const sources = this.#sourcesFor(attempt.url, job.proven);
    this.#sources.push(...sources);
    const pool = new SegmentPool({
      map, digests, writer, attempt, sources, download: this, workers: this.#terms.segments,
      algorithm: job.algorithm(writer.abilities.resume),
      attemptFor: (url, resume) => this.#attemptFor(attempt, url, resume),
      continuation: (segment, url) => job.continuation(segment, url),
      ask: (inner) => this.#ask(inner), isSame: (whole) => job.isSame(whole),
    });
    attempt.offset = map.held;
    try {
      await pool.run({...first, source: sources[0] as SegmentSource}, reply);
    } catch (thrown) {
      const fault = attempt.faultOf(thrown);
      if (fault instanceof ResumeRejected) this.#forget(true);
      if (fault instanceof ProtocolError || fault instanceof TooLarge) this.#forget(false);
      throw fault;
    }
    this.#handed = true;
    // From here on the bytes are counted as they are read back.
    attempt.offset = 0;
    attempt.accepted = 0;
    return head;
  }

  /** What is there already: of an earlier attempt, or an earlier run. */
  async #jobFor({url, signal}: Attempt): Promise<SegmentJob | undefined> {
    if (!this.#looked) {
      this.#looked = true;
      const kept = await untilAborted(Promise.resolve(this.writer.keptPieces?.()), signal);
      this.#job = kept === undefined ? undefined : SegmentJob.after(kept, url, this.#terms, this.#proven);
    }
    if (this.#job?.mayGoOnAt(url) === false) this.#job = undefined;
    return this.#job;
  }

  #attemptFor(outer: Attempt, url: string, resume: Continuation, condition?: Attempt['condition']): Attempt {
    const {number, context, headers, signal} = outer;
    const governor = context.share(GOVERNOR, () => new Governor(context.limits, context));
    return new Attempt({number, url, context, governor, timeout: this.timeout, signal, headers, resume, condition});
  }

  async #ask(attempt: Attempt): Promise<Reply> {
    return attempt.answered(await super.send(attempt));
  }

  #sourcesFor(url: string, proven: boolean): SegmentSource[] {
    return [...new Set([url, ...proven ? this.#terms.sources : []])].map((one) => new SegmentSource(one));
  }

  #forget(single: boolean): void {
    this.#single ||= single;
    this.#job = undefined;
    this.#handed = false;
    this.#weak = false;
    this.#sources = [];
  }

  get #scatters(): boolean {
    const {writer} = this;
    return !this.#single && this.#terms.segments > 1 && (writer.abilities as Writer['abilities'] | undefined)?.positional === true
      && typeof writer.writeAt === 'function' && typeof writer.read === 'function';
  }

  get #proven(): boolean {
    return isProven(this.validations, ['digest']);
  }
}

/** The fault of an inner attempt, which is over. */
function endOf(attempt: Attempt, thrown: unknown): DownloadError {
  const fault = attempt.faultOf(thrown);
  attempt.end(fault);
  return fault;
}

function split<A>(options: SegmentedDownloadOptions<A>): [SegmentOptions, HttpDownloadOptions<A>] {
  const names: readonly string[] = SEGMENT_OPTIONS;
  if (typeof options !== 'object' || (options as object | null) === null) return [{}, options];
  const of = (own: boolean): object => Object.fromEntries(Object.entries(options).filter(([name]) => names.includes(name) === own));
  return [of(true), of(false) as HttpDownloadOptions<A>];
}
