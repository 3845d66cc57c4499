import type {Kysely} from 'kysely';
import type {SqlEngine} from '../../sql/sql-database.js';
import {SqlFault} from '../../sql/sql-fault.js';
import {RevisionConflict} from '../preferences-errors.js';
import type {GlobalChange, LocalChange} from '../store-contract.js';
import {giveId, idOf} from './dictionary.js';
import {clearMarks, GLOBAL} from './mark-rows.js';
import type {PreferenceTables} from './preference-tables.js';
import {nextRevision} from './revision.js';

/** Writes rows inside one transaction: what is equal stays untouched, with its revision. */
export class RowWriter {
  readonly #statements: Kysely<PreferenceTables>;
  readonly #engine: SqlEngine;

  constructor(statements: Kysely<PreferenceTables>, engine: SqlEngine) {
    this.#statements = statements;
    this.#engine = engine;
  }

  /** 1 when the row was written or removed, 0 when it was so already. @throws RevisionConflict, SqlFault */
  async local(change: LocalChange): Promise<number> {
    const scope = await idOf(this.#statements, 'preference_scope', change.scope);
    const setting = await idOf(this.#statements, 'preference_setting', change.setting);
    const row = scope === undefined || setting === undefined ? undefined : await this.#localRow(scope, change.owner, setting);
    guard(change, row?.revision ?? 0);
    // Also by a write that changes nothing: somebody wants the row as it is.
    if (row !== undefined) await clearMarks(this.#statements, row);
    const value = change.value === undefined ? row?.value ?? null : change.value;
    const exception = change.exception === undefined ? row?.exception ?? 0 : Number(change.exception);
    if (row !== undefined && value === null && exception === 0) return this.#removeLocal(row);
    if (row !== undefined) return value === row.value && exception === row.exception ? 0 : this.#updateLocal(row, {value, exception});
    if (value === null && exception === 0) return 0;
    const key = {scope: scope ?? await giveId(this.#statements, 'preference_scope', change.scope), owner: change.owner,
      setting: setting ?? await giveId(this.#statements, 'preference_setting', change.setting)};
    const result = await this.#statements.insertInto('preference_local')
      .values({...key, value, exception, revision: await nextRevision(this.#statements, this.#engine)})
      .onConflict((conflict) => conflict.doNothing()).executeTakeFirst();
    return inserted(result.numInsertedOrUpdatedRows);
  }

  /** As `local`. */
  async global({owner, setting: name, value, ...change}: GlobalChange): Promise<number> {
    const setting = await idOf(this.#statements, 'preference_setting', name);
    const row = setting === undefined ? undefined : await this.#globalRow(owner, setting);
    guard({...change, setting: name}, row?.revision ?? 0);
    if (row !== undefined) await clearMarks(this.#statements, {...row, scope: GLOBAL});
    if (value === (row?.value ?? null)) return 0;
    if (row !== undefined) return value === null ? this.#removeGlobal(row) : this.#updateGlobal(row, value);
    const key = {owner, setting: setting ?? await giveId(this.#statements, 'preference_setting', name)};
    const result = await this.#statements.insertInto('preference_global')
      .values({...key, value: value ?? '', revision: await nextRevision(this.#statements, this.#engine)})
      .onConflict((conflict) => conflict.doNothing()).executeTakeFirst();
    return inserted(result.numInsertedOrUpdatedRows);
  }

  #localRow(scope: number, owner: string, setting: number): Promise<PreferenceTables['preference_local'] | undefined> {
    const select = this.#statements.selectFrom('preference_local').selectAll()
      .where('scope', '=', scope).where('owner', '=', owner).where('setting', '=', setting);
    // SQLite's write transaction has the lock of the whole file already.
    return (this.#engine === 'postgres' ? select.forUpdate() : select).executeTakeFirst();
  }

  #globalRow(owner: string, setting: number): Promise<PreferenceTables['preference_global'] | undefined> {
    const select = this.#statements.selectFrom('preference_global').selectAll().where('owner', '=', owner).where('setting', '=', setting);
    return (this.#engine === 'postgres' ? select.forUpdate() : select).executeTakeFirst();
  }

  async #updateLocal({scope, owner, setting}: LocalKey, set: {value: string | null; exception: number}): Promise<number> {
    await this.#statements.updateTable('preference_local').set({...set, revision: await nextRevision(this.#statements, this.#engine)})
      .where('scope', '=', scope).where('owner', '=', owner).where('setting', '=', setting).execute();
    return 1;
  }

  async #removeLocal({scope, owner, setting}: LocalKey): Promise<number> {
    await this.#statements.deleteFrom('preference_local')
      .where('scope', '=', scope).where('owner', '=', owner).where('setting', '=', setting).execute();
    return 1;
  }

  async #updateGlobal({owner, setting}: GlobalKey, value: string): Promise<number> {
    await this.#statements.updateTable('preference_global').set({value, revision: await nextRevision(this.#statements, this.#engine)})
      .where('owner', '=', owner).where('setting', '=', setting).execute();
    return 1;
  }

  async #removeGlobal({owner, setting}: GlobalKey): Promise<number> {
    await this.#statements.deleteFrom('preference_global').where('owner', '=', owner).where('setting', '=', setting).execute();
    return 1;
  }
}

type LocalKey = Pick<PreferenceTables['preference_local'], 'scope' | 'owner' | 'setting'>;
type GlobalKey = Pick<PreferenceTables['preference_global'], 'owner' | 'setting'>;

function guard({expected, setting}: {expected?: number | undefined; setting: string}, revision: number): void {
  if (expected !== undefined && expected !== revision) throw new RevisionConflict(setting, revision);
}

/** 0 rows: somebody else made it since it was looked for, so the transaction begins anew. */
function inserted(rows: bigint | undefined): number {
  if (rows !== 1n) throw new SqlFault('preferences: a row was made at the same moment', 'conflict');
  return 1;
}
