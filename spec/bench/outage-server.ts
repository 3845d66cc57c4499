import {once} from 'node:events';
import {createServer as createHttpServer} from 'node:http';
import {createServer, type AddressInfo, type Server, type Socket} from 'node:net';
import {performance} from 'node:perf_hooks';

/** How the server behaves. */
export interface OutageTerms {
  readonly body: Buffer;
  /** What an answer takes, ms. */
  readonly latency: number;
  /** From the first request to the outage, ms. */
  readonly before: number;
  /** Its length, ms. */
  readonly outage: number;
}

/**
 * A web server that goes away for a while and counts who asks. While it is away each connection is reset at once: a
 * closed port would see nobody. Attempts are requests, and connections while it is away.
 */
export class OutageServer {
  readonly #terms: OutageTerms;
  readonly #attempts: number[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  #away = false;
  #timers: NodeJS.Timeout[] = [];

  private constructor(terms: OutageTerms) {
    this.#terms = terms;
    const http = createHttpServer((_request, response) => {
      this.#attempt();
      setTimeout(() => { response.end(terms.body); }, terms.latency);
    });
    this.#server = createServer((socket) => {
      socket.on('error', () => undefined);
      if (this.#away) {
        this.#attempt();
        socket.resetAndDestroy();
        return;
      }
      this.#sockets.add(socket);
      socket.once('close', () => { this.#sockets.delete(socket); });
      http.emit('connection', socket);
    });
  }

  static async start(terms: OutageTerms): Promise<OutageServer> {
    const server = new OutageServer(terms);
    // So many may come in one go that the default queue of 511 would turn some away unseen.
    server.#server.listen({port: 0, host: '127.0.0.1', backlog: 4096});
    await once(server.#server, 'listening');
    return server;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** When the first request came, by `performance.now()`; now, when none did. */
  get began(): number {
    return this.#attempts[0] ?? performance.now();
  }

  /** Attempts between two moments, ms from the first request. */
  count(from: number, to: number): number {
    return this.#between(from, to).length;
  }

  /** The most attempts within one second, between two moments. */
  peak(from: number, to: number): number {
    const times = this.#between(from, to);
    let first = 0;
    let most = 0;
    for (const [at, time] of times.entries()) {
      while ((times[first] ?? time) <= time - 1000) first++;
      most = Math.max(most, at - first + 1);
    }
    return most;
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, 'close');
  }

  #between(from: number, to: number): number[] {
    const began = this.began;
    return this.#attempts.filter((time) => time - began >= from && time - began < to);
  }

  #attempt(): void {
    if (this.#attempts.push(performance.now()) > 1) return;
    const {before, outage} = this.#terms;
    this.#timers = [setTimeout(() => { this.#leave(); }, before), setTimeout(() => { this.#away = false; }, before + outage)];
  }

  #leave(): void {
    this.#away = true;
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }
}
