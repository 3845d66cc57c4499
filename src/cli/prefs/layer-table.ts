import type {Inspection, Layer, Why} from '../../preferences/contract.js';
import {escapeControls} from '../../core/redact.js';
import {textTable} from '../catalogue/text-table.js';
import {cellOf} from './shown-values.js';

/** Why the local value or the default is in force. */
const REASONS: Readonly<Record<Why, string>> = {
  'global': '',
  'exception': 'the exception sets the global value aside',
  'exception-unasked': 'with the exception the global value doesn\'t matter',
  'no-global': 'there is no global value',
  'not-globalisable': 'this setting has no global value, it is each remote\'s own',
  'central-away': 'the global value is not known: the central store can\'t be asked',
  'invalid': 'what is stored above it is no value of this setting',
};

/** The layers of a setting for people: what each says, which one wins, and why. */
export function layerLines(inspection: Inspection): string[] {
  const {name, place, effective, global, local, exception} = inspection;
  const value = effective === undefined ? 'no value that may be used' : cellOf(effective.value);
  const head = escapeControls(`${name} for ${place.scope}, of ${place.owner}: ${value}`);
  const rows = [
    ['global', global === 'unknown' ? '(unknown)' : layerCell(global), globalNote(inspection)],
    ['exception', exception ? 'set' : '-', exceptionNote(inspection)],
    ['local', layerCell(local), localNote(inspection)],
    ['default', cellOf(inspection.default.value), effective?.source === 'default' ? wins(inspection) : ''],
  ];
  const stale = effective?.staleFor;
  return [head, ...textTable(['layer', 'value', 'what comes of it'], rows),
    ...stale === undefined ? [] : [`The central store can't be asked; it said this ${Math.round(stale / 1000)} s ago.`]];
}

/** Why a value is in force, in a few words. */
export function reasonOf({effective, why, local}: Inspection): string {
  if (effective === undefined) return why === 'invalid' ? 'what is stored is no value of it' : REASONS['central-away'];
  if (effective.source === 'global') return 'a global value holds for every remote without an exception';
  const none = effective.source === 'default' && local === undefined ? ', and no local one' : '';
  return `${REASONS[why]}${why === 'no-global' || why === 'exception' ? none : ''}`;
}

function wins(inspection: Inspection): string {
  return `wins: ${reasonOf(inspection)}`;
}

function globalNote(inspection: Inspection): string {
  const {global, effective, why} = inspection;
  if (global === 'unknown') return effective === undefined ? 'nothing is used: this setting protects' : 'the central store can\'t be asked';
  if (global === undefined) return '';
  if (effective?.source === 'global') return wins(inspection);
  if (!global.valid) return 'no value that this setting takes';
  return why === 'exception' || inspection.exception ? 'set aside by the exception' : '';
}

function exceptionNote({exception, global}: Inspection): string {
  if (!exception) return '';
  if (global === 'unknown') return 'sets aside whatever is global';
  return global === undefined ? 'dormant: there is no global value to set aside' : 'sets the global value aside';
}

function localNote(inspection: Inspection): string {
  const {local, effective} = inspection;
  if (local === undefined) return '';
  if (effective?.source === 'local') return wins(inspection);
  if (!local.valid) return 'no value that this setting takes';
  return effective?.source === 'global' ? 'kept; the global value holds' : '';
}

function layerCell(layer: Layer | undefined): string {
  return layer === undefined ? '-' : cellOf(layer.value);
}
