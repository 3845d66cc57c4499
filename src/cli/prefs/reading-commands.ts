import type {Command} from 'commander';
import {escapeControls} from '../../core/redact.js';
import type {Inspection, Layer} from '../../preferences/contract.js';
import {textTable} from '../catalogue/text-table.js';
import {counted} from '../quantities.js';
import {layerLines, reasonOf} from './layer-table.js';
import {addPlaceFlags, type PrefsFlags} from './prefs-flags.js';
import {withPreferences, type Desk} from './prefs-place.js';
import {cellOf, harmless, plainOf} from './shown-values.js';

interface ReadFlags extends PrefsFlags {
  readonly global?: boolean | undefined;
  readonly all?: boolean | undefined;
  readonly json?: boolean | undefined;
}

type Read = (desk: Desk, name: string, flags: ReadFlags) => Promise<number | undefined>;

/** There is no such value. */
const EXIT_NONE = 4;
/** Remotes that are named in a line. */
const MOST_REMOTES = 20;
/** The central store can't be asked. */
const EXIT_AWAY = 3;
const REMOTE = ['--remote <NAME>', 'of this remote: a name, or one of its addresses (default: one without settings of its own)'] as const;
const JSON_FLAG = ['--json', 'print JSON'] as const;

/** `jupiter prefs get|inspect|list`. */
export function addReading(prefs: Command, finish: (code: number) => void): void {
  const add = (name: string, description: string, args: readonly string[], read: Read): Command => {
    const command = addPlaceFlags(prefs.command(name).description(description)).option(...REMOTE).option(...JSON_FLAG);
    for (const arg of args) command.argument(arg, name === 'get' ? 'a setting' : 'a setting, or a group such as proxy');
    return command.action(async (...given: unknown[]) => {
      const [setting, flags] = args.length === 0 ? ['', given[0]] : [given[0], given[1]];
      finish(await withPreferences(name, flags as ReadFlags, process.env, false,
        (desk) => read(desk, setting as string, flags as ReadFlags)));
    });
  };
  add('get', 'the value in force; of a secret only whether it is set', ['<NAME>'], get).option('--global', 'the global value');
  add('inspect', 'every layer of a setting, which one wins, and why', ['<NAME>'], inspect);
  add('list', 'what is set, and why it holds', [], list).option('--all', 'also what nobody set').option('--global', 'the global values');
}

const get: Read = async ({preferences, place, print, warn}, name, {global, json}) => {
  const say = (value: unknown): void => { print(json === true ? JSON.stringify(harmless(value)) : plainOf(value)); };
  if (global !== true) {
    say(await preferences.get(place, name));
    return undefined;
  }
  const {global: layer} = await preferences.inspect(place, name);
  if (layer === 'unknown') return tellAway(warn);
  if (layer === undefined) warn(`${name} has no global value`);
  else say(layer.value);
  return layer === undefined ? EXIT_NONE : undefined;
};

const inspect: Read = async ({preferences, place, print}, name, {json}) => {
  const inspections = await Promise.all(preferences.registry.select(name).map((setting) => preferences.inspect(place, setting.name)));
  for (const [at, inspection] of inspections.entries()) {
    if (json === true) {
      print(JSON.stringify(harmless(inspection)));
      continue;
    }
    if (at > 0) print('');
    for (const line of layerLines(inspection)) print(line);
  }
  return undefined;
};

const list: Read = async (desk, _name, {all, global, json}) => {
  const {preferences, place, print, warn} = desk;
  const shown = preferences.registry.settings.filter(({hidden}) => !hidden);
  const inspections = await Promise.all(shown.map(({name}) => preferences.inspect(place, name)));
  if (global === true && inspections.some((one) => one.global === 'unknown')) return tellAway(warn);
  const wanted = inspections.filter((one) => global === true ? one.global !== undefined : all === true || isSet(one));
  if (json === true) {
    for (const one of wanted) print(JSON.stringify(harmless(one)));
    return undefined;
  }
  const others = desk.named || global === true ? undefined : await othersLine(desk);
  if (wanted.length === 0 && others !== undefined) {
    warn(`nothing is set for all remotes; ${others}`);
  } else if (wanted.length === 0) {
    warn(global === true ? 'there is no global value' : 'nothing is set; --all shows the defaults');
  } else {
    const head = global === true ? ['setting', 'global value'] : ['setting', 'value', 'from', 'why'];
    const rows = wanted.map((one) => global === true ? [one.name, cellOf((one.global as Layer).value)] : rowOf(one));
    for (const line of textTable(head, rows)) print(line);
    if (others !== undefined) warn(others);
  }
  return undefined;
};

/** Which remotes have values or exceptions of the owner's; undefined: none. */
async function othersLine({options, place}: Desk): Promise<string | undefined> {
  const rows = await options.local.upkeep.rowsOf('local', place.owner);
  const remotes = [...new Set(rows.flatMap(({scope}) => scope === undefined ? [] : [scope]))].sort();
  if (remotes.length === 0) return undefined;
  const more = remotes.length > MOST_REMOTES ? ' …' : '';
  const names = escapeControls(remotes.slice(0, MOST_REMOTES).join(', '));
  const count = `${counted(remotes.length, 'remote')} ${remotes.length === 1 ? 'has' : 'have'} settings`;
  return `${count}: ${names}${more} (--remote NAME lists them)`;
}

function rowOf(inspection: Inspection): string[] {
  const {name, effective} = inspection;
  return [name, effective === undefined ? '(none)' : cellOf(effective.value), effective?.source ?? '-', reasonOf(inspection)];
}

function isSet({global, local, exception}: Inspection): boolean {
  return global !== undefined || local !== undefined || exception;
}

function tellAway(warn: Desk['warn']): number {
  warn('the central store can\'t be asked, and there is no snapshot of it');
  return EXIT_AWAY;
}
