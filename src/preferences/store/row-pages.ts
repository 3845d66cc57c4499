import type {Kysely} from 'kysely';
import type {LayerName, MarkKind, UpkeepPage, UpkeepRow} from '../upkeep-contract.js';
import {Dictionary} from './dictionary.js';
import {GLOBAL, kindOf, type RowKey} from './mark-rows.js';
import type {PreferenceTables} from './preference-tables.js';

type Statements = Kysely<PreferenceTables>;
type Row = Omit<PreferenceTables['preference_local'], 'value'> & {value: string | null};

/** Before every key. */
const START: RowKey = {scope: GLOBAL, owner: '', setting: 0};
/** Ids of scopes in one question. */
const SCOPES = 500;

/** A key as the seam has it. */
export function keyText({scope, owner, setting}: RowKey): string {
  return JSON.stringify([scope, owner, setting]);
}

/** The key behind its text. */
export function keyOf(text: string | undefined): RowKey {
  if (text === undefined) return START;
  const [scope, owner, setting] = JSON.parse(text) as [number, string, number];
  return {scope, owner, setting};
}

/** Reads rows in ranges of their primary keys, with their names and marks. */
export class RowPages {
  readonly #names = {preference_setting: new Dictionary(), preference_scope: new Dictionary()};

  async page(statements: Statements, layer: LayerName, after: string | undefined, limit: number): Promise<UpkeepPage> {
    const begin = keyOf(after);
    const found = layer === 'local' ? await this.#locals(statements, begin, limit) : await this.#globals(statements, begin, limit);
    const rows = await this.#named(statements, layer, found);
    const last = rows.at(-1);
    if (last === undefined) return {rows: [], next: undefined};
    const marks = await marksBetween(statements, keyOf(rows[0]?.key), keyOf(last.key));
    return {rows: withMarks(rows, marks), next: rows.length < limit ? undefined : last.key};
  }

  /** Every row of one owner, in all scopes. */
  async rowsOf(statements: Statements, layer: LayerName, owner: string): Promise<UpkeepRow[]> {
    if (layer === 'global') {
      const found = await statements.selectFrom('preference_global').selectAll().where('owner', '=', owner).execute();
      return this.#named(statements, layer, found.map(asRow));
    }
    await this.#learn(statements, 'preference_scope');
    const rows: Row[] = [];
    for (let first = 1; first <= this.#names.preference_scope.last; first += SCOPES) {
      const ids = Array.from({length: Math.min(SCOPES, this.#names.preference_scope.last - first + 1)}, (_, at) => first + at);
      rows.push(...await statements.selectFrom('preference_local').selectAll().where('scope', 'in', ids).where('owner', '=', owner).execute());
    }
    return this.#named(statements, layer, rows);
  }

  async #locals(statements: Statements, {scope, owner, setting}: RowKey, limit: number): Promise<Row[]> {
    return statements.selectFrom('preference_local').selectAll()
      .where((is) => is(is.refTuple('scope', 'owner', 'setting'), '>', is.tuple(scope, owner, setting)))
      .orderBy('scope').orderBy('owner').orderBy('setting').limit(limit).execute();
  }

  async #globals(statements: Statements, {owner, setting}: RowKey, limit: number): Promise<Row[]> {
    const found = await statements.selectFrom('preference_global').selectAll()
      .where((is) => is(is.refTuple('owner', 'setting'), '>', is.tuple(owner, setting)))
      .orderBy('owner').orderBy('setting').limit(limit).execute();
    return found.map(asRow);
  }

  /** The names are asked after the rows: whoever added a row had added its names before. */
  async #named(statements: Statements, layer: LayerName, rows: readonly Row[]): Promise<UpkeepRow[]> {
    if (rows.length === 0) return [];
    await this.#learn(statements, 'preference_setting');
    if (layer === 'local') await this.#learn(statements, 'preference_scope');
    const {preference_setting: settings, preference_scope: scopes} = this.#names;
    return rows.map(({scope, owner, setting, value, exception, revision}) => ({
      key: keyText({scope, owner, setting}), scope: layer === 'local' ? scopes.name(scope) : undefined, owner,
      setting: settings.name(setting), value: value ?? undefined, exception: exception === 1, revision, marks: {},
    }));
  }

  async #learn(statements: Statements, table: 'preference_setting' | 'preference_scope'): Promise<void> {
    const names = this.#names[table];
    const news = await statements.selectFrom(table).selectAll().where('id', '>', names.last).orderBy('id').execute();
    for (const {id, name} of news) names.learn(id, name);
  }
}

function asRow(row: PreferenceTables['preference_global']): Row {
  return {...row, scope: GLOBAL, exception: 0};
}

/**
 * The marks of a range of rows, and others of the owners at its ends. Not as one comparison of rows: PostgreSQL takes a third of the
 * table to be in such a range, and reads all of it.
 */
function marksBetween(statements: Statements, first: RowKey, last: RowKey): Promise<PreferenceTables['preference_mark'][]> {
  const select = statements.selectFrom('preference_mark').selectAll();
  if (first.scope === last.scope) {
    return select.where('scope', '=', first.scope).where('owner', '>=', first.owner).where('owner', '<=', last.owner).execute();
  }
  return select.where((is) => is.or([
    is.and([is('scope', '=', first.scope), is('owner', '>=', first.owner)]),
    is.and([is('scope', '>', first.scope), is('scope', '<', last.scope)]),
    is.and([is('scope', '=', last.scope), is('owner', '<=', last.owner)]),
  ])).execute();
}

function withMarks(rows: readonly UpkeepRow[], marks: readonly PreferenceTables['preference_mark'][]): UpkeepRow[] {
  const found = new Map<string, Partial<Record<MarkKind, number>>>();
  for (const {kind, since, ...key} of marks) {
    const text = keyText(key);
    found.set(text, {...found.get(text), [kindOf(kind)]: since});
  }
  return rows.map((row) => ({...row, marks: found.get(row.key) ?? row.marks}));
}
