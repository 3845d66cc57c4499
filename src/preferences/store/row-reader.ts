import type {Kysely} from 'kysely';
import type {GlobalRow, LocalRow, LocalView, SnapshotRow} from '../store-contract.js';
import {Dictionary} from './dictionary.js';
import type {PreferenceTables} from './preference-tables.js';

/** What a row of a union is. */
const [ROW, NAME, SNAPSHOT] = [0, 1, 2] as readonly [number, number, number];
/** In the columns that such a row doesn't have. */
const NONE = 0 as number;

/** Reads in one query each: the rows, the names that are new since, and for local ones the snapshots. Ranges of keys only. */
export class RowReader {
  readonly #settings = new Dictionary();

  async locals(statements: Kysely<PreferenceTables>, scope: string, owners: readonly string[], central: string | undefined):
  Promise<Map<string, LocalView>> {
    let query = statements.selectFrom('preference_local')
      .select((is) => [is.lit(ROW).as('kind'), 'owner', 'setting', 'exception', 'revision', 'value'])
      .where('scope', '=', (is) => is.selectFrom('preference_scope').select('id').where('name', '=', scope)).where('owner', 'in', owners)
      .unionAll(statements.selectFrom('preference_setting').where('id', '>', this.#settings.last).select((is) => [
        is.lit(NAME).as('kind'), is.val('').as('owner'), 'id as setting', is.lit(NONE).as('exception'), is.lit(NONE).as('revision'),
        is.ref('name').$castTo<string | null>().as('value')]));
    if (central !== undefined) {
      query = query.unionAll(statements.selectFrom('preference_snapshot').where('central', '=', central).where('owner', 'in', owners)
        .select((is) => [is.lit(SNAPSHOT).as('kind'), 'owner', is.lit(NONE).as('setting'), is.lit(NONE).as('exception'), 'time as revision',
          is.ref('body').$castTo<string | null>().as('value')]));
    }
    const rows = this.#learn(await query.execute());
    const views = new Map(owners.map((owner) => [owner, {rows: [] as LocalRow[], snapshot: undefined as SnapshotRow | undefined}]));
    for (const {kind, owner, setting, exception, revision, value} of rows) {
      const view = views.get(owner);
      if (kind === SNAPSHOT && view !== undefined) view.snapshot = {time: revision, rows: JSON.parse(value ?? '[]') as GlobalRow[]};
      if (kind !== ROW) continue;
      view?.rows.push({setting: this.#settings.name(setting), value: value ?? undefined, exception: exception === 1, revision});
    }
    return views;
  }

  async globals(statements: Kysely<PreferenceTables>, owners: readonly string[]): Promise<Map<string, GlobalRow[]>> {
    const rows = this.#learn(await statements.selectFrom('preference_global').where('owner', 'in', owners)
      .select((is) => [is.lit(ROW).as('kind'), 'owner', 'setting', 'revision', 'value'])
      .unionAll(statements.selectFrom('preference_setting').where('id', '>', this.#settings.last).select((is) => [
        is.lit(NAME).as('kind'), is.val('').as('owner'), 'id as setting', is.lit(NONE).as('revision'), 'name as value']))
      .execute());
    const found = new Map(owners.map((owner) => [owner, [] as GlobalRow[]]));
    for (const {owner, setting, revision, value} of rows) found.get(owner)?.push({setting: this.#settings.name(setting), revision, value});
    return found;
  }

  /** Keeps the names, and gives back the other rows. */
  #learn<R extends {kind: number; setting: number; value: string | null}>(rows: readonly R[]): R[] {
    for (const {kind, setting, value} of rows) {
      if (kind === NAME) this.#settings.learn(setting, value ?? '');
    }
    return rows.filter(({kind}) => kind !== NAME);
  }
}
