import {expect} from 'chai';
import {downloadRegistry} from '../../../src/preferences/registry/download-registry.js';
import {openPreferenceStore} from '../../../src/preferences/store/open-preference-store.js';
import type {SqlPreferenceStore} from '../../../src/preferences/store/sql-preference-store.js';
import {PreferenceExport} from '../../../src/preferences/transfer/preference-export.js';
import {ReplicaView} from '../../../src/preferences/transfer/replica-view.js';
import type {PublicRow} from '../../../src/preferences/transfer/transfer-contract.js';
import {SystemClock} from '../../../src/core/clock.js';
import {useTempFolder} from '../../../src/testing/index.js';
import {memoryStore} from '../memory-stores.js';
import {rejectionOf} from '../preferences-stage.js';

const KEY = Buffer.alloc(32, 5);

describe('ReplicaView', () => {
  const folder = useTempFolder();
  const registry = downloadRegistry();
  let stores: SqlPreferenceStore[];
  let [source, replica] = [] as unknown as [SqlPreferenceStore, SqlPreferenceStore];

  beforeEach(() => {
    stores = [memoryStore(), memoryStore()];
    [source, replica] = stores as [SqlPreferenceStore, SqlPreferenceStore];
  });
  afterEach(() => Promise.all(stores.map((store) => store.close())));

  const exported = async (): Promise<PublicRow[]> => {
    const rows: PublicRow[] = [];
    for await (const row of new PreferenceExport({registry, local: source, key: KEY}).rows()) rows.push(row);
    return rows;
  };
  const held = async (): Promise<object[]> => {
    const pages = [await replica.upkeep.page('local', undefined, 5000), await replica.upkeep.page('global', undefined, 5000)];
    return pages.flatMap(({rows}, at) => rows.map(({scope, owner, setting, value, exception}) => ({
      layer: at === 0 ? 'local' : 'global', ...scope === undefined ? {} : {scope}, owner, setting,
      ...value === undefined ? {} : {value: JSON.parse(value) as unknown}, ...exception ? {exception} : {}})));
  };

  it('holds what an export has, and follows it', async () => {
    const view = new ReplicaView({registry, local: source, key: KEY});
    const owners = Array.from({length: 300}, (_, at) => `owner${at}`);
    await source.writeLocals(owners.flatMap((owner) => [{scope: 'a', owner, setting: 'redirects', value: '3', exception: true},
      {scope: 'b', owner, setting: 'segments', exception: true}, {scope: 'b', owner, setting: 'proxy.url', value: '"http://planted.example"'}]));
    await source.writeGlobals(owners.map((owner) => ({owner, setting: 'redirects', value: '5'})));
    expect(await view.refresh(replica)).to.deep.equal({rows: 900, written: 900, removed: 0});
    expect(await held()).to.have.deep.members(await exported());
    expect(await view.refresh(replica), 'nothing new').to.deep.equal({rows: 900, written: 0, removed: 0});
    await source.writeLocals([{scope: 'a', owner: 'owner1', setting: 'redirects', value: null},
      {scope: 'b', owner: 'owner2', setting: 'segments', exception: false}]);
    await source.writeGlobals([{owner: 'owner3', setting: 'redirects', value: '6'}, {owner: 'owner4', setting: 'redirects', value: null}]);
    expect(await view.refresh(replica)).to.deep.equal({rows: 898, written: 2, removed: 2});
    expect(await held()).to.have.deep.members(await exported());
  }).timeout(20_000);

  it('removes what is not public any more, and what somebody else wrote there', async () => {
    await replica.writeLocals([{scope: 'a', owner: 'elmer', setting: 'proxy.url', value: '"http://planted.example"', exception: true}]);
    await replica.writeGlobals([{owner: 'elmer', setting: 'redirects', value: '1'}]);
    expect(await new ReplicaView({registry, local: source, key: KEY}).refresh(replica)).to.deep.equal({rows: 0, written: 0, removed: 2});
    expect(await held()).to.deep.equal([]);
  });

  it('refuses a store that it shows', async () => {
    const open = (name: string): SqlPreferenceStore => {
      const store = openPreferenceStore(folder.join(name), {clock: new SystemClock(), random: Math.random});
      stores.push(store);
      return store;
    };
    const [one, two, again] = [open('one.db'), open('two.db'), open('two.db')];
    await two.writeGlobals([{owner: 'elmer', setting: 'redirects', value: '1'}]);
    const view = new ReplicaView({registry, local: one, central: two, key: KEY});
    for (const target of [one, again]) expect(await rejectionOf(view.refresh(target))).to.be.instanceOf(TypeError);
    expect((await two.globals(['elmer'])).get('elmer')).to.have.length(1);
  });
});
