import {expect} from 'chai';
import fc from 'fast-check';
import {CLEANUP_RULES, type CleanupRule} from '../../../src/preferences/cleanup/cleanup-contract.js';
import type {Json} from '../../../src/core/json.js';
import {PreferenceCleanup} from '../../../src/preferences/cleanup/preference-cleanup.js';
import {AesSecretBox} from '../../../src/preferences/secret/aes-secret-box.js';
import type {GlobalChange, LocalChange} from '../../../src/preferences/store-contract.js';
import {Preferences} from '../../../src/preferences/preferences.js';
import {TestClock} from '../../../src/testing/index.js';
import {memoryStore} from '../memory-stores.js';
import {cleanupRegistry, DAY} from './cleanup-stage.js';

const OWNERS = ['elmer', 'bugs'];
const SCOPES = ['here', 'there'];
/** A public one, a private one, a protective one, a hidden one, one that is not globalisable, one that nobody declares. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  'redirects': ['10', '3', '"no value of it"'], 'digests': ['["sha256"]', '["sha512"]'], 'proxy.url': ['null', '"http://a.example"'],
  'hidden.flag': ['true', 'false'], 'mirrors': ['[]', '["https://a.example/"]'], 'never.known': ['1'],
};

interface Cell {
  readonly scope: string;
  readonly owner: string;
  readonly setting: string;
  readonly pick: number;
  readonly local: boolean;
  readonly exception: boolean;
  readonly global: boolean;
}

const cell: fc.Arbitrary<Cell> = fc.record({
  scope: fc.constantFrom(...SCOPES), owner: fc.constantFrom(...OWNERS), setting: fc.constantFrom(...Object.keys(VALUES)),
  pick: fc.nat(), local: fc.boolean(), exception: fc.boolean(), global: fc.boolean(),
});
/** The first turn fills the stores, the others change little, so that things stay as they are for long enough. */
const turn = (most: number): fc.Arbitrary<{cells: Cell[]; days: number}> =>
  fc.record({cells: fc.array(cell, {maxLength: most}), days: fc.constantFrom(0, 1, 91, 183, 183)});

describe('PreferenceCleanup: what is in force', () => {
  it('is the same before and after for every combination of L, X and G', async () => {
    const [clock, local] = [new TestClock(), memoryStore()];
    const is = {registry: cleanupRegistry(), local, clock, defaults: siteDefaults};
    const owners: string[] = [];
    // 0: none; from 1: the values.
    for (let value = 0; value <= 3; value++) {
      for (let global = 0; global <= 3; global++) {
        for (const exception of [false, true]) {
          const owner = `L${value} G${global} X${exception}`;
          owners.push(owner);
          await local.writeLocals(SCOPES.flatMap((scope) => Object.keys(VALUES).map((setting) =>
            localOf({scope, owner, setting, exception, local: value > 0, pick: value - 1}))));
          await local.writeGlobals(Object.keys(VALUES).filter((setting) => setting !== 'mirrors').map((setting) =>
            ({owner, setting, value: global > 0 ? valueOf(setting, global - 1) : null})));
        }
      }
    }
    const cleanup = new PreferenceCleanup({...is, box: new AesSecretBox({keys: {a: Buffer.alloc(32)}, current: 'a'})});
    const request = {apply: true, rules: {shadowed: true}};
    const before = await inForce(new Preferences({...is, ttl: 0}), owners);
    await cleanup.run(request);
    await clock.advance(183 * DAY);
    const {removed} = await cleanup.run(request);
    for (const rule of ['equal-default', 'dormant-exception', 'shadowed'] as const) expect(removed[rule], rule).to.be.above(10);
    expect(await inForce(new Preferences({...is, ttl: 0}), owners)).to.deep.equal(before);
    await local.close();
  });

  it('is the same before and after, whatever is stored and however often it runs; the second run removes nothing', async () => {
    const removals = Object.fromEntries(CLEANUP_RULES.map((rule) => [rule, 0])) as Record<CleanupRule, number>;
    await fc.assert(fc.asyncProperty(turn(30), fc.array(turn(2), {minLength: 1, maxLength: 5}), fc.boolean(), async (first, others, isOne) => {
      const [clock, local, central] = [new TestClock(), memoryStore(), memoryStore()];
      const is = {registry: cleanupRegistry(), local, central: isOne ? local : central, clock,
        defaults: siteDefaults};
      const cleanup = new PreferenceCleanup({...is, box: new AesSecretBox({keys: {a: Buffer.alloc(32)}, current: 'a'})});
      const now = (): Promise<string[]> => inForce(new Preferences({...is, ttl: 0}), OWNERS);
      for (const {cells, days} of [first, ...others]) {
        await local.writeLocals(cells.map(localOf));
        await is.central.writeGlobals(cells.filter(({setting}) => setting !== 'mirrors').map(globalOf));
        await clock.advance(days * DAY);
        const before = await now();
        const report = await cleanup.run({apply: true, rules: {shadowed: true, unknown: true}, batch: 5});
        for (const rule of CLEANUP_RULES) removals[rule] += report.removed[rule];
        expect(await now()).to.deep.equal(before);
        expect(await cleanup.run({apply: true, rules: {shadowed: true, unknown: true}})).to.include({rows: 0});
        if (report.run === undefined || days === 183) continue;
        expect(await cleanup.undo(report.run)).to.include({restored: report.rows});
        expect(await now()).to.deep.equal(before);
      }
      await Promise.all([local.close(), central.close()]);
    }), {numRuns: 25, seed: 184_666});
    for (const rule of ['equal-default', 'dormant-exception', 'shadowed', 'unknown'] as const) expect(removals[rule], rule).to.be.above(0);
  }).timeout(60_000);
});

function localOf({scope, owner, setting, pick, local, exception}: Omit<Cell, 'global'>): LocalChange {
  return {scope, owner, setting, value: local ? valueOf(setting, pick) : null, exception};
}

function globalOf({owner, setting, pick, global}: Cell): GlobalChange {
  // So that L and G differ.
  return {owner, setting, value: global ? valueOf(setting, pick + 1) : null};
}

function valueOf(setting: string, pick: number): string {
  const values = VALUES[setting] ?? [];
  return values[pick % values.length] ?? 'null';
}

function siteDefaults(scope: string): Record<string, Json> | undefined {
  return scope === 'there' ? {'redirects': 3, 'proxy.url': 'http://a.example'} : undefined;
}

async function inForce(preferences: Preferences, owners: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const scope of SCOPES) {
    for (const [owner, settings] of await preferences.getMany(owners, scope)) {
      for (const name of Object.keys(VALUES).filter((one) => one !== 'never.known')) {
        const {text, source} = settings.verdict(name);
        found.push(`${scope}, ${owner}: ${name} ${source === undefined ? 'unavailable' : text}`);
      }
    }
  }
  return found;
}
