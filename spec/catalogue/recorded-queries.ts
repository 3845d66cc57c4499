import {
  DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler,
  type CompiledQuery, type DatabaseConnection, type Dialect,
} from 'kysely';
import type {CatalogueTables} from '../../src/catalogue/store/catalogue-tables.js';
import type {SqlEngine} from '../../src/sql/sql-database.js';

const ROW = {seq: 1, name: 'r1', path: '/p1', part_version: 1, release_version: 1, version: 1, time: 0, pruned: 0, removed: 0, actor: 'a', id: '1'};

/** A database that answers everything with one row that fits everywhere, and notes what it was asked. */
export function recorded(engine: SqlEngine): {kysely: Kysely<CatalogueTables>; queries: CompiledQuery[]} {
  const queries: CompiledQuery[] = [];
  const connection: DatabaseConnection = {
    executeQuery: async (query) => {
      queries.push(query);
      return {rows: [ROW as never], numAffectedRows: 1n};
    },
    streamQuery: async function* none() { /* never used */ },
  };
  class Recorder extends DummyDriver {
    override acquireConnection(): Promise<DatabaseConnection> {
      return Promise.resolve(connection);
    }
  }
  const dialect: Dialect = {
    createAdapter: () => engine === 'sqlite' ? new SqliteAdapter() : new PostgresAdapter(),
    createDriver: () => new Recorder(),
    createIntrospector: (database) => engine === 'sqlite' ? new SqliteIntrospector(database) : new PostgresIntrospector(database),
    createQueryCompiler: () => engine === 'sqlite' ? new SqliteQueryCompiler() : new PostgresQueryCompiler(),
  };
  return {kysely: new Kysely<CatalogueTables>({dialect}), queries};
}
