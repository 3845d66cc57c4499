import type {Clock} from '../../core/clock.js';
import {migrate} from '../../sql/migrations.js';
import type {SqlDatabase} from '../../sql/sql-database.js';
import {SqlFault} from '../../sql/sql-fault.js';
import {Transactions, type TransactionMode} from '../../sql/transactions.js';
import {Overloaded, OutcomeUnknown, StoreFault, StoreReadOnly} from '../catalogue-errors.js';
import type {CatalogueStore, StoreOptions, StoreTransaction, StoreView} from '../store-contract.js';
import {CATALOGUE_MIGRATIONS, type CatalogueTables} from './catalogue-tables.js';
import {SqlTransaction} from './sql-transaction.js';

/** How a store waits. */
export interface SqlStoreOptions {
  readonly clock: Clock;
  readonly random: () => number;
  /** When a transaction has waited for locks, or for the database to come back, for so long, it is Overloaded, ms. @default 30_000 */
  readonly limit?: number | undefined;
}

/** After how long somebody who met an overload had better come back, ms. */
const RETRY_AFTER = 1000;
/** How long opening waits for locks, or for the database, ms. */
const START_LIMIT = 10_000;

/** The catalogue's rows in a SQL database: SQLite or PostgreSQL. */
export class SqlStore implements CatalogueStore {
  readonly #database: SqlDatabase<CatalogueTables>;
  readonly #transactions: Transactions<CatalogueTables>;

  /** Use `open`, which brings the tables up to date. */
  constructor(database: SqlDatabase<CatalogueTables>, options: SqlStoreOptions) {
    this.#database = database;
    this.#transactions = new Transactions(database, options);
  }

  /** Takes over an open database. @throws StoreFault, and closes the database then */
  static async open(database: SqlDatabase<CatalogueTables>, options: SqlStoreOptions): Promise<SqlStore> {
    const store = new SqlStore(database, options);
    // Nobody waits half a minute to hear that the address is wrong.
    const starting = new Transactions(database, {...options, limit: Math.min(options.limit ?? START_LIMIT, START_LIMIT)});
    try {
      await translated(() => migrate(starting, database.engine, 'catalogue', CATALOGUE_MIGRATIONS, options.clock));
    } catch (error) {
      await database.close();
      throw error;
    }
    return store;
  }

  get contentions(): number {
    return this.#transactions.contentions;
  }

  read<T>(work: (view: StoreView) => Promise<T>, options?: StoreOptions): Promise<T> {
    return this.#run('read', (transaction) => work(transaction), options);
  }

  write<T>(work: (transaction: StoreTransaction) => Promise<T>, options?: StoreOptions): Promise<T> {
    return this.#run('write', work, options);
  }

  async close(): Promise<void> {
    await this.#database.close();
  }

  #run<T>(mode: TransactionMode, work: (transaction: SqlTransaction) => Promise<T>, options: StoreOptions | undefined): Promise<T> {
    return translated(() => this.#transactions.run(mode,
      (statements) => work(new SqlTransaction(statements, this.#database.engine)), options?.signal));
  }
}

/** The tower's own errors in the place of SQL's; others pass unchanged. */
async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SqlFault)) throw error;
    const fault = faultOf(error);
    fault.suppressed = error.suppressed;
    throw fault;
  }
}

function faultOf(fault: SqlFault): StoreFault {
  const options = {cause: fault};
  if (fault.kind === 'outcome-unknown') return new OutcomeUnknown('the connection to the database was lost while committing', '', options);
  if (fault.kind === 'read-only') return new StoreReadOnly('the database takes no writes', options);
  if (fault.kind === 'lost') return new Overloaded(`the database is away: ${fault.message}`, RETRY_AFTER, options);
  if (fault.retriable) return new Overloaded(`the database was locked for too long: ${fault.message}`, RETRY_AFTER, options);
  return new StoreFault(fault.kind === 'full' ? 'the database has no room left' : fault.message, options);
}
