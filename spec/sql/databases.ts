import type {MigrationSchema} from '../../src/sql/migrations.js';
import {openPostgres} from '../../src/sql/open-postgres.js';
import {openSqlite} from '../../src/sql/open-sqlite.js';
import type {SqlDatabase} from '../../src/sql/sql-database.js';
import {useTempFolder} from '../../src/testing/index.js';
import {usePostgres} from '../support/postgres.js';

/** A table of the specs. */
export interface CounterSchema extends MigrationSchema {
  counter: {id: number; count: number};
}

/** Opens one more connection to the test's database; it is closed after the test. */
export type OpenDatabase = () => Promise<SqlDatabase<CounterSchema>>;

/** An empty SQLite file for each test. */
export function useSqliteDatabase(): OpenDatabase {
  const folder = useTempFolder();
  return closing(() => openSqlite(folder.join('a.db'), 'a spec', {busyTimeout: 5}));
}

/** An empty PostgreSQL schema for each test. */
export function usePostgresDatabase(): OpenDatabase {
  const postgres = usePostgres();
  return closing(() => openPostgres(postgres.url, 'a spec', {schema: postgres.schema, lockTimeout: 20, connections: 3}));
}

function closing(open: OpenDatabase): OpenDatabase {
  let opened: SqlDatabase<CounterSchema>[] = [];
  afterEach(async () => {
    const ended = opened;
    opened = [];
    for (const database of ended) await database.close();
  });
  return async () => {
    const database = await open();
    opened.push(database);
    return database;
  };
}

/** The two, by name. */
export const DATABASES = {SQLite: useSqliteDatabase, PostgreSQL: usePostgresDatabase} as const;
