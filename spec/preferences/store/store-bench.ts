import {CompiledQuery, type Kysely, type KyselyPlugin, type PluginTransformQueryArgs, type PluginTransformResultArgs} from 'kysely';
import {SystemClock} from '../../../src/core/clock.js';
import {openPostgres} from '../../../src/sql/open-postgres.js';
import {openSqlite} from '../../../src/sql/open-sqlite.js';
import type {SqlDatabase, SqlEngine} from '../../../src/sql/sql-database.js';
import type {PreferenceTables} from '../../../src/preferences/store/preference-tables.js';
import {SqlPreferenceStore} from '../../../src/preferences/store/sql-preference-store.js';
import {useTempFolder} from '../../../src/testing/index.js';
import {usePostgres} from '../../support/postgres.js';

/** Stores on one real database, a new one for each test. */
export interface StoreBench {
  readonly engine: SqlEngine;
  /** Another store on the same database, with connections of its own; closed after the test. */
  store(): SqlPreferenceStore;
  /** The database itself; closed after the test. */
  database(): Promise<SqlDatabase<PreferenceTables>>;
  /** Every statement that the stores ran since it was last emptied, without those of migrations. */
  readonly statements: CompiledQuery[];
}

/** Call it inside a `describe`. */
export function useSqliteStores(): StoreBench {
  const folder = useTempFolder();
  return useStores('sqlite', () => openSqlite<PreferenceTables>(folder.join('preferences.db'), 'a spec'));
}

/** Call it inside a `describe`. */
export function usePostgresStores(): StoreBench {
  const postgres = usePostgres();
  return useStores('postgres', () => openPostgres<PreferenceTables>(postgres.url, 'a spec', {schema: postgres.schema, connections: 4}));
}

function useStores(engine: SqlEngine, open: () => Promise<SqlDatabase<PreferenceTables>>): StoreBench {
  const statements: CompiledQuery[] = [];
  let closing: {close(): Promise<void>}[] = [];
  const clock = new SystemClock();
  beforeEach(() => { statements.length = 0; });
  afterEach(async () => {
    const closed = closing;
    closing = [];
    await Promise.all(closed.map((one) => one.close()));
  });
  const kept = <T extends {close(): Promise<void>}>(one: T): T => {
    closing.push(one);
    return one;
  };
  return {
    engine, statements,
    store: () => kept(new SqlPreferenceStore({address: engine, clock, random: Math.random, open: async () => {
      const database = await open();
      return {...database, kysely: database.kysely.withPlugin(new Recorder(database.kysely, statements))};
    }})),
    database: async () => kept(await open()),
  };
}

/** Keeps every statement that was run. Parts of unions are transformed too, and have no result of their own. */
class Recorder implements KyselyPlugin {
  readonly #kysely: Kysely<PreferenceTables>;
  readonly #statements: CompiledQuery[];
  readonly #sent = new WeakMap<object, PluginTransformQueryArgs['node']>();

  constructor(kysely: Kysely<PreferenceTables>, statements: CompiledQuery[]) {
    this.#kysely = kysely;
    this.#statements = statements;
  }

  transformQuery({node, queryId}: PluginTransformQueryArgs): PluginTransformQueryArgs['node'] {
    this.#sent.set(queryId, node);
    return node;
  }

  async transformResult({result, queryId}: PluginTransformResultArgs): Promise<PluginTransformResultArgs['result']> {
    const node = this.#sent.get(queryId);
    // BEGIN and COMMIT were never transformed.
    if (node !== undefined) this.#statements.push(this.#kysely.getExecutor().compileQuery(node, queryId));
    return result;
  }
}

/** The steps of a statement's plan that walk through a whole table. On PostgreSQL they are those that no index could avoid. */
export async function scansOf({engine, kysely}: SqlDatabase<PreferenceTables>, {sql, parameters}: CompiledQuery): Promise<string[]> {
  if (engine === 'sqlite') {
    const {rows} = await kysely.executeQuery<{detail: string}>(CompiledQuery.raw(`explain query plan ${sql}`, [...parameters]));
    return rows.map(({detail}) => detail).filter((detail) => detail.startsWith('SCAN') && detail !== 'SCAN CONSTANT ROW');
  }
  return kysely.connection().execute(async (connection) => {
    await connection.executeQuery(CompiledQuery.raw('set enable_seqscan = off'));
    const {rows} = await connection.executeQuery<{'QUERY PLAN': string}>(CompiledQuery.raw(`explain ${sql}`, [...parameters]));
    return rows.map((row) => row['QUERY PLAN']).filter((line) => line.includes('Seq Scan'));
  });
}
