import type {Kysely} from 'kysely';
import type {Clock} from '../core/clock.js';
import type {SqlEngine} from './sql-database.js';
import {SqlFault} from './sql-fault.js';
import type {Transactions} from './transactions.js';

/** One step of a schema. Its place in the list is its number; a step that was released never changes. */
export interface Migration {
  /** What it does, for people: `releases, parts, changes`. */
  readonly name: string;
  /** Statements, run one by one in one transaction; `?` of the engine's types are spelt out by the caller. */
  statements(engine: SqlEngine): readonly string[];
}

/** What migrations keep about themselves; it stands in the schema of every tower. */
export interface MigrationSchema {
  jupiter_migration: {tower: string; number: number; name: string; time: number};
}

/** Any two numbers: who takes PostgreSQL's advisory lock of this name migrates alone. */
const LOCK = 'select pg_advisory_xact_lock(1247115348, 20261122)';

const TABLE: Readonly<Record<SqlEngine, string>> = {
  sqlite: 'create table if not exists jupiter_migration (tower text not null, number integer not null, name text not null, '
    + 'time integer not null, primary key (tower, number)) without rowid',
  postgres: 'create table if not exists jupiter_migration (tower text not null, number integer not null, name text not null, '
    + 'time bigint not null, primary key (tower, number))',
};

/**
 * Brings a schema up to date: each missing step in a transaction of its own, so that a crash leaves whole steps, and the next
 * start goes on. Processes that start together take turns.
 *
 * @param tower Whose tables these are; several may share one database.
 * @throws SqlFault of kind `newer` when the database has steps that the list doesn't know
 */
export async function migrate<S extends MigrationSchema>(transactions: Transactions<S>, engine: SqlEngine, tower: string,
  migrations: readonly Migration[], clock: Clock): Promise<void> {
  if (await isUpToDate(transactions, tower, migrations)) return;
  let done = false;
  while (!done) {
    done = await transactions.run('write', async (statements) => {
      if (engine === 'postgres') await raw(statements, LOCK);
      await raw(statements, TABLE[engine]);
      const next = await lastOf(statements, tower, migrations) + 1;
      const migration = migrations[next - 1];
      if (migration === undefined) return true;
      for (const sql of migration.statements(engine)) await raw(statements, sql);
      await own(statements).insertInto('jupiter_migration')
        .values({tower, number: next, name: migration.name, time: Math.floor(clock.time())}).execute();
      return next === migrations.length;
    });
  }
}

/** A glance without a lock, so that a start costs no write. */
async function isUpToDate<S extends MigrationSchema>(transactions: Transactions<S>, tower: string,
  migrations: readonly Migration[]): Promise<boolean> {
  try {
    return await transactions.run('read', async (statements) => await lastOf(statements, tower, migrations) === migrations.length);
  } catch (error) {
    // No table yet.
    if (error instanceof SqlFault && error.kind === 'other') return false;
    throw error;
  }
}

async function lastOf<S extends MigrationSchema>(statements: Kysely<S>, tower: string, migrations: readonly Migration[]): Promise<number> {
  const row = await own(statements).selectFrom('jupiter_migration').select('number')
    .where('tower', '=', tower).orderBy('number', 'desc').limit(1).executeTakeFirst();
  const last = row?.number ?? 0;
  if (last > migrations.length) {
    throw new SqlFault(`the ${tower} tables have version ${last}, this software knows ${migrations.length}: use a newer one`, 'newer');
  }
  return last;
}

function own<S extends MigrationSchema>(statements: Kysely<S>): Kysely<MigrationSchema> {
  return statements as unknown as Kysely<MigrationSchema>;
}

async function raw<S>(statements: Kysely<S>, sql: string): Promise<void> {
  const query = {kind: 'RawNode', sqlFragments: [sql], parameters: []} as const;
  await statements.executeQuery({sql, parameters: [], query, queryId: {queryId: sql}});
}
