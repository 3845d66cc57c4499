import {once} from 'node:events';
import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';

/** A web server on the loopback that has one file at a time, counts what it sends, and tells when an answer gets somewhere. */
export abstract class OneFileServer<File> {
  /** Body bytes sent since `offer`. */
  sent = 0;
  /** Answers since `offer`. */
  answers = 0;
  protected readonly server: Server = createServer((request, response) => { this.#answer(request, response); });
  #file: File | undefined;
  #watcher: {readonly position: number; readonly reached: () => void} | undefined;

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/file.bin`;
  }

  /** What is served from now on, with counters at zero. */
  offer(file: File): void {
    this.#file = file;
    this.sent = 0;
    this.answers = 0;
    this.#watcher = undefined;
  }

  /** Resolves when an answer that starts from now on gets to this byte of the file; the last caller is the one who is told. */
  reach(position: number): Promise<void> {
    return new Promise((resolve) => { this.#watcher = {position, reached: resolve}; });
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  protected async listen(): Promise<this> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return this;
  }

  /** Sends the file, or what is asked of it. */
  protected abstract answer(request: IncomingMessage, response: ServerResponse, file: File): Promise<void>;

  /** Whether it is still the one that is served. */
  protected isOffered(file: File): boolean {
    return this.#file === file;
  }

  /** To be called when so many bytes were sent and the answer stands at this byte of the file. */
  protected moved(bytes: number, position: number): void {
    this.sent += bytes;
    if (this.#watcher === undefined || position < this.#watcher.position) return;
    this.#watcher.reached();
    this.#watcher = undefined;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    response.on('error', () => undefined);
    if (this.#file === undefined) response.writeHead(404).end();
    else void this.answer(request, response, this.#file);
  }
}
