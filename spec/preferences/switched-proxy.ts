import {connect, createServer, type AddressInfo, type Server, type Socket} from 'node:net';

/** Stands before a server; it passes bytes on, swallows them in silence, or is not there at all. */
export class SwitchedProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #clients = new Set<Socket>();
  readonly #target: {host: string; port: number};
  #swallowing = false;

  private constructor(target: {host: string; port: number}) {
    this.#target = target;
    // Who has fallen silent answers no goodbye either.
    this.#server = createServer({allowHalfOpen: true}, (socket) => { this.#accept(socket); });
  }

  /** Listens before `host:port` on a port of its own. */
  static async before(host: string, port: number): Promise<SwitchedProxy> {
    const proxy = new SwitchedProxy({host, port});
    await new Promise<void>((resolve) => { proxy.#server.listen(0, '127.0.0.1', resolve); });
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** How many clients are connected. */
  get connections(): number {
    return this.#clients.size;
  }

  /** Says something to everybody, so that those whose other end is gone are noticed, and counted no more. */
  probe(): void {
    for (const client of this.#clients) client.write('?');
  }

  /** From now on connections are accepted and nothing is ever said; those that are open fall silent. */
  swallow(): void {
    this.#swallowing = true;
  }

  /** Speaks again; connections that fell silent are cut. */
  speak(): void {
    this.#swallowing = false;
    this.#cut();
  }

  async close(): Promise<void> {
    this.#cut();
    if (!this.#server.listening) return;
    await new Promise((resolve) => { this.#server.close(resolve); });
  }

  #accept(socket: Socket): void {
    this.#keep(socket);
    this.#clients.add(socket);
    socket.on('close', () => { this.#clients.delete(socket); });
    socket.on('end', () => { if (!this.#swallowing) socket.destroySoon(); });
    if (this.#swallowing) return;
    const upstream = connect(this.#target.port, this.#target.host);
    this.#keep(upstream);
    socket.on('data', (chunk) => { if (!this.#swallowing) upstream.write(chunk); });
    upstream.on('data', (chunk) => { if (!this.#swallowing) socket.write(chunk); });
    socket.on('close', () => { upstream.destroy(); });
    upstream.on('close', () => { socket.destroy(); });
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => { this.#sockets.delete(socket); });
    socket.resume();
  }

  #cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
