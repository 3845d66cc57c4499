import type {Agent, ClientRequest, IncomingMessage} from 'node:http';
import type {Socket} from 'node:net';
import type {TLSSocket} from 'node:tls';
import {got, type ExtendOptions, type Got, type Request} from 'got';
import type {HeaderMap} from '../core/contract.js';
import {ProtocolError} from '../core/errors.js';
import {HttpBody} from './http-body.js';
import {readHead, type Asked, type Framed} from './http-framing.js';
import type {ProxyAgent} from './http-proxy.js';
import type {TlsMaterial} from './tls-material.js';

/** What got can be told. */
export type GotOptions = ExtendOptions;

/** A prepared client of one session: got, extended once. */
export type HttpClient = Got;

/** One request. */
export interface HttpRequest {
  readonly url: string;
  /** The same for messages, secrets redacted. */
  readonly shown: string;
  readonly asked: Asked;
  readonly headers: HeaderMap;
  /** Says what is waited for. */
  readonly waitFor: (phase: 'connect' | 'headers') => void;
}

/** One answer, its head checked, its body unread. */
export interface HttpAnswer extends Framed {
  readonly status: number;
  readonly body: HttpBody;
}

/** What broke before there was an answer, and whether that was a pooled connection on which no byte of one came. */
export class ExchangeFailed extends Error {
  constructor(override readonly cause: unknown, readonly stale: boolean) {
    super('the exchange failed', {cause});
  }
}

/** What a client is prepared with. */
interface ClientTerms {
  readonly tls: TlsMaterial;
  readonly settings: GotOptions;
}

/** Extends got once: option merging is what a got request costs most (performance.md). Lengths are checked by the run. */
export function prepareClient({tls, settings}: ClientTerms, agent: Agent): HttpClient {
  return got.extend({
    ...settings,
    retry: {limit: 0}, followRedirect: false, decompress: false, throwHttpErrors: false, maxHeaderSize: 16 * 1024,
    agent: {http: agent, https: agent as never},
    https: {...settings.https, rejectUnauthorized: tls.validation},
  });
}

/** Lets got look at its options before they are needed. @throws TypeError naming the option */
export function tryOptions(settings: GotOptions): void {
  try {
    got.extend(settings);
  } catch (cause) {
    throw new TypeError(`settings: ${(cause as Error).message}`, {cause});
  }
}

/**
 * Asks once: follows nothing, repeats nothing, trusts none of got's timers. Aborting the signal destroys the connection.
 *
 * @throws ExchangeFailed when there is no answer; ProtocolError when its head is refused; nothing is reused then
 */
export function open(client: HttpClient, request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const {shown} = request;
    request.waitFor('connect');
    const exchange = client.stream(request.url, {method: request.asked.method, headers: request.headers});
    let native: ClientRequest | undefined;
    let body: HttpBody | undefined;
    let interim = 0;
    let answered = false;
    const end = (): void => { signal.removeEventListener('abort', abort); };
    const fail = (cause: unknown): void => {
      end();
      const socket = native === undefined ? undefined : native.socket ?? (native as {agent?: Partial<ProxyAgent>}).agent?.abandon?.(native);
      exchange.destroy();
      if (body !== undefined) {
        body.fail(cause);
        return;
      }
      const stale = native?.reusedSocket === true && !answered && !signal.aborted;
      void closed(socket).then(() => { reject(cause instanceof ProtocolError ? cause : new ExchangeFailed(cause, stale)); });
    };
    const abort = (): void => { fail(signal.reason); };
    signal.addEventListener('abort', abort, {once: true});
    exchange.on('error', fail);
    exchange.once('request', (made: ClientRequest) => {
      native = made;
      made.once('socket', (socket: Socket) => {
        if (made.reusedSocket) socket.once('data', () => { answered = true; });
        watchConnection(made, socket, request.waitFor);
      });
      made.on('information', () => {
        if (++interim > 16) fail(new ProtocolError(`more than 16 interim answers: ${shown}`, {url: shown}));
      });
      made.once('upgrade', (_reply: IncomingMessage, socket: Socket) => {
        socket.destroy();
        fail(new ProtocolError(`the server switched protocols (101) unasked: ${shown}`, {url: shown}));
      });
    });
    exchange.once('response', (reply: IncomingMessage) => {
      const {statusCode: status = 0, httpVersion, rawHeaders} = reply;
      let head: Framed;
      try {
        head = readHead({status, httpVersion, rawHeaders, interim}, request.asked, shown);
      } catch (refused) {
        // At once: an empty message would be over and its connection in the pool a moment later.
        fail(refused);
        return;
      }
      body = new HttpBody(reply, shown, () => closeExchange(exchange, native, end));
      resolve({...head, status, body});
    });
  });
}

/** Ends an exchange: after the whole body the connection goes back to the pool, before it is destroyed. */
async function closeExchange(exchange: Request, native: ClientRequest | undefined, end: () => void): Promise<void> {
  end();
  const socket = native?.destroyed === true ? undefined : native?.socket;
  exchange.destroy();
  await closed(socket);
}

/** `connect` is over when the socket can carry the request; a pooled one can at once. */
function watchConnection(request: ClientRequest, socket: Socket, waitFor: HttpRequest['waitFor']): void {
  const secure = (socket as TLSSocket).encrypted && (socket as TLSSocket & {secureConnecting?: boolean}).secureConnecting !== false;
  if (request.reusedSocket || (!socket.connecting && !secure)) waitFor('headers');
  else socket.once(secure ? 'secureConnect' : 'connect', () => { if (!request.destroyed) waitFor('headers'); });
}

function closed(socket: Socket | null | undefined): Promise<void> {
  if (socket === undefined || socket === null || socket.closed || !socket.destroyed) return Promise.resolve();
  return new Promise((resolve) => { socket.once('close', () => { resolve(); }); });
}
