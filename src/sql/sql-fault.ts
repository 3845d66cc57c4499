import {CLEAN, cleanCause, messageOf} from '../core/foreign-error.js';
import {escapeControls, redactText} from '../core/redact.js';

/**
 * What a fault means for the transaction. `busy`: a lock was not to be had in time, or the server has no room. `conflict`:
 * the database chose this transaction to give way. `lost`: no connection, or it broke before COMMIT was sent.
 * `outcome-unknown`: it broke afterwards. `unique`: the row is there already. `read-only`, `full`: this database takes no
 * writes now. `newer`: its tables were made by a newer version of this software.
 */
export type SqlFaultKind =
  'busy' | 'conflict' | 'lost' | 'outcome-unknown' | 'unique' | 'read-only' | 'full' | 'newer' | 'other';

const RETRIABLE: ReadonlySet<SqlFaultKind> = new Set<SqlFaultKind>(['busy', 'conflict', 'lost']);

/** PostgreSQL's appendix A, and the codes of sockets. */
const KINDS: Readonly<Record<string, SqlFaultKind>> = {
  SQLITE_BUSY: 'busy', SQLITE_LOCKED: 'busy', '55P03': 'busy', '53300': 'busy', '57P03': 'lost', '57P05': 'lost',
  '40001': 'conflict', '40P01': 'conflict',
  '57P01': 'lost', '57P02': 'lost', '25P03': 'lost', ECONNREFUSED: 'lost', ECONNRESET: 'lost', ECONNABORTED: 'lost', EPIPE: 'lost',
  ETIMEDOUT: 'lost', EHOSTUNREACH: 'lost', ENETUNREACH: 'lost', EAI_AGAIN: 'lost', ENOENT: 'lost',
  '23505': 'unique', SQLITE_CONSTRAINT_PRIMARYKEY: 'unique', SQLITE_CONSTRAINT_UNIQUE: 'unique', SQLITE_CONSTRAINT_ROWID: 'unique',
  '25006': 'read-only', SQLITE_READONLY: 'read-only', '53100': 'full', SQLITE_FULL: 'full',
};

/** The lowest byte of an extended code of SQLite is the main one. */
const NAMES: Readonly<Record<number, string>> = {5: 'SQLITE_BUSY', 6: 'SQLITE_LOCKED', 8: 'SQLITE_READONLY', 13: 'SQLITE_FULL'};

/** What pg says without a code when a connection goes away, or can't be had. */
const LOST_TEXT =
  /^(?:connection terminated|query read timeout|client has encountered a connection error|timeout (?:expired|exceeded when trying to connect))/i;

/** A fault of a database. Its text and cause hold no password; towers translate it into their own errors. */
export class SqlFault extends Error {
  readonly kind: SqlFaultKind;
  /** The database's or the socket's own code: `SQLITE_BUSY`, `40P01`, `ECONNRESET`. */
  readonly code: string | undefined;
  /** Faults of cleaning up after this one; they never mask it. */
  suppressed: readonly unknown[] = [];

  constructor(message: string, kind: SqlFaultKind, options: {code?: string | undefined; cause?: unknown} = {}) {
    super(escapeControls(redactText(message)), options.cause === undefined ? undefined : {cause: cleanCause(options.cause)});
    this.name = 'SqlFault';
    this.kind = kind;
    this.code = options.code;
    Object.defineProperty(this, CLEAN, {value: true});
  }

  /** The whole transaction may be repeated: nothing of it was kept. */
  get retriable(): boolean {
    return RETRIABLE.has(this.kind);
  }

  /** A fault as the driver threw it; one of ours passes unchanged. */
  static of(error: unknown): SqlFault {
    if (error instanceof SqlFault) return error;
    const code = codeOf(error);
    return new SqlFault(`database: ${messageOf(error) || (code ?? 'failed')}`, kindOf(code, messageOf(error)), {code, cause: error});
  }
}

function kindOf(code: string | undefined, message: string): SqlFaultKind {
  if (code === undefined) return LOST_TEXT.test(message) ? 'lost' : 'other';
  if (Object.hasOwn(KINDS, code)) return KINDS[code] ?? 'other';
  if (/^08[0-9A-Z]{3}$/.test(code)) return 'lost';
  // SQLite's extended codes: SQLITE_BUSY_SNAPSHOT, SQLITE_READONLY_DBMOVED …, and those that libsql has no name for.
  const number = /^UNKNOWN_SQLITE_ERROR_(\d+)$/.exec(code)?.[1];
  const main = number === undefined ? /^SQLITE_[A-Z]+/.exec(code)?.[0] : NAMES[Number(number) & 0xff];
  return main !== undefined && Object.hasOwn(KINDS, main) ? KINDS[main] ?? 'other' : 'other';
}

/** A refused connection to a name with two addresses is an AggregateError; its first fault tells. */
function codeOf(error: unknown): string | undefined {
  const {code} = (error ?? {}) as {code?: unknown};
  if (typeof code === 'string' && code !== '') return code;
  return error instanceof AggregateError && error.errors.length > 0 ? codeOf(error.errors[0]) : undefined;
}
