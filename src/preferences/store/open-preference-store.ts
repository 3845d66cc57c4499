import {resolve} from 'node:path';
import type {Clock} from '../../core/clock.js';
import {openPostgres} from '../../sql/open-postgres.js';
import {openSqlite} from '../../sql/open-sqlite.js';
import type {PostgresOptions} from '../../sql/postgres-options.js';
import type {PreferenceTables} from './preference-tables.js';
import {SqlPreferenceStore} from './sql-preference-store.js';

/** How a store is opened. */
export interface OpenPreferenceStoreOptions {
  readonly clock: Clock;
  /** From 0 to 1, 1 excluded. */
  readonly random: () => number;
  /** How long writes wait for locks, ms. @default 2_000 */
  readonly limit?: number | undefined;
  /** For PostgreSQL only. A connection may take 2 s here, a statement 10 s and closing 2 s, if nothing else is said. */
  readonly postgres?: PostgresOptions | undefined;
}

/**
 * A store, opened at its first use, so that a central one may be away when the process starts.
 *
 * @param location `postgres://user:password@host/database`, or the path of a file, which is made when it is missing.
 * @throws TypeError for a URL of another kind
 */
export function openPreferenceStore(location: string, {postgres, ...options}: OpenPreferenceStoreOptions): SqlPreferenceStore {
  // Two letters at least before the colon: `C:\data` is a path.
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(location)?.[1];
  if (scheme === undefined) {
    const path = location === ':memory:' ? location : resolve(location);
    return new SqlPreferenceStore({...options, address: path, open: () => openSqlite<PreferenceTables>(path, 'preferences in a file')});
  }
  if (!/^postgres(?:ql)?$/i.test(scheme) || !URL.canParse(location)) {
    throw new TypeError(`preferences: expected a path or a postgres:// URL, got something that starts with ${scheme}://`);
  }
  const {host, pathname} = new URL(location);
  return new SqlPreferenceStore({
    ...options, address: `postgres://${host}${pathname}${postgres?.schema === undefined ? '' : `#${postgres.schema}`}`,
    open: () => openPostgres<PreferenceTables>(location, 'preferences on PostgreSQL',
      {...postgres, connectTimeout: postgres?.connectTimeout ?? 2000, queryTimeout: postgres?.queryTimeout ?? 10_000,
        closeTimeout: postgres?.closeTimeout ?? 2000}),
  });
}
