import type {Catalogue} from '../../../src/catalogue/catalogue.js';
import {CatalogueClient} from '../../../src/catalogue/client/catalogue-client.js';
import {catalogueServer} from '../../../src/catalogue/server/catalogue-server.js';
import {guardedContract} from '../contract/guarded.js';
import {patchingContract} from '../contract/patching.js';
import {publishingContract} from '../contract/publishing.js';
import {readingContract} from '../contract/reading.js';
import {useSqlite, type Engine} from '../engines.js';

/** An engine whose catalogues are clients of servers of the engine's. */
function useServedSqlite(): Engine {
  const engine = useSqlite();
  let opened: {close(): Promise<void>}[] = [];
  afterEach(async () => {
    const closing = opened.reverse();
    opened = [];
    for (const thing of closing) await thing.close();
  });
  return {
    ...engine,
    // A client's writes all have ids, and so are remembered, also those that changed nothing.
    dump: async () => JSON.stringify((JSON.parse(await engine.dump()) as [string, unknown][]).filter(([table]) => table !== 'request')),
    catalogue: async (options) => {
      const catalogue = await engine.catalogue(options);
      const server = await catalogueServer({catalogue, unauthenticated: true});
      const client = new CatalogueClient({url: server.url});
      opened.push(server, client);
      // What is no part of ReleaseCatalogue is done where the database is.
      const both = {
        close: () => client.close(),
        prune: async (asked: Parameters<Catalogue['prune']>[0]) => ({...await catalogue.prune(asked), requests: 0}),
      };
      return new Proxy(client, {get: (target, name) => {
        const from: object = Object.hasOwn(both, name) ? both : target;
        const value: unknown = Reflect.get(from, name);
        return typeof value === 'function' ? (value as () => unknown).bind(from) : value;
      }}) as unknown as Catalogue;
    },
  };
}

describe('CatalogueClient, as a catalogue', () => {
  const engine = useServedSqlite();
  describe('publish', () => publishingContract(engine));
  describe('patch', () => patchingContract(engine));
  describe('guarded writes', () => guardedContract(engine));
  describe('reading', () => readingContract(engine));
});
