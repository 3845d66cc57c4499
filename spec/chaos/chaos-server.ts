import {once} from 'node:events';
import type {IncomingMessage, ServerResponse} from 'node:http';
import {setTimeout as sleep} from 'node:timers/promises';
import {OneFileServer} from '../support/one-file-server.js';

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
export class ChaosServer extends OneFileServer<Offer> {
  static start(): Promise<ChaosServer> {
    return new ChaosServer().listen();
  }

  protected override async answer(request: IncomingMessage, response: ServerResponse, offer: Offer): Promise<void> {
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
      if (response.destroyed || !this.isOffered(offer)) break;
      at += piece.length;
      this.moved(piece.length, at);
    }
    if (at >= body.length) response.end();
    else response.destroy();
  }
}

/** Where the part that is asked for begins; undefined for the whole file. */
function rangeOf({headers}: IncomingMessage, {etag}: Offer): number | undefined {
  const [, start] = /^bytes=(\d+)-$/.exec(headers.range ?? '') ?? [];
  const condition = headers['if-range'];
  if (start === undefined || (condition !== undefined && condition !== `"${etag}"`)) return undefined;
  return Number(start);
}
