import {expect} from 'chai';
import {Secret} from '../../../src/core/secret.js';
import {PreferenceCleanup} from '../../../src/preferences/cleanup/preference-cleanup.js';
import {CentralReadOnly} from '../../../src/preferences/preferences-errors.js';
import type {Preferences} from '../../../src/preferences/preferences.js';
import {AesSecretBox} from '../../../src/preferences/secret/aes-secret-box.js';
import {KeyRotation} from '../../../src/preferences/secret/key-rotation.js';
import {HERE, rejectionOf} from '../preferences-stage.js';
import {useCleanupStage} from '../cleanup/cleanup-stage.js';

const ORIGIN = 'https://registry.example';
const KEYS = {a: Buffer.alloc(32, 7), b: Buffer.alloc(32, 8)};

describe('KeyRotation', () => {
  const stage = useCleanupStage();
  const both = new AesSecretBox({keys: KEYS, current: 'b'});
  const fresh = new AesSecretBox({keys: {b: KEYS.b}, current: 'b'});
  const rotation = (box = both, batch = 3): KeyRotation =>
    new KeyRotation({local: stage.local.store, central: stage.central.store, box, batch});
  const revealed = async (preferences: Preferences, owner: string, name: string): Promise<unknown> => {
    const secret = await preferences.secret({...HERE, owner}, name, ORIGIN);
    return secret instanceof Secret ? secret.reveal() : secret === undefined ? undefined
      : Object.fromEntries(Object.entries(secret).map(([key, value]) => [key, value.reveal()]));
  };
  const owners = Array.from({length: 10}, (_, at) => `owner${at}`);

  beforeEach(async () => {
    const preferences = stage.fresh({secrets: {box: stage.box}});
    for (const owner of owners) {
      await preferences.setLocal({...HERE, owner}, 'auth.password', `local ${owner}`);
      await preferences.setLocal({...HERE, owner}, 'headers', {'x-key': `header ${owner}`, 'x-other': {env: 'TOKEN'}});
      await preferences.setGlobal(owner, 'auth.token', `global ${owner}`, {origin: ORIGIN});
      await preferences.setGlobal(owner, 'redirects', 3);
      // A snapshot.
      await preferences.getAll({...HERE, owner});
    }
  });

  it('seals every envelope anew, those of snapshots too, and changes no revision', async () => {
    const before = await stage.local.store.upkeep.page('local', undefined, 100);
    expect(await rotation().run()).to.deep.equal({rotated: 40, current: 0, failed: 0, failures: [], done: true});
    const after = await stage.local.store.upkeep.page('local', undefined, 100);
    expect(after.rows.map(({revision}) => revision)).to.deep.equal(before.rows.map(({revision}) => revision));
    expect(await rotation().run()).to.deep.equal({rotated: 0, current: 40, failed: 0, failures: [], done: true});
    const preferences = stage.fresh({secrets: {box: fresh, environment: {TOKEN: 'other'}}});
    for (const owner of owners) {
      expect([await revealed(preferences, owner, 'auth.password'), await revealed(preferences, owner, 'headers'),
        await revealed(preferences, owner, 'auth.token')])
        .to.deep.equal([`local ${owner}`, {'x-key': `header ${owner}`, 'x-other': 'other'}, `global ${owner}`]);
    }
    const away = stage.fresh({secrets: {box: fresh}, central: new Proxy(stage.central.store, {
      get: (target, name) => name === 'globals' ? () => Promise.reject(new CentralReadOnly()) : Reflect.get(target, name, target) as unknown})});
    expect(await revealed(away, 'owner1', 'auth.token'), 'from a snapshot').to.equal('global owner1');
  });

  it('lets both keys be read while it goes on', async () => {
    const stop = new AbortController();
    stage.central.after.set('replaceTexts', () => { stop.abort(); });
    expect(await rotation().run(stop.signal)).to.deep.include({done: false, rotated: 2});
    const preferences = stage.fresh({secrets: {box: both}});
    for (const owner of owners) expect(await revealed(preferences, owner, 'auth.token')).to.equal(`global ${owner}`);
    stage.central.after.clear();
    // Reading has put the two of them into their owners' snapshots.
    expect(await rotation().run()).to.deep.include({done: true, rotated: 36, current: 4});
  });

  it('lets a save win that comes between the look and the write, and takes its envelope in the next pass', async () => {
    const old = stage.fresh({secrets: {box: stage.box}});
    let saves = 0;
    stage.local.before.set('replaceTexts', async () => {
      if (saves++ === 0) await old.setLocal({...HERE, owner: 'owner0'}, 'auth.password', 'saved meanwhile');
    });
    expect(await rotation().run()).to.deep.include({done: true, failed: 0, rotated: 40});
    expect(await revealed(stage.fresh({secrets: {box: fresh}}), 'owner0', 'auth.password')).to.equal('saved meanwhile');
  });

  it('seals the log of cleanups anew, so that what they removed can be put back', async () => {
    await stage.locals({owner: 'elmer', scope: 'gone', setting: 'proxy.url', value: '"http://a.example"'});
    const {run = ''} = await stage.cleanup.run({apply: true, deletedScopes: ['gone']});
    expect(await rotation().run()).to.deep.include({rotated: 41});
    const cleanup = new PreferenceCleanup({registry: stage.preferences.registry, local: stage.local.store, central: stage.central.store, box: fresh});
    expect(await cleanup.undo(run)).to.deep.include({restored: 1, lost: 0});
  });

  it('counts what it can not open, goes on, and changes nothing of it', async () => {
    await stage.locals({owner: 'elmer', setting: 'auth.token', value: '{"sealed":"1.gone.AAAA"}'},
      {owner: 'elmer', setting: 'auth.password', value: '{"sealed":"plantedword"}'});
    const report = await rotation().run();
    expect(report).to.deep.include({rotated: 40, failed: 2, done: true});
    expect(report.failures).to.have.members(['auth.token of elmer in registry.example', 'auth.password of elmer in registry.example']);
    expect(await stage.rows()).to.include('here elmer auth.token {"sealed":"1.gone.AAAA"}');
    expect(JSON.stringify(report)).not.to.include('planted');
  });

  it('works where both layers are one store, and refuses a box that can not tell', async () => {
    const {store} = stage.local;
    const preferences = stage.fresh({secrets: {box: stage.box}, central: store});
    await preferences.setGlobal('elmer', 'auth.token', 'word', {origin: ORIGIN});
    expect(await new KeyRotation({local: store, box: both}).run()).to.deep.include({done: true, failed: 10});
    expect(await revealed(stage.fresh({secrets: {box: fresh}, central: store}), 'elmer', 'auth.token')).to.equal('word');
    expect(() => new KeyRotation({local: store, box: {} as AesSecretBox})).to.throw(TypeError);
    stage.central.before.set('replaceTexts', () => { throw new CentralReadOnly(); });
    expect(await rejectionOf(rotation().run())).to.be.instanceOf(CentralReadOnly);
  });
});
