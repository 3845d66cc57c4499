import {expect} from 'chai';
import {CompiledQuery} from 'kysely';
import type {SqlPreferenceStore} from '../../../src/preferences/store/sql-preference-store.js';
import type {LayerName, Removal, StoredText, StoreUpkeep, TextPlace, UpkeepRow} from '../../../src/preferences/upkeep-contract.js';
import {scansOf, type StoreBench} from './store-bench.js';

const SCOPES = ['registry.example', 'Ünit.example', 'another'];
const OWNERS = ['elmer', 'Elmer', 'élan', 'bugs', 'z'];

/** What the upkeep of every store promises, run inside a `describe`. */
export function itKeepsTheUpkeepContract(bench: StoreBench): void {
  it('pages through every row once, in the order of keys, with names that others add meanwhile', async () => {
    const [store, writer] = [bench.store(), bench.store()];
    await fill(writer);
    for (const [layer, count] of [['local', 30], ['global', 10]] as const) {
      const all = await allOf(store.upkeep, layer, 1000);
      expect(all).to.have.length(count);
      for (const limit of [1, 7, 30]) expect(await allOf(bench.store().upkeep, layer, limit)).to.deep.equal(all);
    }
    const first = await store.upkeep.page('local', undefined, 29);
    await writer.writeLocals([{scope: 'zz later', owner: 'elmer', setting: 'x.later', value: '1'}]);
    const rest = await store.upkeep.page('local', first.next, 29);
    expect(rest.rows.map(({scope, setting}) => `${scope ?? ''} ${setting}`)).to.include('zz later x.later').and.have.length(2);
    expect(rest.next).to.equal(undefined);
    expect((await store.upkeep.rowsOf('local', 'élan')).map(({scope, setting}) => [scope, setting])).to.have.deep.members(
      SCOPES.flatMap((scope) => ['hosts', 'redirects'].map((setting) => [scope, setting])));
    expect(await store.upkeep.rowsOf('global', 'z')).to.have.length(2);
  });

  it('sweeps what was not written since, marks, logs and puts back', async () => {
    const store = bench.store();
    await fill(store);
    const [one, two, three] = (await store.upkeep.page('local', undefined, 3)).rows as [UpkeepRow, UpkeepRow, UpkeepRow];
    const marks = [one, two].map(({key, revision}) => ({key, revision, kind: 'dormant' as const}));
    await store.upkeep.sweep('local', {run: 'a', time: 5, removals: [], marks: [...marks, {...marks[0] as typeof marks[0], revision: 0, kind: 'orphan'}],
      unmarks: []});
    await store.upkeep.sweep('local', {run: 'a', time: 9, removals: [], marks, unmarks: []});
    expect((await store.upkeep.page('local', undefined, 3)).rows.map((row) => row.marks)).to.deep.equal([{dormant: 5}, {dormant: 5}, {}]);
    // A write that changes nothing.
    await store.writeLocals([{scope: two.scope ?? '', owner: two.owner, setting: two.setting, value: two.value}]);
    const removals = [removal(one, ['dormant']), removal(two, ['dormant']), removal({...three, revision: three.revision + 1}, []),
      {...removal(three, []), exception: false}];
    expect(await store.upkeep.sweep('local', {run: 'a', time: 9, removals, marks: [], unmarks: []})).to.deep.equal([1, undefined, undefined, 2]);
    const rows = (await store.upkeep.page('local', undefined, 3)).rows;
    expect(rows.map(({key, value, exception}) => [key, value, exception])).to.deep.equal(
      [[two.key, two.value, true], [three.key, undefined, true], [rows[2]?.key, '1', true]]);
    const log = await store.upkeep.logged('local', 'a', 0, 10);
    expect(log[0]).to.deep.equal({number: 1, time: 9, rule: 'because', scope: one.scope, owner: one.owner, setting: one.setting, value: true,
      exception: true, kept: '"kept"', sealed: false, undone: false});
    const entries = [{number: 1, value: '"kept"', exception: true}, {number: 2, value: '1', exception: false}, {number: 3, value: '1', exception: false}];
    expect([...await store.upkeep.putBack('global', 'a', 11, entries)], 'rows of the other layer').to.deep.equal([]);
    expect([...await store.upkeep.putBack('local', 'a', 11, entries)]).to.deep.equal([1, 2]);
    expect([...await store.upkeep.putBack('local', 'a', 11, entries)], 'a second time').to.deep.equal([]);
    expect((await store.upkeep.page('local', undefined, 3)).rows.map(({value, exception}) => [value, exception]))
      .to.deep.equal([['"kept"', true], ['1', true], ['1', true]]);
    expect(await store.upkeep.runs('local', 5)).to.deep.equal([{run: 'a', time: 9}]);
    expect(await store.upkeep.runs('global', 5)).to.deep.equal([]);
    expect([await store.upkeep.forgetRun('global', 'a'), await store.upkeep.forgetRun('local', 'a')]).to.deep.equal([0, 2]);
  });

  it('lets exactly one of two sweeps and a writer have a row', async () => {
    const stores = Array.from({length: 3}, () => bench.store());
    const [store] = stores as [SqlPreferenceStore];
    await store.writeGlobals(OWNERS.map((owner) => ({owner, setting: 'hosts', value: '1'})));
    const {rows} = await store.upkeep.page('global', undefined, 100);
    const sweeps = stores.map((each, at) => each.upkeep.sweep('global',
      {run: String(at), time: 1, removals: rows.map((row) => removal(row, [])), marks: [], unmarks: []}));
    const writes = OWNERS.map(async (owner, at) => stores[at % 3]?.writeGlobals([{owner, setting: 'hosts', value: '2'}]));
    const numbers = await Promise.all(sweeps);
    await Promise.all(writes);
    expect([...(await store.globals(OWNERS)).values()].flat().map(({value}) => value)).to.deep.equal(OWNERS.map(() => '2'));
    for (const at of rows.keys()) expect(numbers.filter((own) => own[at] !== undefined).length, `row ${at}`).to.be.at.most(1);
  });

  it('changes texts in values, snapshots and the log, and no revision', async () => {
    const store = bench.store();
    await fill(store);
    await store.saveSnapshots('central', new Map([['elmer', {time: 1, rows: [{setting: 'hosts', value: '1', revision: 1}]}]]));
    const [row] = (await store.upkeep.page('global', undefined, 1)).rows as [UpkeepRow];
    await store.upkeep.sweep('global', {run: 'a', time: 9, removals: [{...removal(row, []), sealed: true}], marks: [], unmarks: []});
    for (const place of ['local', 'global', 'snapshot', 'log'] as const) {
      const found = await textsOf(store.upkeep, place, 2);
      expect(found, place).to.have.length({local: 30, global: 9, snapshot: 1, log: 1}[place]);
      const [one] = found as [typeof found[0]];
      expect(await store.upkeep.replaceTexts(place, [{...one, from: 'other', to: '"new"'}]), place).to.equal(0);
      expect(await store.upkeep.replaceTexts(place, [{key: one.key, from: one.text, to: '"new"'}]), place).to.equal(1);
      expect((await textsOf(store.upkeep, place, 100))[0]?.text).to.equal('"new"');
    }
    expect((await store.upkeep.page('global', undefined, 1)).rows[0]?.revision).to.be.above(0);
    expect(await store.upkeep.forgetSnapshots('elmer')).to.equal(1);
    expect(await store.upkeep.forgetSnapshots('elmer')).to.equal(0);
  });

  it('reads the global values of owners, and notes defaults, by name', async () => {
    const store = bench.store();
    await fill(store);
    const found = await store.upkeep.provenGlobals(['elmer', 'nobody', 'elmer']);
    expect([...found].map(([owner, own]) => [owner, [...own]])).to.deep.equal([['elmer', [['hosts', '1'], ['redirects', '1']]], ['nobody', []]]);
    const notes = [{setting: 'hosts', digest: 'a', since: 1}, {setting: 'redirects', digest: 'b', since: 2}];
    await store.upkeep.noteDefaults('another', [...notes, {setting: 'never', digest: 'c', since: 3}]);
    await store.upkeep.noteDefaults('another', [{setting: 'hosts', digest: 'd', since: 4}]);
    await store.upkeep.noteDefaults('never', notes);
    expect(await store.upkeep.defaultsOf('another')).to.have.deep.members([{setting: 'hosts', digest: 'd', since: 4}, notes[1]]);
    expect(await store.upkeep.defaultsOf('never')).to.deep.equal([]);
  });

  it('walks through no table for its upkeep', async () => {
    const store = bench.store();
    const owners = Array.from({length: 300}, (_, at) => `owner ${at}`);
    for (let at = 0; at < owners.length; at += 100) {
      const some = owners.slice(at, at + 100);
      await store.writeLocals(some.map((owner) => ({scope: 'another', owner, setting: 'hosts', value: '1', exception: true})));
      await store.writeGlobals(some.map((owner) => ({owner, setting: 'hosts', value: '1'})));
    }
    await store.saveSnapshots('central', new Map(owners.map((owner) => [owner, {time: 1, rows: []}])));
    const {rows} = await store.upkeep.page('local', undefined, 200);
    await store.upkeep.sweep('local', {run: '1', time: 1, removals: rows.slice(0, 100).map((row) => removal(row, [])),
      marks: rows.slice(100).map(({key, revision}) => ({key, revision, kind: 'dormant'})), unmarks: []});
    const database = await bench.database();
    if (bench.engine === 'postgres') await database.kysely.executeQuery(CompiledQuery.raw('analyze'));
    bench.statements.length = 0;
    await everything(bench.store().upkeep, rows.slice(150));
    expect(bench.statements.length).to.be.above(30);
    const checked = new Set<string>();
    for (const statement of bench.statements) {
      if (checked.has(statement.sql)) continue;
      checked.add(statement.sql);
      expect(await scansOf(database, statement), statement.sql).to.deep.equal([]);
    }
  });
}

/** Every statement of the upkeep. */
async function everything(upkeep: StoreUpkeep, rows: readonly UpkeepRow[]): Promise<void> {
  const [row, other] = rows as [UpkeepRow, UpkeepRow];
  for (const layer of ['local', 'global'] as const) {
    const {next} = await upkeep.page(layer, undefined, 50);
    await upkeep.page(layer, next, 50);
    await upkeep.rowsOf(layer, row.owner);
    const [first] = (await upkeep.page(layer, next, 1)).rows as [UpkeepRow];
    const mark = {key: first.key, revision: first.revision, kind: 'orphan' as const};
    await upkeep.sweep(layer, {run: '2', time: 2, removals: [], marks: [mark], unmarks: [{key: other.key, kind: 'dormant'}]});
    await upkeep.sweep(layer, {run: '2', time: 2, removals: [removal(first, ['orphan'])], marks: [], unmarks: []});
    for (const entry of await upkeep.logged(layer, '2', 0, 10)) {
      await upkeep.putBack(layer, '2', 3, [{number: entry.number, value: '1', exception: layer === 'local'}]);
    }
    await upkeep.runs(layer, 3);
    await upkeep.forgetRun(layer, '2');
  }
  await upkeep.provenGlobals([row.owner]);
  await upkeep.noteDefaults('another', [{setting: 'hosts', digest: 'a', since: 1}]);
  await upkeep.defaultsOf('another');
  for (const place of ['local', 'global', 'snapshot', 'log'] as const) {
    const {texts, next} = await upkeep.texts(place, undefined, 20);
    await upkeep.texts(place, next, 20);
    await upkeep.replaceTexts(place, texts.slice(0, 1).map(({key, text}) => ({key, from: text, to: text})));
  }
  await upkeep.forgetSnapshots(row.owner);
}

async function fill(store: SqlPreferenceStore): Promise<void> {
  await store.writeLocals(SCOPES.flatMap((scope) => OWNERS.flatMap((owner) =>
    ['hosts', 'redirects'].map((setting) => ({scope, owner, setting, value: '1', exception: true})))));
  await store.writeGlobals(OWNERS.flatMap((owner) => ['hosts', 'redirects'].map((setting) => ({owner, setting, value: '1'}))));
}

function removal({key, revision}: UpkeepRow, marks: Removal['marks']): Removal {
  return {key, revision, value: true, exception: true, marks, rule: 'because', kept: '"kept"', sealed: false};
}

async function allOf(upkeep: StoreUpkeep, layer: LayerName, limit: number): Promise<UpkeepRow[]> {
  const rows: UpkeepRow[] = [];
  for (let after: string | undefined; ;) {
    const page = await upkeep.page(layer, after, limit);
    expect(page.rows.length).to.be.at.most(limit);
    rows.push(...page.rows);
    after = page.next;
    if (after === undefined) return rows;
  }
}

async function textsOf(upkeep: StoreUpkeep, place: TextPlace, limit: number): Promise<StoredText[]> {
  const found: StoredText[] = [];
  for (let after: string | undefined; ;) {
    const {texts, next} = await upkeep.texts(place, after, limit);
    found.push(...texts);
    after = next;
    if (after === undefined) return found;
  }
}
