import {rmSync} from 'node:fs';
import {resolve} from 'node:path';
import type * as KyselyModule from 'kysely';
import {onlyKeys, wholeNumber} from '../core/options.js';
import {checkOptional, requireOptional} from './require-optional.js';
import type {SqlDatabase} from './sql-database.js';
import {SqlFault} from './sql-fault.js';
import {copyOf} from './sqlite-copy.js';
import {SqliteFile, type LibsqlDatabase} from './sqlite-file.js';

type OpenLibsql = new (path: string) => LibsqlDatabase;

/** SQLITE_READONLY_DIRECTORY, as libsql calls it. */
const READ_ONLY_FOLDER = 'UNKNOWN_SQLITE_ERROR_1544';

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
 * One connection: transactions of this process queue, those of others are waited for. In a folder that can't be written to, what is in
 * the file now can be read, and writes are refused (`read-only`).
 *
 * @param path The file, or `:memory:`.
 * @param feature What needs it, for the message when `libsql` or `kysely` is not installed.
 * @throws SqlFault when it can't be opened, or is no database
 */
export async function openSqlite<S>(path: string, feature: string, options: SqliteOptions = {}): Promise<SqlDatabase<S>> {
  onlyKeys('sqlite', options, ['busyTimeout']);
  const busyTimeout = wholeNumber('sqlite.busyTimeout', options.busyTimeout ?? 20, 0);
  checkOptional(['kysely', 'libsql'], feature);
  const {Kysely, SqliteDialect} = await requireOptional<typeof KyselyModule>('kysely', feature);
  const {default: Libsql} = await requireOptional<{default: OpenLibsql}>('libsql', feature);
  // An absolute path: libsql takes `http:…` for a server.
  const file = openFile(Libsql, path === ':memory:' ? path : resolve(path), busyTimeout);
  const kysely = new Kysely<S>({dialect: new SqliteDialect({database: file})});
  return {engine: 'sqlite', kysely, close: () => kysely.destroy()};
}

function openFile(Libsql: OpenLibsql, path: string, busyTimeout: number): SqliteFile {
  try {
    return opened(Libsql, path, busyTimeout);
  } catch (error) {
    const fault = SqlFault.of(error);
    if (fault.code === READ_ONLY_FOLDER) return openCopy(Libsql, path, fault);
    throw new SqlFault(`can't open ${path}: ${fault.message}`, fault.kind, {code: fault.code, cause: error});
  }
}

/** What was there at this moment can be read; every write is refused. */
function openCopy(Libsql: OpenLibsql, path: string, fault: SqlFault): SqliteFile {
  let folder: string | undefined;
  try {
    const copy = copyOf(path);
    ({folder} = copy);
    const file = opened(Libsql, copy.path, 0);
    file.exec('PRAGMA query_only = ON');
    file.prepare('SELECT count(*) FROM sqlite_master').all([]);
    return file;
  } catch (cause) {
    throw new SqlFault(`can't open ${path}: its folder can't be written to, and no copy could be made`, fault.kind, {code: fault.code, cause});
  } finally {
    // It stays open without its name.
    if (folder !== undefined) rmSync(folder, {recursive: true, force: true});
  }
}

function opened(Libsql: OpenLibsql, path: string, busyTimeout: number): SqliteFile {
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
    throw error;
  }
}
