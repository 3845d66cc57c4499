import {expect} from 'chai';
import type {Place} from '../../src/preferences/contract.js';
import {Preferences} from '../../src/preferences/preferences.js';
import {downloadRegistry} from '../../src/preferences/registry/download-registry.js';
import type {SqlPreferenceStore} from '../../src/preferences/store/sql-preference-store.js';
import {memoryStore} from './memory-stores.js';
import {ACTS, after as stateAfter, D, effectiveOf, STATES, type Act, type State} from './rule-model.js';

const NAME = 'retry.count';
const SCOPE = 'registry.example';

interface Stage {
  readonly local: SqlPreferenceStore;
  readonly central: SqlPreferenceStore;
  readonly preferences: Preferences;
}

for (const [title, separate] of [['one store', false], ['two stores', true]] as const) {
  describe(`Preferences: the rule, ${title}`, () => {
    let stage: Stage;

    before(() => {
      const local = memoryStore();
      const central = separate ? memoryStore() : local;
      stage = {local, central, preferences: new Preferences({registry: downloadRegistry(), local, central, defaults: () => ({[NAME]: D})})};
    });

    after(() => stage.preferences.close());

    it('has all combinations', () => {
      expect([STATES.length, ACTS.length]).to.deep.equal([18, 20]);
    });

    for (const state of STATES) {
      it(`holds for L ${shown(state.l)}, X ${state.x}, G ${shown(state.g)} and every operation after it`, async () => {
        for (const [index, does] of ACTS.entries()) {
          const place = {owner: `${JSON.stringify(state)} ${index}`, scope: SCOPE};
          await put(stage, place, state);
          expect(await seen(stage, place), 'before').to.deep.equal({...effectiveOf(state), ...state});
          const before = await rows(stage, place);
          await run(stage.preferences, place, does);
          const expected = stateAfter(state, does);
          const label = JSON.stringify(does);
          expect(await seen(stage, place), label).to.deep.equal({...effectiveOf(expected), ...expected});
          const now = await rows(stage, place);
          expect(stores(before, now), `${label}: stores written`).to.be.at.most(1);
          if (expected.l === state.l && expected.x === state.x) expect(now.local, `${label}: L and X`).to.deep.equal(before.local);
          if (expected.g === state.g) expect(now.global, `${label}: G`).to.deep.equal(before.global);
        }
      });
    }

    it('keeps every scope but the one that was meant', async () => {
      const {preferences} = stage;
      await preferences.setLocal({owner: 'elmer', scope: 'a'}, NAME, 1);
      await preferences.setGlobal('elmer', NAME, 2);
      await preferences.setLocal({owner: 'elmer', scope: 'b'}, NAME, 3, {mode: 'override'});
      const values = await Promise.all(['a', 'b', 'c'].map((scope) => preferences.get({owner: 'elmer', scope}, NAME)));
      expect(values).to.deep.equal([2, 3, 2]);
      await preferences.removeGlobal('elmer', NAME);
      expect(await Promise.all(['a', 'b', 'c'].map((scope) => preferences.get({owner: 'elmer', scope}, NAME)))).to.deep.equal([1, 3, D]);
      await preferences.setGlobal('elmer', NAME, 4);
      expect(await preferences.get({owner: 'elmer', scope: 'b'}, NAME), 'the dormant exception').to.equal(3);
    });
  });
}

async function put({local, central}: Stage, {owner, scope}: Place, {l, x, g}: State): Promise<void> {
  if (l !== undefined || x) await local.writeLocals([{scope, owner, setting: NAME, value: l === undefined ? null : String(l),
    exception: x}]);
  if (g !== undefined) await central.writeGlobals([{owner, setting: NAME, value: String(g)}]);
}

/** What single, batch and inspecting reads say; they must agree. */
async function seen({preferences}: Stage, place: Place): Promise<object> {
  const [single, all, many, inspection] = await Promise.all([
    preferences.get(place, NAME), preferences.getAll(place), preferences.getMany([place.owner, 'nobody'], place.scope),
      preferences.inspect(place, NAME)]);
  const {value, source} = all.effective(NAME);
  expect(many.get(place.owner)?.effective(NAME)).to.deep.equal(all.effective(NAME));
  expect(many.get('nobody')?.effective(NAME)).to.include({value: D, source: 'default', why: 'no-global'});
  expect(single).to.equal(value);
  expect(inspection.effective).to.deep.equal(all.effective(NAME));
  const global = inspection.global === 'unknown' ? 'unknown' : inspection.global?.value;
  return {value, source, l: inspection.local?.value, x: inspection.exception, g: global};
}

async function rows({local, central}: Stage, {owner, scope}: Place): Promise<{local: unknown; global: unknown}> {
  return {local: (await local.locals(scope, [owner], undefined)).get(owner)?.rows, global: (await central.globals([owner])).get(owner)};
}

function stores(before: {local: unknown; global: unknown}, now: {local: unknown; global: unknown}): number {
  return [[before.local, now.local], [before.global, now.global]].filter(([a, b]) => JSON.stringify(a) !== JSON.stringify(b)).length;
}

async function run(preferences: Preferences, place: Place, does: Act): Promise<unknown> {
  switch (does.act) {
    case 'setLocal': return preferences.setLocal(place, NAME, does.value, {mode: does.mode});
    case 'setGlobal': return preferences.setGlobal(place.owner, NAME, does.value);
    case 'setException': return preferences.setException(place, NAME);
    case 'clearException': return preferences.clearException(place, NAME);
    case 'removeGlobal': return preferences.removeGlobal(place.owner, NAME);
    case 'removeAllGlobals': return preferences.removeAllGlobals(place.owner);
    case 'resetLocal': return preferences.resetLocal(place);
  }
}

function shown(value: number | undefined): string {
  return value === undefined ? 'absent' : value === D ? 'the default' : String(value);
}
