import {once} from 'node:events';
import {createServer, type AddressInfo, type Server, type Socket} from 'node:net';
import {performance} from 'node:perf_hooks';
import {createServer as createTlsServer, type Server as TlsServer, type TLSSocket} from 'node:tls';
import type {Answer} from './answer.js';
import {writeAnswer} from './answer-writer.js';
import {RequestParser, type ParsedRequest} from './request-parser.js';

/** One request that the server saw. */
export interface RecordedRequest extends ParsedRequest {
  /** The number of the TCP connection on which it came, from 1. */
  readonly connection: number;
  /** How often this path (without its query) was asked, this time included. */
  readonly nth: number;
  /** performance.now() at its arrival. */
  readonly time: number;
  /** The common name of the client's certificate, when one came. */
  readonly clientSubject: string | undefined;
}

/** A fixed answer, or one made for the request; a promise delays the answer until it is settled. */
export type Script = Answer | ((request: RecordedRequest) => Answer | Promise<Answer>);

/** PEM texts; `requestCert` asks for a client certificate, `rejectUnauthorized` refuses one that `ca` didn't sign. */
export interface ServerTls {
  readonly key: string;
  readonly cert: string;
  readonly ca?: string | undefined;
  readonly requestCert?: boolean | undefined;
  /** @default false */
  readonly rejectUnauthorized?: boolean | undefined;
}

/**
 * A real TCP (or TLS) server on the loopback that writes the wire bytes itself, so that it can cut, stall, drip and lie.
 * Close it in `afterEach`: `close` destroys every connection.
 */
export class ScriptedServer implements AsyncDisposable {
  /** Every request, in the order of arrival. */
  readonly requests: RecordedRequest[] = [];
  /** TCP connections ever opened. */
  connections = 0;
  /** TCP connections open now. */
  open = 0;
  /** The most TCP connections open at once. */
  peak = 0;
  /** Body bytes ever written, framing and raw answers not counted: how much of a transfer was sent again. */
  bodyBytes = 0;
  /** TLS handshakes that failed. */
  handshakeFailures = 0;

  readonly #server: Server;
  readonly #tls: TlsServer | undefined;
  readonly #scripts = new Map<string, Script>();
  readonly #sockets = new Set<Socket>();
  readonly #asked = new Map<string, number>();
  /** By the client's port: what to do once TLS is spoken. */
  readonly #handshakes = new Map<number, (stream: TLSSocket) => void>();
  readonly #watchers = new Set<() => void>();

  private constructor(tls: ServerTls | undefined) {
    this.#server = createServer((raw) => { this.#accept(raw); });
    if (tls === undefined) return;
    this.#tls = createTlsServer({...tls, rejectUnauthorized: tls.rejectUnauthorized ?? false, ALPNProtocols: ['http/1.1']} as object);
    this.#tls.on('secureConnection', (stream) => { this.#handshakes.get(stream.remotePort ?? 0)?.(stream); });
    this.#tls.on('tlsClientError', () => {
      this.handshakeFailures++;
      this.#changed();
    });
  }

  /** Listens on a free port of 127.0.0.1. */
  static async start(options: {readonly tls?: ServerTls | undefined} = {}): Promise<ScriptedServer> {
    const server = new ScriptedServer(options.tls);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get origin(): string {
    return `${this.#tls === undefined ? 'http' : 'https'}://127.0.0.1:${this.port}`;
  }

  /** The URL of a path, which begins with a slash. */
  url(path: string): string {
    return `${this.origin}${path}`;
  }

  /** Scripts a path, with or without its query; `*` stands for every path that has no script. Others are answered 404. */
  on(path: string, script: Script): this {
    this.#scripts.set(path, script);
    return this;
  }

  /** The requests for one path, query disregarded. */
  requestsFor(path: string): RecordedRequest[] {
    return this.requests.filter((request) => pathOf(request.path) === path);
  }

  /** Resolves as soon as the condition holds; it is looked at after every connection, request and end. */
  async when(condition: () => boolean): Promise<void> {
    if (condition()) return;
    await new Promise<void>((resolve) => {
      const watcher = (): void => {
        if (!condition()) return;
        this.#watchers.delete(watcher);
        resolve();
      };
      this.#watchers.add(watcher);
    });
  }

  /** Cuts every connection and leaves the server listening. */
  disconnect(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Destroys every connection and stops listening. May be called twice. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.disconnect();
    await Promise.all([closed, this.when(() => this.open === 0)]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #accept(raw: Socket): void {
    const connection = ++this.connections;
    this.open++;
    this.peak = Math.max(this.peak, this.open);
    this.#sockets.add(raw);
    const gone = new AbortController();
    raw.setNoDelay(true);
    raw.on('error', () => { raw.destroy(); });
    raw.on('close', () => {
      this.#sockets.delete(raw);
      this.open--;
      gone.abort();
      this.#changed();
    });
    if (this.#tls === undefined) {
      this.#serve(raw, raw, connection, gone.signal);
    } else {
      const port = raw.remotePort ?? 0;
      this.#handshakes.set(port, (stream) => {
        stream.on('error', () => { raw.destroy(); });
        this.#serve(stream, raw, connection, gone.signal);
      });
      gone.signal.addEventListener('abort', () => { this.#handshakes.delete(port); }, {once: true});
      this.#tls.emit('connection', raw);
    }
    this.#changed();
  }

  #serve(stream: Socket, raw: Socket, connection: number, gone: AbortSignal): void {
    const parser = new RequestParser();
    const queue: ParsedRequest[] = [];
    let busy = false;
    const count = (bytes: number): void => { this.bodyBytes += bytes; };
    const work = async (): Promise<void> => {
      busy = true;
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const answer = await this.#ask(this.#record(next, stream, connection));
        if (!await writeAnswer({stream, raw, gone, count}, answer, next)) return;
      }
      busy = false;
    };
    stream.on('data', (chunk: Buffer) => {
      try {
        queue.push(...parser.feed(chunk));
      } catch {
        stream.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
        return;
      }
      if (!busy && queue.length > 0) void work();
    });
  }

  #record(request: ParsedRequest, stream: Socket, connection: number): RecordedRequest {
    const path = pathOf(request.path);
    const nth = (this.#asked.get(path) ?? 0) + 1;
    this.#asked.set(path, nth);
    const recorded = {...request, connection, nth, time: performance.now(), clientSubject: subjectOf(stream)};
    this.requests.push(recorded);
    this.#changed();
    return recorded;
  }

  /** A script that throws becomes a 500 with its message, so that the spec fails with a reason instead of hanging. */
  async #ask(request: RecordedRequest): Promise<Answer> {
    const path = pathOf(request.path);
    const script = this.#scripts.get(request.path) ?? this.#scripts.get(path) ?? this.#scripts.get('*');
    if (script === undefined) return {status: 404, body: `no script for ${path}`};
    try {
      return typeof script === 'function' ? await script(request) : script;
    } catch (error) {
      return {status: 500, body: String(error)};
    }
  }

  #changed(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }
}

function pathOf(target: string): string {
  const path = URL.canParse(target) ? target.replace(/^[a-z]+:\/\/[^/]*/i, '') : target;
  return path.split('?', 1)[0] ?? path;
}

function subjectOf(stream: Socket): string | undefined {
  const {getPeerCertificate} = stream as Partial<TLSSocket>;
  const certificate = getPeerCertificate?.call(stream) as {subject?: {CN?: string}} | undefined;
  return certificate?.subject?.CN;
}
