import {expect} from 'chai';
import type {CleanupRequest} from '../../../src/preferences/cleanup/cleanup-contract.js';
import {AesSecretBox} from '../../../src/preferences/secret/aes-secret-box.js';
import {rejectionOf} from '../preferences-stage.js';
import {SCOPE, useCleanupStage} from './cleanup-stage.js';

const GONE: CleanupRequest = {apply: true, deletedScopes: ['gone']};

describe('PreferenceCleanup: dry run, log, undo', () => {
  const stage = useCleanupStage();

  it('is a dry run unless told otherwise: it counts the same and writes nothing, no marks either', async () => {
    await stage.locals({owner: 'elmer', setting: 'redirects', value: '10', scope: 'gone'}, {owner: 'elmer', setting: 'segments', exception: true},
      {owner: 'bugs', setting: 'segments', value: '4'});
    await stage.globals({owner: 'bugs', setting: 'redirects', value: '1'});
    const request = {deletedScopes: ['gone'], deletedOwners: ['bugs']};
    const before = await stage.rows();
    const dry = await stage.cleanup.run(request);
    expect(dry).to.include({applied: false, run: undefined, outcome: 'complete', rows: 3, marked: 1, looked: 4});
    expect(stage.local.calls.concat(stage.central.calls)).not.to.include.members(['sweep']).and.not.include.members(['noteDefaults'])
      .and.not.include.members(['forgetSnapshots']);
    expect(await stage.rows()).to.deep.equal(before);
    const real = await stage.cleanup.run({...request, apply: true});
    expect(real.run).to.match(/^20260101-000000-[0-9a-z]{4}$/);
    expect(real).to.deep.equal({...dry, run: real.run, applied: true});
  });

  it('removes nothing the second time', async () => {
    const owners = Array.from({length: 30}, (_, at) => `owner${at}`);
    await stage.locals(...owners.flatMap((owner) => [{owner, setting: 'redirects', value: '10', exception: true}, {owner, setting: 'segments', value: '4'},
      {owner, setting: 'retry.count', value: '1', scope: 'gone'}]));
    for (let n = 0; n < 2; n++) {
      await stage.cleanup.run({apply: true});
      await stage.days(200);
    }
    expect((await stage.cleanup.run({...GONE, batch: 7})).rows).to.equal(30);
    expect((await stage.cleanup.run(GONE)).rows).to.equal(0);
    expect(await stage.rows()).to.deep.equal([]);
  });

  it('logs every removed row, and puts all of a run back', async () => {
    await stage.locals({owner: 'elmer', setting: 'redirects', value: '10', exception: true},
      {owner: 'elmer', setting: 'proxy.url', value: '"http://a.example"', scope: 'gone'},
      {owner: 'bugs', setting: 'segments', exception: true, scope: 'gone'}, {owner: 'daffy', setting: 'segments', value: '2'});
    await stage.globals({owner: 'gone', setting: 'hosts', value: '["a.example"]'}, {owner: 'daffy', setting: 'segments', value: '9'});
    const request: CleanupRequest = {...GONE, rules: {shadowed: true}, knownOwners: (names) => names.filter((name) => name !== 'gone')};
    const before = await stage.rows();
    await stage.cleanup.run({...request, deletedScopes: []});
    await stage.days(182);
    const {run = '', rows} = await stage.cleanup.run(request);
    expect(rows).to.equal(5);
    const log = [...await stage.local.store.upkeep.logged('local', run, 0, 100), ...await stage.central.store.upkeep.logged('global', run, 0, 100)];
    expect(log.map(({rule, scope, owner, setting, value, exception}) => [rule, scope, owner, setting, value, exception])).to.deep.equal([
      ['equal-default+dormant-exception', SCOPE, 'elmer', 'redirects', true, true], ['shadowed', SCOPE, 'daffy', 'segments', true, false],
      ['deleted-remote', 'gone', 'bugs', 'segments', false, true], ['deleted-remote', 'gone', 'elmer', 'proxy.url', true, false],
      ['orphan', undefined, 'gone', 'hosts', true, false]].sort((a, b) => order(log, a) - order(log, b)));
    expect(await stage.rows()).to.deep.equal(['G daffy segments 9']);
    expect(await stage.cleanup.undo(run)).to.deep.equal({run, restored: 5, overtaken: 0, lost: 0});
    expect(await stage.rows()).to.deep.equal(before);
    expect(await stage.cleanup.undo(run), 'a second time').to.deep.equal({run, restored: 0, overtaken: 0, lost: 0});
  });

  it('leaves what was written since when it undoes', async () => {
    await stage.locals(...['redirects', 'segments'].map((setting) => ({owner: 'elmer', setting, value: '1', scope: 'gone'})));
    const {run = ''} = await stage.cleanup.run(GONE);
    await stage.preferences.setLocal({owner: 'elmer', scope: 'gone'}, 'redirects', 8);
    expect(await stage.cleanup.undo(run)).to.deep.equal({run, restored: 1, overtaken: 1, lost: 0});
    expect(await stage.rows()).to.deep.equal(['gone elmer redirects 8', 'gone elmer segments 1']);
  });

  it('undoes only runs that it knows, tells them newest first, and forgets old ones', async () => {
    const names: (string | undefined)[] = [];
    for (let n = 0; n < 3; n++) {
      await stage.locals({owner: 'elmer', setting: 'redirects', value: '1', scope: 'gone'});
      names.unshift((await stage.cleanup.run(GONE)).run);
      await stage.days(1);
    }
    expect((await stage.cleanup.runs()).map(({run}) => run)).to.deep.equal(names);
    expect((await stage.cleanup.runs(1)).map(({run}) => run)).to.deep.equal(names.slice(0, 1));
    expect(await stage.cleanup.forget(stage.clock.time() - 2 * 86_400_000)).to.equal(1);
    expect((await stage.cleanup.runs()).map(({run}) => run)).to.deep.equal(names.slice(0, 2));
    for (const run of [names[2] ?? '', 'never']) expect(await rejectionOf(stage.cleanup.undo(run))).to.be.instanceOf(RangeError);
  });

  it('keeps private values sealed only, and never secrets: what cannot be put back stays, unless nobody is left to have it', async () => {
    const values = [['proxy.url', '"http://planted.example"'], ['never.known', '"planted"'], ['auth.token', '{"env":"planted"}']] as const;
    for (const [setting, value] of values) {
      await stage.locals({owner: 'elmer', setting, value}, {owner: 'bugs', setting, value, scope: 'gone'});
      await stage.globals({owner: 'elmer', setting, value: 'null'});
    }
    const request: CleanupRequest = {...GONE, rules: {shadowed: true, unknown: true}, ages: {shadowed: 0}};
    const without = stage.another({box: undefined});
    await without.run({...request, deletedScopes: []});
    const first = await without.run(request);
    expect(first).to.include({rows: 3, kept: 4});
    expect(await without.undo(first.run ?? '')).to.include({restored: 0, lost: 3});
    // Names of runs have the time in them, to the second.
    await stage.clock.advance(1000);
    const second = await stage.cleanup.run(request);
    expect(second).to.include({rows: 3, kept: 1});
    expect(await stage.rows()).to.deep.equal(['here elmer auth.token {"env":"planted"}', 'G elmer auth.token null', 'G elmer proxy.url null']
      .sort((a, b) => a < b ? 1 : -1).sort((a, b) => Number(a.startsWith('G')) - Number(b.startsWith('G'))));
    const log = [
      await stage.local.store.upkeep.logged('local', second.run ?? '', 0, 100), await stage.local.store.upkeep.logged('local', first.run ?? '', 0, 100)];
    expect(JSON.stringify(log)).not.to.include('planted');
    const lost = stage.another({box: new AesSecretBox({keys: {b: Buffer.alloc(32, 1)}, current: 'b'})});
    expect(await lost.undo(second.run ?? ''), 'its key is gone').to.include({restored: 0, lost: 3});
    expect(await stage.cleanup.undo(second.run ?? '')).to.include({restored: 3, lost: 0});
    expect(await stage.rows()).to.include.members(['here elmer proxy.url "http://planted.example"', 'here elmer never.known "planted"']);
  });
});

function order(log: readonly {rule: string; owner: string; setting: string}[], [rule, , owner, setting]: readonly unknown[]): number {
  return log.findIndex((entry) => entry.rule === rule && entry.owner === owner && entry.setting === setting);
}
