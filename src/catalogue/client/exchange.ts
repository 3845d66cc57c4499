import {once} from 'node:events';
import {Agent as HttpAgent, request as httpRequest, type ClientRequest, type IncomingHttpHeaders, type IncomingMessage} from 'node:http';
import {Agent as HttpsAgent, request as httpsRequest} from 'node:https';
import {errorCode} from '../../core/foreign-error.js';
import {redactUrl} from '../../core/redact.js';
import {ClientFault, ForeignAnswer, Unreachable} from './client-errors.js';
import type {ClientSettings} from './client-options.js';

/** One request as it goes over the wire. */
export interface Asked {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** From the server's root, with its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | undefined;
}

/** One answer, whole. */
export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Node's own faults of a connection that the server had closed already. */
const DEAD_CONNECTION = new Set(['ECONNRESET', 'EPIPE']);

/**
 * One request, one answer, over connections of its own. It follows no redirect and repeats nothing, but for a request
 * that met a kept connection which the server had closed.
 */
export class Exchange {
  readonly #settings: Pick<ClientSettings, 'url' | 'tls' | 'timeout' | 'answerBytes' | 'connections' | 'clock'>;
  readonly #agent: HttpAgent;
  readonly #request: typeof httpRequest;
  readonly #running = new Set<(reason: unknown) => void>();
  #closed = false;

  constructor(settings: ClientSettings) {
    this.#settings = settings;
    const pool = {keepAlive: true, maxSockets: settings.connections};
    const secure = settings.url.protocol === 'https:';
    this.#agent = secure ? new HttpsAgent({...pool, ...settings.tls}) : new HttpAgent(pool);
    this.#request = secure ? httpsRequest : httpRequest;
  }

  /**
   * @param limit ms for this one; 0: none
   * @throws Unreachable, ForeignAnswer when it is too large, the signal's reason
   */
  async send(asked: Asked, signal: AbortSignal | undefined, limit: number): Promise<Answered> {
    for (let first = true; ; first = false) {
      if (this.#closed) throw closed();
      const message = this.#open(asked);
      try {
        return await this.#whole(message, asked, signal, limit);
      } catch (error) {
        const dead = error instanceof Unreachable && message.reusedSocket && DEAD_CONNECTION.has(errorCode(error.cause) ?? '');
        // Every request is one that may be repeated.
        if (!dead || !first) throw error;
      }
    }
  }

  /** Closes the connections, and ends what is under way. */
  close(): void {
    this.#closed = true;
    for (const stop of this.#running) stop(closed());
    this.#agent.destroy();
  }

  #open({method, path, headers, body}: Asked): ClientRequest {
    const {url} = this.#settings;
    const length = body === undefined ? {} : {'content-length': String(body.byteLength)};
    const {hostname} = url;
    return this.#request({
      agent: this.#agent, method, path: url.pathname.replace(/\/+$/, '') + path,
      headers: {accept: 'application/json', ...headers, ...length},
      // Node wants the address itself of an IPv6 host.
      hostname: hostname.startsWith('[') ? hostname.slice(1, -1) : hostname, port: url.port === '' ? undefined : url.port,
    });
  }

  async #whole(message: ClientRequest, {body}: Asked, signal: AbortSignal | undefined, limit: number): Promise<Answered> {
    const {clock} = this.#settings;
    const connection = {made: false};
    watch(message, connection);
    let ended: {readonly reason: unknown} | undefined;
    const stop = (reason: unknown): void => {
      ended ??= {reason};
      message.destroy();
    };
    const abort = (): void => { stop(signal?.reason); };
    const late = (): void => {
      stop(new Unreachable(`${this.#name} has not answered within ${limit} ms`, connection.made, {}, 'TIMED_OUT'));
    };
    const unwatch = limit === 0 ? () => undefined : clock.every(limit, late);
    this.#running.add(stop);
    signal?.addEventListener('abort', abort, {once: true});
    try {
      signal?.throwIfAborted();
      message.end(body);
      return await this.#answer(message);
    } catch (error) {
      message.destroy();
      if (ended !== undefined) throw ended.reason;
      if (signal?.aborted === true || error instanceof ForeignAnswer) throw error;
      throw new Unreachable(this.#faultText(error, connection.made), connection.made, {cause: error});
    } finally {
      unwatch();
      this.#running.delete(stop);
      signal?.removeEventListener('abort', abort);
    }
  }

  async #answer(message: ClientRequest): Promise<Answered> {
    const {answerBytes} = this.#settings;
    const [response] = await once(message, 'response') as [IncomingMessage];
    const {statusCode: status = 0, headers} = response;
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.byteLength;
      if (bytes > answerBytes) throw new ForeignAnswer(`${this.#name} answered with more than ${answerBytes} bytes`, status);
      chunks.push(chunk);
    }
    if (!response.complete) throw Object.assign(new Error('the answer ended early'), {code: 'ECONNRESET'});
    return {status, headers, body: Buffer.concat(chunks, bytes)};
  }

  #faultText(error: unknown, connected: boolean): string {
    const code = errorCode(error);
    const reason = code === undefined ? '' : ` (${code})`;
    return connected ? `the connection to ${this.#name} broke${reason}` : `no connection to ${this.#name}${reason}`;
  }

  get #name(): string {
    return `the catalogue at ${redactUrl(this.#settings.url)}`;
  }
}

/** Nothing can be asked any more. */
function closed(): ClientFault {
  return new ClientFault('the client was closed', 'UNREACHABLE', false);
}

/** Notes when bytes may have reached the server; from then on a write may have been done. */
function watch(message: ClientRequest, connection: {made: boolean}): void {
  // What comes after the answer is nobody's concern.
  message.on('error', () => undefined);
  message.once('socket', (socket) => {
    const made = (): void => { connection.made = true; };
    if (socket.connecting) socket.once('encrypted' in socket ? 'secureConnect' : 'connect', made);
    else made();
  });
}
