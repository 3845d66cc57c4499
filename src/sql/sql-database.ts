import type {Kysely} from 'kysely';

/** The two kinds of database. */
export type SqlEngine = 'sqlite' | 'postgres';

/** An open database. */
export interface SqlDatabase<S> {
  readonly engine: SqlEngine;
  readonly kysely: Kysely<S>;
  /** Ends the connections; statements that run are waited for, on PostgreSQL for `closeTimeout` at most. */
  close(): Promise<void>;
}
