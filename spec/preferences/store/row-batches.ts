import {expect} from 'chai';
import type {GlobalRow} from '../../../src/preferences/store-contract.js';
import type {SqlPreferenceStore} from '../../../src/preferences/store/sql-preference-store.js';
import type {StoreBench} from './store-bench.js';

const SCOPE = 'registry.example';
const [OWNERS, SETTINGS] = [100, 10];

/** What every store promises of many changes in one call, run inside a `describe`. */
export function itKeepsBatches(bench: StoreBench): void {
  it('writes 1,000 rows with few statements, whether they are new, changed or removed', async () => {
    const store = bench.store();
    const changes = keys().map((key) => ({...key, value: '1'}));
    await store.writeGlobals([{owner: 'before', setting: 'hosts', value: '1'}]);
    for (const [what, some, expected] of [
      ['new', changes, 1000], ['equal', changes, 0], ['changed', changes.map((change) => ({...change, value: '2'})), 1000],
      ['removed', changes.map((change) => ({...change, value: null})), 1000],
    ] as const) {
      bench.statements.length = 0;
      expect(await store.writeGlobals(some), what).to.equal(expected);
      expect(bench.statements.length, what).to.be.below(60);
      bench.statements.length = 0;
      expect(await store.writeLocals(some.map((change) => ({...change, scope: SCOPE}))), what).to.equal(expected);
      expect(bench.statements.length, what).to.be.below(60);
    }
    expect((await store.globals(['before', 'owner 1'])).get('before')).to.have.length(1);
    expect((await store.globals(['owner 1'])).get('owner 1')).to.deep.equal([]);
  });

  it('gives each row of a batch a revision of its own', async () => {
    const store = bench.store();
    await store.writeGlobals(keys().map((key) => ({...key, value: '1'})));
    await store.writeGlobals(keys().slice(0, 300).map((key) => ({...key, value: '2'})));
    const rows = await allOf(store);
    expect(rows.filter(({value}) => value === '2')).to.have.length(300);
    expect(new Set(rows.map(({revision}) => revision))).to.have.property('size', OWNERS * SETTINGS);
  });

  it('makes changes of the same row one after the other', async () => {
    const store = bench.store();
    const key = {owner: 'elmer', setting: 'hosts'};
    expect(await store.writeGlobals([{...key, value: '1', expected: 0}, {...key, value: '2'}, {...key, owner: 'bugs', value: '3'},
      {...key, value: '2'}, {...key, value: null}, {...key, value: '4', expected: 0}])).to.equal(5);
    expect((await store.globals(['elmer'])).get('elmer')?.map(({value}) => value)).to.deep.equal(['4']);
    const local = {...key, scope: SCOPE};
    expect(await store.writeLocals([{...local, exception: true}, {...local, value: '1'}, {...local, exception: false}])).to.equal(3);
    expect((await store.locals(SCOPE, ['elmer'], undefined)).get('elmer')?.rows.map(({value, exception}) => [value, exception]))
      .to.deep.equal([['1', false]]);
  });

  it('lets batches of the same rows in opposite orders all come in', async () => {
    const stores = [bench.store(), bench.store(), bench.store()];
    const orders = [keys(), keys().reverse(), keys()];
    const counts = await Promise.all(stores.map((store, index) =>
      store.writeGlobals((orders[index] ?? []).map((key) => ({...key, value: String(index)})))));
    expect(counts).to.deep.equal([1000, 1000, 1000]);
    expect(new Set((await allOf(bench.store())).map(({value}) => value))).to.have.property('size', 1);
  });
}

function keys(): {owner: string; setting: string}[] {
  return Array.from({length: OWNERS * SETTINGS}, (_, at) => ({owner: `owner ${at % OWNERS}`, setting: `x.name${Math.floor(at / OWNERS)}`}));
}

async function allOf(store: SqlPreferenceStore): Promise<GlobalRow[]> {
  return [...(await store.globals(Array.from({length: OWNERS}, (_, at) => `owner ${at}`))).values()].flat();
}
