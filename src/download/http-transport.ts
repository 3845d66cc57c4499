import type {ClientRequest, IncomingMessage} from 'node:http';
import type {Agent} from 'node:http';
import type {Socket} from 'node:net';
import type {TLSSocket} from 'node:tls';
import {got, type Got, type Request} from 'got';
import type {HeaderMap} from '../core/contract.js';
import {ProtocolError} from '../core/errors.js';
import type {Head} from './http-framing.js';
import type {HttpSettings} from './http-settings.js';
import {HttpBody} from './http-body.js';
import type {TlsMaterial} from './tls-material.js';

/** A prepared client of one session: got, extended once. */
export type HttpClient = Got;

/** One request. */
export interface HttpRequest {
  readonly url: string;
  readonly method: 'GET' | 'HEAD';
  readonly headers: HeaderMap;
  /** Says what is waited for. */
  readonly waitFor: (phase: 'connect' | 'headers') => void;
}

/** One answer, its body unread. */
export interface HttpAnswer extends Head {
  readonly body: HttpBody;
  /** Whether the connection came from the pool. */
  readonly reused: boolean;
}

/** What broke before there was an answer, and whether the connection came from the pool. */
export class ExchangeFailed extends Error {
  constructor(override readonly cause: unknown, readonly reused: boolean) {
    super('the exchange failed', {cause});
  }
}

/** What a client is prepared with. */
interface ClientTerms {
  readonly tls: TlsMaterial;
  readonly settings: HttpSettings;
}

/** Extends got once: option merging is what a got request costs most (performance.md). */
export function prepareClient({tls, settings}: ClientTerms, agent: Agent): HttpClient {
  return got.extend({
    ...settings,
    retry: {limit: 0}, followRedirect: false, decompress: false, throwHttpErrors: false, maxHeaderSize: 16 * 1024,
    agent: {http: agent, https: agent as never},
    https: {
      ...settings.https, rejectUnauthorized: tls.validation,
      ...tls.authorities === undefined ? {} : {certificateAuthority: tls.authorities},
      ...tls.certificate === undefined ? {} : {certificate: tls.certificate, key: tls.key?.reveal()},
    },
  } as Parameters<typeof got.extend>[0]);
}

/**
 * Asks once: follows nothing, repeats nothing, trusts none of got's timers. Aborting the signal destroys the connection.
 *
 * @throws ExchangeFailed when there is no answer; ProtocolError for an unasked-for 101
 */
export function open(client: HttpClient, request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    request.waitFor('connect');
    const exchange = client.stream(request.url, {method: request.method, headers: request.headers});
    let native: ClientRequest | undefined;
    let body: HttpBody | undefined;
    let interim = 0;
    const end = (): void => { signal.removeEventListener('abort', abort); };
    const fail = (cause: unknown): void => {
      end();
      const socket = native?.socket;
      exchange.destroy();
      if (body !== undefined) {
        body.fail(cause);
        return;
      }
      const reused = native?.reusedSocket === true;
      void closed(socket).then(() => { reject(cause instanceof ProtocolError ? cause : new ExchangeFailed(cause, reused)); });
    };
    const abort = (): void => { fail(signal.reason); };
    signal.addEventListener('abort', abort, {once: true});
    exchange.on('error', fail);
    exchange.once('request', (made: ClientRequest) => {
      native = made;
      watchConnection(made, request.waitFor);
      made.on('information', () => { if (++interim > 16) fail(new ProtocolError(`more than 16 interim answers: ${request.url}`, {url: request.url})); });
      made.once('upgrade', (_reply: IncomingMessage, socket: Socket) => {
        socket.destroy();
        fail(new ProtocolError(`the server switched protocols (101) unasked: ${request.url}`, {url: request.url}));
      });
    });
    exchange.once('response', (reply: IncomingMessage) => {
      body = new HttpBody(reply, () => closeExchange(exchange, native, end));
      resolve({
        status: reply.statusCode ?? 0, httpVersion: reply.httpVersion, rawHeaders: reply.rawHeaders, interim, body,
        reused: native?.reusedSocket === true,
      });
    });
  });
}

/** Ends an exchange: after the whole body the connection goes back to the pool, before it is destroyed. */
async function closeExchange(exchange: Request, native: ClientRequest | undefined, end: () => void): Promise<void> {
  end();
  const socket = native?.socket;
  const gone = native?.destroyed === true ? undefined : socket;
  exchange.destroy();
  await closed(gone);
}

/** `connect` is over when the socket can carry the request; a pooled one can at once. */
function watchConnection(request: ClientRequest, waitFor: HttpRequest['waitFor']): void {
  request.once('socket', (socket: Socket) => {
    const secure = (socket as TLSSocket).encrypted && (socket as TLSSocket & {secureConnecting?: boolean}).secureConnecting !== false;
    if (request.reusedSocket || (!socket.connecting && !secure)) {
      waitFor('headers');
      return;
    }
    socket.once(secure ? 'secureConnect' : 'connect', () => { if (!request.destroyed) waitFor('headers'); });
  });
}

function closed(socket: Socket | null | undefined): Promise<void> {
  if (socket === undefined || socket === null || socket.closed || !socket.destroyed) return Promise.resolve();
  return new Promise((resolve) => { socket.once('close', () => { resolve(); }); });
}
