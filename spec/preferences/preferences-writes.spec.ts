import {expect} from 'chai';
import {InvalidName, InvalidValue, NotGlobalisable, RevisionConflict, UnknownSetting} from '../../src/preferences/preferences-errors.js';
import {HERE, rejectionOf, usePreferencesStage} from './preferences-stage.js';

describe('Preferences: writes', () => {
  const stage = usePreferencesStage();

  it('changes no row and no revision by an equal value, and removes an L that is set to the default', async () => {
    const {preferences} = stage;
    expect(await preferences.setLocal(HERE, 'digests', ['sha512'])).to.deep.equal({rows: 1, target: 'local', warning: undefined});
    await preferences.setGlobal('elmer', 'retry.count', 4);
    const before = await Promise.all(['digests', 'retry.count'].map((name) => preferences.inspect(HERE, name)));
    expect(await preferences.setLocal(HERE, 'digests', ['sha512'])).to.include({rows: 0});
    expect(await preferences.setGlobal('elmer', 'retry.count', 4)).to.include({rows: 0});
    expect(await Promise.all(['digests', 'retry.count'].map((name) => preferences.inspect(HERE, name)))).to.deep.equal(before);
    expect(await preferences.setLocal(HERE, 'digests', ['sha256'])).to.include({rows: 1});
    expect((await preferences.inspect(HERE, 'digests')).revisions).to.deep.equal({local: 0, global: 0});
  });

  it('warns when nothing was written, or an exception hides what was', async () => {
    const {preferences} = stage;
    await preferences.setGlobal('elmer', 'retry.count', 1);
    expect(await preferences.setLocal(HERE, 'retry.count', 2)).to.deep.equal(
      {rows: 0, target: 'none', warning: 'retry.count is set globally, so its local value in registry.example was left alone'});
    await preferences.setException(HERE, 'retry.count');
    expect((await preferences.setLocal(HERE, 'retry.count', 3, {mode: 'create'})).warning)
      .to.include('has an exception in registry.example');
    expect(await preferences.get(HERE, 'retry.count')).to.equal(4);
    expect(await preferences.get({...HERE, scope: 'other'}, 'retry.count')).to.equal(3);
  });

  it('lets the first of two writers win, in every operation that takes a revision', async () => {
    const {preferences} = stage;
    await preferences.setGlobal('elmer', 'retry.count', 1);
    await preferences.setLocal(HERE, 'retry.count', 2, {mode: 'override'});
    const {revisions} = await preferences.inspect(HERE, 'retry.count');
    await stage.another().setLocal(HERE, 'retry.count', 3, {ifRevision: revisions});
    await stage.another().setGlobal('elmer', 'retry.count', 5, {ifRevision: revisions});
    for (const [title, work] of Object.entries({
      setLocal: () => preferences.setLocal(HERE, 'retry.count', 6, {ifRevision: revisions}),
      create: () => preferences.setLocal(HERE, 'retry.count', 6, {mode: 'create', ifRevision: {global: revisions.global}}),
      createLocal: () => preferences.setLocal(HERE, 'retry.count', 6, {mode: 'create', ifRevision: {local: revisions.local}}),
      setException: () => preferences.setException(HERE, 'retry.count', {ifRevision: revisions}),
      clearException: () => preferences.clearException(HERE, 'retry.count', {ifRevision: revisions}),
      setGlobal: () => preferences.setGlobal('elmer', 'retry.count', 6, {ifRevision: revisions}),
      removeGlobal: () => preferences.removeGlobal('elmer', 'retry.count', {ifRevision: revisions}),
    })) expect(await rejectionOf(work()), title).to.be.instanceOf(RevisionConflict).with.property('setting', 'retry.count');
    const now = await stage.another().inspect(HERE, 'retry.count');
    expect([now.local?.value, now.exception, now.global]).to.deep.equal([3, true, {value: 5, valid: true}]);
    expect(await preferences.removeGlobal('elmer', 'retry.count', {ifRevision: now.revisions})).to.include({rows: 1});
  });

  it('refuses what it can name, and writes nothing', async () => {
    const {preferences} = stage;
    const place = HERE;
    for (const [kind, work] of [
      [UnknownSetting, () => preferences.get(place, 'no.such')], [UnknownSetting, () => preferences.setLocal(place, 'no.such', 1)],
      [UnknownSetting, () => preferences.setGlobal('elmer', 'no.such', 1)],
        [UnknownSetting, () => preferences.setException(place, 'no.such')],
      [InvalidValue, () => preferences.setLocal(place, 'retry.count', -1)],
        [InvalidValue, () => preferences.setGlobal('elmer', 'retry.count', '3')],
      [InvalidValue, () => preferences.setLocal(place, 'retry.count', undefined)],
        [InvalidValue, () => preferences.setLocal(place, 'digests', ['nonsense'])],
      [NotGlobalisable, () => preferences.setGlobal('elmer', 'mirrors', [])],
        [NotGlobalisable, () => preferences.setException(place, 'mirrors')],
      [NotGlobalisable, () => preferences.setLocal(place, 'mirrors', [], {mode: 'create'})],
      [InvalidName, () => preferences.get({owner: '', scope: 'a'}, 'hosts')], [InvalidName, () => preferences.getMany(['a\0'], 'a')],
      [InvalidName, () => preferences.setGlobal('elmer', 'hosts', null, {except: ['x'.repeat(256)]})],
      [InvalidName, () => preferences.setLocal({...place, scope: 'https://elmer:plantedword@a.example'}, 'hosts', null)],
      [TypeError, () => preferences.setLocal(place, 'hosts', null, {mode: 'replace' as never})],
      [TypeError, () => preferences.setGlobal('elmer', 'hosts', null, {mode: 'update'} as never)],
      [TypeError, () => preferences.setException(place, 'proxy', {ifRevision: {local: 0}})],
    ] as const) expect(await rejectionOf((work as () => Promise<unknown>)()), work.toString()).to.be.instanceOf(kind);
    expect([...stage.local.calls, ...stage.central.calls].filter((name) => name.startsWith('write'))).to.deep.equal([]);
  });

  it('excepts, clears and removes the listed members of a group together', async () => {
    const {preferences} = stage;
    await preferences.setGlobal('elmer', 'proxy.url', 'http://gateway.example');
    await preferences.setGlobal('elmer', 'proxy.user', 'elmer');
    expect(await preferences.setException(HERE, 'proxy')).to.include({rows: 4, target: 'local'});
    expect(await preferences.get(HERE, 'proxy.user')).to.equal(null);
    expect(await preferences.clearException(HERE, 'proxy')).to.include({rows: 4});
    expect(await preferences.get(HERE, 'proxy.user')).to.equal('elmer');
    expect(await preferences.removeGlobal('elmer', 'proxy')).to.include({rows: 2, target: 'global'});
    expect(await preferences.get(HERE, 'proxy.url')).to.equal(null);
  });

  it('removes the global values of settings that nobody knows any more, and keeps their local rows', async () => {
    const {local, central, preferences} = stage;
    await central.store.writeGlobals([{owner: 'elmer', setting: 'x.gone', value: '1'},
      {owner: 'elmer', setting: 'retry.count', value: '1'}]);
    await local.store.writeLocals([{...HERE, setting: 'x.gone', value: '1', exception: true}]);
    expect((await preferences.removeAllGlobals('elmer')).rows).to.equal(2);
    expect((await local.store.locals(HERE.scope, ['elmer'], undefined)).get('elmer')?.rows).to.have.length(1);
    expect((await preferences.resetLocal(HERE)).rows).to.equal(1);
  });
});
