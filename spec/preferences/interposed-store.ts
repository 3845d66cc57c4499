import type {SqlPreferenceStore} from '../../src/preferences/store/sql-preference-store.js';
import type {StoreUpkeep} from '../../src/preferences/upkeep-contract.js';

/** A store with something done right before or after calls of its upkeep. */
export interface InterposedStore {
  readonly store: SqlPreferenceStore;
  /** Method → what is done before each call of it from now on; what it throws, the call throws. */
  readonly before: Map<keyof StoreUpkeep, () => Promise<void> | void>;
  readonly after: Map<keyof StoreUpkeep, () => Promise<void> | void>;
  /** Methods called, in order. */
  readonly calls: (keyof StoreUpkeep)[];
}

/** Wraps a store. */
export function interposedStore(inner: SqlPreferenceStore): InterposedStore {
  const [before, after]: [InterposedStore['before'], InterposedStore['after']] = [new Map(), new Map()];
  const calls: (keyof StoreUpkeep)[] = [];
  const upkeep = new Proxy(inner.upkeep, {
    get(target, name: keyof StoreUpkeep) {
      const member = Reflect.get(target, name, target) as (...given: unknown[]) => Promise<unknown>;
      return async (...given: unknown[]): Promise<unknown> => {
        calls.push(name);
        await before.get(name)?.();
        const answer = await member.apply(target, given);
        await after.get(name)?.();
        return answer;
      };
    },
  });
  const store = new Proxy(inner, {
    get(target, name) {
      if (name === 'upkeep') return upkeep;
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? (member as (...given: unknown[]) => unknown).bind(target) : member;
    },
  });
  return {store, before, after, calls};
}
