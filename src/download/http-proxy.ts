import * as http from 'node:http';
import * as net from 'node:net';
import type {Duplex} from 'node:stream';
import * as tls from 'node:tls';
import {authorization} from '../core/credentials.js';
import {ConnectFailed} from '../core/errors.js';
import {messageOf} from '../core/foreign-error.js';
import type {Proxy} from '../core/settings.js';
import {SecureAgent, type ConnectOptions, type Made, type TlsContexts} from './http-agent.js';
import {isTlsFault} from './http-faults.js';
import {PLAIN_TLS, type TlsMaterial} from './tls-material.js';

/** What node's agents have and don't document; every proxy agent hooks in here. */
interface AgentInside {
  addRequest(request: http.ClientRequest, options: ConnectOptions): void;
  createSocket(request: http.ClientRequest, options: ConnectOptions, made: Made): void;
}

type Reached = (error: Error | null, socket?: net.Socket) => void;

/** An agent whose connections take more than one step. */
export interface ProxyAgent extends http.Agent {
  /** Ends what is under way for a request that has no connection yet. @returns the socket that is closing */
  abandon(request: http.ClientRequest): net.Socket | undefined;
}

/** For http targets: the proxy is asked with the absolute URL (RFC 9112, 3.2.2), and told who asks. */
export class ForwardAgent extends http.Agent implements ProxyAgent {
  readonly #route: ProxyRoute;

  constructor(options: http.AgentOptions, proxy: Proxy, material: TlsMaterial, contexts: TlsContexts) {
    super(options);
    this.#route = new ProxyRoute(proxy, material, contexts);
  }

  addRequest(request: http.ClientRequest, options: ConnectOptions): void {
    request.path = `http://${String(request.getHeader('host'))}${request.path}`;
    const secret = this.#route.authorization;
    if (secret !== undefined) request.setHeader('proxy-authorization', secret);
    inside(http.Agent).addRequest.call(this, request, options);
  }

  createSocket(request: http.ClientRequest, options: ConnectOptions, made: Made): void {
    this.#route.for(request, () => { inside(http.Agent).createSocket.call(this, request, options, made); });
  }

  override createConnection(options: ConnectOptions, made?: Made): undefined {
    this.#route.reach(options, made as Reached);
  }

  abandon(request: http.ClientRequest): net.Socket | undefined {
    return this.#route.abandon(request);
  }

  override destroy(): void {
    this.#route.close();
    super.destroy();
  }
}

/** For https targets: a tunnel by CONNECT (RFC 9110, 9.3.6); TLS goes through it to the target. */
export class TunnelAgent extends SecureAgent implements ProxyAgent {
  readonly #route: ProxyRoute;

  constructor(options: http.AgentOptions, proxy: Proxy, material: TlsMaterial, contexts: TlsContexts) {
    super(options, material, contexts);
    this.#route = new ProxyRoute(proxy, material, contexts);
  }

  createSocket(request: http.ClientRequest, options: ConnectOptions, made: Made): void {
    this.#route.for(request, () => { inside(SecureAgent).createSocket.call(this, request, options, made); });
  }

  override createConnection(options: ConnectOptions, made?: Made): undefined {
    const secure = (socket: Duplex): Duplex => super.createConnection({...options, socket} as ConnectOptions) as Duplex;
    this.#route.tunnel(options, (error, socket) => {
      if (socket === undefined) (made as Reached)(error);
      else made?.(null, secure(socket));
    });
  }

  abandon(request: http.ClientRequest): net.Socket | undefined {
    return this.#route.abandon(request);
  }

  override destroy(): void {
    this.#route.close();
    super.destroy();
  }
}

function inside(agent: typeof http.Agent | typeof SecureAgent): AgentInside {
  return agent.prototype as unknown as AgentInside;
}

/** The way to one proxy, and the connections that are being made there. */
class ProxyRoute {
  /** What the proxy is told about who asks; none when it need not know. */
  readonly authorization: string | undefined;
  readonly #url: URL;
  readonly #host: string;
  readonly #material: TlsMaterial;
  readonly #making = new Map<http.ClientRequest, net.Socket>();
  readonly #contexts: TlsContexts;
  #asker: http.ClientRequest | undefined;

  constructor({url, user}: Proxy, {authorities, fingerprint}: TlsMaterial, contexts: TlsContexts) {
    this.#url = new URL(url);
    this.#host = this.#url.hostname.replace(/^\[|\]$/g, '');
    this.authorization = user && authorization({scheme: 'basic', name: user.name, password: user.password.reveal()});
    // The client's certificate and a waived check are the target's affair, not the proxy's.
    this.#material = {...PLAIN_TLS, authorities, fingerprint: `proxy ${fingerprint}`};
    this.#contexts = contexts;
  }

  /** Notes who asks for the connection that `make` makes. */
  for(request: http.ClientRequest, make: () => void): void {
    this.#asker = request;
    make();
    this.#asker = undefined;
  }

  /** Connects to the proxy itself. */
  reach(options: ConnectOptions, made: Reached): void {
    const asker = this.#asker;
    const socket = this.#connect(options);
    if (asker !== undefined) this.#making.set(asker, socket);
    const settle = (error: Error | null): void => {
      socket.off('error', settle).off('close', closed);
      if (asker !== undefined) this.#making.delete(asker);
      if (error === null) made(null, socket);
      else made(this.#unreachable(error));
    };
    const closed = (): void => { settle(new Error('the connection was closed')); };
    socket.once('error', settle).once('close', closed);
    socket.once(this.#url.protocol === 'https:' ? 'secureConnect' : 'connect', () => { settle(null); });
  }

  /** Connects to the target, through the proxy. */
  tunnel(options: ConnectOptions, made: Reached): void {
    const asker = this.#asker;
    this.reach(options, (error, socket) => {
      if (socket === undefined) {
        made(error);
        return;
      }
      if (asker !== undefined) this.#making.set(asker, socket);
      this.#ask(authorityOf(options), socket, (refused) => {
        if (asker !== undefined) this.#making.delete(asker);
        if (refused === undefined) {
          made(null, socket);
        } else {
          socket.destroy();
          made(refused);
        }
      });
    });
  }

  abandon(request: http.ClientRequest): net.Socket | undefined {
    return this.#making.get(request)?.destroy();
  }

  close(): void {
    for (const socket of this.#making.values()) socket.destroy();
  }

  #connect({localAddress, family, lookup}: ConnectOptions): net.Socket {
    const options = {host: this.#host, port: portOf(this.#url), localAddress, family, lookup, noDelay: true};
    if (this.#url.protocol !== 'https:') return net.connect(options);
    const secureContext = this.#contexts(this.#material, {});
    return tls.connect({...options, servername: net.isIP(this.#host) === 0 ? this.#host : '', secureContext, rejectUnauthorized: true});
  }

  #ask(authority: string, socket: net.Socket, answered: (refused: Error | undefined) => void): void {
    const connect = http.request({
      method: 'CONNECT', path: authority, setHost: false, createConnection: () => socket,
      headers: {host: authority, ...this.authorization === undefined ? {} : {'proxy-authorization': this.authorization}},
    });
    connect.once('connect', ({statusCode = 0}, _socket, head) => {
      if (statusCode < 200 || statusCode > 299) answered(proxyRefusal(statusCode, this.#url));
      else answered(head.length === 0 ? undefined : this.#broken('it sent bytes of its own into the tunnel'));
    });
    connect.once('error', (error) => { answered(this.#broken(messageOf(error), error)); });
    connect.end();
  }

  #unreachable(cause: Error): ConnectFailed {
    return new ConnectFailed(`the proxy ${this.#url.origin} can't be reached: ${messageOf(cause)}`,
      {code: 'PROXY_FAILED', class: isTlsFault(cause) ? 'fatal' : 'transient', cause});
  }

  #broken(why: string, cause?: Error): ConnectFailed {
    return new ConnectFailed(`the proxy ${this.#url.origin} made no tunnel: ${why}`, {code: 'PROXY_FAILED', cause});
  }
}

/** A proxy that said no: 407 and other credentials are needed everywhere, any other 4xx may be about this target alone. */
function proxyRefusal(status: number, proxy: URL): ConnectFailed {
  const why = status === 407 ? 'it wants other credentials (407)' : `it answered ${status}`;
  const faultClass = status === 407 ? 'fatal' : status >= 400 && status < 500 ? 'source-bad' : 'transient';
  return new ConnectFailed(`the proxy ${proxy.origin} refused the connection: ${why}`, {code: 'PROXY_FAILED', class: faultClass});
}

function authorityOf({host, port}: ConnectOptions): string {
  return `${host?.includes(':') === true ? `[${host}]` : host ?? ''}:${port ?? 443}`;
}

function portOf(url: URL): number {
  return url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
}
