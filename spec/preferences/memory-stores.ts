import {SystemClock} from '../../src/core/clock.js';
import {openPreferenceStore} from '../../src/preferences/store/open-preference-store.js';
import type {SqlPreferenceStore} from '../../src/preferences/store/sql-preference-store.js';

/** Call it inside a `describe`: a fresh store in memory for each test, closed after it. */
export function useMemoryStore(): {readonly store: SqlPreferenceStore} {
  let store: SqlPreferenceStore;
  beforeEach(() => { store = memoryStore(); });
  afterEach(() => store.close());
  return {get store() { return store; }};
}

/** A store in memory; the test closes it. */
export function memoryStore(): SqlPreferenceStore {
  return openPreferenceStore(':memory:', {clock: new SystemClock(), random: () => 0.5});
}
