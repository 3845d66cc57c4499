import {Catalogue} from '../../../src/catalogue/catalogue.js';
import {CatalogueClient} from '../../../src/catalogue/client/catalogue-client.js';
import type {CatalogueClientOptions} from '../../../src/catalogue/client/client-options.js';
import type {ReleaseCatalogue} from '../../../src/catalogue/contract.js';
import {catalogueServer, type CatalogueServer} from '../../../src/catalogue/server/catalogue-server.js';
import type {CatalogueServerOptions} from '../../../src/catalogue/server/server-options.js';
import {TestClock, useTempFolder} from '../../../src/testing/index.js';

/** A catalogue in a file, a server before it, and clients of that; all is closed after the test. */
export interface ServedCatalogue {
  /** The catalogue itself, where the server has it. */
  readonly catalogue: Catalogue;
  readonly url: string;
  /** Of the clients: their pauses are over at once, and noted. */
  readonly clock: TestClock;
  client(options?: Partial<CatalogueClientOptions>): CatalogueClient;
  /** Stops the server; nothing answers at its address. */
  stop(): Promise<void>;
  /** Starts it at the same address. @param through what the server works on in place of the catalogue */
  start(through?: (catalogue: Catalogue) => ReleaseCatalogue, options?: Partial<CatalogueServerOptions>): Promise<void>;
}

/** Call it inside a `describe`. */
export function useServedCatalogue(): ServedCatalogue {
  const folder = useTempFolder();
  let catalogue: Catalogue;
  let server: CatalogueServer | undefined;
  let clock: TestClock;
  let port = 0;
  let clients: CatalogueClient[] = [];
  const stop = async (): Promise<void> => {
    await server?.close({grace: 0});
    server = undefined;
  };
  const start: ServedCatalogue['start'] = async (through = (it) => it, options = {unauthenticated: true}) => {
    await stop();
    server = await catalogueServer({catalogue: through(catalogue), port, ...options});
    port = server.port;
  };
  beforeEach(async () => {
    clock = new TestClock({autoAdvance: true, time: Date.now()});
    catalogue = await Catalogue.open(folder.join('catalogue.db'));
    port = 0;
    await start();
  });
  afterEach(async () => {
    const closing = clients;
    clients = [];
    for (const client of closing) await client.close();
    await stop();
    await catalogue.close();
  });
  return {
    get catalogue() { return catalogue; },
    get url() { return `http://127.0.0.1:${port}`; },
    get clock() { return clock; },
    client: (options = {}) => {
      const client = new CatalogueClient({url: `http://127.0.0.1:${port}`, clock, random: () => 0.5, ...options});
      clients.push(client);
      return client;
    },
    stop, start,
  };
}
