import type {LocalMode} from '../contract.js';

/**
 * Where `setLocal` writes: one store at most. `create` makes or changes the global value. The other modes write the local one,
 * unless the effective one is global: then `ignore` writes nothing, `override` writes the local one and an exception, `update`
 * changes the global one.
 *
 * @param isGlobal The effective value is the global one.
 */
export function targetOf(mode: LocalMode, isGlobal: boolean): 'local' | 'global' | 'none' {
  if (mode === 'create') return 'global';
  if (!isGlobal || mode === 'override') return 'local';
  return mode === 'update' ? 'global' : 'none';
}
