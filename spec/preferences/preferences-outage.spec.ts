import {expect} from 'chai';
import {CentralReadOnly, CentralUnavailable, LocalReadOnly, SettingUnavailable} from '../../src/preferences/preferences-errors.js';
import {rejectionOf, HERE, usePreferencesStage} from './preferences-stage.js';

const OTHER = {...HERE, scope: 'other.example'};

describe('Preferences: a store is away or read-only', () => {
  const stage = usePreferencesStage();

  it('uses the snapshot while the central store is away, and says how old it is', async () => {
    await stage.preferences.setGlobal('elmer', 'proxy.url', 'http://gateway.example');
    await stage.preferences.setGlobal('elmer', 'retry.count', 0);
    await stage.clock.advance(90_000);
    stage.central.goAway();
    const settings = await stage.another().getAll(OTHER);
    expect(settings.effective('retry.count')).to.deep.equal(
      {name: 'retry.count', value: 0, source: 'global', why: 'global', staleFor: 90_000, degraded: false});
    expect(settings.get('proxy.url')).to.equal('http://gateway.example');
    expect(settings.get('timeout.read')).to.equal(30_000);
    expect([settings.staleFor, settings.centralUnknown, settings.unavailable]).to.deep.equal([90_000, false, []]);
    expect(await stage.another().get(OTHER, 'retry.count')).to.equal(0);
  });

  it('takes an owner whose snapshot has no rows for one without global values', async () => {
    await stage.preferences.getAll(HERE);
    stage.central.goAway();
    const settings = await stage.another().getAll(HERE);
    expect(settings.effective('tls.verify')).to.include({value: true, source: 'default', why: 'no-global', staleFor: 0});
  });

  it('without a snapshot falls to local and default values for tuning settings, and flags them', async () => {
    await stage.preferences.setLocal(HERE, 'retry.count', 7);
    stage.central.goAway();
    const settings = await stage.another({local: stage.local.store}).getAll({...HERE, owner: 'bugs'});
    expect(settings.centralUnknown).to.be.true;
    expect(settings.effective('retry.count')).to.include({value: 4, source: 'default', why: 'central-away', degraded: true});
    await stage.local.store.writeLocals([{...HERE, owner: 'bugs', setting: 'retry.count', value: '7'}]);
    expect((await stage.another().getAll({...HERE, owner: 'bugs'})).effective('retry.count'))
      .to.include({value: 7, source: 'local', why: 'central-away', degraded: true});
  });

  it('without a snapshot gives no value for protective settings, a local one least of all', async () => {
    await stage.local.store.writeLocals([{...HERE, setting: 'proxy.url', value: '"http://stolen.example"'}]);
    stage.central.goAway();
    const settings = await stage.preferences.getAll(HERE);
    for (const name of ['proxy.url', 'tls.verify', 'auth.token', 'hosts', 'headers']) {
      expect(() => settings.get(name), name).to.throw(SettingUnavailable).with.property('code', 'SETTING_UNAVAILABLE');
    }
    expect(settings.unavailable).to.include.members(['proxy.url', 'tls.ca', 'auth.password']);
    expect(settings.unavailable.filter((name) => ['retry.count', 'mirrors', 'digests'].includes(name))).to.deep.equal([]);
    expect(() => settings.all()).to.throw(SettingUnavailable);
    expect(await rejectionOf(stage.preferences.get(HERE, 'proxy.url'))).to.be.instanceOf(SettingUnavailable);
    const inspection = await stage.preferences.inspect(HERE, 'proxy.url');
    expect(inspection).to.include({global: 'unknown', effective: undefined, why: 'central-away'});
  });

  it('does not ask the central store for a setting with an exception, or one that is never global', async () => {
    await stage.preferences.setLocal(HERE, 'mirrors', ['https://mirror.example']);
    await stage.preferences.setException(HERE, 'proxy.url');
    stage.central.goAway();
    stage.central.calls.length = 0;
    expect(await stage.preferences.get(HERE, 'proxy.url')).to.equal(null);
    expect(await stage.preferences.get(HERE, 'mirrors')).to.deep.equal(['https://mirror.example']);
    expect(stage.central.calls).to.deep.equal([]);
    expect((await stage.preferences.getAll(HERE)).effective('proxy.url'))
      .to.include({value: null, why: 'exception-unasked', degraded: false});
  });

  it('does not use the snapshot of another central store', async () => {
    await stage.preferences.setGlobal('elmer', 'retry.count', 9);
    const elsewhere = new Proxy(stage.central.store, {get: (store, name) => name === 'address' ? 'elsewhere' : Reflect.get(store, name)});
    stage.central.goAway();
    expect((await stage.another({central: elsewhere}).getAll(HERE)).centralUnknown).to.be.true;
  });

  it('knows what was written last even when the central store goes away right after it', async () => {
    await stage.preferences.getAll(HERE);
    await stage.preferences.setGlobal('elmer', 'proxy.url', 'http://gateway.example');
    stage.central.goAway();
    expect(await stage.another().get(HERE, 'proxy.url')).to.equal('http://gateway.example');
    stage.central.faults.clear();
    await stage.preferences.removeAllGlobals('elmer');
    stage.central.goAway();
    expect(await stage.another().get(HERE, 'proxy.url')).to.equal(null);
  });

  it('refuses local writes whose place depends on a central store that is away, and writes nothing', async () => {
    await stage.preferences.getAll(HERE);
    stage.central.goAway();
    stage.local.calls.length = 0;
    for (const mode of ['ignore', 'override', 'update', 'create'] as const) {
      expect(await rejectionOf(stage.preferences.setLocal(HERE, 'retry.count', 1, {mode})), mode).to.be.instanceOf(CentralUnavailable);
    }
    expect(await rejectionOf(stage.preferences.setGlobal('elmer', 'retry.count', 1, {except: ['a']}))).to.be.instanceOf(CentralUnavailable);
    expect(stage.local.calls).not.to.include('writeLocals');
    await stage.preferences.setException(HERE, 'retry.count');
    await stage.preferences.setLocal(HERE, 'retry.count', 1);
    expect(await stage.preferences.get(HERE, 'retry.count')).to.equal(1);
    expect((await stage.preferences.resetLocal(HERE)).rows).to.equal(1);
  });

  it('writes nothing anywhere when the central store is read-only, and reads and writes the local one as ever', async () => {
    await stage.preferences.setGlobal('elmer', 'retry.count', 1);
    for (const method of ['writeGlobals', 'removeGlobals', 'checkCentralWritable'] as const) stage.central.faults.set(method,
      new CentralReadOnly());
    stage.local.calls.length = 0;
    const {preferences} = stage;
    for (const work of [
      () => preferences.setGlobal('elmer', 'retry.count', 2, {except: [HERE.scope]}),
        () => preferences.setLocal(HERE, 'retry.count', 2, {mode: 'update'}),
      () => preferences.setLocal(HERE, 'hosts', [], {mode: 'create'}),
        () => preferences.removeGlobal('elmer', 'retry.count', {clear: [HERE.scope]}),
      () => preferences.removeAllGlobals('elmer')]) {
      expect(await rejectionOf(work())).to.be.instanceOf(CentralReadOnly);
    }
    expect(stage.local.calls).not.to.include('writeLocals');
    expect(await preferences.get(HERE, 'retry.count')).to.equal(1);
    expect(await preferences.setLocal(HERE, 'retry.count', 3, {mode: 'override'})).to.include({rows: 1, target: 'local'});
    expect(await preferences.get(HERE, 'retry.count')).to.equal(3);
  });

  it('reads and writes globally when the local store is read-only', async () => {
    await stage.preferences.setLocal(HERE, 'timeout.read', 5);
    for (const method of ['writeLocals', 'resetLocals', 'saveSnapshots', 'checkLocalWritable'] as const) stage.local.faults.set(method,
      new LocalReadOnly());
    const {preferences} = stage;
    expect(await preferences.setGlobal('elmer', 'retry.count', 2)).to.include({rows: 1, target: 'global'});
    expect(await preferences.get(HERE, 'retry.count')).to.equal(2);
    expect(await preferences.get(HERE, 'timeout.read')).to.equal(5);
    stage.central.calls.length = 0;
    for (const work of [
      () => preferences.setLocal(HERE, 'timeout.read', 6), () => preferences.setException(HERE, 'retry.count'),
        () => preferences.resetLocal(HERE),
      () => preferences.setGlobal('elmer', 'retry.count', 3, {except: [HERE.scope]}),
        () => preferences.removeGlobal('elmer', 'retry.count', {clear: [HERE.scope]})]) {
      expect(await rejectionOf(work())).to.be.instanceOf(LocalReadOnly);
    }
    expect(stage.central.calls).not.to.include('writeGlobals');
    expect(await preferences.get(HERE, 'retry.count')).to.equal(2);
  });

  it('never turns a fault of the central store into an empty answer', async () => {
    await stage.preferences.setGlobal('elmer', 'tls.ca', '/etc/ca.pem');
    for (const name of ['globals'] as const) stage.central.faults.set(name, new CentralUnavailable('busy'));
    const settings = await stage.another().getAll(HERE);
    expect(settings.effective('tls.ca')).to.include({value: '/etc/ca.pem', source: 'global', staleFor: 0});
  });
});
