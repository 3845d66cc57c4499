import {z} from 'zod';
import {PreferenceCleanup, type PreferenceCleanupOptions} from '../../../src/preferences/cleanup/preference-cleanup.js';
import {Preferences, type PreferencesOptions} from '../../../src/preferences/preferences.js';
import {downloadRegistry} from '../../../src/preferences/registry/download-registry.js';
import {Registry} from '../../../src/preferences/registry/registry.js';
import {AesSecretBox} from '../../../src/preferences/secret/aes-secret-box.js';
import type {GlobalChange, LocalChange} from '../../../src/preferences/store-contract.js';
import {TestClock} from '../../../src/testing/index.js';
import {interposedStore, type InterposedStore} from '../interposed-store.js';
import {memoryStore} from '../memory-stores.js';

export const DAY = 86_400_000;
export const SCOPE = 'registry.example';

/** A cleanup of two stores in memory, and preferences on the same ones. */
export interface CleanupStage {
  readonly clock: TestClock;
  readonly local: InterposedStore;
  readonly central: InterposedStore;
  readonly cleanup: PreferenceCleanup;
  readonly preferences: Preferences;
  readonly box: AesSecretBox;
  /** Another cleanup of the same stores. */
  another(options?: Partial<PreferenceCleanupOptions>): PreferenceCleanup;
  /** Others on the same stores, with nothing read yet. */
  fresh(options?: Partial<PreferencesOptions>): Preferences;
  days(count: number): Promise<void>;
  /** Writes straight into the stores; the scope is SCOPE unless it is told. */
  locals(...changes: (Partial<LocalChange> & {owner: string; setting: string})[]): Promise<void>;
  globals(...changes: GlobalChange[]): Promise<void>;
  /** Every row as `[scope or -, owner, setting, value or -, X?]`, in the order of the keys. */
  rows(): Promise<string[]>;
}

/** The download settings, a hidden one and a plugin's. */
export function cleanupRegistry(): Registry {
  const {settings, groups} = downloadRegistry();
  const names = Object.fromEntries([...groups].map(([name, members]) => [name, members.map((member) => member.name)]));
  return new Registry({settings: [...settings, {name: 'hidden.flag', type: z.boolean(), default: false, hidden: true, summary: 'A secret switch',
    exposure: 'public'}], groups: names})
    .with({settings: [{name: 'x.flag', type: z.boolean(), default: false, summary: 'A plugin\'s'}]});
}

/** Call it inside a `describe`: a fresh stage for each test. */
export function useCleanupStage(): CleanupStage {
  let stage: CleanupStage;
  beforeEach(() => {
    const [clock, local, central] = [new TestClock(), interposedStore(memoryStore()), interposedStore(memoryStore())];
    const box = new AesSecretBox({keys: {a: Buffer.alloc(32, 7)}, current: 'a'});
    const registry = cleanupRegistry();
    const is = {registry, local: local.store, central: central.store, clock};
    const another = (options: Partial<PreferenceCleanupOptions> = {}): PreferenceCleanup =>
      new PreferenceCleanup({...is, box, random: () => 0.5, ...options});
    const fresh = (options: Partial<PreferencesOptions> = {}): Preferences => new Preferences({...is, ttl: 0, ...options});
    stage = {
      clock, local, central, box, another, fresh, cleanup: another(), preferences: fresh({secrets: {box}}),
      days: (count) => clock.advance(count * DAY),
      locals: async (...changes) => {
        await local.store.writeLocals(changes.map((change) => ({scope: SCOPE, ...change})));
      },
      globals: async (...changes) => {
        await central.store.writeGlobals(changes);
      },
      rows: async () => {
        const {rows} = await local.store.upkeep.page('local', undefined, 10_000);
        const globals = await central.store.upkeep.page('global', undefined, 10_000);
        return [...rows, ...globals.rows].map(({scope, owner, setting, value, exception}) =>
          `${scope === SCOPE ? 'here' : scope ?? 'G'} ${owner} ${setting} ${value ?? '-'}${exception ? ' X' : ''}`);
      },
    };
  });
  afterEach(() => stage.preferences.close());
  return {
    get clock() { return stage.clock; },
    get local() { return stage.local; },
    get central() { return stage.central; },
    get cleanup() { return stage.cleanup; },
    get preferences() { return stage.preferences; },
    get box() { return stage.box; },
    another: (options) => stage.another(options),
    fresh: (options) => stage.fresh(options),
    days: (count) => stage.days(count),
    locals: (...changes) => stage.locals(...changes),
    globals: (...changes) => stage.globals(...changes),
    rows: () => stage.rows(),
  };
}
