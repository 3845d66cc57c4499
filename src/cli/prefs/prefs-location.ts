import {readFileSync, statSync} from 'node:fs';
import {homedir} from 'node:os';
import {isAbsolute, join, resolve} from 'node:path';
import {misuse} from '../../core/options.js';
import {StoreFault} from '../../preferences/preferences-errors.js';
import type {Environment} from '../proxy-environment.js';
import type {PrefsFlags} from './prefs-flags.js';

/** Where preferences are. */
export interface PrefsLocation {
  /** The file of local values, absolute. */
  readonly file: string;
  /** An empty one is none: whoever made it came no further. */
  readonly exists: boolean;
  /** Somebody named it; else it is the usual place. */
  readonly named: boolean;
  /** The address of the central store, which may hold a password; undefined: the file has the global values too. */
  readonly central: string | undefined;
}

const POSTGRES = /^postgres(?:ql)?:\/\//i;

/** Where they are: by the flags, else the environment, else in the config folder (XDG Base Directory). @throws TypeError, StoreFault */
export function locate({prefs, central}: PrefsFlags, env: Environment): PrefsLocation {
  if (prefs === '') throw misuse('--prefs', prefs, 'a file');
  const named = prefs === false ? undefined : prefs ?? (env.JUPITER_PREFS === '' ? undefined : env.JUPITER_PREFS);
  const file = named === undefined ? join(configFolder(env), 'jupiter', 'preferences.db') : resolve(named);
  return {file, exists: isThere(file), named: named !== undefined, central: centralOf(central, env)};
}

/** What can't be looked at may be there, and say which proxy to use: that is not the same as none. @throws StoreFault */
function isThere(file: string): boolean {
  try {
    const entry = statSync(file);
    return !entry.isFile() || entry.size > 0;
  } catch (cause) {
    const {code = 'a fault'} = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw new StoreFault(`local store: can't look for ${file}: ${code}`, {cause});
  }
}

function configFolder({XDG_CONFIG_HOME: folder = ''}: Environment): string {
  if (isAbsolute(folder)) return folder;
  const home = homedir();
  // What lies in the current folder may be anybody's.
  if (!isAbsolute(home)) throw misuse('HOME', home, 'an absolute path (or XDG_CONFIG_HOME, JUPITER_PREFS or --prefs, which say where)');
  return join(home, '.config');
}

/** A password on the command line could be seen by others; a file or the environment may have one. */
function centralOf(flag: string | undefined, {JUPITER_PREFS_CENTRAL: variable}: Environment): string | undefined {
  const [option, where] = flag === undefined ? ['JUPITER_PREFS_CENTRAL', variable] : ['--central', flag];
  if (where === undefined || where === '') return undefined;
  if (!POSTGRES.test(where)) return addressIn(option, where);
  if (flag !== undefined && (!URL.canParse(flag) || new URL(flag).password !== '')) {
    throw new TypeError('--central: expected a postgres:// URL without a password, or a file that has it; '
      + 'the command line can be seen by others');
  }
  return where;
}

/** The first line of a file. @throws TypeError, never with what the file says */
function addressIn(option: string, path: string): string {
  let line: string;
  try {
    line = readFileSync(path, 'utf8').split(/\r?\n/, 1)[0]?.trim() ?? '';
  } catch (cause) {
    const {code = 'a fault'} = cause as NodeJS.ErrnoException;
    throw new TypeError(`${option}: expected a postgres:// URL, or a file that can be read, got ${code}`, {cause});
  }
  if (!POSTGRES.test(line)) throw new TypeError(`${option}: expected a file whose first line is a postgres:// URL, got another text`);
  return line;
}
