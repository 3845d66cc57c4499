import type {IncomingMessage, Server, ServerResponse} from 'node:http';
import {Context} from '../core/context.js';
import {NarrowedContext} from '../core/narrowed-context.js';
import {duration, onlyKeys} from '../core/options.js';
import {ClientReply} from './client-reply.js';
import {DownloadWatch} from './download-watch.js';
import type {ExchangeParts} from './exchange-parts.js';
import {Exchange} from './exchange.js';
import {HeadProbes} from './head-probes.js';
import {listen, type Listening, type ListenOptions} from './listener.js';
import {Metrics} from './metrics.js';
import {NegativeCache} from './negative-cache.js';
import {STREAM_LIMITS} from './patience.js';
import {readRequest} from './request-check.js';
import {StreamStore} from './stream-store.js';
import {checkStreamer, type StreamerOptions} from './streamer-options.js';
import {Transfers} from './transfers.js';
import {Turns} from './turns.js';

/** How often slow clients are looked at, ms. */
const LOOK = 1000;

/**
 * Answers requests for what it does not have yet: an importer knows the Download, the streamer bridges its bytes to the
 * client while they come, and keeps them in a store, if it has one. No client ever ends well with bytes that were not
 * the file: what can't be finished is reset (docs/reference/streamer.md).
 *
 * @example createServer(new Streamer({importer, store}).handler).listen(8080)
 */
export class Streamer implements AsyncDisposable {
  readonly #parts: ExchangeParts;
  readonly #own: Context | undefined;
  readonly #replies = new Set<ClientReply>();
  readonly #servers = new Set<Server>();
  readonly #turns = new Turns();
  #stopLooking: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  /** @throws TypeError, RangeError naming the option */
  constructor(options: StreamerOptions) {
    const checked = checkStreamer(options);
    const context = checked.context ?? new Context({limits: STREAM_LIMITS});
    this.#own = checked.context === undefined ? context as Context : undefined;
    const metrics = new Metrics();
    const {clock} = context;
    const {store, maxBytes, verify} = checked;
    const evicted = (count: number): void => { metrics.add('evictions', {}, count); };
    this.#parts = {
      options: checked, metrics, transfers: new Transfers(), heads: new HeadProbes(),
      context: checked.hosts === undefined ? context : new NarrowedContext(context, checked.hosts),
      store: store && new StreamStore({store, clock, maxBytes, verify, evicted}),
      negative: new NegativeCache(clock, checked.negativeTtl), watch: new DownloadWatch(metrics),
    };
  }

  /** A plain listener: for node:http, and for every framework that takes one. */
  readonly handler = (request: IncomingMessage, response: ServerResponse): void => {
    const reply = new ClientReply(response, this.#parts.context.clock);
    this.#enter(reply);
    const turn = this.#turns.reached(request, response);
    const answered = turn === true ? this.#answer(request, reply)
      : turn.then((isReached) => isReached ? this.#answer(request, reply) : reply.drop());
    void answered.finally(() => reply.closed).then(() => {
      this.#leave(reply);
      const {metrics} = this.#parts;
      const {method = ''} = request;
      metrics.add('requests', {method: ['GET', 'HEAD'].includes(method) ? method : 'other', status: reply.status});
      metrics.add('cache', {outcome: reply.outcome});
      metrics.add('sent_bytes', {}, reply.sent);
    });
  };

  /** Opens a server with limits on headers, time and connections; `close` closes it. @throws TypeError, RangeError; node's error */
  async listen(options: ListenOptions = {}): Promise<Listening> {
    const listening = await listen(this.handler, options);
    this.#servers.add(listening.server);
    return listening;
  }

  /**
   * Takes no more requests, lets those under way finish for `grace` ms and resets the rest: nothing is cut off
   * silently. Then ends the transfers and closes what it made itself, and the importer. Idempotent.
   *
   * @throws TypeError, RangeError
   */
  close(options: {readonly grace?: number | false | undefined} = {}): Promise<void> {
    onlyKeys('close', options, ['grace']);
    const grace = duration('grace', options.grace, 10_000);
    return this.#closing ??= this.#close(grace);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #answer(request: IncomingMessage, reply: ClientReply): Promise<void> {
    const {options} = this.#parts;
    if (this.#closing !== undefined) {
      reply.refuse({status: 503, title: 'Service Unavailable', detail: 'closing', close: true});
      return;
    }
    const read = readRequest(request, options.origin);
    if ('problem' in read) {
      reply.refuse(read.problem);
      return;
    }
    request.resume();
    if (read.path === '/-/health') return this.#tell(reply, 'application/json', '{"status":"ok"}\n');
    if (read.path === '/-/metrics') return this.#tell(reply, 'text/plain; version=0.0.4', this.#parts.metrics.text(this.#gauges()));
    await new Exchange(this.#parts, reply, {method: read.method, headers: request.headers}, read).run();
  }

  async #tell(reply: ClientReply, type: string, text: string): Promise<void> {
    reply.outcome = 'own';
    const body = Buffer.from(text);
    reply.begin(200, {'content-type': type, 'content-length': String(body.byteLength), 'cache-control': 'no-store'});
    try {
      await reply.write(body);
      await reply.end();
    } catch {
      // The client left.
    }
  }

  #gauges(): Record<string, number> {
    return {open_replies: this.#replies.size, open_transfers: this.#parts.transfers.size};
  }

  #enter(reply: ClientReply): void {
    this.#replies.add(reply);
    const {options: {clientTimeout}, context: {clock}} = this.#parts;
    if (clientTimeout === 0) return;
    this.#stopLooking ??= clock.every(LOOK, () => { for (const each of this.#replies) each.check(clientTimeout); });
  }

  #leave(reply: ClientReply): void {
    this.#replies.delete(reply);
    if (this.#replies.size > 0) return;
    this.#stopLooking?.();
    this.#stopLooking = undefined;
  }

  async #close(grace: number): Promise<void> {
    const {transfers, store, context, options} = this.#parts;
    const closed = [...this.#servers].map((server) => new Promise((resolve) => { server.close(resolve); }));
    const over = new AbortController();
    const finished = Promise.all([...this.#replies].map((reply) => reply.closed)).then(() => { over.abort(); });
    await Promise.race([finished, context.clock.wait(grace, over.signal).catch(() => undefined)]);
    for (const reply of this.#replies) reply.reset();
    for (const server of this.#servers) server.closeAllConnections();
    await transfers.close();
    await Promise.all([finished, ...closed]);
    await store?.close();
    await this.#own?.close();
    await options.importer.close?.();
  }
}
