import {resolve} from 'node:path';
import type * as KyselyModule from 'kysely';
import {onlyKeys, wholeNumber} from '../core/options.js';
import {requireOptional} from './require-optional.js';
import type {SqlDatabase} from './sql-database.js';
import {SqlFault} from './sql-fault.js';
import {SqliteFile, type LibsqlDatabase} from './sqlite-file.js';

type OpenLibsql = new (path: string) => LibsqlDatabase;

/** How a SQLite file is opened. */
export interface SqliteOptions {
  /**
   * How long a statement waits for the file's lock, ms. It blocks the process meanwhile, so it is short: waiting longer is
   * what `Transactions` does. @default 20
   */
  readonly busyTimeout?: number | undefined;
}

/**
 * Opens an embedded database: one file, made when it is missing, in WAL mode, synced at every commit (synchronous=FULL).
 * One connection: transactions of this process queue, those of others are waited for.
 *
 * @param path The file, or `:memory:`.
 * @param feature What needs it, for the message when `libsql` or `kysely` is not installed.
 * @throws SqlFault when it can't be opened, or is no database
 */
export async function openSqlite<S>(path: string, feature: string, options: SqliteOptions = {}): Promise<SqlDatabase<S>> {
  onlyKeys('sqlite', options, ['busyTimeout']);
  const busyTimeout = wholeNumber('sqlite.busyTimeout', options.busyTimeout ?? 20, 0);
  const {Kysely, SqliteDialect} = await requireOptional<typeof KyselyModule>('kysely', feature);
  const {default: Libsql} = await requireOptional<{default: OpenLibsql}>('libsql', feature);
  // An absolute path: libsql takes `http:…` for a server.
  const file = openFile(Libsql, path === ':memory:' ? path : resolve(path), busyTimeout);
  const kysely = new Kysely<S>({dialect: new SqliteDialect({database: file})});
  return {engine: 'sqlite', kysely, close: () => kysely.destroy()};
}

function openFile(Libsql: OpenLibsql, path: string, busyTimeout: number): SqliteFile {
  let file: SqliteFile | undefined;
  try {
    file = new SqliteFile(new Libsql(path));
    file.prepare(`PRAGMA busy_timeout = ${Math.max(busyTimeout, 2000)}`).all([]);
    // Turning WAL on needs the file for itself once; processes that start together wait for each other here.
    if (path !== ':memory:') file.prepare('PRAGMA journal_mode = WAL').all([]);
    file.exec('PRAGMA synchronous = FULL');
    file.exec('PRAGMA foreign_keys = ON');
    file.prepare(`PRAGMA busy_timeout = ${busyTimeout}`).all([]);
    return file;
  } catch (error) {
    file?.close();
    const fault = SqlFault.of(error);
    throw new SqlFault(`can't open ${path}: ${fault.message}`, fault.kind, {code: fault.code, cause: error});
  }
}
