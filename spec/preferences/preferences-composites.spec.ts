import {expect} from 'chai';
import {RevisionConflict} from '../../src/preferences/preferences-errors.js';
import type {Preferences} from '../../src/preferences/preferences.js';
import {HERE, rejectionOf, usePreferencesStage} from './preferences-stage.js';

const NAME = 'retry.count';
const SCOPES = [HERE.scope, 'other.example'];
const CRASH = new Error('the process died here');

interface Composite {
  readonly title: string;
  /** Before the composite. */
  readonly first: (preferences: Preferences) => Promise<unknown>;
  readonly run: (preferences: Preferences) => Promise<unknown>;
  /** The writes, in order; the crash comes instead of the second. */
  readonly second: {readonly store: 'local' | 'central'; readonly method: 'writeLocals' | 'writeGlobals'};
  /** Values in the excepted scopes and in another one: before, after a crash between, at the end. */
  readonly values: readonly (readonly [excepted: number, other: number])[];
}

const COMPOSITES: readonly Composite[] = [
  {
    title: 'setGlobal with exceptions, no global value before', first: (preferences) => preferences.setLocal(HERE, NAME, 1),
    run: (preferences) => preferences.setGlobal('elmer', NAME, 2, {except: SCOPES}), second: {store: 'central', method: 'writeGlobals'},
    values: [[1, 4], [1, 4], [1, 2]],
  },
  {
    title: 'removeGlobal clearing exceptions', run: (preferences) => preferences.removeGlobal('elmer', NAME, {clear: SCOPES}),
    first: async (preferences) => {
      await preferences.setLocal(HERE, NAME, 1);
      await preferences.setGlobal('elmer', NAME, 2, {except: SCOPES});
    },
    second: {store: 'local', method: 'writeLocals'}, values: [[1, 2], [1, 4], [1, 4]],
  },
];

describe('Preferences: writes that need two stores', () => {
  const stage = usePreferencesStage();

  for (const {title, first, run, second, values} of COMPOSITES) {
    it(`${title}: a crash between the steps leaves a dormant exception at most, and the same call completes it`, async () => {
      const seen = async (): Promise<unknown[]> => {
        const fresh = stage.another();
        return Promise.all([HERE.scope, 'third.example'].map((scope) => fresh.get({owner: 'elmer', scope}, NAME)));
      };
      await first(stage.preferences);
      expect(await seen(), 'before').to.deep.equal(values[0]);
      stage[second.store].faults.set(second.method, CRASH);
      expect(await rejectionOf(run(stage.preferences))).to.equal(CRASH);
      expect(await seen(), 'after the crash').to.deep.equal(values[1]);
      const inspection = await stage.another().inspect(HERE, NAME);
      expect(inspection).to.include({exception: true, global: undefined, why: 'no-global'});
      stage[second.store].faults.clear();
      await run(stage.another());
      expect(await seen(), 'at the end').to.deep.equal(values[2]);
    });
  }

  it('sets exceptions before it changes a global value, so that the excepted scopes never see the new one', async () => {
    await stage.preferences.setGlobal('elmer', 'proxy.url', 'http://old.example');
    stage.central.faults.set('writeGlobals', CRASH);
    await rejectionOf(stage.preferences.setGlobal('elmer', 'proxy.url', 'http://new.example', {except: [HERE.scope]}));
    expect(await stage.another().get(HERE, 'proxy.url')).to.equal(null);
    expect(await stage.another().get({...HERE, scope: 'third.example'}, 'proxy.url')).to.equal('http://old.example');
  });

  it('makes no exception for a writer who comes too late', async () => {
    await stage.preferences.setGlobal('elmer', NAME, 2);
    const {revisions} = await stage.preferences.inspect(HERE, NAME);
    await stage.another().setGlobal('elmer', NAME, 3);
    const late = stage.preferences.setGlobal('elmer', NAME, 9, {except: [HERE.scope], ifRevision: revisions});
    expect(await rejectionOf(late)).to.be.instanceOf(RevisionConflict);
    expect(await stage.another().inspect(HERE, NAME)).to.deep.include({exception: false, global: {value: 3, valid: true}});
    const {revisions: now} = await stage.another().inspect(HERE, NAME);
    await stage.preferences.setGlobal('elmer', NAME, 9, {except: [HERE.scope], ifRevision: now});
    expect(await stage.another().inspect(HERE, NAME)).to.deep.include({exception: true, global: {value: 9, valid: true}});
  });

  it('writes each store at most once, whatever the number of scopes', async () => {
    stage.local.calls.length = stage.central.calls.length = 0;
    await stage.preferences.setGlobal('elmer', NAME, 2, {except: ['a', 'b', 'c']});
    await stage.preferences.removeGlobal('elmer', 'retry', {clear: ['a', 'b', 'c']});
    expect(stage.local.calls.filter((name) => name === 'writeLocals')).to.have.length(2);
    expect(stage.central.calls.filter((name) => name === 'writeGlobals')).to.have.length(2);
    expect(await stage.preferences.inspect({owner: 'elmer', scope: 'b'}, NAME)).to.include({exception: false, global: undefined});
  });
});
