import {expect} from 'chai';
import type {CleanupReport, CleanupRequest} from '../../../src/preferences/cleanup/cleanup-contract.js';
import {UnknownSetting} from '../../../src/preferences/preferences-errors.js';
import {rejectionOf} from '../preferences-stage.js';
import {SCOPE, useCleanupStage} from './cleanup-stage.js';

describe('PreferenceCleanup: rules', () => {
  const stage = useCleanupStage();
  const clean = (request: CleanupRequest = {}): Promise<CleanupReport> => stage.cleanup.run({apply: true, ...request});
  const removed = async (request: CleanupRequest = {}): Promise<object> =>
    Object.fromEntries(Object.entries((await clean(request)).removed).filter(([, rows]) => rows > 0));

  it('removes an L that has been its default for 90 days, and leaves X beside it', async () => {
    await stage.locals({owner: 'elmer', setting: 'retry.count', value: '4'}, {owner: 'elmer', setting: 'redirects', value: '11'},
      {owner: 'elmer', setting: 'segments', value: '4', exception: true});
    await stage.globals({owner: 'elmer', setting: 'segments', value: '9'});
    expect(await removed()).to.deep.equal({});
    await stage.days(89);
    expect(await removed()).to.deep.equal({});
    await stage.days(1);
    expect(await removed()).to.deep.equal({'equal-default': 2});
    expect(await stage.rows()).to.deep.equal(['here elmer redirects 11', 'here elmer segments - X', 'G elmer segments 9']);
  });

  it('begins the 90 days anew when the default of the scope changes, and back', async () => {
    let count = 4;
    const cleanup = stage.another({defaults: undefined});
    await stage.locals({owner: 'elmer', setting: 'retry.count', value: '4'});
    await cleanup.run({apply: true});
    await stage.days(60);
    // Another object: the defaults of a site are asked once.
    count = 7;
    await stage.another({defaults: () => ({'retry.count': count})}).run({apply: true});
    await stage.days(10);
    await cleanup.run({apply: true});
    await stage.days(89);
    expect((await cleanup.run({apply: true})).rows).to.equal(0);
    await stage.days(1);
    expect((await cleanup.run({apply: true})).rows).to.equal(1);
  });

  it('removes an X that had no G for half a year, unless a G was seen meanwhile', async () => {
    await stage.locals({owner: 'elmer', setting: 'proxy.url', exception: true}, {owner: 'elmer', setting: 'redirects', value: '3', exception: true},
      {owner: 'bugs', setting: 'redirects', exception: true});
    expect(await clean()).to.include({rows: 0, marked: 3});
    await stage.days(100);
    await stage.globals({owner: 'bugs', setting: 'redirects', value: '1'});
    expect(await clean()).to.include({rows: 0, marked: 0, cleared: 1});
    await stage.globals({owner: 'bugs', setting: 'redirects', value: null});
    await stage.days(81);
    expect(await clean()).to.include({rows: 0, marked: 1});
    await stage.days(1);
    expect(await removed()).to.deep.equal({'dormant-exception': 2});
    expect(await stage.rows()).to.deep.equal(['here bugs redirects - X', 'here elmer redirects 3']);
    await stage.days(180);
    expect(await removed()).to.deep.equal({});
    await stage.days(1);
    expect(await removed()).to.deep.equal({'dormant-exception': 1});
  });

  it('begins the half year anew when somebody sets the exception again, though nothing changes', async () => {
    await stage.locals({owner: 'elmer', setting: 'redirects', exception: true});
    await clean();
    await stage.days(181);
    expect(await stage.preferences.setException({owner: 'elmer', scope: SCOPE}, 'redirects')).to.include({rows: 0});
    await stage.days(1);
    expect(await removed()).to.deep.equal({});
    await stage.days(182);
    expect(await removed()).to.deep.equal({'dormant-exception': 1});
  });

  it('removes the local rows of deleted remotes, and no global one', async () => {
    await stage.locals({owner: 'elmer', setting: 'redirects', value: '3', exception: true},
      {owner: 'elmer', setting: 'redirects', value: '3', scope: 'gone'}, {owner: 'bugs', setting: 'x.left', exception: true, scope: 'gone'},
      {owner: 'bugs', setting: 'auth.token', value: '{"env":"TOKEN"}', scope: 'gone'});
    await stage.globals({owner: 'elmer', setting: 'redirects', value: '5'});
    expect(await removed({deletedScopes: ['gone', 'never']})).to.deep.equal({'deleted-remote': 2});
    expect(await stage.rows()).to.deep.equal(['here elmer redirects 3 X', 'gone bugs x.left - X', 'G elmer redirects 5']);
  });

  it('removes all of deleted owners at once, everywhere, secrets and snapshots before the rest', async () => {
    const {box} = stage;
    const preferences = stage.fresh({secrets: {box}});
    for (const owner of ['elmer', 'bugs']) {
      for (const scope of [SCOPE, 'other']) {
        await preferences.setLocal({owner, scope}, 'auth.token', 'word');
        await preferences.setLocal({owner, scope}, 'redirects', 1);
      }
      await stage.locals({owner, setting: 'x.flag', value: 'true'}, {owner, setting: 'hidden.flag', value: 'true'}, {owner, setting: 'never', value: '1'});
      await preferences.setGlobal(owner, 'proxy.password', 'word', {origin: 'https://gateway.example'});
      await preferences.setGlobal(owner, 'segments', 4);
      await preferences.getAll({owner, scope: SCOPE});
    }
    expect(await removed({deletedOwners: ['elmer']})).to.deep.equal({'deleted-owner': 9});
    expect((await stage.rows()).filter((row) => row.includes('elmer'))).to.deep.equal([]);
    expect((await stage.rows()).filter((row) => row.includes('bugs'))).to.have.length(9);
    const views = await stage.local.store.locals(SCOPE, ['elmer', 'bugs'], stage.central.store.address);
    expect([...views.values()].map(({snapshot}) => snapshot === undefined)).to.deep.equal([true, false]);
    const order = ['sweep', 'forgetSnapshots'];
    expect(stage.local.calls.filter((name) => order.includes(name)), 'secrets, snapshots, the rest')
      .to.deep.equal(['sweep', 'forgetSnapshots', 'sweep', 'forgetSnapshots']);
  });

  it('removes orphans that were seen twice with a day between, and none that was known meanwhile', async () => {
    await stage.locals({owner: 'elmer', setting: 'redirects', value: '3'}, {owner: 'bugs', setting: 'redirects', value: '3', scope: 'gone'},
      {owner: 'gone', setting: 'redirects', value: '3'});
    await stage.globals({owner: 'gone', setting: 'segments', value: '3'}, {owner: 'elmer', setting: 'segments', value: '3'});
    const known = {knownOwners: (names: readonly string[]) => names.filter((name) => name !== 'gone'), knownScopes: () => [SCOPE]};
    expect(await clean(known)).to.include({rows: 0, marked: 3});
    await stage.clock.advance(86_399_999);
    expect(await removed(known)).to.deep.equal({});
    expect(await clean({...known, knownScopes: () => [SCOPE, 'gone']})).to.include({cleared: 1});
    await stage.clock.advance(1);
    expect(await removed(known)).to.deep.equal({orphan: 2});
    await stage.days(1);
    expect(await removed(known)).to.deep.equal({orphan: 1});
    expect(await stage.rows()).to.deep.equal(['here elmer redirects 3', 'G elmer segments 3']);
  });

  it('rejects what a directory rejects, and removes nothing then', async () => {
    await stage.locals({owner: 'elmer', setting: 'redirects', value: '3'});
    const fault = new Error('no directory');
    expect(await rejectionOf(clean({knownOwners: () => Promise.reject(fault)}))).to.equal(fault);
    expect(await stage.rows()).to.have.length(1);
  });

  it('removes an L under a G only when asked, half a year after it was first seen so', async () => {
    await stage.locals({owner: 'elmer', setting: 'redirects', value: '3'}, {owner: 'elmer', setting: 'segments', value: '3', exception: true});
    await stage.globals({owner: 'elmer', setting: 'redirects', value: '5'}, {owner: 'elmer', setting: 'segments', value: '5'});
    await clean();
    await stage.days(182);
    expect(await removed()).to.deep.equal({});
    expect(await removed({rules: {shadowed: true}})).to.deep.equal({shadowed: 1});
    expect(await stage.rows()).to.deep.equal(['here elmer segments 3 X', 'G elmer redirects 5', 'G elmer segments 5']);
  });

  it('removes unknown settings and inactive owners only when asked', async () => {
    await stage.locals({owner: 'elmer', setting: 'never.known', value: '3', exception: true}, {owner: 'bugs', setting: 'redirects', value: '3'});
    await stage.globals({owner: 'elmer', setting: 'never.known', value: '3'}, {owner: 'bugs', setting: 'redirects', value: '3'});
    await clean();
    await stage.days(1000);
    const inactiveOwners = (): string[] => ['bugs'];
    expect(await removed({inactiveOwners})).to.deep.equal({});
    expect(await removed({rules: {unknown: true}})).to.deep.equal({unknown: 2});
    expect(await removed({rules: {'inactive-owner': true}, inactiveOwners})).to.deep.equal({'inactive-owner': 2});
    expect(await stage.rows()).to.deep.equal([]);
  });

  it('never touches a G that equals the default, a hidden setting unless it is named, and a plugin\'s own', async () => {
    const settings = ['hidden.flag', 'x.flag', 'x.unknown'];
    for (const setting of settings) {
      await stage.locals({owner: 'elmer', setting, value: 'false', exception: true}, {owner: 'gone', setting, value: 'false', exception: true},
        {owner: 'elmer', setting, value: 'true', scope: 'gone'});
      await stage.globals({owner: 'gone', setting, value: 'true'});
    }
    await stage.globals({owner: 'elmer', setting: 'redirects', value: '10'}, {owner: 'elmer', setting: 'x.flag', value: 'false'});
    const all: CleanupRequest = {rules: {'shadowed': true, 'unknown': true, 'inactive-owner': true}, inactiveOwners: () => ['gone'],
      knownOwners: () => ['elmer'], knownScopes: () => [SCOPE], deletedScopes: ['gone']};
    const before = await stage.rows();
    for (let n = 0; n < 3; n++) {
      expect(await clean(all)).to.include({rows: 0, outcome: 'complete'});
      await stage.days(400);
    }
    expect(await stage.rows()).to.deep.equal(before);
    await clean({...all, named: ['hidden.flag']});
    await stage.days(400);
    await clean({...all, named: ['hidden.flag']});
    expect((await stage.rows()).filter((row) => row.includes('hidden.flag'))).to.deep.equal([]);
    expect((await stage.rows()).filter((row) => !row.includes('hidden.flag'))).to.deep.equal(before.filter((row) => !row.includes('hidden.flag')));
  });

  it('does only what its rules say, and refuses a request that makes no sense', async () => {
    await stage.locals({owner: 'elmer', setting: 'redirects', value: '10'}, {owner: 'elmer', setting: 'segments', exception: true},
      {owner: 'bugs', setting: 'segments', value: '1', scope: 'gone'});
    const off = {'equal-default': false, 'dormant-exception': false, 'deleted-remote': false, 'deleted-owner': false, 'orphan': false};
    const request = {rules: off, deletedScopes: ['gone'], deletedOwners: ['elmer'], knownOwners: () => []};
    await clean(request);
    await stage.days(400);
    expect(await removed(request)).to.deep.equal({});
    expect(await stage.rows()).to.have.length(3);
    expect(await rejectionOf(clean({rules: {'inactive-owner': true}}))).to.be.instanceOf(TypeError);
    expect(await rejectionOf(clean({rules: {other: true} as never}))).to.be.instanceOf(TypeError);
    expect(await rejectionOf(clean({batch: 0}))).to.be.instanceOf(RangeError);
    expect(await rejectionOf(clean({ages: {orphan: -1}}))).to.be.instanceOf(RangeError);
    expect(await rejectionOf(clean({named: ['never.known']}))).to.be.instanceOf(UnknownSetting);
  });
});
