import {once} from 'node:events';
import {createServer, request as forward, type IncomingMessage, type Server, type ServerResponse} from 'node:http';
import {createServer as createSecureServer} from 'node:https';
import {connect, type AddressInfo, type Socket} from 'node:net';
import {pipeline} from 'node:stream/promises';
import type {ServerTls} from '../../src/testing/scripted-server.js';

/** What the proxy was asked. */
export interface ProxyRequest {
  readonly kind: 'connect' | 'forward';
  /** `host:port` of a CONNECT, the whole URL otherwise. */
  readonly target: string;
  readonly headers: Readonly<IncomingMessage['headers']>;
  /** Name and password, decoded from Proxy-Authorization. */
  readonly credentials: string | undefined;
}

/** How a ProxyServer behaves. */
export interface ProxyServerOptions {
  /** `name:password` without which it answers 407. */
  credentials?: string | undefined;
  /** Speaks TLS with its clients. */
  tls?: ServerTls | undefined;
  /** Accepts connections and says nothing: a black hole. */
  silent?: boolean | undefined;
  /** Answers everything with this status. */
  refuse?: number | undefined;
  /** Where `host:port` really is, so that specs can use invented host names. @default the same */
  route?: ((authority: string) => {readonly host: string; readonly port: number}) | undefined;
}

/** A proxy on the loopback: forwards absolute-form http requests and tunnels CONNECT, and records what it saw. */
export class ProxyServer implements AsyncDisposable {
  readonly requests: ProxyRequest[] = [];
  /** TCP connections ever opened by clients. */
  connections = 0;
  readonly #options: ProxyServerOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(options: ProxyServerOptions) {
    this.#options = options;
    this.#server = options.tls === undefined ? createServer() : createSecureServer(options.tls as object);
    this.#server.on('connection', (socket: Socket) => {
      this.connections++;
      this.#track(socket);
    });
    this.#server.on('request', (request: IncomingMessage, response: ServerResponse) => { void this.#forward(request, response); });
    this.#server.on('connect', (request: IncomingMessage, socket: Socket, head: Buffer) => { void this.#tunnel(request, socket, head); });
  }

  static async start(options: ProxyServerOptions = {}): Promise<ProxyServer> {
    const proxy = new ProxyServer(options);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  /** Its address, without credentials. */
  get url(): string {
    const {port} = this.#server.address() as AddressInfo;
    return `${this.#options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;
  }

  /** Its address with the credentials that it wants. */
  get urlWithCredentials(): string {
    return this.url.replace('://', `://${this.#options.credentials ?? ''}@`);
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => { socket.destroy(); });
    socket.on('close', () => { this.#sockets.delete(socket); });
  }

  /** @returns the status with which it must be refused, or undefined when it may pass */
  #admit(kind: 'connect' | 'forward', request: IncomingMessage): number | undefined {
    const header = request.headers['proxy-authorization'];
    const credentials = header?.startsWith('Basic ') === true ? Buffer.from(header.slice(6), 'base64').toString() : undefined;
    this.requests.push({kind, target: request.url ?? '', headers: request.headers, credentials});
    if (this.#options.refuse !== undefined) return this.#options.refuse;
    return this.#options.credentials !== undefined && credentials !== this.#options.credentials ? 407 : undefined;
  }

  #place(authority: string, standardPort: number): {host: string; port: number} {
    if (this.#options.route !== undefined) return this.#options.route(authority);
    const {hostname, port} = new URL(`http://${authority}`);
    return {host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? standardPort : Number(port)};
  }

  async #forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refused = this.#admit('forward', request);
    if (this.#options.silent === true) return;
    if (refused !== undefined || !URL.canParse(request.url ?? '')) {
      response.writeHead(refused ?? 400, {'proxy-authenticate': 'Basic realm="spec"'}).end();
      return;
    }
    const url = new URL(request.url ?? '');
    const {'proxy-authorization': dropped, 'proxy-connection': alsoDropped, ...headers} = request.headers;
    const onward = forward({...this.#place(url.host, 80), method: request.method, path: url.pathname + url.search, headers, agent: false});
    onward.on('error', () => { onward.destroy(); }); // a reset after the answer began
    try {
      onward.end();
      const [answer] = await once(onward, 'response') as [IncomingMessage];
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      await pipeline(answer, response);
    } catch {
      if (response.headersSent) response.destroy();
      else response.writeHead(502).end();
    }
  }

  async #tunnel(request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    const refused = this.#admit('connect', request);
    this.#track(socket);
    if (this.#options.silent === true) {
      socket.resume().once('end', () => { socket.destroy(); }); // or the client's end would never be seen
      return;
    }
    if (refused !== undefined) {
      socket.end(`HTTP/1.1 ${refused} Refused\r\nProxy-Authenticate: Basic realm="spec"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
      return;
    }
    const onward = connect(this.#place(request.url ?? '', 443));
    this.#track(onward);
    try {
      await once(onward, 'connect');
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.write(head);
      socket.setMaxListeners(0); // two pipelines and TLS listen to it
      await Promise.all([pipeline(socket, onward), pipeline(onward, socket)]);
    } catch {
      if (onward.connecting || onward.errored !== null) socket.end('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n');
      onward.destroy();
    }
  }
}
