import * as http from 'node:http';
import * as https from 'node:https';
import type {Duplex} from 'node:stream';
import {ConnectFailed} from '../core/errors.js';
import {authorization} from '../core/credentials.js';
import type {Proxy} from '../core/settings.js';

/** node's agents take the request here before a connection is chosen; undocumented, and what every proxy agent hooks into. */
interface AddRequest {
  addRequest(request: http.ClientRequest, options: https.AgentOptions & Target): void;
}

interface Target {
  host?: string | undefined;
  port?: number | string | undefined;
  protocol?: string | undefined;
  asker?: http.ClientRequest | undefined;
}

type Made = (error: Error | null, socket?: Duplex) => void;

/** What the agents of a proxy share. */
interface ProxyAgentOptions extends https.AgentOptions {
  proxy: Proxy;
  /** Trusted when the proxy itself speaks TLS. */
  proxyAuthorities?: string[] | undefined;
}

/** For http targets: the proxy is asked with the absolute URL (RFC 9112, 3.2.2), and told who asks. */
export class ForwardAgent extends https.Agent {
  readonly #proxy: Proxy;
  readonly #url: URL;
  readonly #authorities: string[] | undefined;

  constructor({proxy, proxyAuthorities, ...options}: ProxyAgentOptions) {
    super(options);
    this.#proxy = proxy;
    this.#url = new URL(proxy.url);
    this.#authorities = proxyAuthorities;
    Object.assign(this, {protocol: 'http:'});
  }

  addRequest(request: http.ClientRequest, options: https.AgentOptions & Target): void {
    request.path = `http://${String(request.getHeader('host'))}${request.path}`;
    const secret = proxyAuthorization(this.#proxy);
    if (secret !== undefined) request.setHeader('proxy-authorization', secret);
    const target = {...options, host: this.#url.hostname, port: portOf(this.#url), servername: this.#url.hostname, ca: this.#authorities};
    (https.Agent.prototype as unknown as AddRequest).addRequest.call(this, request, target);
  }

  override createConnection(options: https.AgentOptions, made: Made): Duplex {
    const base = this.#url.protocol === 'https:' ? https.Agent.prototype : http.Agent.prototype;
    return (base as unknown as {createConnection(options: object, made: Made): Duplex}).createConnection.call(this, options, made);
  }
}

/** For https targets: a tunnel by CONNECT (RFC 9110, 9.3.6); TLS goes through it to the target. */
export class TunnelAgent extends https.Agent {
  readonly #proxy: Proxy;
  readonly #url: URL;
  readonly #authorities: string[] | undefined;

  constructor({proxy, proxyAuthorities, ...options}: ProxyAgentOptions) {
    super(options);
    this.#proxy = proxy;
    this.#url = new URL(proxy.url);
    this.#authorities = proxyAuthorities;
  }

  addRequest(request: http.ClientRequest, options: https.AgentOptions & Target): void {
    (https.Agent.prototype as unknown as AddRequest).addRequest.call(this, request, {...options, asker: request});
  }

  override createConnection(options: https.AgentOptions & Target, made: Made): undefined {
    const {asker, ...target} = options;
    const host = target.host?.includes(':') === true ? `[${target.host}]` : target.host ?? '';
    const path = `${host}:${target.port ?? 443}`;
    const secret = proxyAuthorization(this.#proxy);
    const connect = (this.#url.protocol === 'https:' ? https : http).request({
      method: 'CONNECT', host: this.#url.hostname, port: portOf(this.#url), path, agent: false, setHost: false,
      headers: {host: path, ...secret === undefined ? {} : {'proxy-authorization': secret}},
      ca: this.#authorities, servername: this.#url.hostname,
    });
    const abandon = (): void => { connect.destroy(); };
    asker?.once('close', abandon);
    connect.once('connect', (response, socket) => {
      asker?.off('close', abandon);
      if (response.statusCode === 200) {
        made(null, (https.Agent.prototype as unknown as {createConnection(options: object): Duplex}).createConnection.call(this, {...target, socket}));
        return;
      }
      socket.destroy();
      made(proxyRefusal(response.statusCode ?? 0, this.#url));
    });
    connect.once('response', (response) => {
      connect.destroy();
      made(proxyRefusal(response.statusCode ?? 0, this.#url));
    });
    connect.once('error', (error) => {
      asker?.off('close', abandon);
      made(new ConnectFailed(`the proxy ${this.#url.origin} can't be reached: ${error.message}`, {code: 'PROXY_FAILED', cause: error}));
    });
    connect.end();
    return undefined;
  }
}

/** A proxy that said no. */
export function proxyRefusal(status: number, proxy: URL): ConnectFailed {
  const why = status === 407 ? 'it wants other credentials (407)' : `it answered ${status}`;
  return new ConnectFailed(`the proxy ${proxy.origin} refused the connection: ${why}`,
    {code: 'PROXY_FAILED', class: status === 407 || (status >= 400 && status < 500) ? 'fatal' : 'transient'});
}

function proxyAuthorization({user}: Proxy): string | undefined {
  return user && authorization({scheme: 'basic', name: user.name, password: user.password.reveal()});
}

function portOf(url: URL): number {
  return url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
}
