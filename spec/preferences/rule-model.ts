import type {LocalMode} from '../../src/preferences/contract.js';

/** L, X and G of one setting in words of the specification; undefined is absence. */
export interface State {
  readonly l: number | undefined;
  readonly x: boolean;
  readonly g: number | undefined;
}

/** D of the setting in these specs. */
export const D = 10;
const A = 0;
const B = 20;
const VALUES = [undefined, A, D];

/** Every combination of L, X and G: absent, a value (one that is falsy), the default. */
export const STATES: readonly State[] = VALUES.flatMap((l) => [false, true].flatMap((x) => VALUES.map((g) => ({l, x, g}))));

/** Something that a caller does. */
export type Act =
  | {readonly act: 'setLocal'; readonly value: number; readonly mode: LocalMode}
  | {readonly act: 'setGlobal'; readonly value: number}
  | {readonly act: 'setException' | 'clearException' | 'removeGlobal' | 'removeAllGlobals' | 'resetLocal'};

const MODES: readonly LocalMode[] = ['ignore', 'override', 'update', 'create'];

/** Every operation, with each mode and with values that are new, equal or the default. */
export const ACTS: readonly Act[] = [
  ...[A, B, D].flatMap((value) => MODES.map((mode): Act => ({act: 'setLocal', value, mode}))),
  ...[A, B, D].map((value): Act => ({act: 'setGlobal', value})),
  {act: 'setException'}, {act: 'clearException'}, {act: 'removeGlobal'}, {act: 'removeAllGlobals'}, {act: 'resetLocal'},
];

/** What a state looks like to whoever asks. */
export function effectiveOf({l, x, g}: State): {value: number; source: string} {
  if (g !== undefined && !x) return {value: g, source: 'global'};
  if (l !== undefined) return {value: l, source: 'local'};
  return {value: D, source: 'default'};
}

/** The state after an act. */
export function after(state: State, does: Act): State {
  switch (does.act) {
    case 'setException': return {...state, x: true};
    case 'clearException': return {...state, x: false};
    case 'setGlobal': return {...state, g: does.value};
    case 'removeGlobal': return {...state, g: undefined};
    case 'removeAllGlobals': return {...state, g: undefined};
    case 'resetLocal': return {l: undefined, x: false, g: state.g};
    case 'setLocal': return afterSetLocal(state, does.value, does.mode);
  }
}

function afterSetLocal(state: State, value: number, mode: LocalMode): State {
  const kept = value === D ? undefined : value;
  if (effectiveOf(state).source !== 'global') return mode === 'create' ? {...state, g: value} : {...state, l: kept};
  switch (mode) {
    case 'ignore': return state;
    case 'override': return {l: kept, x: true, g: state.g};
    case 'update': return {...state, g: value};
    case 'create': return {...state, g: value};
  }
}
