import {ServerResponse} from 'node:http';
import type {Clock} from '../core/clock.js';
import type {HeaderMap} from '../core/contract.js';
import {Cancelled} from '../core/errors.js';
import type {Problem} from './problem.js';

/** One client's response: its pace, its end, and the certainty that half a body never looks whole. */
export class ClientReply {
  /** Bytes of body handed over. */
  sent = 0;
  /** What became of the cache, for Cache-Status and the metrics. */
  outcome = 'refused';
  readonly #response: ServerResponse;
  readonly #clock: Clock;
  /** Made when somebody asks for the signal; most replies end before anybody does. */
  #gone: AbortController | undefined;
  #isOver = false;
  /** Since when the client takes nothing, by `clock.now()`. */
  #stalledSince: number | undefined;
  #over: () => void = () => undefined;
  /** Resolves when the response is over, well or not. */
  readonly closed: Promise<void>;

  constructor(response: ServerResponse, clock: Clock) {
    this.#response = response;
    this.#clock = clock;
    this.closed = new Promise((resolve) => { this.#over = resolve; });
    response.on('error', ignore);
    if (response.destroyed) this.#close();
    else response.on('close', () => { this.#close(); });
  }

  /** Aborted when the connection is closed. */
  get gone(): AbortSignal {
    if (this.#gone === undefined) {
      this.#gone = new AbortController();
      if (this.#isOver) this.#gone.abort(left());
    }
    return this.#gone.signal;
  }

  /** Too late for another answer. */
  get begun(): boolean {
    return this.#response.headersSent;
  }

  get status(): number {
    return this.#response.statusCode;
  }

  /** Writes status and headers; they leave with the first bytes. */
  begin(status: number, headers: HeaderMap): void {
    this.#response.writeHead(status, headers);
  }

  /** Hands bytes over; waits while the client is slow. @throws Cancelled when it left */
  write(chunk: Uint8Array): void | Promise<void> {
    if (this.#isOver) throw left();
    this.sent += chunk.byteLength;
    if (!this.#response.write(chunk)) return this.#next('drain');
  }

  /**
   * Hands over bytes that belong to the caller. @returns whether they have left; else they are still needed
   * @throws Cancelled when the client left
   */
  async lend(chunk: Uint8Array): Promise<boolean> {
    const drained = this.write(chunk);
    if (drained === undefined) return false;
    await drained;
    // A framework's own `write` may have kept them.
    return this.#response.write === ServerResponse.prototype.write;
  }

  /** The whole answer in one go, head and body in one packet where they fit; the client has it when `closed` resolves. */
  send(status: number, headers: HeaderMap, body: Uint8Array | undefined): void {
    if (this.#isOver) return;
    this.sent += body?.byteLength ?? 0;
    this.#stalledSince = this.#clock.now();
    this.#response.writeHead(status, headers).end(body);
  }

  /** Ends a good body. @throws Cancelled when the client left before it had all */
  async end(): Promise<void> {
    if (this.#isOver) throw left();
    const finished = this.#next('finish');
    this.#response.end();
    await finished;
  }

  /** Says why there is nothing, or resets the connection when it is too late for that. */
  refuse({status, title, detail, headers, close}: Problem, extra: HeaderMap = {}): void {
    if (this.#response.headersSent) {
      this.reset();
      return;
    }
    if (this.#isOver) return;
    const body = Buffer.from(`${JSON.stringify({type: 'about:blank', title, status, detail})}\n`);
    for (const name of this.#response.getHeaderNames()) this.#response.removeHeader(name);
    this.begin(status, {
      'content-type': 'application/problem+json', 'content-length': String(body.byteLength), 'cache-control': 'no-store',
      ...headers, ...extra, ...close === true ? {connection: 'close'} : {},
    });
    this.#response.end(body);
  }

  /** Gives up a reply whose turn will never come: node tells nobody of its end. */
  drop(): void {
    this.#response.destroy();
    this.#close();
  }

  /** Breaks the connection, so that no client takes what it has for the whole: a FIN would do where a body ends with the connection. */
  reset(): void {
    const socket = this.#response.socket as {resetAndDestroy?: () => void} | null;
    socket?.resetAndDestroy?.();
    this.#response.destroy();
  }

  /** Resets a connection whose client has taken nothing for so long, ms. */
  check(limit: number): void {
    if (this.#stalledSince !== undefined && this.#clock.now() - this.#stalledSince >= limit) this.reset();
  }

  #close(): void {
    this.#isOver = true;
    this.#gone?.abort(left());
    this.#over();
  }

  async #next(event: 'drain' | 'finish'): Promise<void> {
    this.#stalledSince = this.#clock.now();
    const response = this.#response;
    try {
      await new Promise<void>((resolve, reject) => {
        const done = (): void => {
          this.gone.removeEventListener('abort', leave);
          resolve();
        };
        const leave = (): void => {
          response.removeListener(event, done);
          // A response that is finished is closed afterwards.
          if (response.writableFinished) resolve();
          else reject(this.gone.reason as Error);
        };
        response.once(event, done);
        this.gone.addEventListener('abort', leave, {once: true});
      });
    } finally {
      this.#stalledSince = undefined;
    }
  }
}

function left(): Cancelled {
  return new Cancelled('the client left');
}

function ignore(): void {
  // What broke a connection is told by `close`.
}
