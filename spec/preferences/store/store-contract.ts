import {expect} from 'chai';
import {RevisionConflict} from '../../../src/preferences/preferences-errors.js';
import type {GlobalRow, LocalRow} from '../../../src/preferences/store-contract.js';
import type {SqlPreferenceStore} from '../../../src/preferences/store/sql-preference-store.js';
import type {StoreBench} from './store-bench.js';

const SCOPE = 'registry.example';

/** What every store promises, run inside a `describe`. */
export function itKeepsTheStoreContract(bench: StoreBench): void {
  it('gives back local rows, an exception alone too, and an entry for each owner', async () => {
    const store = bench.store();
    const rows = await store.writeLocals([
      {scope: SCOPE, owner: 'elmer', setting: 'proxy.url', value: '"http://gateway.example"', exception: true},
      {scope: SCOPE, owner: 'elmer', setting: 'retry.count', value: '0'},
      {scope: SCOPE, owner: 'elmer', setting: 'hosts', exception: true},
      {scope: 'other.example', owner: 'elmer', setting: 'hosts', value: 'null'},
    ]);
    expect(rows).to.equal(4);
    const views = await bench.store().locals(SCOPE, ['elmer', 'bugs'], undefined);
    expect([...views.keys()]).to.deep.equal(['elmer', 'bugs']);
    expect(plain(views.get('elmer')?.rows)).to.deep.equal([
      {setting: 'hosts', value: undefined, exception: true}, {setting: 'proxy.url', value: '"http://gateway.example"', exception: true},
      {setting: 'retry.count', value: '0', exception: false}]);
    expect(views.get('bugs')).to.deep.equal({rows: [], snapshot: undefined});
  });

  it('gives back values of every kind as they were written', async () => {
    const store = bench.store();
    const values = ['null', 'false', '0', '""', '"\\u0000 \\ud800 😀 \' \\" \\\\ %"', `"${'x'.repeat(65_528)}"`, '{"a":[1,{"b":1e+21}]}'];
    await store.writeGlobals(values.map((value, index) => ({owner: 'Elmer\'s "Ünit" 😀', setting: `x.value${index}`, value})));
    const rows = (await store.globals(['Elmer\'s "Ünit" 😀'])).values().next().value as GlobalRow[];
    expect(rows.toSorted((a, b) => a.setting < b.setting ? -1 : 1).map(({value}) => value)).to.deep.equal(values);
  });

  it('changes no row and no revision where nothing differs', async () => {
    const store = bench.store();
    const [local, global] =
      [{scope: SCOPE, owner: 'elmer', setting: 'hosts', value: '["a"]', exception: true},
        {owner: 'elmer', setting: 'hosts', value: '["a"]'}];
    await store.writeLocals([local]);
    await store.writeGlobals([global]);
    const before = await both(store);
    expect(await store.writeLocals([local, {scope: SCOPE, owner: 'elmer', setting: 'never.set', value: null, exception: false}]))
      .to.equal(0);
    expect(await store.writeGlobals([global, {owner: 'elmer', setting: 'never.set', value: null}])).to.equal(0);
    expect(await both(store)).to.deep.equal(before);
    expect(await store.writeLocals([{...local, exception: undefined, value: undefined}])).to.equal(0);
    expect(await store.writeGlobals([{...global, value: '["b"]'}])).to.equal(1);
    expect((await both(store)).global[0]?.revision).not.to.equal(before.global[0]?.revision);
  });

  it('leaves what a change does not name, and removes the row when nothing is left of it', async () => {
    const store = bench.store();
    const key = {scope: SCOPE, owner: 'elmer', setting: 'hosts'};
    await store.writeLocals([{...key, value: '1'}]);
    await store.writeLocals([{...key, exception: true}]);
    expect(plain((await both(store)).local)).to.deep.equal([{setting: 'hosts', value: '1', exception: true}]);
    await store.writeLocals([{...key, value: null}]);
    expect(plain((await both(store)).local)).to.deep.equal([{setting: 'hosts', value: undefined, exception: true}]);
    expect(await store.writeLocals([{...key, exception: false}])).to.equal(1);
    expect((await both(store)).local).to.deep.equal([]);
    const database = await bench.database();
    expect(await database.kysely.selectFrom('preference_local').selectAll().execute()).to.deep.equal([]);
  });

  it('refuses the second of two writers, and all of its changes', async () => {
    const [one, two] = [bench.store(), bench.store()];
    const key = {owner: 'elmer', setting: 'hosts'};
    await one.writeGlobals([{...key, value: '1', expected: 0}]);
    const {revision} = (await both(two)).global[0] as GlobalRow;
    await one.writeGlobals([{...key, value: '2', expected: revision}]);
    const current = (await both(one)).global[0]?.revision;
    const fault = await two.writeGlobals([{owner: 'elmer', setting: 'digests', value: '3'},
      {...key, value: '3', expected: revision}]).catch((error: unknown) => error);
    expect(fault).to.be.instanceOf(RevisionConflict).and.include({code: 'REVISION_CONFLICT', setting: 'hosts', current});
    expect((await both(two)).global.map(({setting, value}) => [setting, value])).to.deep.equal([['hosts', '2']]);
    expect(await two.writeGlobals([{...key, value: null, expected: revision}]).catch((error: unknown) => error))
      .to.be.instanceOf(RevisionConflict);
    const local = {...key, scope: SCOPE, value: '1', expected: 0};
    await one.writeLocals([local]);
    expect(await two.writeLocals([{...local, value: '2'}]).catch((error: unknown) => error)).to.be.instanceOf(RevisionConflict);
  });

  it('never gives a revision twice, so that a row made anew is not taken for the old one', async () => {
    const store = bench.store();
    const key = {owner: 'elmer', setting: 'hosts'};
    await store.writeGlobals([{...key, value: '1'}]);
    const old = (await both(store)).global[0]?.revision;
    await store.removeGlobals('elmer');
    await bench.store().writeGlobals([{...key, value: '1'}]);
    const fault = await store.writeGlobals([{...key, value: '2', expected: old}]).catch((error: unknown) => error);
    expect(fault).to.be.instanceOf(RevisionConflict);
  });

  it('lets exactly one of many writers that saw the same win', async () => {
    const stores = Array.from({length: 4}, () => bench.store());
    const tries = await Promise.allSettled(stores.map((store, index) =>
      store.writeGlobals([{owner: 'elmer', setting: 'hosts', value: String(index), expected: 0}])));
    expect(tries.filter(({status}) => status === 'fulfilled')).to.have.length(1);
    expect(tries.filter((one) => one.status === 'rejected' && one.reason instanceof RevisionConflict)).to.have.length(3);
  });

  it('keeps every name that many writers add at once, and each under one id', async () => {
    const stores = Array.from({length: 3}, () => bench.store());
    const names = Array.from({length: 12}, (_, index) => `x.name${index}`);
    await Promise.all(stores.flatMap((store, index) => names.map((setting) =>
      store.writeLocals([{scope: `scope ${index}`, owner: 'elmer', setting, value: String(index)}]))));
    const views = await Promise.all(stores.map((_, index) => bench.store().locals(`scope ${index}`, ['elmer'], undefined)));
    expect(views.map((view) => view.get('elmer')?.rows.map(({setting, value}) => `${setting} ${value ?? ''}`).sort()))
      .to.deep.equal(stores.map((_, index) => names.map((name) => `${name} ${index}`).sort()));
  });

  it('removes what belongs to one owner, unknown settings too, and nothing of others', async () => {
    const store = bench.store();
    for (const owner of ['elmer', 'elmer2', 'bugs']) {
      await store.writeGlobals([{owner, setting: 'hosts', value: '1'}, {owner, setting: 'x.gone', value: '1'}]);
      for (const scope of [SCOPE, 'other']) await store.writeLocals([{scope, owner, setting: 'x.gone', value: '1'},
        {scope, owner, setting: 'hosts', exception: true}]);
    }
    expect([await store.removeGlobals('elmer'), await store.resetLocals(SCOPE, 'elmer'), await store.resetLocals('nowhere', 'elmer')])
      .to.deep.equal([2, 2, 0]);
    const owners = ['elmer', 'elmer2', 'bugs'];
    const counts = async (rows: Promise<ReadonlyMap<string, readonly unknown[]>>): Promise<number[]> => [...(await rows).values()]
      .map(({length}) => length);
    expect(await counts(store.globals(owners))).to.deep.equal([0, 2, 2]);
    const locals = await Promise.all([SCOPE, 'other'].map((scope) => store.locals(scope, owners, undefined)));
    expect(locals.map((views) => [...views.values()].map(({rows}) => rows.length))).to.deep.equal([[0, 2, 2], [2, 2, 2]]);
  });
}

async function both(store: SqlPreferenceStore): Promise<{local: readonly LocalRow[]; global: readonly GlobalRow[]}> {
  return {local: (await store.locals(SCOPE, ['elmer'], undefined)).get('elmer')?.rows ?? [],
    global: (await store.globals(['elmer'])).get('elmer') ?? []};
}

function plain(rows: readonly LocalRow[] | undefined): object[] {
  return (rows ?? []).map(({setting, value, exception}) => ({setting, value, exception})).sort((a, b) => a.setting < b.setting ? -1 : 1);
}
