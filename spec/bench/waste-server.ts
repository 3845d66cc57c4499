import type {IncomingMessage, ServerResponse} from 'node:http';
import {setTimeout as sleep} from 'node:timers/promises';
import {OneFileServer} from '../support/one-file-server.js';
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

/** A web server with ranges, If-Range (RFC 9110, 13.1.5) and a strong entity tag. What it counts is what the system took. */
export class WasteServer extends OneFileServer<Serving> {
  static start(): Promise<WasteServer> {
    return new WasteServer().listen();
  }

  /** Cuts off whoever still reads, too. */
  override offer(serving: Serving): void {
    this.server.closeAllConnections();
    super.offer(serving);
  }

  protected override async answer(request: IncomingMessage, response: ServerResponse, serving: Serving): Promise<void> {
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
      if (!await Promise.race([taken, gone]) || !this.isOffered(serving)) return;
      at += piece.length;
      this.moved(piece.length, at);
    }
    if (until === stop) response.end();
    else response.socket?.end();
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
