import {randomBytes} from 'node:crypto';
import {SystemClock, type Clock} from '../../core/clock.js';
import {misuse, onlyKeys} from '../../core/options.js';
import {Secret} from '../../core/secret.js';
import {migrate, type Migration, type MigrationSchema} from '../../sql/migrations.js';
import {openPostgres} from '../../sql/open-postgres.js';
import {openSqlite} from '../../sql/open-sqlite.js';
import type {PostgresOptions} from '../../sql/postgres-options.js';
import type {SqlDatabase, SqlEngine} from '../../sql/sql-database.js';
import {SqlFault} from '../../sql/sql-fault.js';
import {Transactions, type Statements, type TransactionMode} from '../../sql/transactions.js';
import {Overloaded, StoreFault} from '../catalogue-errors.js';
import {SCOPES, type Grant, type Scope} from './scope.js';
import {hashOf, isSecretOf, newToken, parseToken} from './token-text.js';

/** Where the server asks for a token. */
export interface TokenLookup {
  /** Who has this token; undefined when it is none, revoked or expired. */
  find(token: string): Promise<Grant | undefined>;
}

/** What is known of a token. The token itself is not. */
export interface TokenRecord extends Grant {
  readonly id: string;
  /** Epoch ms. */
  readonly created: number;
  /** Epoch ms; undefined: never. */
  readonly expires: number | undefined;
  /** Epoch ms; undefined: it holds. */
  readonly revoked: number | undefined;
}

/** What a token is made with. */
export interface NewTokenOptions {
  /** Who will have it: letters, digits, `.`, `_` and `-`, 100 at most. Several may have one name: that is how one is replaced. */
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Epoch ms from which it holds no more. @default never */
  readonly expires?: number | undefined;
}

/** How the tokens are opened. */
export interface TokenStoreOptions {
  /** @default SystemClock */
  readonly clock?: Clock | undefined;
  /** So many random bytes. @default node's randomBytes */
  readonly randomBytes?: ((bytes: number) => Uint8Array) | undefined;
  /** For PostgreSQL only. */
  readonly postgres?: PostgresOptions | undefined;
}

interface TokenTables extends MigrationSchema {
  token: {id: string; name: string; scopes: string; hash: string; created: number; expires: number | null; revoked: number | null};
}

const FEATURE = 'tokens of a catalogue';
const MIGRATIONS: readonly Migration[] = [{name: 'tokens', statements: (engine: SqlEngine) => {
  const time = engine === 'sqlite' ? 'integer' : 'bigint';
  return [`create table token (id text primary key, name text not null, scopes text not null, hash text not null,
    created ${time} not null, expires ${time}, revoked ${time})`];
}}];

/** The tokens of a server, in the database of its catalogue or another. Of each only a hash is kept. */
export class TokenStore implements TokenLookup {
  readonly #database: SqlDatabase<TokenTables>;
  readonly #transactions: Transactions<TokenTables>;
  readonly #clock: Clock;
  readonly #random: (bytes: number) => Uint8Array;

  private constructor(database: SqlDatabase<TokenTables>, transactions: Transactions<TokenTables>, clock: Clock,
    random: (bytes: number) => Uint8Array) {
    this.#database = database;
    this.#transactions = transactions;
    this.#clock = clock;
    this.#random = random;
  }

  /**
   * Opens it and makes its table when it is missing. Close it.
   *
   * @param location A path, or `postgres://user:password@host/database`: that of the catalogue.
   * @throws StoreFault; Error with the code ERR_OPTIONAL_MISSING when `kysely`, `libsql` or `pg` is not installed
   */
  static async open(location: string, options: TokenStoreOptions = {}): Promise<TokenStore> {
    onlyKeys('tokens', options, ['clock', 'randomBytes', 'postgres']);
    const {clock = new SystemClock(), randomBytes: random = randomBytes, postgres} = options;
    return translated(async () => {
      const database = /^postgres(?:ql)?:\/\//i.test(location)
        ? await openPostgres<TokenTables>(location, FEATURE, postgres) : await openSqlite<TokenTables>(location, FEATURE);
      const transactions = new Transactions(database, {clock, random: () => Buffer.from(random(4)).readUInt32BE() / 2 ** 32});
      try {
        await migrate(transactions, database.engine, 'token', MIGRATIONS, clock);
      } catch (error) {
        await database.close();
        throw error;
      }
      return new TokenStore(database, transactions, clock, random);
    });
  }

  /** Makes a token. It is shown by `token.reveal()`, and never again. @throws TypeError */
  async create(options: NewTokenOptions): Promise<TokenRecord & {readonly token: Secret}> {
    onlyKeys('token', options, ['name', 'scopes', 'expires']);
    const {name, scopes, expires} = options;
    if (typeof name !== 'string' || !/^[\w.-]{1,100}$/.test(name)) {
      throw misuse('token.name', name, 'letters, digits, ., _ and -, 100 at most');
    }
    if (!areScopes(scopes)) throw misuse('token.scopes', scopes, `a list of ${SCOPES.join(', ')}`);
    if (expires !== undefined && !Number.isSafeInteger(expires)) throw misuse('token.expires', expires, 'epoch ms');
    const {id, secret, text} = newToken(this.#random);
    const kept = {id, name, created: Math.floor(this.#clock.time())};
    await this.#run('write', (statements) => statements.insertInto('token')
      .values({...kept, scopes: scopes.join(' '), hash: hashOf(secret), expires: expires ?? null, revoked: null}).execute());
    return {...kept, scopes: [...scopes], expires, revoked: undefined, token: new Secret(text)};
  }

  /** Every token, revoked ones too, the oldest first. */
  async list(): Promise<TokenRecord[]> {
    const rows = await this.#run('read', (statements) => statements.selectFrom('token')
      .select(['id', 'name', 'scopes', 'created', 'expires', 'revoked']).orderBy('created').orderBy('id').execute());
    return rows.map(({id, name, scopes, created, expires, revoked}) =>
      ({id, name, scopes: scopes.split(' ') as Scope[], created, expires: expires ?? undefined, revoked: revoked ?? undefined}));
  }

  /** Ends a token from the next request on. False when there is none that holds. */
  async revoke(id: string): Promise<boolean> {
    const revoked = Math.floor(this.#clock.time());
    const result = await this.#run('write', (statements) => statements.updateTable('token').set({revoked})
      .where('id', '=', id).where('revoked', 'is', null).executeTakeFirst());
    return result.numUpdatedRows === 1n;
  }

  async find(token: string): Promise<Grant | undefined> {
    const parts = parseToken(token);
    if (parts === undefined) return undefined;
    const row = await this.#run('read', (statements) => statements.selectFrom('token').selectAll()
      .where('id', '=', parts.id).executeTakeFirst());
    if (row === undefined || !isSecretOf(parts.secret, row.hash)) return undefined;
    if (row.revoked !== null || (row.expires !== null && row.expires <= this.#clock.time())) return undefined;
    return {name: row.name, scopes: row.scopes.split(' ') as Scope[]};
  }

  async close(): Promise<void> {
    await this.#database.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #run<T>(mode: TransactionMode, work: (statements: Statements<TokenTables>) => Promise<T>): Promise<T> {
    return translated(() => this.#transactions.run(mode, work));
  }
}

function areScopes(value: unknown): value is readonly Scope[] {
  return Array.isArray(value) && value.length > 0 && value.every((scope) => SCOPES.includes(scope as Scope));
}

async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SqlFault)) throw error;
    throw error.retriable ? new Overloaded('the database of the tokens is locked or away', 1000, {cause: error})
      : new StoreFault(error.message, {cause: error});
  }
}
