import {isDeepStrictEqual} from 'node:util';
import type {PartConflict} from '../../catalogue/contract.js';
import {isObject, type Json} from '../../core/json.js';
import {textTable} from './text-table.js';

/** Where a table goes: what is no terminal gets whole values, for other programs. */
export type Screen = Pick<NodeJS.WriteStream, 'isTTY'>;

/** Characters of a value on a terminal; the rest is left out. */
const WIDEST = 48;
/** Characters that stay of what two long values have in common. */
const COMMON = 8;

/** Conflicts for people: where, what stands in the catalogue, what was to be written. Of two objects only what differs. */
export function conflictLines(conflicts: readonly PartConflict[], screen: Screen): string[] {
  const rows = conflicts.flatMap(({part, path, kind, tip, incoming}) => differences(tip, incoming).map((pair, at) =>
    [...at === 0 ? [`${part}${path}`, kind] : ['', ''], ...screen.isTTY ? shortPair(pair) : pair]));
  return textTable(['path', 'why', 'theirs', 'yours'], rows);
}

/** A value on one line, cut on a terminal; `-` when there is none. */
export function shortOf(value: Json | undefined, {isTTY}: Screen): string {
  return isTTY ? cut(textOf(value)) : textOf(value);
}

type Pair = readonly [theirs: string, yours: string];

function differences(tip: Json | undefined, incoming: Json | undefined): Pair[] {
  if (!isObject(tip) || !isObject(incoming)) return [[textOf(tip), textOf(incoming)]];
  const names = [...new Set([...Object.keys(tip), ...Object.keys(incoming)])];
  const different = names.filter((name) => !isDeepStrictEqual(tip[name], incoming[name]));
  return different.map((name) => [`${name} ${textOf(tip[name])}`, `${name} ${textOf(incoming[name])}`]);
}

/** The place where they differ stays visible. */
function shortPair([theirs, yours]: Pair): Pair {
  let same = 0;
  while (same < theirs.length && theirs[same] === yours[same]) same++;
  const from = same - COMMON;
  return same < WIDEST - 1 ? [cut(theirs), cut(yours)] : [cut(`…${theirs.slice(from)}`), cut(`…${yours.slice(from)}`)];
}

function cut(text: string): string {
  return text.length > WIDEST ? `${text.slice(0, WIDEST - 1)}…` : text;
}

function textOf(value: Json | undefined): string {
  return value === undefined ? '-' : typeof value === 'string' ? value : JSON.stringify(value);
}
