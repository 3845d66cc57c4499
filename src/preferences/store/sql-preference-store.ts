import type {Kysely} from 'kysely';
import {randomUUID} from 'node:crypto';
import type {Clock} from '../../core/clock.js';
import {migrate} from '../../sql/migrations.js';
import type {SqlDatabase} from '../../sql/sql-database.js';
import {SqlFault} from '../../sql/sql-fault.js';
import {Transactions} from '../../sql/transactions.js';
import type {CentralStore, GlobalChange, GlobalRow, LocalChange, LocalStore, LocalView, SnapshotRow} from '../store-contract.js';
import {idOf} from './dictionary.js';
import {clearMarksOf, GLOBAL} from './mark-rows.js';
import {PREFERENCE_MIGRATIONS, type PreferenceTables} from './preference-tables.js';
import {RowReader} from './row-reader.js';
import {RowWriter} from './row-writer.js';
import {SqlStoreUpkeep} from './sql-store-upkeep.js';
import {translated} from './store-faults.js';

/** How a store is made. */
export interface SqlPreferenceStoreOptions {
  /** Which one it is, without credentials. */
  readonly address: string;
  /** Opens the database, without asking a server yet; called at the first use, and again when it failed. */
  readonly open: () => Promise<SqlDatabase<PreferenceTables>>;
  readonly clock: Clock;
  /** From 0 to 1, 1 excluded. */
  readonly random: () => number;
  /** How long writes wait for locks, ms. @default 2_000 */
  readonly limit?: number | undefined;
}

/** A snapshot that is newer by more than this was made before somebody set the clock back, ms. */
const LATE = 5000;

interface Opened {
  readonly database: SqlDatabase<PreferenceTables>;
  readonly transactions: Transactions<PreferenceTables>;
}

/** Local and global values in a SQL database, SQLite or PostgreSQL: either face of it may be used, or both. */
export class SqlPreferenceStore implements LocalStore, CentralStore {
  readonly address: string;
  readonly upkeep: SqlStoreUpkeep;
  readonly #options: SqlPreferenceStoreOptions;
  readonly #reader = new RowReader();
  #database: Promise<SqlDatabase<PreferenceTables>> | undefined;
  #opened: Promise<Opened> | undefined;

  constructor(options: SqlPreferenceStoreOptions) {
    this.#options = options;
    this.address = options.address;
    this.upkeep = new SqlStoreUpkeep({
      read: (work) => this.#read(work),
      write: async (work) => {
        const {database, transactions} = await this.#open();
        return transactions.run('write', (statements) => work(statements, database.engine));
      },
    });
  }

  async load(): Promise<void> {
    await translated('local', () => this.#load());
  }

  async prepare(): Promise<void> {
    await translated('local', () => this.#open());
  }

  locals(scope: string, owners: readonly string[], central: string | undefined): Promise<Map<string, LocalView>> {
    return translated('local', () => this.#read((statements) => this.#reader.locals(statements, scope, owners, central)));
  }

  globals(owners: readonly string[]): Promise<Map<string, GlobalRow[]>> {
    return translated('central', () => this.#read((statements) => this.#reader.globals(statements, owners)));
  }

  writeLocals(changes: readonly LocalChange[]): Promise<number> {
    return translated('local', () => this.#write((writer) => writer.locals(changes)));
  }

  writeGlobals(changes: readonly GlobalChange[]): Promise<number> {
    return translated('central', () => this.#write((writer) => writer.globals(changes)));
  }

  resetLocals(scope: string, owner: string): Promise<number> {
    return translated('local', () => this.#write(async (_, statements) => {
      const id = await idOf(statements, 'preference_scope', scope);
      if (id === undefined) return 0;
      await clearMarksOf(statements, id, owner);
      return removed(await statements.deleteFrom('preference_local').where('scope', '=', id).where('owner', '=', owner).executeTakeFirst());
    }));
  }

  removeGlobals(owner: string): Promise<number> {
    return translated('central', () => this.#write(async (_, statements) => {
      await clearMarksOf(statements, GLOBAL, owner);
      return removed(await statements.deleteFrom('preference_global').where('owner', '=', owner).executeTakeFirst());
    }));
  }

  async saveSnapshots(central: string, snapshots: ReadonlyMap<string, SnapshotRow>): Promise<void> {
    if (snapshots.size === 0) return;
    const values = [...snapshots].map(([owner, {time, rows}]) => ({central, owner, time: Math.floor(time), body: JSON.stringify(rows)}));
    await translated('local', () => this.#write((_, statements) => statements.insertInto('preference_snapshot').values(values)
      .onConflict((conflict) => conflict.columns(['central', 'owner'])
        .doUpdateSet((set) => ({time: set.ref('excluded.time'), body: set.ref('excluded.body')}))
        .where((is) => is.or([is('excluded.time', '>=', is.ref('preference_snapshot.time')),
          is('preference_snapshot.time', '>', is('excluded.time', '+', LATE))]))).execute()));
  }

  checkLocalWritable(): Promise<void> {
    return translated('local', () => this.#checkWritable());
  }

  checkCentralWritable(): Promise<void> {
    return translated('central', () => this.#checkWritable());
  }

  identity(): Promise<string> {
    return translated('local', () => this.#read(async (statements) =>
      (await statements.selectFrom('preference_store').select('identity').where('id', '=', 1).executeTakeFirstOrThrow()).identity));
  }

  async close(): Promise<void> {
    await this.#opened?.catch(() => undefined);
    const database = await this.#database?.catch(() => undefined);
    await database?.close();
  }

  /** One statement, without a transaction; once more when the connection turned out to be a dead one. */
  async #read<T>(work: (statements: Kysely<PreferenceTables>) => Promise<T>): Promise<T> {
    const {database} = await this.#open();
    try {
      return await work(database.kysely);
    } catch (error) {
      if (!(error instanceof SqlFault) || !error.retriable) throw error;
      return work(database.kysely);
    }
  }

  async #write<T>(work: (writer: RowWriter, statements: Kysely<PreferenceTables>) => Promise<T>): Promise<T> {
    const {database, transactions} = await this.#open();
    return transactions.run('write', (statements) => work(new RowWriter(statements, database.engine), statements));
  }

  /** An update of no row: refused where nothing may be written, and nothing is. */
  async #checkWritable(): Promise<void> {
    await this.#write((_, statements) => statements.updateTable('preference_store').set({revision: 0}).where('id', '=', 0).execute());
  }

  #load(): Promise<SqlDatabase<PreferenceTables>> {
    this.#database ??= this.#options.open().catch((error: unknown) => {
      this.#database = undefined;
      throw error;
    });
    return this.#database;
  }

  #open(): Promise<Opened> {
    this.#opened ??= this.#prepare().catch((error: unknown) => {
      this.#opened = undefined;
      throw error;
    });
    return this.#opened;
  }

  async #prepare(): Promise<Opened> {
    const {clock, random, limit} = this.#options;
    const database = await this.#load();
    const transactions = new Transactions(database, {clock, random, limit: limit ?? 2000});
    await migrate(transactions, database.engine, 'preferences', PREFERENCE_MIGRATIONS, clock);
    const known = await database.kysely.selectFrom('preference_store').select('id').where('id', '=', 1).executeTakeFirst();
    if (known === undefined) {
      await transactions.run('write', (statements) => statements.insertInto('preference_store')
        .values({id: 1, identity: randomUUID(), revision: 0})
        .onConflict((conflict) => conflict.doNothing()).execute());
    }
    return {database, transactions};
  }
}

function removed({numDeletedRows}: {numDeletedRows: bigint}): number {
  return Number(numDeletedRows);
}
