import type {SqliteDatabase, SqliteStatement} from 'kysely';
import {SqlFault} from './sql-fault.js';

/** Statements kept prepared; preparing takes longer than most of them run. */
const KEPT = 200;
const CONTROL = /^(?:begin|commit|rollback)\b/i;

/** What is used of libsql's Database; its own types can't be imported under NodeNext. */
export interface LibsqlDatabase {
  readonly open: boolean;
  prepare(sql: string): LibsqlStatement;
  exec(sql: string): void;
  close(): void;
}

/** What is used of libsql's Statement. Not `get`: it adds a `_metadata` of its own to the row. */
export interface LibsqlStatement {
  /** It gives rows. */
  readonly reader: boolean;
  all(parameters: readonly unknown[]): unknown[];
  run(parameters: readonly unknown[]): {changes: number | bigint; lastInsertRowid: number | bigint};
}

/**
 * libsql as kysely wants it, and made safe: its own binding of a boolean ends the process, and numbers would be kept as
 * floating point. Faults come out as SqlFault.
 */
export class SqliteFile implements SqliteDatabase {
  readonly #database: LibsqlDatabase;
  readonly #prepared = new Map<string, SqliteStatement>();

  constructor(database: LibsqlDatabase) {
    this.#database = database;
  }

  prepare(sql: string): SqliteStatement {
    const kept = this.#prepared.get(sql);
    if (kept !== undefined) return kept;
    // A prepared BEGIN that met a lock would stay in progress, and no later COMMIT would get past it.
    if (CONTROL.test(sql)) return new ControlStatement(this, sql);
    const statement = new BoundStatement(guarded(() => this.#database.prepare(sql)));
    if (this.#prepared.size >= KEPT) this.#prepared.clear();
    this.#prepared.set(sql, statement);
    return statement;
  }

  /** Runs what gives no rows. @throws SqlFault */
  exec(sql: string): void {
    guarded(() => this.#database.exec(sql));
  }

  /**
   * libsql frees the file only when its statements are collected, so its WAL is emptied here: whoever copies or moves the
   * file then has all of it.
   */
  close(): void {
    if (!this.#database.open) return;
    try {
      this.prepare('PRAGMA wal_checkpoint(TRUNCATE)').all([]);
    } catch {
      // Another process uses it; the last one to close empties it.
    }
    this.#prepared.clear();
    this.#database.close();
  }
}

class BoundStatement implements SqliteStatement {
  readonly reader: boolean;
  readonly #statement: LibsqlStatement;

  constructor(statement: LibsqlStatement) {
    this.#statement = statement;
    this.reader = statement.reader;
  }

  all(parameters: readonly unknown[]): unknown[] {
    const bound = parameters.map(bindable);
    return guarded(() => this.#statement.all(bound));
  }

  run(parameters: readonly unknown[]): {changes: number | bigint; lastInsertRowid: number | bigint} {
    const bound = parameters.map(bindable);
    return guarded(() => this.#statement.run(bound));
  }

  iterate(parameters: readonly unknown[]): IterableIterator<unknown> {
    return this.all(parameters)[Symbol.iterator]();
  }
}

/** BEGIN, COMMIT or ROLLBACK. */
class ControlStatement implements SqliteStatement {
  readonly reader = false;
  readonly #file: SqliteFile;
  readonly #sql: string;

  constructor(file: SqliteFile, sql: string) {
    this.#file = file;
    this.#sql = sql;
  }

  all(): unknown[] {
    this.#file.exec(this.#sql);
    return [];
  }

  run(): {changes: number; lastInsertRowid: number} {
    this.#file.exec(this.#sql);
    return {changes: 0, lastInsertRowid: 0};
  }

  iterate(): IterableIterator<unknown> {
    return this.all()[Symbol.iterator]();
  }
}

/** @throws TypeError for what SQLite can't keep as it is */
function bindable(value: unknown): unknown {
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  if (typeof value === 'string' && value.includes('\0')) throw new TypeError('SQLite: a text with a NUL character would be cut there');
  if (value === null || typeof value === 'string' || typeof value === 'bigint' || value instanceof Uint8Array) return value;
  if (typeof value === 'number' && Number.isFinite(value) && !Number.isInteger(value)) return value;
  throw new TypeError(`SQLite: can't keep ${typeof value === 'number' ? String(value) : `a value of type ${typeof value}`}`);
}

function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw SqlFault.of(error);
  }
}
