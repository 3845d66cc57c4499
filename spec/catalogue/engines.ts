import type {Client} from 'pg';
import {sql, type Kysely} from 'kysely';
import {Catalogue, type CatalogueOptions} from '../../src/catalogue/catalogue.js';
import type {CatalogueStore} from '../../src/catalogue/store-contract.js';
import type {CatalogueTables} from '../../src/catalogue/store/catalogue-tables.js';
import {SqlStore} from '../../src/catalogue/store/sql-store.js';
import {SystemClock, type Clock} from '../../src/core/clock.js';
import {openPostgres} from '../../src/sql/open-postgres.js';
import {openSqlite} from '../../src/sql/open-sqlite.js';
import type {SqlDatabase} from '../../src/sql/sql-database.js';
import {useTempFolder} from '../../src/testing/index.js';
import {usePostgres} from '../support/postgres.js';

/** How a store of a test waits. */
export interface WaitOptions {
  readonly clock?: Clock | undefined;
  readonly limit?: number | undefined;
}

/** An engine with an empty database for each test; all that it opens is closed after the test. */
export interface Engine {
  readonly name: 'SQLite' | 'PostgreSQL';
  /** One more connection to the database, as another process has it. */
  database(): Promise<SqlDatabase<CatalogueTables>>;
  /** One more store on it. */
  store(options?: WaitOptions): Promise<CatalogueStore>;
  /** One more catalogue on it, or on the store given. */
  catalogue(options?: Partial<CatalogueOptions> & WaitOptions): Promise<Catalogue>;
  /** Every row of every table, as one text. */
  dump(): Promise<string>;
  /** Holds the lock that a writer of any release needs, until it is called. */
  holdLock(): Promise<() => Promise<void>>;
}

/** SQLite in a folder of the test. */
export function useSqlite(): Engine {
  const folder = useTempFolder();
  return engine('SQLite', () => openSqlite(folder.join('catalogue.db'), 'a spec', {busyTimeout: 5}), async (database) => {
    await sql`begin immediate`.execute(database);
    return async () => { await sql`rollback`.execute(database); };
  });
}

/** PostgreSQL, a schema of the test's own. */
export function usePostgresEngine(): Engine {
  const postgres = usePostgres();
  return engine('PostgreSQL', () => openPostgres(postgres.url, 'a spec', {schema: postgres.schema, lockTimeout: 20, connections: 4}), async () => {
    const client: Client = await postgres.client();
    await client.query('begin; lock table release in exclusive mode');
    return async () => { await client.query('rollback'); };
  });
}

function engine(name: Engine['name'], open: () => Promise<SqlDatabase<CatalogueTables>>,
  hold: (database: Kysely<CatalogueTables>) => Promise<() => Promise<void>>): Engine {
  let opened: {close(): Promise<void>}[] = [];
  const kept = <T extends {close(): Promise<void>}>(thing: T): T => {
    opened.push(thing);
    return thing;
  };
  afterEach(async () => {
    const closing = opened.reverse();
    opened = [];
    for (const thing of closing) await thing.close();
  });
  const store = async ({clock = new SystemClock(), limit}: WaitOptions = {}): Promise<CatalogueStore> =>
    kept(await SqlStore.open(await open(), {clock, random: Math.random, limit}));
  const database = async (): Promise<SqlDatabase<CatalogueTables>> => kept(await open());
  return {
    name, store, database,
    catalogue: async ({clock, limit, ...options} = {}) => new Catalogue({clock, store: options.store ?? await store({clock, limit}), ...options}),
    dump: async () => {
      const {kysely} = await database();
      const tables = ['release', 'part', 'change', 'request', 'feed'] as const;
      const rows = await Promise.all(tables.map(async (table) => [table, await kysely.selectFrom(table).selectAll().execute()]));
      return JSON.stringify(rows, undefined, 1);
    },
    holdLock: async () => hold((await database()).kysely),
  };
}

/** The engines, by the functions that a `describe` calls. */
export const ENGINES = {SQLite: useSqlite, PostgreSQL: usePostgresEngine} as const;
