import {readFileSync, statSync} from 'node:fs';
import {homedir, userInfo} from 'node:os';
import {isAbsolute, join} from 'node:path';
import {PreferredSettings, SystemClock} from 'jupiter-download';
import type {Preferences} from 'jupiter-download/preferences';

/** What `jupiter prefs` was told, for the registries that packages come from. Each is asked about once. */
export class RegistryPreferences {
  /** Of the run as a whole: those of the default registry. */
  readonly run: PreferredSettings;
  readonly #preferences: Preferences;
  readonly #known = new Map<string, Promise<PreferredSettings>>();

  private constructor(preferences: Preferences, run: PreferredSettings) {
    this.#preferences = preferences;
    this.run = run;
  }

  /** Opens them; undefined when there are none, and nothing was loaded then. @param registry its address @throws PreferencesError */
  static async open(registry: string, env: NodeJS.ProcessEnv): Promise<RegistryPreferences | undefined> {
    const config = env.XDG_CONFIG_HOME ?? '';
    const path = env.JUPITER_PREFS || join(isAbsolute(config) ? config : join(homedir(), '.config'), 'jupiter', 'preferences.db');
    const address = env.JUPITER_PREFS_CENTRAL ? addressIn(env.JUPITER_PREFS_CENTRAL) : undefined;
    const exists = isThere(path);
    if (!exists && address === undefined) {
      if (env.JUPITER_PREFS) throw new TypeError(`JUPITER_PREFS: expected a file that jupiter prefs made, there is none: ${path}`);
      return undefined;
    }
    const {downloadRegistry, openPreferenceStore, Preferences: Made} = await import('jupiter-download/preferences');
    const options = {clock: new SystemClock(), random: Math.random};
    const central = address === undefined ? undefined : openPreferenceStore(address, options);
    const local = openPreferenceStore(exists ? path : ':memory:', options);
    const preferences = new Made({registry: downloadRegistry(), local, central, secrets: {environment: env}});
    try {
      return new RegistryPreferences(preferences, await read(preferences, registry));
    } catch (error) {
      await preferences.close();
      throw error;
    }
  }

  /** What holds for an origin. */
  for(origin: string): Promise<PreferredSettings> {
    const known = this.#known.get(origin) ?? read(this.#preferences, origin);
    this.#known.set(origin, known);
    return known;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#preferences.close();
  }
}

/** What can't be looked at may be there, and name the proxy: that is not the same as none. */
function isThere(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch (error) {
    const {code = ''} = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw new TypeError(`JUPITER_PREFS: expected a file that can be looked at, got ${code}: ${path}`, {cause: error});
  }
}

/** The address of the central store, or of a file whose first line it is. */
function addressIn(text: string): string {
  const address = /^postgres(?:ql)?:/i.test(text) ? text : readFileSync(text, 'utf8').split('\n', 1)[0]?.trim() ?? '';
  if (!/^postgres(?:ql)?:/i.test(address)) throw new TypeError('JUPITER_PREFS_CENTRAL: expected a postgres:// URL, or a file that begins with one');
  return address;
}

function read(preferences: Preferences, address: string): Promise<PreferredSettings> {
  return PreferredSettings.read(preferences, address, {owner: userInfo().username});
}
