import {expect} from 'chai';
import {inspect} from 'node:util';
import {z} from 'zod';
import {SettingUnavailable} from '../../src/preferences/preferences-errors.js';
import {downloadRegistry} from '../../src/preferences/registry/download-registry.js';
import {Moment} from '../../src/testing/index.js';
import {HERE, rejectionOf, usePreferencesStage, type PreferencesStage} from './preferences-stage.js';

/** What was read of both stores since last asked. */
function reads(stage: PreferencesStage): string[] {
  const calls = [...stage.local.calls, ...stage.central.calls];
  stage.local.calls.length = stage.central.calls.length = 0;
  return calls;
}

describe('Preferences: reads', () => {
  const stage = usePreferencesStage();

  it('asks each store once for all settings when cold, nobody when warm, and again after the time to live', async () => {
    await stage.preferences.getAll(HERE);
    reads(stage);
    const preferences = stage.another();
    await preferences.getAll(HERE);
    expect(reads(stage).filter((name) => name !== 'saveSnapshots')).to.deep.equal(['locals', 'globals']);
    await preferences.getAll(HERE);
    await preferences.get(HERE, 'retry.count');
    await preferences.inspect(HERE, 'hosts');
    await preferences.getMany(['elmer'], HERE.scope);
    expect(reads(stage)).to.deep.equal([]);
    await stage.clock.advance(5000);
    await preferences.getAll(HERE);
    expect(reads(stage).filter((name) => name !== 'saveSnapshots')).to.deep.equal(['locals', 'globals']);
  });

  it('asks each store once for 500 owners, and once for calls that come together', async () => {
    const owners = Array.from({length: 500}, (_, index) => `owner ${index}`);
    expect(await stage.preferences.getMany(owners, HERE.scope)).to.have.property('size', 500);
    expect(reads(stage)).to.have.members(['locals', 'globals', 'saveSnapshots']);
    await stage.preferences.getAll(HERE);
    reads(stage);
    const preferences = stage.another();
    await Promise.all(Array.from({length: 10}, () => preferences.getAll(HERE)));
    expect(reads(stage).filter((name) => name !== 'saveSnapshots')).to.deep.equal(['locals', 'globals']);
  });

  it('sees its own writes at once, and those of others after the time to live', async () => {
    const {preferences} = stage;
    await preferences.getAll(HERE);
    await stage.another().setGlobal('elmer', 'retry.count', 1);
    expect(await preferences.get(HERE, 'retry.count')).to.equal(4);
    await stage.clock.advance(5000);
    expect(await preferences.get(HERE, 'retry.count')).to.equal(1);
    await preferences.setLocal(HERE, 'retry.count', 2, {mode: 'override'});
    expect(await preferences.get(HERE, 'retry.count')).to.equal(2);
  });

  it('does not keep what a read found before a write that ended in between', async () => {
    const {preferences, central, local} = stage;
    for (const [store, method, name, write] of [
      [central, 'globals', 'retry.count', () => central.store.writeGlobals([{owner: 'elmer', setting: 'retry.count', value: '1'}])],
      [local, 'locals', 'timeout.read', () => local.store.writeLocals([{...HERE, setting: 'timeout.read', value: '1'}])]] as const) {
      await stage.clock.advance(5000);
      const held = new Moment();
      store.holds.set(method, held.reached);
      store.calls.length = 0;
      const reading = preferences.getAll(HERE);
      while (!store.calls.includes(method)) await new Promise((resolve) => { setImmediate(resolve); });
      await write();
      // A write of these preferences, so that they forget what they know.
      store.holds.clear();
      await preferences.removeAllGlobals('nobody');
      await preferences.resetLocal({...HERE, scope: 'nowhere'});
      held.reach();
      await reading;
      expect(await preferences.get(HERE, name)).to.equal(1);
    }
  });

  it('does not count the loading of drivers as waiting for the central store', async () => {
    await stage.central.store.writeGlobals([{owner: 'elmer', setting: 'retry.count', value: '1'}]);
    stage.central.holds.set('load', stage.clock.wait(2000));
    const reading = stage.preferences.get(HERE, 'retry.count');
    await stage.clock.advance(2000);
    expect(await reading).to.equal(1);
  });

  it('freezes what it gave: running downloads keep the settings that they started with', async () => {
    const settings = await stage.preferences.getAll(HERE);
    await stage.preferences.setGlobal('elmer', 'retry.count', 1);
    expect(settings.get('retry.count')).to.equal(4);
    expect(settings.get('digests')).to.be.frozen;
    expect(settings.effective('digests')).to.be.frozen;
  });

  it('sees when the defaults of the site move, and what it gave stays', async () => {
    let retries = 0;
    const preferences = stage.another({defaults: () => ({'retry.count': retries})});
    const settings = await preferences.getAll(HERE);
    retries = 7;
    expect([settings.get('retry.count'), await preferences.get(HERE, 'retry.count')]).to.deep.equal([0, 7]);
    await preferences.setLocal(HERE, 'retry.count', 0);
    retries = 9;
    expect(await preferences.get(HERE, 'retry.count')).to.equal(0);
  });

  it('takes the defaults of the site for the scope', async () => {
    const preferences = stage.another({defaults: (scope) => scope === HERE.scope ? {'retry.count': 0, 'hosts': ['a.example']} : undefined});
    expect([await preferences.get(HERE, 'retry.count'), await preferences.get({...HERE, scope: 'b'}, 'retry.count')]).to.deep.equal([0, 4]);
    await preferences.setLocal(HERE, 'retry.count', 0);
    expect(await preferences.inspect(HERE, 'retry.count')).to.deep.include({local: undefined, default: {value: 0, valid: true}});
    expect(await rejectionOf(stage.another({defaults: () => ({'retry.count': 'many'})}).getAll(HERE).then((all) => all.get('hosts'))))
      .to.have.property('code', 'INVALID_VALUE');
  });

  it('uses no stored value that the setting does not take any more', async () => {
    await stage.central.store.writeGlobals([{owner: 'elmer', setting: 'retry.count', value: '"many"'},
      {owner: 'elmer', setting: 'proxy.url', value: '5'}]);
    await stage.local.store.writeLocals([{...HERE, setting: 'retry.count', value: '3'}, {...HERE, setting: 'timeout.read', value: 'null'},
      {...HERE, setting: 'proxy.url', value: '"http://shadowed.example"'}]);
    const settings = await stage.preferences.getAll(HERE);
    expect(settings.effective('retry.count')).to.include({value: 3, source: 'local', why: 'invalid', degraded: true});
    expect(settings.effective('timeout.read')).to.include({value: 30_000, source: 'default', why: 'invalid', degraded: true});
    expect(() => settings.get('proxy.url')).to.throw(SettingUnavailable, 'what is stored is no value of it');
  });

  it('tells each layer, which one won, and why', async () => {
    const {preferences} = stage;
    await preferences.setLocal(HERE, 'retry.count', 1);
    await preferences.setGlobal('elmer', 'retry.count', 2);
    const why = async (): Promise<unknown[]> => {
      const {effective, why: reason, local, global, exception} = await preferences.inspect(HERE, 'retry.count');
      return [effective?.value, effective?.source, reason, local?.value, global === 'unknown' ? global : global?.value, exception];
    };
    expect(await why()).to.deep.equal([2, 'global', 'global', 1, 2, false]);
    await preferences.setException(HERE, 'retry.count');
    expect(await why()).to.deep.equal([1, 'local', 'exception', 1, 2, true]);
    await preferences.removeGlobal('elmer', 'retry.count');
    expect(await why()).to.deep.equal([1, 'local', 'no-global', 1, undefined, true]);
    expect((await preferences.inspect(HERE, 'mirrors')).why).to.equal('not-globalisable');
  });

  it('shows public values only where a log could see it, and hidden settings in no list', async () => {
    const registry = downloadRegistry()
      .with({settings: [{name: 'x.hidden', type: z.boolean(), default: true, hidden: true, summary: 'a spec'}]});
    const preferences = stage.another({registry});
    await preferences.setLocal(HERE, 'proxy.url', 'http://plantedword.example');
    await preferences.setLocal(HERE, 'mirrors', ['https://plantedword.example']);
    const settings = await preferences.getAll(HERE);
    expect(settings.get('proxy.url')).to.equal('http://plantedword.example');
    const shown = JSON.stringify(settings) + inspect(settings, {depth: 9, showHidden: true});
    expect(shown).to.include('retry.count');
    expect(shown).not.to.include('plantedword');
    const listed = settings.all().map(({name}) => name);
    expect([listed.includes('proxy.url'), listed.includes('x.hidden')]).to.deep.equal([true, false]);
    expect(settings.get('x.hidden')).to.be.true;
  });
});
