import type {Kysely} from 'kysely';
import type {Clock} from '../core/clock.js';
import {cleanCause} from '../core/foreign-error.js';
import {onlyKeys, wholeNumber} from '../core/options.js';
import type {SqlDatabase} from './sql-database.js';
import {SqlFault} from './sql-fault.js';

/** How transactions are repeated. */
export interface TransactionsOptions {
  readonly clock: Clock;
  /** From 0 to 1, 1 excluded. */
  readonly random: () => number;
  /** When a transaction has met contention for so long, its last fault is thrown, ms. @default 30_000 */
  readonly limit?: number | undefined;
  /** The first pause is a random one up to this, the next up to twice this …, ms. @default 10 */
  readonly pause?: number | undefined;
  /** No pause is longer, ms. @default 500 */
  readonly longestPause?: number | undefined;
}

/** `read`: one consistent state, no lock on others. `write`: for SQLite the file's write lock from the start. */
export type TransactionMode = 'read' | 'write';

/** Statements in a transaction. */
export type Statements<S> = Kysely<S>;

/**
 * Runs work in transactions, each try in a fresh one. A lock that is not to be had, a deadlock and a lost connection are met by
 * repeating all of it after a random pause (full jitter), so the work must have no effect outside its transaction.
 */
export class Transactions<S> {
  readonly #database: SqlDatabase<S>;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #limit: number;
  readonly #pause: number;
  readonly #longestPause: number;
  #contentions = 0;

  constructor(database: SqlDatabase<S>, options: TransactionsOptions) {
    onlyKeys('transactions', options, ['clock', 'random', 'limit', 'pause', 'longestPause']);
    this.#database = database;
    this.#clock = options.clock;
    this.#random = options.random;
    this.#limit = wholeNumber('transactions.limit', options.limit ?? 30_000, 0);
    this.#pause = wholeNumber('transactions.pause', options.pause ?? 10, 0);
    this.#longestPause = wholeNumber('transactions.longestPause', options.longestPause ?? 500, 0);
  }

  /** How many tries met contention so far. */
  get contentions(): number {
    return this.#contentions;
  }

  /**
   * Commits when `work` resolves, rolls back when it rejects; its errors pass unchanged.
   *
   * @throws SqlFault; of kind `outcome-unknown` when the connection was lost while committing
   */
  async run<T>(mode: TransactionMode, work: (statements: Statements<S>) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const start = this.#clock.now();
    for (let n = 0; ; n++) {
      signal?.throwIfAborted();
      try {
        return await this.#once(mode, work);
      } catch (error) {
        if (!(error instanceof SqlFault) || !error.retriable) throw error;
        this.#contentions++;
        const pause = this.#random() * Math.min(this.#longestPause, this.#pause * 2 ** Math.min(n, 30));
        if (this.#clock.now() + pause - start >= this.#limit) throw error;
        await this.#clock.wait(pause, signal);
      }
    }
  }

  #once<T>(mode: TransactionMode, work: (statements: Statements<S>) => Promise<T>): Promise<T> {
    return this.#database.kysely.connection().execute(async (connection) => {
      await this.#begin(connection, mode);
      let result: T;
      try {
        result = await work(connection);
      } catch (error) {
        throw await this.#rolledBack(connection, error);
      }
      await this.#commit(connection, mode);
      return result;
    });
  }

  async #begin(connection: Kysely<S>, mode: TransactionMode): Promise<void> {
    if (this.#database.engine === 'postgres') {
      await execute(connection, `begin isolation level ${mode === 'read' ? 'repeatable read read only' : 'read committed'}`);
      return;
    }
    const begin = mode === 'read' ? 'begin deferred' : 'begin immediate';
    try {
      await execute(connection, begin);
    } catch (error) {
      // Left by a ROLLBACK that failed: the one connection would be lost for good.
      if (!(error instanceof SqlFault) || !error.message.includes('within a transaction')) throw error;
      await execute(connection, 'rollback');
      await execute(connection, begin);
    }
  }

  async #commit(connection: Kysely<S>, mode: TransactionMode): Promise<void> {
    try {
      await execute(connection, 'commit');
    } catch (error) {
      const fault = SqlFault.of(error);
      if (fault.kind !== 'lost' || mode === 'read') throw await this.#rolledBack(connection, fault);
      throw new SqlFault(`lost while committing: ${fault.message}`, 'outcome-unknown', {code: fault.code, cause: error});
    }
  }

  /** The error itself; what went wrong with the ROLLBACK is attached to it. */
  async #rolledBack(connection: Kysely<S>, error: unknown): Promise<unknown> {
    try {
      await execute(connection, 'rollback');
    } catch (second) {
      if (error instanceof Error && Object.isExtensible(error)) {
        const {suppressed} = error as {suppressed?: readonly unknown[]};
        Object.assign(error, {suppressed: [...suppressed ?? [], cleanCause(second)]});
      }
    }
    return error;
  }
}

async function execute<S>(connection: Kysely<S>, sql: string): Promise<void> {
  const query = {kind: 'RawNode', sqlFragments: [sql], parameters: []} as const;
  await connection.executeQuery({sql, parameters: [], query, queryId: {queryId: sql}});
}

