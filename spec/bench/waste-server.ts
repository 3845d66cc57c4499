import {once} from 'node:events';
import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import {setTimeout as sleep} from 'node:timers/promises';
import {KIB} from './bench-settings.js';

/** A file on the server, and how it is sent. */
export interface Serving {
  readonly body: Buffer;
  /** Without quotes; a strong one. */
  readonly etag: string;
  readonly modified: Date;
  /** Bytes a second of an answer. @default as fast as it goes */
  readonly rate?: number | undefined;
  /** After how many bytes the next answer ends with a FIN, although it is not whole. @default never */
  readonly cut?: (() => number) | undefined;
}

const CHUNK = 256 * KIB;

/** A web server with ranges, If-Range (RFC 9110, 13.1.5) and a strong entity tag, that counts what it sends. One file. */
export class WasteServer {
  /** Body bytes that the operating system took, since `serve`. */
  sent = 0;
  /** Answers with a body, since `serve`. */
  answers = 0;
  readonly #server: Server = createServer((request, response) => { void this.#answer(request, response); });
  #serving: Serving | undefined;
  #watch: {readonly position: number; readonly reached: () => void} | undefined;

  static async start(): Promise<WasteServer> {
    const server = new WasteServer();
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/file.bin`;
  }

  /** What is served from now on, with counters at zero; whoever still reads is cut off. */
  serve(serving: Serving): void {
    this.#server.closeAllConnections();
    this.#serving = serving;
    this.sent = 0;
    this.answers = 0;
    this.#watch = undefined;
  }

  /** Resolves when an answer gets to this byte of the file; the last caller is the one who is told. */
  reach(position: number): Promise<void> {
    return new Promise((resolve) => { this.#watch = {position, reached: resolve}; });
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const serving = this.#serving;
    response.on('error', () => undefined);
    if (serving === undefined) {
      response.writeHead(404).end();
      return;
    }
    const {body, etag, modified} = serving;
    const headers: Record<string, string | number> = {
      'ETag': `"${etag}"`, 'Last-Modified': modified.toUTCString(), 'Accept-Ranges': 'bytes', 'Content-Type': 'application/octet-stream',
    };
    const [start, end] = rangeOf(request, serving) ?? [0, undefined];
    if (start >= body.length) {
      response.writeHead(416, {...headers, 'Content-Range': `bytes */${body.length}`}).end();
      return;
    }
    const stop = Math.min(end ?? body.length, body.length);
    if (start > 0 || end !== undefined) headers['Content-Range'] = `bytes ${start}-${stop - 1}/${body.length}`;
    response.writeHead('Content-Range' in headers ? 206 : 200, {...headers, 'Content-Length': stop - start});
    this.answers++;
    await this.#send(response, serving, start, stop);
  }

  async #send(response: ServerResponse, serving: Serving, start: number, stop: number): Promise<void> {
    const {body, rate, cut} = serving;
    const until = Math.min(stop, start + (cut?.() ?? Infinity));
    const gone = new Promise<false>((resolve) => { response.once('close', () => { resolve(false); }); });
    const began = performance.now();
    for (let at = start; at < until;) {
      if (rate !== undefined) await due(began + 1000 * (at - start) / rate);
      const piece = body.subarray(at, Math.min(at + CHUNK, until));
      const taken = new Promise<boolean>((resolve) => { response.write(piece, (error) => { resolve(!(error instanceof Error)); }); });
      if (!await Promise.race([taken, gone]) || this.#serving !== serving) return;
      at += piece.length;
      this.sent += piece.length;
      this.#moved(at);
    }
    if (until === stop) response.end();
    else response.socket?.end();
  }

  #moved(position: number): void {
    if (this.#watch === undefined || position < this.#watch.position) return;
    this.#watch.reached();
    this.#watch = undefined;
  }
}

async function due(moment: number): Promise<void> {
  const left = moment - performance.now();
  if (left >= 1) await sleep(left);
}

/** The part that is asked for, its end excluded; undefined for the whole file. */
function rangeOf({headers}: IncomingMessage, {etag, modified}: Serving): [number, number | undefined] | undefined {
  const [, start, last] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '') ?? [];
  const condition = headers['if-range'];
  const holds = condition === undefined || condition === `"${etag}"` || condition === modified.toUTCString();
  return start === undefined || !holds ? undefined : [Number(start), last === '' || last === undefined ? undefined : Number(last) + 1];
}
