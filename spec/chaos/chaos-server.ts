import {once} from 'node:events';
import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import {setTimeout as sleep} from 'node:timers/promises';

/** A file on the server, and how it is sent. */
export interface Offer {
  readonly body: Buffer;
  /** Without quotes; a strong one. */
  readonly etag: string;
  /** So many bytes are sent, then it waits. */
  readonly pace: {readonly bytes: number; readonly everyMs: number};
  /** Whether the length is announced, or the body comes in chunks. */
  readonly chunked: boolean;
  /** The n-th answer is cut when the body has come so far; others are whole. */
  readonly cuts: readonly (number | undefined)[];
}

/** A web server with strong entity tags and ranges that drips, and cuts connections where it is told to. One file at a time. */
export class ChaosServer {
  /** Body bytes given to sockets since `offer`. */
  sent = 0;
  /** Answers since `offer`. */
  answers = 0;
  readonly #server: Server;
  #offer: Offer | undefined;
  #watcher: {readonly position: number; readonly reached: () => void} | undefined;

  private constructor() {
    this.#server = createServer((request, response) => {
      response.on('error', () => undefined);
      void this.#answer(request, response);
    });
  }

  static async start(): Promise<ChaosServer> {
    const server = new ChaosServer();
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/file.bin`;
  }

  /** What is served from now on. */
  offer(offer: Offer): void {
    this.#offer = offer;
    this.sent = 0;
    this.answers = 0;
    this.#watcher = undefined;
  }

  /** Resolves when an answer that starts from now on gets to this byte of the file; the last caller is the one who is told. */
  reach(position: number): Promise<void> {
    return new Promise((resolve) => { this.#watcher = {position, reached: resolve}; });
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const offer = this.#offer;
    if (offer === undefined) {
      response.writeHead(404).end();
      return;
    }
    const cut = offer.cuts[this.answers++] ?? Infinity;
    const {body, etag, chunked} = offer;
    const start = rangeOf(request, offer);
    const headers: Record<string, string> = {'ETag': `"${etag}"`, 'Accept-Ranges': 'bytes'};
    if (start !== undefined && start >= body.length) {
      response.writeHead(416, {...headers, 'Content-Range': `bytes */${body.length}`}).end();
      return;
    }
    if (start !== undefined) headers['Content-Range'] = `bytes ${start}-${body.length - 1}/${body.length}`;
    if (!chunked) headers['Content-Length'] = String(body.length - (start ?? 0));
    response.writeHead(start === undefined ? 200 : 206, headers);
    response.flushHeaders();
    await this.#send(response, offer, start ?? 0, cut);
  }

  async #send(response: ServerResponse, offer: Offer, start: number, cut: number): Promise<void> {
    const {body, pace} = offer;
    const closed = once(response, 'close').catch(() => undefined);
    let at = start;
    while (at < Math.min(cut, body.length)) {
      if (at > start) await sleep(pace.everyMs);
      const piece = body.subarray(at, at + pace.bytes);
      if (!response.destroyed && !response.write(piece)) await Promise.race([once(response, 'drain').catch(() => undefined), closed]);
      if (response.destroyed || this.#offer !== offer) break;
      at += piece.length;
      this.sent += piece.length;
      this.#moved(at);
    }
    if (at >= body.length) response.end();
    else response.destroy();
  }

  #moved(position: number): void {
    if (this.#watcher === undefined || position < this.#watcher.position) return;
    this.#watcher.reached();
    this.#watcher = undefined;
  }
}

/** Where the part that is asked for begins; undefined for the whole file. */
function rangeOf({headers}: IncomingMessage, {etag}: Offer): number | undefined {
  const [, start] = /^bytes=(\d+)-$/.exec(headers.range ?? '') ?? [];
  const condition = headers['if-range'];
  if (start === undefined || (condition !== undefined && condition !== `"${etag}"`)) return undefined;
  return Number(start);
}
