import type {Kysely} from 'kysely';
import type {SqlEngine} from '../../sql/sql-database.js';
import type {Change} from '../contract.js';
import type {HeadRow, HeadWrite, NewChange, PartWrite, RequestRow, StoreTransaction} from '../store-contract.js';
import type {CatalogueTables} from './catalogue-tables.js';
import {headOf} from './sql-rows.js';
import {SqlView} from './sql-view.js';

/** Rows an INSERT: PostgreSQL takes 65,535 values, SQLite 32,766. */
const ROWS = 500;

/** Writing by SQL. The locks are taken in one order (release, parts, feed), so that writers can't block each other for ever. */
export class SqlTransaction extends SqlView implements StoreTransaction {
  readonly #engine: SqlEngine;

  constructor(statements: Kysely<CatalogueTables>, engine: SqlEngine) {
    super(statements);
    this.#engine = engine;
  }

  async lock(name: string): Promise<HeadRow | undefined> {
    const select = this.statements.selectFrom('release').selectAll().where('name', '=', name);
    // SQLite's write transaction has the lock of the whole file already.
    const row = await (this.#engine === 'postgres' ? select.forUpdate() : select).executeTakeFirst();
    return row === undefined ? undefined : headOf(row);
  }

  async insertHead(name: string, head: HeadWrite, time: number): Promise<boolean> {
    const result = await this.statements.insertInto('release')
      .values({name, ...columnsOf(head), removed: 1, version: 0, head_version: 0, time})
      .onConflict((conflict) => conflict.column('name').doNothing()).executeTakeFirst();
    return result.numInsertedOrUpdatedRows === 1n;
  }

  async advance(name: string, count: number, time: number,
    guard: {version?: number | undefined; removed?: boolean | undefined; readOnly?: boolean | undefined}): Promise<HeadRow | undefined> {
    let update = this.statements.updateTable('release').set((set) => ({version: set('version', '+', count), time}))
      .where('name', '=', name);
    if (guard.version !== undefined) update = update.where('version', '=', guard.version);
    if (guard.removed !== undefined) update = update.where('removed', '=', guard.removed ? 1 : 0);
    if (guard.readOnly !== undefined) update = update.where('read_only', '=', guard.readOnly ? 1 : 0);
    const row = await update.returningAll().executeTakeFirst();
    return row === undefined ? undefined : headOf(row);
  }

  async writeHead(name: string, expected: number, head: HeadWrite): Promise<boolean> {
    const result = await this.statements.updateTable('release').set({...columnsOf(head), head_version: expected + 1})
      .where('name', '=', name).where('head_version', '=', expected).executeTakeFirst();
    return result.numUpdatedRows === 1n;
  }

  async writeParts(name: string, writes: readonly PartWrite[]): Promise<boolean> {
    const added = writes.filter(({expected}) => expected === 0).map((write) => ({name, path: write.path, ...valuesOf(write)}));
    for (let at = 0; at < added.length; at += ROWS) {
      const some = added.slice(at, at + ROWS);
      const result = await this.statements.insertInto('part').values(some)
        .onConflict((conflict) => conflict.columns(['name', 'path']).doNothing()).executeTakeFirst();
      if (result.numInsertedOrUpdatedRows !== BigInt(some.length)) return false;
    }
    for (const write of writes) {
      if (write.expected === 0) continue;
      const result = await this.statements.updateTable('part').set(valuesOf(write))
        .where('name', '=', name).where('path', '=', write.path).where('version', '=', write.expected).executeTakeFirst();
      if (result.numUpdatedRows !== 1n) return false;
    }
    return true;
  }

  async insertChanges(changes: readonly NewChange[]): Promise<Change[]> {
    const {seq} = await this.statements.updateTable('feed').set((set) => ({seq: set('seq', '+', changes.length)})).where('id', '=', 1)
      .returning('seq').executeTakeFirstOrThrow();
    const rows = changes.map((change, index) => ({...change, seq: seq - changes.length + 1 + index}));
    for (let at = 0; at < rows.length; at += ROWS) {
      await this.statements.insertInto('change').values(rows.slice(at, at + ROWS).map((row) => ({
        seq: row.seq, name: row.name, path: row.path, part_version: row.partVersion, release_version: row.releaseVersion, actor: row.actor,
        time: row.time, operation: row.operation, request_id: row.requestId, removed: row.removed ? 1 : 0, pruned: 0,
        body: row.body ?? null,
      }))).execute();
    }
    return rows.map(({body: _, ...change}) => change);
  }

  async insertRequest(request: RequestRow): Promise<boolean> {
    const result = await this.statements.insertInto('request').values(request)
      .onConflict((conflict) => conflict.columns(['actor', 'id']).doNothing()).executeTakeFirst();
    return result.numInsertedOrUpdatedRows === 1n;
  }

  async pruneBodies({after, before, keep, limit}: {after: number; before: number; keep: number; limit: number}):
  Promise<{count: number; last: number | undefined}> {
    const rows = await this.statements.selectFrom('change').select(['seq', 'name', 'path', 'part_version', 'time', 'pruned', 'removed'])
      .where('seq', '>', after).orderBy('seq').limit(limit).execute();
    let count = 0;
    for (const row of rows) {
      if (row.path === '' || row.pruned === 1 || row.removed === 1 || row.time >= before) continue;
      // The part's own row says how many newer versions there are; it is read once more here, so that a race keeps too much at worst.
      const result = await this.statements.updateTable('change').set({body: null, pruned: 1}).where('seq', '=', row.seq)
        .where((is) => is.exists(is.selectFrom('part').select('version').where('name', '=', row.name)
          .where('path', '=', row.path).where('version', '>=', row.part_version + keep))).executeTakeFirst();
      count += Number(result.numUpdatedRows);
    }
    return {count, last: rows.at(-1)?.seq};
  }

  async pruneRequests(before: number, limit: number): Promise<number> {
    const rows = await this.statements.selectFrom('request').select(['actor', 'id']).where('time', '<', before)
      .orderBy('time').limit(limit).execute();
    for (const {actor, id} of rows) {
      await this.statements.deleteFrom('request').where('actor', '=', actor).where('id', '=', id).execute();
    }
    return rows.length;
  }
}

function valuesOf({expected, releaseVersion, body}: PartWrite): {version: number; release_version: number; body: string | null} {
  return {version: expected + 1, release_version: releaseVersion, body: body ?? null};
}

function columnsOf(head: HeadWrite): {product: string; schema: number; hash_function: string; read_only: number; removed: number} {
  return {
    product: head.product, schema: head.schema, hash_function: head.hashFunction,
    read_only: head.readOnly ? 1 : 0, removed: head.removed ? 1 : 0,
  };
}
