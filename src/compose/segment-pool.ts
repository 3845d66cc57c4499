import type {Continuation, DownloadView, Reply} from '../core/contract.js';
import {DigestMismatch, Interrupted, ProtocolError, ResumeRejected, type DownloadError} from '../core/errors.js';
import {redactUrl} from '../core/redact.js';
import type {Attempt} from '../download/attempt.js';
import {RepairBudget} from '../download/repair-budget.js';
import {PieceIntake, type IntakeParts, type Intended} from './piece-intake.js';
import type {Segment} from './piece-map.js';
import type {SegmentSource} from './segment-source.js';

/** What a pool is made with. */
export interface PoolParts extends Omit<IntakeParts, 'blame'> {
  readonly download: DownloadView;
  /** Where pieces may be had; the first one is preferred among equals. */
  readonly sources: readonly SegmentSource[];
  /** Transfers at once. */
  readonly workers: number;
  /** An attempt of its own for a segment. */
  readonly attemptFor: (url: string, resume: Continuation) => Attempt;
  readonly continuation: (segment: Segment, url: string) => Continuation;
  readonly ask: (attempt: Attempt) => Promise<Reply>;
  /** Whether a whole body is of the version that the pieces are of. */
  readonly isSame: (reply: Reply) => boolean;
}

interface Worker extends Intended {
  segment: Segment;
  /** It was told to end; what it throws counts no more. */
  stopped: boolean;
  done: Promise<void>;
}

/** So many wrong pieces, and a source is asked no more. */
const MOST_BAD = 2;

/**
 * Fetches the missing pieces of a file by several transfers at once. An idle one halves the largest rest of another. What
 * a failed one leaves goes to the others; it comes back after the delay of the retry policy, as long as the budget of
 * repairs lasts. When none is left the fault is that of the attempt.
 */
export class SegmentPool {
  readonly #parts: PoolParts;
  readonly #intake: PieceIntake;
  readonly #budget: RepairBudget;
  readonly #workers = new Set<Worker>();
  readonly #rests = new Set<Promise<void>>();
  readonly #over = new AbortController();
  #retired = 0;
  #faults = 0;
  /** One transfer brings all of it. */
  #turned = false;
  #failure: DownloadError | undefined;
  #last: DownloadError | undefined;

  constructor(parts: PoolParts) {
    this.#parts = parts;
    this.#intake = new PieceIntake({...parts, blame: (source, piece, error) => this.#blame(source, piece, error)});
    this.#budget = new RepairBudget(parts.download.retry, parts.attempt.context);
  }

  /** Until every piece is there. The first transfer has its reply already. No write is under way afterwards. @throws DownloadError */
  async run(first: Intended, reply: Reply): Promise<void> {
    const {map} = this.#parts;
    try {
      first.source.active++;
      this.#start(first, reply);
      for (;;) {
        this.#fill();
        if (this.#failure !== undefined) throw this.#failure;
        if (this.#workers.size === 0) {
          if (map.complete) return;
          throw this.#last ?? new Interrupted(`${map.held} of ${map.total} bytes came`, map.total, map.held);
        }
        await Promise.race([...[...this.#workers].map(({done}) => done), ...this.#rests]);
      }
    } finally {
      this.#over.abort();
      await this.#stop(() => true);
      await Promise.all(this.#rests);
    }
  }

  #fill(): void {
    const {workers, attemptFor, continuation} = this.#parts;
    if (this.#turned || this.#failure !== undefined) return;
    const taken: Pick<Intended, 'segment' | 'source'>[] = [];
    for (let free = workers - this.#workers.size - this.#rests.size - this.#retired; free > 0; free--) {
      const next = this.#next();
      if (next === undefined) break;
      next.source.active++;
      taken.push(next);
    }
    // Only now is it known how far each of them goes: those that begin together share what there is.
    for (const {segment, source} of taken) {
      this.#start({segment, source, attempt: attemptFor(source.url, continuation(segment, source.url))});
    }
  }

  /** What is to be fetched next, and from whom: who failed less often, then who has less to do. */
  #next(): Pick<Intended, 'segment' | 'source'> | undefined {
    for (const source of this.#alive.sort((one, other) => one.faults - other.faults || one.active - other.active)) {
      const segment = this.#parts.map.take((piece) => !source.bad.has(piece));
      if (segment !== undefined) return {segment, source};
    }
    return undefined;
  }

  get #alive(): SegmentSource[] {
    return this.#parts.sources.filter(({dropped}) => dropped === undefined);
  }

  #start(intended: Intended, reply?: Reply): void {
    const worker: Worker = {...intended, stopped: false, done: Promise.resolve()};
    this.#workers.add(worker);
    worker.done = this.#work(worker, reply).then((fault) => {
      this.#workers.delete(worker);
      worker.source.active--;
      this.#parts.map.release(worker.segment);
      if (fault !== undefined && !worker.stopped) this.#judge(fault, worker);
    });
  }

  async #work(worker: Worker, given: Reply | undefined): Promise<DownloadError | undefined> {
    const {attempt, source} = worker;
    let reply = given;
    let fault: DownloadError | undefined;
    try {
      source.requests++;
      reply ??= await this.#parts.ask(attempt);
      if (reply.fault !== undefined) throw reply.fault;
      if (reply.status !== 206) await this.#turn(reply, worker);
      await this.#intake.receive(reply, worker);
    } catch (thrown) {
      fault = attempt.faultOf(thrown);
      attempt.abort();
      await reply?.body?.[Symbol.asyncIterator]().return?.().catch(() => undefined);
    } finally {
      attempt.end(fault);
    }
    return fault;
  }

  /** A source that sends the whole gets the whole to do, if it is the last one and has the same version. @throws ResumeRejected */
  async #turn(reply: Reply, worker: Worker): Promise<void> {
    const {map, isSame} = this.#parts;
    const url = redactUrl(worker.source.url);
    if (worker.stopped || this.#turned || this.#alive.some((one) => one !== worker.source) || !isSame(reply)) {
      throw new ResumeRejected(`the whole (${reply.status}) came for a range, or another version: ${url}`, {url});
    }
    this.#turned = true;
    await this.#stop((other) => other !== worker);
    worker.segment = map.takeAll();
  }

  #judge(fault: DownloadError, {source, attempt}: Worker): void {
    this.#last = fault;
    if (fault.class === 'local' || fault.class === 'cancelled') this.#failure ??= fault;
    else if (fault.class === 'transient' || fault.class === 'throttled') this.#rest(fault, source, attempt);
    else this.#drop(source, fault);
  }

  /** Another try, by whoever is free; this transfer comes back later. */
  #rest(fault: DownloadError, source: SegmentSource, {duration, context}: Attempt): void {
    const {map, download} = this.#parts;
    source.faults++;
    this.#budget.progressed(map.held, duration);
    const event = this.#budget.eventOf(fault, {number: ++this.#faults, url: source.url}, true, download);
    const again = this.#budget.spend(event, source.url, download.retries);
    const others = this.#alive.filter((one) => one !== source);
    if (again === undefined) {
      if (others.length > 0) this.#drop(source, fault);
      else this.#retired++;
      return;
    }
    if (again.delay === 0 || others.some(({faults}) => faults < source.faults)) return;
    const rest = context.clock.wait(again.delay, this.#over.signal).catch(() => undefined).then(() => { this.#rests.delete(rest); });
    this.#rests.add(rest);
  }

  /** A source is asked no more. Bytes that may be those of another file are not waited for. */
  #drop(source: SegmentSource, fault: DownloadError): void {
    source.dropped ??= fault;
    const doubtful = fault instanceof ResumeRejected || fault instanceof DigestMismatch || fault instanceof ProtocolError;
    if (doubtful) void this.#stop((worker) => worker.source === source);
    if (this.#alive.length === 0 && (doubtful || fault.class !== 'source-bad')) this.#failure ??= fault;
  }

  #blame(source: SegmentSource, piece: number, error: DigestMismatch): boolean {
    source.bad.add(piece);
    if (source.bad.size >= MOST_BAD) source.dropped ??= error;
    if (!this.#alive.some(({bad}) => !bad.has(piece))) this.#failure ??= error;
    return source.dropped === undefined && this.#failure === undefined;
  }

  /** Ends transfers, and waits until they are over. */
  async #stop(which: (worker: Worker) => boolean): Promise<void> {
    const stopped = [...this.#workers].filter(which);
    for (const worker of stopped) {
      worker.stopped = true;
      worker.attempt.abort();
    }
    await Promise.all(stopped.map(({done}) => done));
  }
}
