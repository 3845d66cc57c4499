import {openPostgres} from '../../sql/open-postgres.js';
import {openSqlite} from '../../sql/open-sqlite.js';
import type {PostgresOptions} from '../../sql/postgres-options.js';
import {SqlFault} from '../../sql/sql-fault.js';
import {StoreFault} from '../catalogue-errors.js';
import type {CatalogueTables} from './catalogue-tables.js';
import {SqlStore, type SqlStoreOptions} from './sql-store.js';

/** How a store is opened. */
export interface OpenStoreOptions extends SqlStoreOptions {
  /** For PostgreSQL only. */
  readonly postgres?: PostgresOptions | undefined;
}

/**
 * Opens a store and brings its tables up to date.
 *
 * @param location `postgres://user:password@host/database`, or the path of a file, which is made when it is missing.
 * @throws TypeError for a URL of another kind, StoreFault when it can't be opened
 */
export async function openStore(location: string, {postgres, ...options}: OpenStoreOptions): Promise<SqlStore> {
  // Two letters at least before the colon: `C:\data` is a path.
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(location)?.[1];
  if (scheme !== undefined && !/^postgres(?:ql)?$/i.test(scheme)) {
    throw new TypeError(`catalogue: expected a path or a postgres:// URL, got one that starts with ${scheme}://`);
  }
  if (scheme !== undefined) {
    return SqlStore.open(await openPostgres<CatalogueTables>(location, 'a catalogue on PostgreSQL', postgres), options);
  }
  try {
    return await SqlStore.open(await openSqlite<CatalogueTables>(location, 'a catalogue in a file'), options);
  } catch (error) {
    throw error instanceof SqlFault ? new StoreFault(error.message, {cause: error}) : error;
  }
}
