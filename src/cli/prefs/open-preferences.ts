import {userInfo} from 'node:os';
import {SystemClock} from '../../core/clock.js';
import type {Preferences, PreferencesOptions} from '../../preferences/preferences.js';
import type {AesSecretBox} from '../../preferences/secret/aes-secret-box.js';
import type {SqlPreferenceStore} from '../../preferences/store/sql-preference-store.js';
import {checkOptional} from '../../sql/require-optional.js';
import type {Environment} from '../proxy-environment.js';
import {makePrefsFile} from './prefs-file.js';
import type {PrefsFlags} from './prefs-flags.js';
import type {PrefsLocation} from './prefs-location.js';
import {keysOf} from './secret-keys.js';

/** Preferences, and what they are made with. */
export interface OpenedPreferences {
  readonly preferences: Preferences;
  /** What an upkeep of them is made with: the same stores, which `preferences.close` closes. */
  readonly options: Pick<PreferencesOptions, 'registry' | 'defaults' | 'clock'> & {
    readonly local: SqlPreferenceStore;
    readonly central: SqlPreferenceStore | undefined;
  };
  readonly box: AesSecretBox | undefined;
}

/** What this command does where nobody set anything, and the registry says otherwise. */
const DEFAULTS = Object.freeze({'file.exists': 'skip-if-same', segments: 1});

/**
 * Opens preferences, and loads only now what they need.
 *
 * @param make Whether a missing file is made; else it counts as an empty one. `try`: where it can be.
 * @throws Error with the code ERR_OPTIONAL_MISSING; TypeError; what the stores throw comes at their first use
 */
export async function openPreferences({file, exists, central}: PrefsLocation, {keyFile}: PrefsFlags, env: Environment,
  make: boolean | 'try'): Promise<OpenedPreferences> {
  const keys = keysOf(keyFile, env);
  checkOptional(['zod', 'kysely', 'libsql', ...central === undefined ? [] : ['pg']], 'preferences');
  const [{Preferences: Made}, {downloadRegistry}, {openPreferenceStore}, {AesSecretBox: Box}] = await Promise.all([
    import('../../preferences/preferences.js'), import('../../preferences/registry/download-registry.js'),
    import('../../preferences/store/open-preference-store.js'), import('../../preferences/secret/aes-secret-box.js'),
  ]);
  const box = keys === undefined ? undefined : new Box(keys);
  const isThere = exists || (make === 'try' ? await makeFile(file).then(() => true, () => false) : make && await makeFile(file));
  const clock = new SystemClock();
  const store = {clock, random: Math.random};
  const options = {
    registry: downloadRegistry(), clock, defaults: () => DEFAULTS,
    local: openPreferenceStore(isThere ? file : ':memory:', store),
    central: central === undefined ? undefined : openPreferenceStore(central, {...store, postgres: {connections: 2}}),
  };
  return {preferences: new Made({...options, secrets: {environment: env, box}}), options, box};
}

/** An empty file is a database without tables; nobody else may read it. @throws TypeError */
async function makeFile(file: string): Promise<true> {
  try {
    await makePrefsFile(file);
    return true;
  } catch (cause) {
    const {code = 'a fault'} = cause as NodeJS.ErrnoException;
    throw new TypeError(`--prefs: expected a file that can be made, got ${code}: ${file}`, {cause});
  }
}

/** Whose preferences they are: told by `--owner`, else the user of this machine. @throws TypeError where that one has no name */
export function ownerOf({owner}: PrefsFlags, nameOf: () => string = () => userInfo().username): string {
  if (owner !== undefined) return owner;
  try {
    return nameOf();
  } catch (cause) {
    throw new TypeError('--owner: expected a name, since this machine knows none for its user; got none', {cause});
  }
}
