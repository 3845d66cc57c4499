import Database from 'libsql';
import pg from 'pg';
import type {SqlEngine} from '../../src/sql/sql-database.js';

/** Bytes of a table and of its indexes. */
export interface TableSize {
  readonly data: number;
  readonly index: number;
}

/** A database as its driver has it, with nothing of ours between. */
export interface BenchDatabase {
  readonly engine: SqlEngine;
  /** @param sql With $1, $2 … on both engines. */
  all(sql: string, parameters?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  /** Rows of texts, in one transaction, as the engine takes them fastest. */
  insert(table: string, rows: readonly (readonly string[])[]): Promise<void>;
  size(table: string): Promise<TableSize>;
  close(): Promise<void>;
}

/** A SQLite file, synced at every commit like ours. */
export class BenchSqlite implements BenchDatabase {
  readonly engine = 'sqlite';
  readonly #database: Database.Database;
  readonly #prepared = new Map<string, Database.Statement>();

  constructor(path: string) {
    this.#database = new Database(path);
    this.#database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma busy_timeout = 5000');
  }

  async all(sql: string, parameters: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
    const statement = this.#prepare(sql.replaceAll(/\$(\d+)/g, '?$1'));
    const bound = parameters.map((value) => typeof value === 'number' ? BigInt(value) : value);
    if (statement.reader) return statement.all(bound) as Record<string, unknown>[];
    statement.run(bound);
    return [];
  }

  async insert(table: string, rows: readonly (readonly string[])[]): Promise<void> {
    const statement = this.#prepare(`insert into ${table} values (${Array(rows[0]?.length).fill('?').join(', ')})`);
    this.#database.exec('begin immediate');
    for (const row of rows) statement.run(row);
    this.#database.exec('commit');
  }

  async size(table: string): Promise<TableSize> {
    const rows = await this.all(`select s.name as name, sum(d.pgsize) as bytes from sqlite_schema s join dbstat d on d.name = s.name
      where s.tbl_name = $1 group by s.name`, [table]);
    const sum = (isData: boolean): number =>
      rows.filter(({name}) => (name === table) === isData).reduce((bytes, row) => bytes + Number(row.bytes), 0);
    return {data: sum(true), index: sum(false)};
  }

  async close(): Promise<void> {
    this.#database.close();
  }

  #prepare(sql: string): Database.Statement {
    const statement = this.#prepared.get(sql) ?? this.#database.prepare(sql);
    this.#prepared.set(sql, statement);
    return statement;
  }
}

/** A connection to PostgreSQL. */
export class BenchPostgresDatabase implements BenchDatabase {
  readonly engine = 'postgres';
  readonly #client: pg.Client;

  private constructor(client: pg.Client) {
    this.#client = client;
  }

  static async connect(url: string): Promise<BenchPostgresDatabase> {
    const client = new pg.Client({connectionString: url});
    await client.connect();
    return new BenchPostgresDatabase(client);
  }

  async all(sql: string, parameters: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
    return (await this.#client.query<Record<string, unknown>>(sql, [...parameters])).rows;
  }

  async insert(table: string, rows: readonly (readonly string[])[]): Promise<void> {
    const columns = (rows[0] ?? []).map((_, at) => rows.map((row) => row[at]));
    await this.all(`insert into ${table} select * from unnest(${columns.map((_, at) => `$${at + 1}::text[]`).join(', ')})`, columns);
  }

  async size(table: string): Promise<TableSize> {
    const [row] = await this.all('select pg_table_size($1::regclass)::float8 as data, pg_indexes_size($1::regclass)::float8 as index',
      [table]);
    return {data: Number(row?.data), index: Number(row?.index)};
  }

  close(): Promise<void> {
    return this.#client.end();
  }
}
