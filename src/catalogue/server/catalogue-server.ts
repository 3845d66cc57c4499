import type {AddressInfo, Server} from 'node:net';
import {messageOf} from '../../core/foreign-error.js';
import {misuse, onlyKeys, wholeNumber} from '../../core/options.js';
import type {Clock} from '../../core/clock.js';
import {catalogueApp} from './catalogue-app.js';
import type {InFlight} from './in-flight.js';
import {settingsOf, type CatalogueServerOptions} from './server-options.js';

/** How a server is stopped. */
export interface ServerCloseOptions {
  /** How long the requests under way may take, ms; then they are cut. @default 10_000 */
  readonly grace?: number | undefined;
}

/** What of an app its server works with: no type of an optional package, so that who uses the catalogue alone needs none of them. */
interface RunningApp {
  readonly app: {readonly server: Pick<Server, 'address'>; close(): PromiseLike<unknown>};
  readonly gate: {readonly inFlight: InFlight};
  readonly streams: {close(): Promise<void>};
}

/** A catalogue's server that listens. */
export class CatalogueServer {
  /** Where it listens: `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly port: number;
  readonly #parts: RunningApp;
  readonly #clock: Clock;
  #closed: Promise<void> | undefined;

  /** @internal Use catalogueServer. */
  constructor(parts: RunningApp, clock: Clock) {
    const {port, address, family} = parts.app.server.address() as AddressInfo;
    this.port = port;
    this.url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
    this.#parts = parts;
    this.#clock = clock;
  }

  /**
   * Stops it: streams end, new requests are refused with 503, those under way are finished or, after the grace, cut. Nobody
   * takes a cut answer for a whole one. The catalogue stays open.
   */
  close(options: ServerCloseOptions = {}): Promise<void> {
    onlyKeys('close', options, ['grace']);
    const grace = wholeNumber('grace', options.grace ?? 10_000, 0);
    this.#closed ??= this.#close(grace);
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(grace: number): Promise<void> {
    const {app, gate, streams} = this.#parts;
    const patience = new AbortController();
    const drained = Promise.all([gate.inFlight.drain(), streams.close()]);
    await Promise.race([drained, this.#clock.wait(grace, patience.signal).catch(() => undefined)]);
    patience.abort();
    gate.inFlight.abort();
    await app.close();
  }
}

/**
 * Serves a catalogue over HTTP; docs/reference/catalogue-http.md lists the routes, and so does `/openapi.json`.
 *
 * @throws TypeError or RangeError for misuse, also when the address can't be listened on; Error with the code
 * ERR_OPTIONAL_MISSING when `fastify`, `@fastify/swagger`, `fastify-type-provider-zod` or `zod` is not installed
 */
export async function catalogueServer(options: CatalogueServerOptions): Promise<CatalogueServer> {
  const settings = settingsOf(options);
  const parts = await catalogueApp(settings);
  const {host, port} = settings;
  try {
    await parts.app.listen({host, port});
  } catch (error) {
    await parts.app.close();
    throw Object.assign(misuse('host, port', `${host}:${port}`, `an address that is free (${messageOf(error)})`), {cause: error});
  }
  return new CatalogueServer(parts, settings.clock);
}
