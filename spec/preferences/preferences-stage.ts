import type {Place} from '../../src/preferences/contract.js';
import {Preferences, type PreferencesOptions} from '../../src/preferences/preferences.js';
import {downloadRegistry} from '../../src/preferences/registry/download-registry.js';
import {TestClock} from '../../src/testing/index.js';
import {failingStore, type FailingStore} from './failing-stores.js';
import {memoryStore} from './memory-stores.js';

/** Preferences on two stores in memory that fail when they are told to. */
export interface PreferencesStage {
  readonly clock: TestClock;
  readonly local: FailingStore;
  readonly central: FailingStore;
  readonly preferences: Preferences;
  /** Others on the same stores: another process, which has read nothing yet. */
  another(options?: Partial<PreferencesOptions>): Preferences;
}

/** The one owner and scope of most specs. */
export const HERE: Place = {owner: 'elmer', scope: 'registry.example'};

/** Call it inside a `describe`: a fresh stage for each test. */
export function usePreferencesStage(): PreferencesStage {
  let stage: PreferencesStage;
  beforeEach(() => {
    const [clock, local, central] = [new TestClock(), failingStore(memoryStore()), failingStore(memoryStore())];
    const another = (options: Partial<PreferencesOptions> = {}): Preferences =>
      new Preferences({registry: downloadRegistry(), local: local.store, central: central.store, clock, ...options});
    stage = {clock, local, central, another, preferences: another()};
  });
  afterEach(() => stage.preferences.close());
  return {
    get clock() { return stage.clock; },
    get local() { return stage.local; },
    get central() { return stage.central; },
    get preferences() { return stage.preferences; },
    another: (options) => stage.another(options),
  };
}

/** What a promise rejects with. */
export async function rejectionOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('expected a rejection, got none');
}
