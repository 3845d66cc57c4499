import {expect} from 'chai';
import type {CleanupReport, CleanupRequest} from '../../../src/preferences/cleanup/cleanup-contract.js';
import {CentralReadOnly, CentralUnavailable, LocalReadOnly, OutcomeUnknown} from '../../../src/preferences/preferences-errors.js';
import {rejectionOf} from '../preferences-stage.js';
import {SCOPE, useCleanupStage} from './cleanup-stage.js';

/** Every rule has something to do with these. */
const REQUEST: CleanupRequest = {
  apply: true, rules: {'shadowed': true, 'unknown': true, 'inactive-owner': true}, inactiveOwners: () => ['daffy'], deletedScopes: ['gone'],
  deletedOwners: ['bugs'], knownOwners: (names) => names.filter((name) => name !== 'orphan'),
};

describe('PreferenceCleanup without the primary', () => {
  const stage = useCleanupStage();
  const run = (): Promise<CleanupReport> => stage.cleanup.run(REQUEST);

  beforeEach(async () => {
    await stage.globals(...['elmer', 'bugs', 'daffy', 'orphan'].map((owner) => ({owner, setting: 'redirects', value: '1'})),
      {owner: 'elmer', setting: 'never.known', value: '1'});
    await stage.locals({owner: 'elmer', setting: 'segments', value: '4'}, {owner: 'elmer', setting: 'redirects', value: '3'},
      {owner: 'elmer', setting: 'retry.count', exception: true}, {owner: 'elmer', setting: 'never.known', value: '1'});
    // What a snapshot would say.
    for (const owner of ['elmer', 'bugs']) await stage.preferences.getAll({owner, scope: SCOPE});
    await stage.cleanup.run({...REQUEST, rules: {}, deletedOwners: [], deletedScopes: []});
    await stage.days(365);
    await stage.locals(...['elmer', 'bugs', 'daffy', 'orphan'].map((owner) => ({owner, setting: 'redirects', value: '3', scope: 'gone'})));
  });

  const away = {
    'away': () => new CentralUnavailable('connection refused'),
    'a standby, which may lag': () => new CentralReadOnly(),
    'silent while it commits': () => new OutcomeUnknown('lost'),
  };
  for (const [what, fault] of Object.entries(away)) {
    it(`removes nothing when the central store is ${what}`, async () => {
      const before = await stage.rows();
      stage.central.before.set('provenGlobals', () => { throw fault(); });
      const report = await run();
      expect(report).to.include({outcome: 'incomplete', rows: 0, run: undefined});
      expect(report.reason).to.equal(fault().message);
      expect(await stage.rows()).to.deep.equal(before);
      stage.central.before.clear();
      expect((await run()).rows, 'this check can fail').to.be.above(5);
    });
  }

  it('marks what needs no global value all the same, and clears no mark that does', async () => {
    await stage.locals({owner: 'orphan', setting: 'segments', value: '2'});
    stage.central.before.set('provenGlobals', () => { throw new CentralUnavailable('connection refused'); });
    expect(await run()).to.include({rows: 0, marked: 1, cleared: 0});
    stage.central.before.clear();
    await stage.days(1);
    expect((await run()).removed).to.include({'orphan': 2, 'dormant-exception': 1, 'shadowed': 1});
  });

  it('stops removing at the batch in which the primary goes away', async () => {
    const before = await stage.rows();
    let asked = 0;
    stage.central.before.set('provenGlobals', () => {
      if (++asked > 4) throw new CentralUnavailable('connection refused');
    });
    const report = await stage.cleanup.run({...REQUEST, deletedOwners: [], batch: 1});
    expect(report).to.include({outcome: 'incomplete', reason: 'connection refused'});
    expect(report.rows).to.be.within(1, 3);
    expect(await stage.rows()).to.have.length(before.length - report.rows);
  });

  it('names a run whose last write has an unknown outcome, so that it can be undone', async () => {
    stage.central.after.set('sweep', () => { throw new OutcomeUnknown('lost'); });
    const before = await stage.rows();
    const report = await stage.cleanup.run({...REQUEST, deletedOwners: [], deletedScopes: [], rules: {...OFF, orphan: true}});
    expect(report).to.include({outcome: 'incomplete', reason: 'lost'});
    stage.central.after.clear();
    expect(await stage.cleanup.undo(report.run ?? '')).to.include({restored: 1});
    expect(await stage.rows()).to.have.members(before.filter((row) => !row.startsWith('gone orphan')).concat('gone orphan redirects 3'));
  });

  it('fails when the local store takes no writes', async () => {
    stage.local.before.set('sweep', () => { throw new LocalReadOnly(); });
    expect(await rejectionOf(run())).to.be.instanceOf(LocalReadOnly);
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    stage.local.after.set('sweep', () => { stop.abort(); });
    const report = await stage.cleanup.run({...REQUEST, signal: stop.signal, batch: 1, deletedOwners: []});
    expect(report).to.include({outcome: 'incomplete', reason: 'it was stopped', rows: 1});
  });
});

/** Nothing but what is turned on again. */
const OFF = {'equal-default': false, 'dormant-exception': false, 'deleted-remote': false, 'deleted-owner': false} as const;
