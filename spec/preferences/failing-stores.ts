import {CentralUnavailable} from '../../src/preferences/preferences-errors.js';
import type {SqlPreferenceStore} from '../../src/preferences/store/sql-preference-store.js';

/** Methods of a store by name. */
export type Method = keyof SqlPreferenceStore;

/** A store of which chosen methods fail, and every call is kept. */
export interface FailingStore {
  /** What Preferences are given. */
  readonly store: SqlPreferenceStore;
  /** Names of the methods called, in order; empty it at will. */
  readonly calls: Method[];
  /** Method → what it throws from now on; `*` stands for all. */
  readonly faults: Map<Method | '*', Error>;
  /** Method → when its answer is passed on; the store itself has given it by then. */
  readonly holds: Map<Method, Promise<unknown>>;
  /** Every call fails as an unreachable central store does. */
  goAway(): void;
}

/** Wraps a store. */
export function failingStore(inner: SqlPreferenceStore): FailingStore {
  const calls: Method[] = [];
  const faults = new Map<Method | '*', Error>();
  const holds = new Map<Method, Promise<unknown>>();
  const store = new Proxy(inner, {
    get(target, name: Method) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return async (...given: unknown[]): Promise<unknown> => {
        if (name !== 'load') calls.push(name);
        const fault = faults.get(name) ?? faults.get('*');
        if (fault !== undefined && name !== 'close' && name !== 'load') throw fault;
        const answer = await (member as (...given: unknown[]) => unknown).apply(target, given);
        await holds.get(name);
        return answer;
      };
    },
  });
  return {store, calls, faults, holds, goAway: () => faults.set('*', new CentralUnavailable('connection refused'))};
}
