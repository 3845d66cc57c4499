import type {Kysely} from 'kysely';
import type {LayerName, LogEntry, Removal} from '../upkeep-contract.js';
import {idOf} from './dictionary.js';
import {GLOBAL, type RowKey} from './mark-rows.js';
import type {PreferenceTables} from './preference-tables.js';

type LogRow = PreferenceTables['preference_cleanup_log'];

/** Where and when a removal was made. */
export type LogPlace = RowKey & Pick<LogRow, 'run' | 'number' | 'time' | 'after'>;

/** What cleanups removed: one row a removal, in the order of runs. */
export class CleanupLog {
  readonly #statements: Kysely<PreferenceTables>;

  constructor(statements: Kysely<PreferenceTables>) {
    this.#statements = statements;
  }

  /** The number of the last removal of a run; 0: it has none. */
  async last(run: string): Promise<number> {
    const row = await this.#statements.selectFrom('preference_cleanup_log').select('number').where('run', '=', run)
      .orderBy('number', 'desc').limit(1).executeTakeFirst();
    return row?.number ?? 0;
  }

  async add(place: LogPlace, {rule, value, exception, kept, sealed}: Removal): Promise<void> {
    await this.#statements.insertInto('preference_cleanup_log').values({
      ...place, rule, value: Number(value), exception: Number(exception), kept: kept ?? null, sealed: Number(sealed), undone: null,
    }).execute();
  }

  async find(run: string, number: number): Promise<LogRow | undefined> {
    return this.#statements.selectFrom('preference_cleanup_log').selectAll().where('run', '=', run).where('number', '=', number)
      .executeTakeFirst();
  }

  async undone(run: string, number: number, time: number): Promise<void> {
    await this.#statements.updateTable('preference_cleanup_log').set({undone: time}).where('run', '=', run).where('number', '=', number)
      .execute();
  }

  /** Removals of one layer with their names. */
  async entries(layer: LayerName, run: string, after: number, limit: number): Promise<LogEntry[]> {
    const rows = await this.#statements.selectFrom('preference_cleanup_log')
      .innerJoin('preference_setting', 'preference_setting.id', 'preference_cleanup_log.setting')
      .leftJoin('preference_scope', 'preference_scope.id', 'preference_cleanup_log.scope')
      .selectAll('preference_cleanup_log').select(['preference_setting.name as settingName', 'preference_scope.name as scopeName'])
      .where('run', '=', run).where('number', '>', after).where('scope', layer === 'global' ? '=' : '>', GLOBAL)
      .orderBy('number').limit(limit).execute();
    return rows.map(({number, time, rule, scopeName, owner, settingName, value, exception, kept, sealed, undone}) => ({
      number, time, rule, scope: scopeName ?? undefined, owner, setting: settingName, value: value === 1, exception: exception === 1,
      kept: kept ?? undefined, sealed: sealed === 1, undone: undone !== null,
    }));
  }

  /** The newest runs that removed something of a layer. Runs sort by their time. */
  async runs(layer: LayerName, most: number): Promise<{run: string; time: number}[]> {
    const found: {run: string; time: number}[] = [];
    // Names of runs begin with a digit.
    for (let before = '~'; found.length < most;) {
      const row = await this.#statements.selectFrom('preference_cleanup_log').select('run').where('run', '<', before)
        .orderBy('run', 'desc').limit(1).executeTakeFirst();
      if (row === undefined) break;
      before = row.run;
      const first = await this.#statements.selectFrom('preference_cleanup_log').select(['run', 'time']).where('run', '=', row.run)
        .where('scope', layer === 'global' ? '=' : '>', GLOBAL).orderBy('number').limit(1).executeTakeFirst();
      if (first !== undefined) found.push(first);
    }
    return found;
  }

  /** Forgets one run of a layer. */
  async forget(layer: LayerName, run: string): Promise<number> {
    const {numDeletedRows} = await this.#statements.deleteFrom('preference_cleanup_log').where('run', '=', run)
      .where('scope', layer === 'global' ? '=' : '>', GLOBAL).executeTakeFirst();
    return Number(numDeletedRows);
  }
}

/** What is noted of defaults, by scope. */
export class DefaultNotes {
  readonly #statements: Kysely<PreferenceTables>;

  constructor(statements: Kysely<PreferenceTables>) {
    this.#statements = statements;
  }

  async of(scope: string): Promise<{setting: string; digest: string; since: number}[]> {
    const id = await idOf(this.#statements, 'preference_scope', scope);
    if (id === undefined) return [];
    return this.#statements.selectFrom('preference_default').innerJoin('preference_setting', 'preference_setting.id', 'setting')
      .select(['preference_setting.name as setting', 'digest', 'since']).where('scope', '=', id).execute();
  }

  /** Settings and scopes without a row have no id, and nothing to note. */
  async note(scope: string, notes: readonly {setting: string; digest: string; since: number}[]): Promise<void> {
    const id = await idOf(this.#statements, 'preference_scope', scope);
    for (const {setting: name, digest, since} of notes) {
      const setting = await idOf(this.#statements, 'preference_setting', name);
      if (id === undefined || setting === undefined) continue;
      await this.#statements.insertInto('preference_default').values({scope: id, setting, digest, since: Math.floor(since)})
        .onConflict((conflict) => conflict.columns(['scope', 'setting'])
          .doUpdateSet((set) => ({digest: set.ref('excluded.digest'), since: set.ref('excluded.since')}))).execute();
    }
  }
}
