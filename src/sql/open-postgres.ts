import type {Socket} from 'node:net';
import type * as KyselyModule from 'kysely';
import type {PostgresPool, PostgresPoolClient} from 'kysely';
import type * as PgModule from 'pg';
import type {CustomTypesConfig, Pool, PoolClient, PoolConfig, QueryResult} from 'pg';
import {misuse, onlyKeys, wholeNumber} from '../core/options.js';
import type {PostgresOptions} from './postgres-options.js';
import {checkOptional, requireOptional} from './require-optional.js';
import type {SqlDatabase} from './sql-database.js';
import {SqlFault} from './sql-fault.js';

/** int8: counters and sizes, all of them safe integers. */
const INT8 = 20;

/**
 * Opens a PostgreSQL database through a pool; the first statement connects.
 *
 * @param url `postgres://user:password@host/database?sslmode=verify-full`; never shown in a message.
 * @param feature What needs it, for the message when `pg` or `kysely` is not installed.
 * @throws TypeError when it is no such URL
 */
export async function openPostgres<S>(url: string, feature: string, options: PostgresOptions = {}): Promise<SqlDatabase<S>> {
  const config = configOf(url, options);
  const closeTimeout = wholeNumber('postgres.closeTimeout', options.closeTimeout ?? 10_000, 0);
  checkOptional(['kysely', 'pg'], feature);
  const {Kysely, PostgresDialect} = await requireOptional<typeof KyselyModule>('kysely', feature);
  const {default: pg} = await requireOptional<{default: typeof PgModule}>('pg', feature);
  const types: CustomTypesConfig = {
    getTypeParser: (...[oid, format]: Parameters<CustomTypesConfig['getTypeParser']>): unknown =>
      (oid as number) === INT8 && format !== 'binary' ? safeInteger : pg.types.getTypeParser(oid, format),
  };
  const pool = new pg.Pool({...config, types});
  // A connection that breaks while nobody uses it: the pool drops it, and without a listener the process would end.
  pool.on('error', () => undefined);
  const kysely = new Kysely<S>({dialect: new PostgresDialect({pool: new FaultPool(pool, closeTimeout)})});
  return {engine: 'postgres', kysely, close: () => kysely.destroy()};
}

function configOf(url: string, options: PostgresOptions): PoolConfig {
  onlyKeys('postgres', options, ['connections', 'lockTimeout', 'connectTimeout', 'queryTimeout', 'closeTimeout', 'schema']);
  // The text may hold a password, so nothing of it is shown.
  if (typeof url !== 'string' || !URL.canParse(url) || !/^postgres(?:ql)?:$/.test(new URL(url).protocol)) {
    throw new TypeError('postgres: expected a URL postgres://user@host/database, got something else');
  }
  const {schema} = options;
  if (schema !== undefined && !/^[a-z_][a-z0-9_]{0,62}$/.test(schema)) throw misuse('postgres.schema', schema, 'a plain lower-case name');
  return {
    connectionString: url,
    max: wholeNumber('postgres.connections', options.connections ?? 10, 1),
    lock_timeout: wholeNumber('postgres.lockTimeout', options.lockTimeout ?? 5000, 1),
    connectionTimeoutMillis: wholeNumber('postgres.connectTimeout', options.connectTimeout ?? 5000, 1),
    query_timeout: wholeNumber('postgres.queryTimeout', options.queryTimeout ?? 0, 0),
    // Whoever dies without a word must not hold a row for ever.
    idle_in_transaction_session_timeout: 60_000,
    keepAlive: true,
    ...(schema === undefined ? {} : {options: `-c search_path=${schema}`}),
  };
}

function safeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`PostgreSQL: ${text} is no safe integer`);
  return value;
}

/** A pool whose faults are SqlFaults, and which keeps no connection in an unknown state. */
class FaultPool implements PostgresPool {
  readonly #pool: Pool;
  readonly #closeTimeout: number;
  /** Those whose sockets are open. */
  readonly #clients = new Set<PoolClient>();
  #onEmpty: (() => void) | undefined;

  constructor(pool: Pool, closeTimeout: number) {
    this.#pool = pool;
    this.#closeTimeout = closeTimeout;
    pool.on('connect', (client) => {
      this.#clients.add(client);
      client.once('end', () => {
        this.#clients.delete(client);
        if (this.#clients.size === 0) this.#onEmpty?.();
      });
    });
  }

  async connect(): Promise<PostgresPoolClient> {
    try {
      return new FaultClient(await this.#pool.connect());
    } catch (error) {
      const fault = SqlFault.of(error);
      throw fault.code === undefined && fault.kind === 'other' ? new SqlFault(fault.message, 'lost', {cause: error}) : fault;
    }
  }

  /** A server that fell silent neither answers what runs nor says goodbye, so it is waited for only so long. */
  async end(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => { timer = setTimeout(() => { resolve('late'); }, this.#closeTimeout); });
    const ended = Promise.all([this.#pool.end(), this.#allEnded()]);
    try {
      if (await Promise.race([ended, late]) !== 'late') return;
      ended.catch(() => undefined);
      for (const client of this.#clients) (client as unknown as {connection: {stream: Socket}}).connection.stream.destroy();
    } finally {
      clearTimeout(timer);
    }
  }

  async #allEnded(): Promise<void> {
    if (this.#clients.size > 0) await new Promise<void>((resolve) => { this.#onEmpty = resolve; });
  }
}

class FaultClient implements PostgresPoolClient {
  readonly #client: PoolClient;
  #broken = false;

  constructor(client: PoolClient) {
    this.#client = client;
    client.on('error', this.#onError);
  }

  readonly #onError = (): void => { this.#broken = true; };

  readonly query = (async (sql: string, parameters: readonly unknown[]) => {
    // A ROLLBACK would only wait behind what nobody answers.
    if (this.#broken) throw new SqlFault('database: the connection was lost', 'lost');
    try {
      const result: QueryResult<object> = await this.#client.query<object>(sql, [...parameters]);
      // PostgreSQL answers the COMMIT of a failed transaction by rolling it back, without an error.
      if (sql === 'commit' && result.command === 'ROLLBACK') throw new SqlFault('database: rolled back instead of committed', 'other');
      return result;
    } catch (error) {
      const fault = SqlFault.of(error);
      this.#broken ||= fault.kind === 'lost' || sql === 'rollback';
      throw fault;
    }
  }) as unknown as PostgresPoolClient['query'];

  release(): void {
    this.#client.off('error', this.#onError);
    this.#client.release(this.#broken);
  }
}
