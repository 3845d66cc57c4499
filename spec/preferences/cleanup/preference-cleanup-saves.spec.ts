import {expect} from 'chai';
import type {CleanupReport, CleanupRequest} from '../../../src/preferences/cleanup/cleanup-contract.js';
import {CentralUnavailable} from '../../../src/preferences/preferences-errors.js';
import {SCOPE, useCleanupStage} from './cleanup-stage.js';

const HERE = {owner: 'elmer', scope: SCOPE};

/** Saves that come between the look at a row and its removal, or between the removal and the second look. */
describe('PreferenceCleanup: concurrent saves', () => {
  const stage = useCleanupStage();
  const clean = (request: CleanupRequest = {}): Promise<CleanupReport> =>
    stage.cleanup.run({apply: true, rules: {shadowed: true}, ...request});
  /** All that the default rules take in a year is due. */
  const due = async (): Promise<void> => {
    await clean();
    await stage.days(365);
  };

  it('lets a save of another value win', async () => {
    await stage.locals({owner: 'elmer', setting: 'redirects', value: '10'}, {owner: 'elmer', setting: 'segments', value: '4'});
    await due();
    stage.local.before.set('sweep', async () => {
      await stage.preferences.setLocal(HERE, 'redirects', 7);
    });
    expect(await clean()).to.include({rows: 1, overtaken: 1});
    expect(await stage.rows()).to.deep.equal(['here elmer redirects 7']);
  });

  it('leaves a row that was removed and made again as it was', async () => {
    await stage.locals({owner: 'elmer', setting: 'segments', value: '4'});
    await due();
    stage.local.before.set('sweep', async () => {
      await stage.preferences.resetLocal(HERE);
      await stage.locals({owner: 'elmer', setting: 'segments', value: '4'});
    });
    expect(await clean()).to.include({rows: 0, overtaken: 1});
    expect(await stage.rows()).to.deep.equal(['here elmer segments 4']);
  });

  it('lets somebody win who sets the dormant exception again, as a global value with exceptions does first', async () => {
    await stage.locals({owner: 'elmer', setting: 'redirects', exception: true});
    await due();
    stage.local.before.set('sweep', async () => {
      // The first step of setGlobal({except}); the second comes when the cleanup is over.
      expect(await stage.preferences.setException(HERE, 'redirects')).to.include({rows: 0});
    });
    expect(await clean()).to.include({rows: 0, overtaken: 1});
    await stage.globals({owner: 'elmer', setting: 'redirects', value: '1'});
    expect(await stage.fresh().get(HERE, 'redirects')).to.equal(10);
  });

  it('puts an exception back when its global value was made between the look and the removal', async () => {
    await stage.locals({owner: 'elmer', setting: 'redirects', exception: true});
    await due();
    stage.local.before.set('sweep', () => stage.globals({owner: 'elmer', setting: 'redirects', value: '1'}));
    expect(await clean()).to.include({run: undefined, rows: 0, overtaken: 1});
    expect(await stage.fresh().get(HERE, 'redirects')).to.equal(10);
  });

  it('puts a shadowed L back when its global value went between the look and the removal', async () => {
    await stage.locals({owner: 'elmer', setting: 'redirects', value: '3'});
    await stage.globals({owner: 'elmer', setting: 'redirects', value: '1'});
    await due();
    stage.local.before.set('sweep', () => stage.globals({owner: 'elmer', setting: 'redirects', value: null}));
    expect(await clean()).to.include({rows: 0, overtaken: 1});
    expect(await stage.fresh().get(HERE, 'redirects')).to.equal(3);
  });

  it('puts back what depends on global values when the second look at them fails', async () => {
    await stage.locals({owner: 'elmer', setting: 'redirects', value: '3'}, {owner: 'elmer', setting: 'segments', exception: true},
      {owner: 'elmer', setting: 'retry.count', value: '4'});
    await stage.globals({owner: 'elmer', setting: 'redirects', value: '1'});
    await due();
    const before = await stage.rows();
    stage.local.after.set('sweep', () => {
      stage.central.before.set('provenGlobals', () => { throw new CentralUnavailable('gone'); });
    });
    expect(await clean()).to.include({rows: 1, overtaken: 2, outcome: 'incomplete'});
    expect(await stage.rows()).to.deep.equal(before.filter((row) => !row.includes('retry.count')));
  });

  it('does not put back what somebody wrote after the removal', async () => {
    await stage.locals({owner: 'elmer', setting: 'redirects', value: '3'});
    await stage.globals({owner: 'elmer', setting: 'redirects', value: '1'});
    await due();
    stage.local.after.set('sweep', async () => {
      await stage.globals({owner: 'elmer', setting: 'redirects', value: null});
      await stage.preferences.setLocal(HERE, 'redirects', 6);
    });
    await clean();
    expect(await stage.rows()).to.deep.equal(['here elmer redirects 6']);
  });

  it('lets a save of a global value win over an orphan\'s removal', async () => {
    await stage.globals({owner: 'gone', setting: 'redirects', value: '1'}, {owner: 'gone', setting: 'segments', value: '1'});
    const request = {knownOwners: () => []};
    await clean(request);
    await stage.days(2);
    stage.central.before.set('sweep', () => stage.globals({owner: 'gone', setting: 'redirects', value: '1'}, {owner: 'gone', setting: 'segments', value: '2'}));
    expect(await clean(request)).to.include({rows: 0, overtaken: 2});
    expect(await stage.rows()).to.deep.equal(['G gone redirects 1', 'G gone segments 2']);
  });

  it('loses no save, and removes each row once, when cleanups and savers run side by side', async () => {
    const owners = Array.from({length: 60}, (_, at) => `owner${at}`);
    await stage.locals(...owners.map((owner) => ({owner, setting: 'retry.count', value: '4'})),
      ...owners.map((owner) => ({owner, setting: 'redirects', exception: true})));
    await due();
    const saved = owners.filter((_, at) => at % 3 === 0);
    const cleanups = Array.from({length: 3}, (_, at) => stage.another({random: () => at / 4}));
    const [reports] = await Promise.all([
      Promise.all(cleanups.map((cleanup) => cleanup.run({apply: true, batch: 7}))),
      ...saved.map(async (owner, at) => {
        for (let turn = 0; turn < at; turn++) await new Promise((resolve) => { setImmediate(resolve); });
        await stage.preferences.setLocal({owner, scope: SCOPE}, 'retry.count', 9);
        await stage.preferences.setGlobal(owner, 'redirects', 1, {except: [SCOPE]});
      }),
    ]);
    for (const owner of owners) {
      const settings = await stage.fresh().getAll({owner, scope: SCOPE});
      expect([settings.get('retry.count'), settings.get('redirects')], owner).to.deep.equal([saved.includes(owner) ? 9 : 4, 10]);
    }
    const left = (await stage.rows()).filter((row) => row.startsWith('here'));
    expect(left).to.have.length(saved.length * 2);
    const logs = await Promise.all(reports.map(({run = 'none'}) => stage.local.store.upkeep.logged('local', run, 0, 1000)));
    const entries = logs.flat();
    expect(reports.reduce((sum, {rows}) => sum + rows, 0)).to.equal(entries.filter(({undone}) => !undone).length);
  });
});
