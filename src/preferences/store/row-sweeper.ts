import type {Kysely} from 'kysely';
import type {SqlEngine} from '../../sql/sql-database.js';
import type {LayerName, PutBack, Removal, Sweep} from '../upkeep-contract.js';
import {CleanupLog} from './cleanup-log.js';
import {clearMark, clearMarks, GLOBAL, marksOf, putMark, type RowKey} from './mark-rows.js';
import type {PreferenceTables} from './preference-tables.js';
import {nextRevision} from './revision.js';
import {keyOf} from './row-pages.js';

type Row = Pick<PreferenceTables['preference_local'], 'exception' | 'revision' | 'value'>;

/** Removes rows and puts them back inside one transaction, and logs each: only what nobody wrote since it was judged. */
export class RowSweeper {
  readonly #statements: Kysely<PreferenceTables>;
  readonly #engine: SqlEngine;
  readonly #log: CleanupLog;

  constructor(statements: Kysely<PreferenceTables>, engine: SqlEngine) {
    this.#statements = statements;
    this.#engine = engine;
    this.#log = new CleanupLog(statements);
  }

  /** The log's number of each removal; undefined: somebody wrote the row since. */
  async sweep({run, time, removals, marks, unmarks}: Sweep): Promise<(number | undefined)[]> {
    for (const {key, kind} of unmarks) await clearMark(this.#statements, keyOf(key), kind);
    for (const {key, revision, kind} of marks) {
      const row = keyOf(key);
      if ((await this.#row(row))?.revision === revision) await putMark(this.#statements, row, kind, time);
    }
    const numbers: (number | undefined)[] = [];
    let next = removals.length === 0 ? 0 : await this.#log.last(run) + 1;
    for (const removal of removals) {
      const after = await this.#remove(keyOf(removal.key), removal);
      numbers.push(after === undefined ? undefined : next);
      if (after !== undefined) await this.#log.add({run, number: next++, time: Math.floor(time), after, ...keyOf(removal.key)}, removal);
    }
    return numbers;
  }

  /** Which removals were put back: those after which nobody wrote the row, and that weren't put back before. */
  async putBack(layer: LayerName, run: string, time: number, entries: readonly PutBack[]): Promise<Set<number>> {
    const done = new Set<number>();
    for (const {number, value, exception} of entries) {
      const entry = await this.#log.find(run, number);
      if (entry?.undone !== null || (entry.scope === GLOBAL) !== (layer === 'global')) continue;
      const row = await this.#row(entry);
      if ((row?.revision ?? 0) !== entry.after) continue;
      await this.#write(entry, row, {value: value ?? row?.value ?? null, exception: exception ? 1 : row?.exception ?? 0});
      await this.#log.undone(run, number, Math.floor(time));
      done.add(number);
    }
    return done;
  }

  /** The row's revision now, 0 when it is gone; undefined: it was written since. */
  async #remove(key: RowKey, removal: Removal): Promise<number | undefined> {
    const row = await this.#row(key);
    if (row?.revision !== removal.revision) return undefined;
    if (removal.marks.length > 0) {
      const marks = await marksOf(this.#statements, key);
      if (!removal.marks.every((kind) => marks.has(kind))) return undefined;
    }
    const left = {value: removal.value ? null : row.value, exception: removal.exception ? 0 : row.exception};
    for (const kind of removal.marks) await clearMark(this.#statements, key, kind);
    return this.#write(key, row, left);
  }

  /** The revision afterwards, 0 when nothing is left. */
  async #write(key: RowKey, row: Row | undefined, to: {value: string | null; exception: number}): Promise<number> {
    if (to.value === null && to.exception === 0) {
      await clearMarks(this.#statements, key);
      await this.#delete(key);
      return 0;
    }
    const revision = await nextRevision(this.#statements, this.#engine);
    if (row === undefined) await this.#insert(key, {...to, revision});
    else if (key.scope === GLOBAL) await this.#updateGlobal(key, to.value ?? '', revision);
    else await this.#updateLocal(key, {...to, revision});
    return revision;
  }

  async #row({scope, owner, setting}: RowKey): Promise<Row | undefined> {
    if (scope === GLOBAL) {
      const select = this.#statements.selectFrom('preference_global').select(['revision', 'value'])
        .where('owner', '=', owner).where('setting', '=', setting);
      const row = await (this.#engine === 'postgres' ? select.forUpdate() : select).executeTakeFirst();
      return row === undefined ? undefined : {...row, exception: 0};
    }
    const select = this.#statements.selectFrom('preference_local').select(['exception', 'revision', 'value'])
      .where('scope', '=', scope).where('owner', '=', owner).where('setting', '=', setting);
    return (this.#engine === 'postgres' ? select.forUpdate() : select).executeTakeFirst();
  }

  async #delete({scope, owner, setting}: RowKey): Promise<void> {
    const statement = scope === GLOBAL ? this.#statements.deleteFrom('preference_global').where('owner', '=', owner)
      .where('setting', '=', setting)
      : this.#statements.deleteFrom('preference_local').where('scope', '=', scope).where('owner', '=', owner).where('setting', '=', setting);
    await statement.execute();
  }

  async #insert({scope, owner, setting}: RowKey, {value, exception, revision}: Row): Promise<void> {
    if (scope === GLOBAL) {
      await this.#statements.insertInto('preference_global').values({owner, setting, value: value ?? '', revision}).execute();
    } else await this.#statements.insertInto('preference_local').values({scope, owner, setting, value, exception, revision}).execute();
  }

  async #updateLocal({scope, owner, setting}: RowKey, set: Row): Promise<void> {
    await this.#statements.updateTable('preference_local').set(set)
      .where('scope', '=', scope).where('owner', '=', owner).where('setting', '=', setting).execute();
  }

  async #updateGlobal({owner, setting}: RowKey, value: string, revision: number): Promise<void> {
    await this.#statements.updateTable('preference_global').set({value, revision})
      .where('owner', '=', owner).where('setting', '=', setting).execute();
  }
}
