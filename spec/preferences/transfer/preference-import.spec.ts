import {expect} from 'chai';
import {CentralReadOnly} from '../../../src/preferences/preferences-errors.js';
import {downloadRegistry} from '../../../src/preferences/registry/download-registry.js';
import type {SqlPreferenceStore} from '../../../src/preferences/store/sql-preference-store.js';
import {PreferenceExport} from '../../../src/preferences/transfer/preference-export.js';
import {PreferenceImport, type PreferenceImportOptions} from '../../../src/preferences/transfer/preference-import.js';
import type {ImportReport, ImportRequest} from '../../../src/preferences/transfer/transfer-contract.js';
import {memoryStore} from '../memory-stores.js';
import {rejectionOf} from '../preferences-stage.js';

const KEY = Buffer.alloc(32, 5);
const HEADER = '{"jupiter":1,"kind":"preferences"}';

describe('PreferenceImport', () => {
  const registry = downloadRegistry();
  let local: SqlPreferenceStore;
  let central: SqlPreferenceStore;

  beforeEach(() => { [local, central] = [memoryStore(), memoryStore()]; });
  afterEach(() => Promise.all([local.close(), central.close()]));

  const bring = (lines: readonly object[], request: ImportRequest = {}, options: Partial<PreferenceImportOptions> = {}): Promise<ImportReport> =>
    new PreferenceImport({registry, local, central, ...options})
      .run([...request.form === 'suffix' ? [] : [HEADER], ...lines.map((line) => JSON.stringify(line))], request);
  const held = async (from: {local: SqlPreferenceStore; central: SqlPreferenceStore} = {local, central}): Promise<string[]> => {
    const pages = [await from.local.upkeep.page('local', undefined, 5000), await from.central.upkeep.page('global', undefined, 5000)];
    return pages.flatMap(({rows}) => rows.map(({scope, owner, setting, value, exception}) =>
      `${scope ?? 'G'} ${owner} ${setting} ${value ?? '-'}${exception ? ' X' : ''}`)).sort();
  };
  const naive = (owner: string, name: string, value: unknown, scope?: string): object => ({owner, name, value, ...scope === undefined ? {} : {scope}});

  it('brings back what an export had, for owners that the key tells', async () => {
    const owners = ['elmer', 'bugs', 'Ünit 😀'];
    for (const owner of owners) {
      await local.writeLocals([{scope: 'a', owner, setting: 'redirects', value: '3', exception: true},
        {scope: 'b', owner, setting: 'segments', exception: true},
        {scope: 'b', owner, setting: 'size.max', value: '5'}]);
      await central.writeGlobals([{owner, setting: 'file.exists', value: '"skip"'}, {owner, setting: 'redirects', value: '10'}]);
    }
    const [one, two] = [memoryStore(), memoryStore()];
    try {
      const lines = new PreferenceExport({registry, local, central, key: KEY}).lines();
      const report = await new PreferenceImport({registry, local: one, central: two}).run(lines, {owners, key: KEY});
      expect(report).to.deep.equal({lines: 16, accepted: 18, rows: 15, existing: 0, equalDefault: 0, refused: 0, refusals: []});
      expect(await held({local: one, central: two})).to.deep.equal(await held());
      const again = new PreferenceExport({registry, local, central, key: KEY}).lines();
      expect(await new PreferenceImport({registry, local: one, central: two}).run(again, {owners, key: KEY}), 'a second time').to.include({rows: 0});
      const unknown = new PreferenceExport({registry, local, central, key: KEY}).lines();
      expect(await new PreferenceImport({registry, local: one}).run(unknown, {owners: ['elmer'], key: KEY})).to.include({refused: 10});
    } finally {
      await Promise.all([one.close(), two.close()]);
    }
  });

  it('reads the suffix form: a second row is an exception, and texts are values', async () => {
    const report = await bring([
      naive('elmer', 'redirects', '3', 'a'), naive('elmer', 'redirects-local-exception', '1', 'a'), naive('elmer', 'redirects', '7'),
      naive('elmer', 'segments-local-exception', 1, 'a'), naive('bugs', 'segments-local-exception', '0', 'a'),
      naive('bugs', 'file.resume', '1', 'a'), naive('bugs', 'file.resume', ''), naive('bugs', 'size.max', 'null'),
      naive('bugs', 'proxy.url', 'http://gateway.example'), naive('bugs', 'file.exists', 'skip', 'a'), naive('bugs', 'digests', '["md5"]', 'a'),
      naive('bugs', 'tls.verify', false, 'a'), naive('daffy', 'retry.count', 4, 'a'), naive('daffy', 'retry.count', 4),
    ], {form: 'suffix'});
    expect(report).to.deep.equal({lines: 14, accepted: 13, rows: 10 + 1, existing: 0, equalDefault: 1, refused: 0, refusals: []});
    expect(await held()).to.deep.equal([
      'G bugs file.resume false', 'G bugs proxy.url "http://gateway.example"', 'G bugs size.max null', 'G daffy retry.count 4', 'G elmer redirects 7',
      'a bugs digests ["md5"]', 'a bugs file.exists "skip"', 'a bugs file.resume true', 'a bugs tls.verify false', 'a elmer redirects 3 X',
      'a elmer segments - X']);
  });

  it('keeps what is there, or replaces it, as it is told', async () => {
    await local.writeLocals([{scope: 'a', owner: 'elmer', setting: 'redirects', value: '3'}]);
    await central.writeGlobals([{owner: 'elmer', setting: 'redirects', value: '3'}]);
    const lines = [naive('elmer', 'redirects', 10, 'a'), naive('elmer', 'redirects-local-exception', 1, 'a'), naive('elmer', 'redirects', 9),
      naive('elmer', 'redirects', 8)];
    expect(await bring(lines, {form: 'suffix'})).to.include({rows: 1, existing: 3});
    expect(await held()).to.deep.equal(['G elmer redirects 3', 'a elmer redirects 3 X']);
    expect(await bring(lines, {form: 'suffix', existing: 'replace'})).to.include({rows: 2, existing: 1, equalDefault: 1});
    expect(await held(), 'the last of two lines; no L that equals the default').to.deep.equal(['G elmer redirects 8', 'a elmer redirects - X']);
  });

  it('ends an exception that the lines deny, where they replace what is there', async () => {
    const there = ['segments', 'redirects', 'retry.count'];
    await local.writeLocals(there.map((setting) => ({scope: 'a', owner: 'elmer', setting, value: '3', exception: true})));
    const denied = [naive('elmer', 'segments-local-exception', '0', 'a'), naive('elmer', 'retry.count', 7, 'a')];
    expect(await bring(denied, {form: 'suffix'})).to.include({rows: 0, accepted: 1, existing: 1});
    expect(await bring(denied, {form: 'suffix', existing: 'replace'})).to.include({rows: 2});
    expect(await bring([{layer: 'local', scope: 'a', owner: 'elmer', setting: 'redirects', value: 3}], {existing: 'replace'})).to.include({rows: 1});
    expect(await held()).to.deep.equal(['a elmer redirects 3', 'a elmer retry.count 7 X', 'a elmer segments 3']);
  });

  it('writes nothing in a dry run, and tells the same', async () => {
    const lines = [naive('elmer', 'redirects', 3, 'a'), naive('elmer', 'never', 3), naive('elmer', 'retry.count', 4, 'a')];
    const dry = await bring(lines, {form: 'suffix', dryRun: true});
    expect(await held()).to.deep.equal([]);
    expect(await bring(lines, {form: 'suffix'})).to.deep.equal({...dry, rows: 1});
  });

  it('refuses bad lines one by one, names line and setting, and shows nothing of the value', async () => {
    const planted = 'plantedword';
    const lines = [
      {layer: 'global', owner: 'elmer', setting: 'redirects', value: planted}, {layer: 'global', owner: 'elmer', setting: planted, value: 1},
      {layer: 'global', owner: 'elmer', setting: 'auth.token', value: {env: planted}},
        {layer: 'global', owner: 'elmer', setting: 'proxy.url', value: `http://a:${planted}@b.example`},
      {layer: 'global', owner: 'elmer', setting: 'mirrors', value: []},
        {layer: 'local', scope: 'a', owner: 'elmer', setting: 'mirrors', value: [], exception: true},
      {layer: 'local', owner: 'elmer', setting: 'redirects', value: 1}, {layer: 'global', scope: 'a', owner: 'elmer', setting: 'redirects', value: 1},
      {layer: 'global', owner: `${planted}\n`, setting: 'redirects', value: 1},
        {layer: 'global', owner: 'elmer', setting: 'redirects', value: 1, more: planted},
      {layer: 'global', owner: 'elmer', setting: 'redirects', value: 1}];
    const report = await bring(lines);
    expect(report).to.include({refused: 10, rows: 1, lines: 12});
    expect(report.refusals.map(({line, setting}) => [line, setting])).to.deep.equal([[2, 'redirects'], [3, undefined], [4, 'auth.token'], [5, 'proxy.url'],
      [6, 'mirrors'], [7, 'mirrors'], [8, undefined], [9, undefined], [10, 'redirects'], [11, undefined]]);
    expect(JSON.stringify(report)).not.to.include(planted);
    const broken = await new PreferenceImport({registry, local, central}).run([HEADER, '', `{"${planted}`]);
    expect(broken.refusals).to.deep.equal([{line: 3, setting: undefined, reason: 'expected a line of JSON'}]);
    expect((await bring([naive('elmer', 'redirects-local-exception', 1)], {form: 'suffix'})).refusals[0]?.setting).to.equal('redirects');
  });

  it('refuses a file that is no export, and owners without their key', async () => {
    for (const lines of [[], ['{"jupiter":2,"kind":"preferences"}'], ['plantedword']]) {
      const fault = await rejectionOf(new PreferenceImport({registry, local, central}).run(lines));
      expect(fault).to.be.instanceOf(TypeError).with.property('message').that.does.not.include('planted');
    }
    expect(await rejectionOf(bring([], {owners: ['elmer']}))).to.be.instanceOf(TypeError);
    expect(await rejectionOf(bring([], {key: KEY}))).to.be.instanceOf(TypeError);
  });

  it('writes nothing anywhere when global values are among the lines and can not be written', async () => {
    central.writeGlobals = () => Promise.reject(new CentralReadOnly());
    central.checkCentralWritable = () => Promise.reject(new CentralReadOnly());
    const lines = [naive('elmer', 'redirects-local-exception', 1, 'a'), naive('elmer', 'redirects', 7)];
    expect(await rejectionOf(bring(lines, {form: 'suffix'}))).to.be.instanceOf(CentralReadOnly);
    expect(await held()).to.deep.equal([]);
    expect(await bring(lines.slice(0, 1), {form: 'suffix'}), 'local ones alone').to.include({rows: 1});
  });

  it('takes more lines than one batch, and a save of somebody else in the middle of one', async () => {
    const owners = Array.from({length: 700}, (_, at) => `owner${at}`);
    const writeGlobals = central.writeGlobals.bind(central);
    let raced = false;
    central.writeGlobals = async (changes) => {
      if (!raced) {
        raced = true;
        await writeGlobals([{owner: 'owner5', setting: 'redirects', value: '99'}]);
      }
      return writeGlobals(changes);
    };
    const report = await bring(owners.flatMap((owner) => [naive(owner, 'redirects', 1), naive(owner, 'segments-local-exception', 1, 'a')]), {form: 'suffix'});
    expect(report).to.include({rows: 1399, existing: 1});
    expect(await held()).to.include('G owner5 redirects 99').and.have.length(1400);
  }).timeout(20_000);
});
