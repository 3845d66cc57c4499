import {expect} from 'chai';
import {z} from 'zod';
import {PreferenceExport} from '../../../src/preferences/transfer/preference-export.js';
import type {PublicRow} from '../../../src/preferences/transfer/transfer-contract.js';
import {Registry} from '../../../src/preferences/registry/registry.js';
import {downloadRegistry} from '../../../src/preferences/registry/download-registry.js';
import type {SqlPreferenceStore} from '../../../src/preferences/store/sql-preference-store.js';
import {memoryStore} from '../memory-stores.js';

export const KEY = Buffer.alloc(32, 5);

describe('PreferenceExport', () => {
  let local: SqlPreferenceStore;
  let central: SqlPreferenceStore;
  const registry = new Registry({settings: [...downloadRegistry().settings,
    {name: 'hidden.flag', type: z.boolean(), default: false, exposure: 'public', hidden: true, summary: 'Nobody\'s business'}]});

  beforeEach(() => { [local, central] = [memoryStore(), memoryStore()]; });
  afterEach(() => Promise.all([local.close(), central.close()]));

  const rowsOf = async (key = KEY): Promise<PublicRow[]> => {
    const rows: PublicRow[] = [];
    for await (const row of new PreferenceExport({registry, local, central, key}).rows()) rows.push(row);
    return rows;
  };

  it('has public settings alone, with the value, the exception and the owner\'s pseudonym', async () => {
    await local.writeLocals([{scope: 'a', owner: 'elmer', setting: 'redirects', value: '3', exception: true},
      {scope: 'a', owner: 'elmer', setting: 'segments', exception: true}, {scope: 'b', owner: 'elmer', setting: 'file.exists', value: '"skip"'}]);
    await central.writeGlobals([{owner: 'elmer', setting: 'file.resume', value: 'false'}, {owner: 'bugs', setting: 'size.max', value: 'null'}]);
    const rows = await rowsOf();
    const [elmer, bugs] = [rows[0]?.owner ?? '', rows.find(({setting}) => setting === 'size.max')?.owner ?? ''];
    expect(rows).to.have.deep.members([
      {layer: 'local', scope: 'a', owner: elmer, setting: 'redirects', value: 3, exception: true},
      {layer: 'local', scope: 'a', owner: elmer, setting: 'segments', exception: true},
      {layer: 'local', scope: 'b', owner: elmer, setting: 'file.exists', value: 'skip'},
      {layer: 'global', owner: bugs, setting: 'size.max', value: null}, {layer: 'global', owner: elmer, setting: 'file.resume', value: false}]);
    expect(elmer).to.match(/^[\w-]{27}$/).and.not.equal(bugs);
    expect((await rowsOf(Buffer.alloc(32, 6))).map(({owner}) => owner)).not.to.include(elmer);
  });

  it('leaves out what is not public, hidden, unknown, or no value of its setting any more', async () => {
    const planted = '"plantedword"';
    for (const {name} of [...registry.settings, {name: 'x.never'}]) {
      await local.writeLocals([{scope: 'a', owner: 'elmer', setting: name, value: planted}]);
      await central.writeGlobals([{owner: 'elmer', setting: name, value: planted}]);
    }
    await local.writeLocals([{scope: 'a', owner: 'elmer', setting: 'hidden.flag', value: 'true', exception: true},
      {scope: 'a', owner: 'elmer', setting: 'proxy.url', exception: true},
      {scope: 'https://elmer:plantedword@a.example', owner: 'elmer', setting: 'redirects', value: '1'},
      {scope: 'a', owner: 'elmer', setting: 'redirects', exception: true}]);
    expect(await rowsOf()).to.deep.equal([{layer: 'local', scope: 'a', owner: (await rowsOf())[0]?.owner, setting: 'redirects', exception: true}]);
  });

  it('reads all of more rows than one batch has', async () => {
    const owners = Array.from({length: 400}, (_, at) => `owner${at}`);
    await local.writeLocals(owners.flatMap((owner) => ['redirects', 'segments'].map((setting) => ({scope: 'a', owner, setting, value: '1'}))));
    expect(new Set((await rowsOf()).map(({owner, setting}) => `${owner} ${setting}`)).size).to.equal(800);
  });

  it('refuses a key that is too short, without showing it', () => {
    expect(() => new PreferenceExport({registry, local, central, key: Buffer.from('plantedword')})).to.throw(TypeError)
      .with.property('message').that.does.not.include('planted');
  });
});
