import {CompiledQuery} from 'kysely';
import {SystemClock} from '../../../src/core/clock.js';
import {openPostgres} from '../../../src/sql/open-postgres.js';
import {openSqlite} from '../../../src/sql/open-sqlite.js';
import type {SqlDatabase, SqlEngine} from '../../../src/sql/sql-database.js';
import type {PreferenceTables} from '../../../src/preferences/store/preference-tables.js';
import {SqlPreferenceStore} from '../../../src/preferences/store/sql-preference-store.js';
import {useTempFolder} from '../../../src/testing/index.js';
import {usePostgres} from '../../support/postgres.js';
import {recorded} from './statement-recorder.js';

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
    store: () => kept(new SqlPreferenceStore({address: engine, clock, random: Math.random,
      open: async () => recorded(await open(), {statements, raw: []})})),
    database: async () => kept(await open()),
  };
}

/** The steps of a statement's plan that walk through a whole table. On PostgreSQL they are those that no index could avoid. */
export async function scansOf({engine, kysely}: SqlDatabase<PreferenceTables>, {sql, parameters}: CompiledQuery): Promise<string[]> {
  if (engine === 'sqlite') {
    const {rows} = await kysely.executeQuery<{detail: string}>(CompiledQuery.raw(`explain query plan ${sql}`, [...parameters]));
    return rows.map(({detail}) => detail).filter((detail) => detail.startsWith('SCAN') && !/^SCAN (?:\d+ )?CONSTANT ROWS?$/.test(detail));
  }
  return kysely.connection().execute(async (connection) => {
    await connection.executeQuery(CompiledQuery.raw('set enable_seqscan = off'));
    const {rows} = await connection.executeQuery<{'QUERY PLAN': string}>(CompiledQuery.raw(`explain ${sql}`, [...parameters]));
    return rows.map((row) => row['QUERY PLAN']).filter((line) => line.includes('Seq Scan'));
  });
}
