import type {ServerResponse} from 'node:http';
import type {Clock} from '../../core/clock.js';
import type {Change} from '../contract.js';
import type {ChangeFeed} from './change-feed.js';
import {badRequest, Problem, retryAfter} from './problem.js';
import {MEDIA} from './routes-contract.js';

/** What a stream begins with. */
export interface StreamStart {
  /** The last `seq` that is known. */
  readonly after: number;
  /** One release only. */
  readonly name: string | undefined;
  /** Looked at with every beat: a token that was revoked ends its streams. */
  readonly holds: () => Promise<boolean>;
}

/** How streams behave. */
export interface StreamOptions {
  /** Streams at once. */
  readonly most: number;
  /** Ms between two signs of life, so that proxies keep the connection and dead ones are noticed. */
  readonly beat: number;
}

/** Ms after which a client that lost its stream should ask again. */
const RETRY = 2000;

/** The feed as server-sent events (WHATWG HTML, 9.2): each change is one, its `seq` the id. */
export class ChangeStreams {
  readonly #feed: ChangeFeed;
  readonly #clock: Clock;
  readonly #options: StreamOptions;
  readonly #open = new Map<AbortController, Promise<void>>();

  constructor(feed: ChangeFeed, clock: Clock, options: StreamOptions) {
    this.#feed = feed;
    this.#clock = clock;
    this.#options = options;
  }

  /** @throws Problem 503 when there are as many as may be */
  check(): void {
    if (this.#open.size >= this.#options.most) throw Problem.of(503, 'BUSY', 'as many streams as may be', {headers: retryAfter(1000)});
  }

  /** Writes until the client leaves, the token is revoked, the catalogue fails or the server is stopped. */
  start(response: ServerResponse, start: StreamStart): void {
    const controller = new AbortController();
    this.#open.set(controller, this.#run(response, start, controller));
  }

  /** Ends every stream. Resolves when the last byte of each is out. */
  async close(): Promise<void> {
    const open = [...this.#open];
    for (const [controller] of open) controller.abort();
    await Promise.all(open.map(([, running]) => running));
  }

  async #run(response: ServerResponse, {after, name, holds}: StreamStart, controller: AbortController): Promise<void> {
    const end = (): void => { controller.abort(); };
    const closed = new Promise((resolve) => { response.once('close', resolve); });
    response.on('close', end).on('error', end);
    const stopBeat = this.#clock.every(this.#options.beat, () => void this.#beat(response, holds, end));
    try {
      response.writeHead(200, {'content-type': MEDIA.events, 'cache-control': 'no-store', 'x-accel-buffering': 'no'});
      response.write(`retry: ${RETRY}\n\n`);
      for await (const changes of this.#feed.follow(after, name, controller.signal)) {
        for (const change of changes) await send(response, eventOf(change), controller.signal);
      }
    } catch {
      // The client asks again, and is told then what is wrong.
    }
    stopBeat();
    if (!response.destroyed) {
      response.end();
      await closed;
    }
    this.#open.delete(controller);
  }

  async #beat(response: ServerResponse, holds: () => Promise<boolean>, end: () => void): Promise<void> {
    try {
      if (await holds()) response.write(': \n\n');
      else end();
    } catch {
      end();
    }
  }
}

/** Where a stream goes on: a reconnecting client says so in Last-Event-ID. @throws Problem 400 */
export function startOf(lastEventId: string | undefined, after: string | undefined, last: () => Promise<number>): Promise<number> | number {
  const given = lastEventId === undefined || lastEventId === '' ? after : lastEventId;
  if (given === undefined) return 0;
  if (given === 'latest') return last();
  if (!/^\d{1,15}$/.test(given)) throw badRequest('after: expected a whole number, or latest');
  return Number(given);
}

function eventOf(change: Change): string {
  return `id: ${change.seq}\nevent: change\ndata: ${JSON.stringify(change)}\n\n`;
}

/** A slow client slows the reading, not the memory. */
async function send(response: ServerResponse, text: string, signal: AbortSignal): Promise<void> {
  if (signal.aborted || response.write(text)) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    response.once('drain', done);
    signal.addEventListener('abort', done, {once: true});
  });
}
