import type {Kysely} from 'kysely';
import type {SqlEngine} from '../../sql/sql-database.js';
import {RevisionConflict} from '../preferences-errors.js';
import type {GlobalChange, LocalChange} from '../store-contract.js';
import type {LayerName} from '../upkeep-contract.js';
import {giveId, idsOf, type NameTable} from './dictionary.js';
import {LayerRows, type LayerRow} from './layer-rows.js';
import {clearMarksOfRows, GLOBAL, type RowKey} from './mark-rows.js';
import type {PreferenceTables} from './preference-tables.js';
import {nextRevisions} from './revision.js';
import {keyText} from './row-pages.js';

/** A change of either layer; a global one has no scope. */
type Change = Omit<LocalChange, 'scope'> & {readonly scope?: string | undefined};

/** A change beside its row as it is, and what the row shall be. */
interface Step {
  readonly change: Change;
  readonly row: LayerRow | undefined;
  readonly value: string | null;
  readonly exception: number;
}

/** Changes that are made together, at most: a statement asks for the keys of all of them. */
const MOST = 200;

/**
 * Writes rows inside one transaction: what is equal stays untouched, with its revision. Changes of different rows are made together
 * by a few statements, since each is a journey on PostgreSQL.
 */
export class RowWriter {
  readonly #statements: Kysely<PreferenceTables>;
  readonly #engine: SqlEngine;
  /** What this transaction knows of the names. */
  readonly #ids: Readonly<Record<NameTable, Map<string, number>>> = {preference_scope: new Map(), preference_setting: new Map()};

  constructor(statements: Kysely<PreferenceTables>, engine: SqlEngine) {
    this.#statements = statements;
    this.#engine = engine;
  }

  /** How many rows were written or removed; one that was so already is not counted. @throws RevisionConflict, SqlFault */
  locals(changes: readonly LocalChange[]): Promise<number> {
    return this.#write('local', changes);
  }

  /** As `locals`. */
  globals(changes: readonly GlobalChange[]): Promise<number> {
    return this.#write('global', changes.map(({owner, setting, value, expected}) => ({owner, setting, value, expected})));
  }

  async #write(layer: LayerName, changes: readonly Change[]): Promise<number> {
    const rows = new LayerRows(this.#statements, this.#engine, layer);
    let written = 0;
    for (const some of portions(changes)) written += await this.#writeSome(rows, some);
    return written;
  }

  async #writeSome(rows: LayerRows, changes: readonly Change[]): Promise<number> {
    await this.#learn('preference_scope', changes.flatMap(({scope}) => scope ?? []));
    await this.#learn('preference_setting', changes.map(({setting}) => setting));
    const found = await rows.find(changes.flatMap((change) => this.#keyOf(change) ?? []));
    const byKey = new Map(found.map((row) => [keyText(row), row]));
    const steps = changes.map((change) => {
      const key = this.#keyOf(change);
      return stepOf(change, key === undefined ? undefined : byKey.get(keyText(key)));
    });
    // Also by a write that changes nothing: somebody wants the row as it is.
    await clearMarksOfRows(this.#statements, found);
    const removed = steps.flatMap(({row, ...to}) => row !== undefined && isNothing(to) ? row : []);
    const updated = steps.flatMap(({row, value, exception}) => row === undefined || isNothing({value, exception})
      || value === row.value && exception === row.exception ? [] : {...row, value, exception});
    const made = steps.filter((step) => step.row === undefined && !isNothing(step));
    await rows.remove(removed);
    const revisions = await nextRevisions(this.#statements, this.#engine, updated.length + made.length);
    const revised = <T>(row: T): T & {revision: number} => ({...row, revision: revisions.pop() ?? 0});
    await rows.update(updated.map(revised));
    const inserted: LayerRow[] = [];
    for (const {change, value, exception} of made) inserted.push(revised({...await this.#newKey(change), value, exception}));
    await rows.insert(inserted.sort((one, other) => keyText(one) < keyText(other) ? -1 : 1));
    return removed.length + updated.length + made.length;
  }

  async #learn(table: NameTable, names: readonly string[]): Promise<void> {
    const ids = this.#ids[table];
    for (const [name, id] of await idsOf(this.#statements, table, names.filter((name) => !ids.has(name)))) ids.set(name, id);
  }

  /** Undefined while one of its names has no id, so there is no such row. */
  #keyOf({scope: name, owner, setting: settingName}: Change): RowKey | undefined {
    const scope = name === undefined ? GLOBAL : this.#ids.preference_scope.get(name);
    const setting = this.#ids.preference_setting.get(settingName);
    return scope === undefined || setting === undefined ? undefined : {scope, owner, setting};
  }

  /** Gives ids to names that have none yet. */
  async #newKey({scope, owner, setting}: Change): Promise<RowKey> {
    return {scope: scope === undefined ? GLOBAL : await this.#id('preference_scope', scope), owner,
      setting: await this.#id('preference_setting', setting)};
  }

  async #id(table: NameTable, name: string): Promise<number> {
    const id = this.#ids[table].get(name) ?? await giveId(this.#statements, table, name);
    this.#ids[table].set(name, id);
    return id;
  }
}

/** @throws RevisionConflict */
function stepOf(change: Change, row: LayerRow | undefined): Step {
  const revision = row?.revision ?? 0;
  if (change.expected !== undefined && change.expected !== revision) throw new RevisionConflict(change.setting, revision);
  return {
    change, row, value: change.value === undefined ? row?.value ?? null : change.value,
    exception: change.exception === undefined ? row?.exception ?? 0 : Number(change.exception),
  };
}

function isNothing({value, exception}: Pick<Step, 'value' | 'exception'>): boolean {
  return value === null && exception === 0;
}

/**
 * The changes in portions, each row at most once in one of them. Rows are locked in the order of their keys, and portions of many
 * changes are in one order too, so that writers who meet wait for each other instead of blocking each other for good.
 */
function* portions(changes: readonly Change[]): Iterable<Change[]> {
  let some = new Map<string, Change>();
  for (const change of changes) {
    const key = JSON.stringify([change.scope, change.owner, change.setting]);
    if (some.has(key)) {
      yield* cut(some);
      some = new Map();
    }
    some.set(key, change);
  }
  yield* cut(some);
}

function* cut(changes: ReadonlyMap<string, Change>): Iterable<Change[]> {
  const all = [...changes];
  if (all.length > MOST) all.sort(([one], [other]) => one < other ? -1 : 1);
  for (let at = 0; at < all.length; at += MOST) yield all.slice(at, at + MOST).map(([, change]) => change);
}
