import type {PartConflict} from '../../catalogue/contract.js';
import type {Json} from '../../core/json.js';
import {textTable} from './text-table.js';

/** Characters of a value; the rest is left out. */
const WIDEST = 48;

/** Conflicts for people: where, what stands in the catalogue, what was to be written. */
export function conflictLines(conflicts: readonly PartConflict[]): string[] {
  const rows = conflicts.map(({part, path, kind, tip, incoming}) => [`${part}${path}`, kind, shortOf(tip), shortOf(incoming)]);
  return textTable(['path', 'why', 'theirs', 'yours'], rows);
}

/** A value on one line; `-` when there is none. */
export function shortOf(value: Json | undefined): string {
  if (value === undefined) return '-';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > WIDEST ? `${text.slice(0, WIDEST - 1)}…` : text;
}
