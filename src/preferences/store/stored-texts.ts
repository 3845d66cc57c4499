import type {Kysely} from 'kysely';
import type {StoredText, TextChange, TextPlace} from '../upkeep-contract.js';
import {GLOBAL} from './mark-rows.js';
import type {PreferenceTables} from './preference-tables.js';
import {keyOf, type RowPages} from './row-pages.js';

type Statements = Kysely<PreferenceTables>;

interface Found {
  readonly texts: StoredText[];
  readonly next: string | undefined;
}

/** Every text that may hold an envelope, read in ranges of primary keys and changed one by one. */
export class StoredTexts {
  readonly #pages: RowPages;

  constructor(pages: RowPages) {
    this.#pages = pages;
  }

  async read(statements: Statements, place: TextPlace, after: string | undefined, limit: number): Promise<Found> {
    if (place === 'snapshot') return this.#snapshots(statements, after, limit);
    if (place === 'log') return this.#log(statements, after, limit);
    const {rows, next} = await this.#pages.page(statements, place, after, limit);
    const texts = rows.flatMap(({key, scope, owner, setting, value}) =>
      value === undefined ? [] : [{key, scope, owner, setting, text: value}]);
    return {texts, next};
  }

  /** How many were still what they were. */
  async replace(statements: Statements, place: TextPlace, changes: readonly TextChange[]): Promise<number> {
    let done = 0;
    for (const change of changes) done += Number(await replaceOne(statements, place, change));
    return done;
  }

  async #snapshots(statements: Statements, after: string | undefined, limit: number): Promise<Found> {
    const [central, owner] = after === undefined ? ['', ''] : JSON.parse(after) as [string, string];
    const rows = await statements.selectFrom('preference_snapshot').select(['central', 'owner', 'body'])
      .where((is) => is(is.refTuple('central', 'owner'), '>', is.tuple(central, owner)))
      .orderBy('central').orderBy('owner').limit(limit).execute();
    const texts = rows.map((row) => ({
      key: JSON.stringify([row.central, row.owner]), scope: undefined, owner: row.owner, setting: undefined, text: row.body}));
    return {texts, next: rows.length < limit ? undefined : texts.at(-1)?.key};
  }

  async #log(statements: Statements, after: string | undefined, limit: number): Promise<Found> {
    const [run, number] = after === undefined ? ['', 0] : JSON.parse(after) as [string, number];
    const rows = await statements.selectFrom('preference_cleanup_log')
      .innerJoin('preference_setting', 'preference_setting.id', 'preference_cleanup_log.setting')
      .leftJoin('preference_scope', 'preference_scope.id', 'preference_cleanup_log.scope')
      .select(['run', 'number', 'scope', 'preference_scope.name as scopeName', 'owner', 'preference_setting.name as settingName', 'sealed',
        'kept'])
      .where((is) => is(is.refTuple('run', 'number'), '>', is.tuple(run, number))).orderBy('run').orderBy('number').limit(limit).execute();
    const last = rows.at(-1);
    const texts = rows.flatMap((row) => row.sealed === 0 || row.kept === null ? [] : [{
      key: JSON.stringify([row.run, row.number]), scope: row.scope === GLOBAL ? undefined : row.scopeName ?? '', owner: row.owner,
      setting: row.settingName, text: row.kept}]);
    return {texts, next: rows.length < limit || last === undefined ? undefined : JSON.stringify([last.run, last.number])};
  }
}

async function replaceOne(statements: Statements, place: TextPlace, {key, from, to}: TextChange): Promise<bigint> {
  if (place === 'snapshot') {
    const [central, owner] = JSON.parse(key) as [string, string];
    return (await statements.updateTable('preference_snapshot').set({body: to}).where('central', '=', central).where('owner', '=', owner)
      .where('body', '=', from).executeTakeFirst()).numUpdatedRows;
  }
  if (place === 'log') {
    const [run, number] = JSON.parse(key) as [string, number];
    return (await statements.updateTable('preference_cleanup_log').set({kept: to}).where('run', '=', run).where('number', '=', number)
      .where('kept', '=', from).executeTakeFirst()).numUpdatedRows;
  }
  const {scope, owner, setting} = keyOf(key);
  if (place === 'global') {
    return (await statements.updateTable('preference_global').set({value: to}).where('owner', '=', owner).where('setting', '=', setting)
      .where('value', '=', from).executeTakeFirst()).numUpdatedRows;
  }
  return (await statements.updateTable('preference_local').set({value: to}).where('scope', '=', scope).where('owner', '=', owner)
    .where('setting', '=', setting).where('value', '=', from).executeTakeFirst()).numUpdatedRows;
}
