import type {Kysely} from 'kysely';
import type {SqlEngine} from '../../sql/sql-database.js';
import {RevisionConflict} from '../preferences-errors.js';
import type {GlobalChange, LocalChange} from '../store-contract.js';
import type {LayerName} from '../upkeep-contract.js';
import {giveId, idsOf} from './dictionary.js';
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
    const scopes = await idsOf(this.#statements, 'preference_scope', changes.flatMap(({scope}) => scope ?? []));
    const settings = await idsOf(this.#statements, 'preference_setting', changes.map(({setting}) => setting));
    const keyOf = ({scope: name, owner, setting: settingName}: Change): RowKey | undefined => {
      const scope = name === undefined ? GLOBAL : scopes.get(name);
      const setting = settings.get(settingName);
      return scope === undefined || setting === undefined ? undefined : {scope, owner, setting};
    };
    const found = await rows.find(changes.flatMap((change) => keyOf(change) ?? []));
    const byKey = new Map(found.map((row) => [keyText(row), row]));
    const steps = changes.map((change) => {
      const key = keyOf(change);
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
    for (const {change, value, exception} of made) inserted.push(revised({...await this.#newKey(change, scopes, settings), value, exception}));
    await rows.insert(inserted.sort((one, other) => keyText(one) < keyText(other) ? -1 : 1));
    return removed.length + updated.length + made.length;
  }

  /** Gives ids to names that have none yet. */
  async #newKey({scope: name, owner, setting: settingName}: Change, scopes: Ids, settings: Ids): Promise<RowKey> {
    const id = async (ids: Ids, table: 'preference_scope' | 'preference_setting', text: string): Promise<number> => {
      const known = ids.get(text) ?? await giveId(this.#statements, table, text);
      ids.set(text, known);
      return known;
    };
    const scope = name === undefined ? GLOBAL : await id(scopes, 'preference_scope', name);
    return {scope, owner, setting: await id(settings, 'preference_setting', settingName)};
  }
}

type Ids = Map<string, number>;

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
