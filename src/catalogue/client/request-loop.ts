import type {FaultClass, Retry} from '../../core/contract.js';
import {DownloadFailed} from '../../core/errors.js';
import {CatalogueError, OutcomeUnknown, Overloaded} from '../catalogue-errors.js';
import {faultOf, typeOf, type Subject} from './answer-fault.js';
import {ForeignAnswer, ServerBusy, Unreachable} from './client-errors.js';
import type {ClientSettings} from './client-options.js';
import {Exchange, type Answered, type Asked} from './exchange.js';
import {packed, type TextBody} from './request-body.js';

/** One request as the client means it; it may go over the wire several times. */
export interface Request {
  readonly method: Asked['method'];
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: TextBody | undefined;
  readonly subject: Subject;
  /** Of a write: its Idempotency-Key. */
  readonly requestId?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a request came to. */
export interface Reply {
  readonly headers: Answered['headers'];
  /** The JSON of its body. */
  readonly value: unknown;
}

/**
 * The way of every request: send, classify, and send the same again when that can help. It can after a fault of the way
 * or of the server, and when a token's file was renewed; never when the request was refused.
 */
export class RequestLoop {
  readonly #settings: ClientSettings;
  readonly #exchange: Exchange;

  constructor(settings: ClientSettings) {
    this.#settings = settings;
    this.#exchange = new Exchange(settings);
  }

  /**
   * @throws CatalogueError; of a write OutcomeUnknown when it may have been done and no answer said so. The signal's reason
   */
  async run(request: Request): Promise<Reply> {
    const {clock, retry, deadline} = this.#settings;
    const body = request.body === undefined ? undefined : await packed(request.body, this.#settings.gzipAbove);
    const asked = {method: request.method, path: request.path, headers: {...request.headers, ...body?.headers}, body: body?.body};
    const end = deadline === 0 ? Infinity : clock.now() + deadline;
    const state = new LoopState();
    for (;;) {
      request.signal?.throwIfAborted();
      state.attempts++;
      try {
        return await this.#once(asked, request, end, state);
      } catch (error) {
        if (!(error instanceof CatalogueError)) throw error;
        if (state.takeRenewal()) continue;
        state.unknown ||= request.requestId !== undefined && mayBeDone(error);
        const again = this.#again(error, state);
        if (again === undefined || !state.charge(again, retry.retries) || clock.now() + again.delay > end) throw state.final(error, request);
        await clock.wait(again.delay, request.signal);
      }
    }
  }

  close(): void {
    this.#exchange.close();
  }

  async #once(asked: Asked, {subject, requestId, signal}: Request, end: number, state: LoopState): Promise<Reply> {
    const {token: source, clock, timeout} = this.#settings;
    const token = await source.get();
    const left = end === Infinity ? Infinity : Math.max(1, Math.ceil(end - clock.now()));
    const limit = Math.min(timeout === 0 ? Infinity : timeout, left);
    const headers = token === undefined ? asked.headers : {...asked.headers, authorization: `Bearer ${token}`};
    const answer = await this.#exchange.send({...asked, headers}, signal, limit === Infinity ? 0 : limit);
    const {status} = answer;
    if (status < 200 || status > 299) {
      if (status === 401) await state.renew(() => source.renew(token));
      throw faultOf(answer, {subject, requestId, token, now: clock.time()});
    }
    return {headers: answer.headers, value: valueOf(answer, token)};
  }

  #again(error: CatalogueError, {attempts, charged, seen}: LoopState): Retry | undefined {
    const {retry, clock, random} = this.#settings;
    const [faultClass, retryAfter] = classOf(error);
    const now = clock.time();
    const fault = new DownloadFailed(error.message, {class: faultClass, retryAt: retryAfter === undefined ? undefined : now + retryAfter});
    const {code} = error;
    const before = seen.get(code) ?? 0;
    const again = retry.decide({
      error: fault, class: faultClass, attempt: attempts, charged, retries: retry.retries, seen: () => before, now, random,
    });
    seen.set(code, before + 1);
    return again;
  }
}

/** What became of a request so far. */
class LoopState {
  attempts = 0;
  charged = 0;
  /** A write may have been done by a try whose answer never came. */
  unknown = false;
  readonly seen = new Map<string, number>();
  #renewal: 'none' | 'now' | 'used' = 'none';

  /** Once: the token may have been replaced while the client ran. */
  async renew(renew: () => Promise<boolean>): Promise<void> {
    if (this.#renewal === 'none' && await renew()) this.#renewal = 'now';
  }

  /** @returns false when no repeat is left */
  charge({charged = true}: Retry, retries: number): boolean {
    if (charged && this.charged >= retries) return false;
    if (charged) this.charged++;
    return true;
  }

  takeRenewal(): boolean {
    if (this.#renewal !== 'now') return false;
    this.#renewal = 'used';
    return true;
  }

  /** An answer that is no fault of the way settles it: a write that was done before would have been answered with its result. */
  final(error: CatalogueError, {requestId}: Request): CatalogueError {
    if (!this.unknown || requestId === undefined || classOf(error)[0] === 'fatal' || error instanceof OutcomeUnknown) return error;
    return new OutcomeUnknown(`${error.message}; whether it was written is not known`, requestId, {cause: error});
  }
}

/** The class of a fault, as the retry policies know it, and the ms that the server wants to be left alone. */
function classOf(error: CatalogueError): [FaultClass, number?] {
  if (!(error instanceof Overloaded || error instanceof ServerBusy)) return [error.retryable ? 'transient' : 'fatal'];
  return error.retryAfter === undefined ? ['throttled'] : ['throttled', error.retryAfter];
}

function mayBeDone(error: CatalogueError): boolean {
  if (error instanceof Unreachable) return error.sent;
  // What a proxy says when it gave up waiting: what is behind it may have done it.
  return error instanceof OutcomeUnknown || (error instanceof ForeignAnswer && error.retryable);
}

function valueOf({status, headers, body}: Answered, token: string | undefined): unknown {
  const type = typeOf(headers, token);
  if (!/^application\/json\b/i.test(type)) throw new ForeignAnswer(`expected JSON, the answer is ${type}`, status);
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    // Node's error quotes the text, which may hold anything.
    throw new ForeignAnswer('expected JSON, the answer is none', status);
  }
}
