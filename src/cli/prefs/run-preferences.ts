import {originOf} from '../../core/url.js';
import {PreferredSettings} from '../../factory/preferred-settings.js';
import type {Preferences} from '../../preferences/preferences.js';
import type {Environment} from '../proxy-environment.js';
import {oneLine} from '../reporter.js';
import {openPreferences, ownerOf} from './open-preferences.js';
import type {PrefsFlags} from './prefs-flags.js';
import {locate} from './prefs-location.js';
import {ANY, scopeOf} from './prefs-place.js';

/** The command that goes by preferences. */
export interface HonouringCommand {
  /** `jupiter get`, for messages. */
  readonly name: string;
  /** An address of the origin that it is about; undefined: of several. */
  readonly home: string | undefined;
}

/**
 * The preferences that one run of a command goes by. Each origin is looked up once, so the run keeps what it began with. What
 * could not be known for sure is told on stderr, once.
 */
export class RunPreferences {
  /** Of the run as a whole: limits, batches and files. */
  readonly run: PreferredSettings;
  readonly #preferences: Preferences;
  readonly #owner: string;
  readonly #home: string | undefined;
  readonly #known = new Map<string, Promise<PreferredSettings>>();
  readonly #told = new Set<string>();
  #namesProxy = false;
  readonly #name: string;

  private constructor(preferences: Preferences, run: PreferredSettings, {owner, home, name}: Identity) {
    this.#preferences = preferences;
    this.run = run;
    this.#owner = owner;
    this.#home = home;
    this.#name = name;
  }

  /**
   * Opens them where there are any; without, nothing is loaded.
   *
   * @throws TypeError; the errors of the preferences
   */
  static async open(flags: PrefsFlags, env: Environment, {name, home: address}: HonouringCommand): Promise<RunPreferences | undefined> {
    const home = address === undefined || !isWeb(address) ? undefined : originOf(address);
    const {remote} = flags;
    const location = flags.prefs === false ? undefined : locate(flags, env);
    if (location === undefined || (!location.exists && !location.named && location.central === undefined)) return undefined;
    if (!location.exists && location.central === undefined) {
      throw new TypeError(`${flags.prefs === undefined ? 'JUPITER_PREFS' : '--prefs'}: expected a file that jupiter prefs made, `
        + `there is none: ${location.file}`);
    }
    if (remote !== undefined && home === undefined) {
      throw new TypeError('--remote: expected an address (or --base) whose remote it is, got none');
    }
    // Only what a central store said last would be kept in it.
    const {preferences} = await openPreferences(location, flags, env, 'try');
    try {
      const owner = ownerOf(flags);
      const scope = remote === undefined ? home === undefined ? ANY : scopeOf(home) : scopeOf(remote);
      const run = await PreferredSettings.read(preferences, home ?? NOWHERE, {owner, scope});
      const opened = new RunPreferences(preferences, run, {owner, home, name});
      opened.#take(run);
      return opened;
    } catch (thrown) {
      await preferences.close();
      throw thrown;
    }
  }

  /** Whether they name a proxy for one of the origins that were asked for. */
  get namesProxy(): boolean {
    return this.#namesProxy;
  }

  /** What holds for an origin. Only that of the run goes by the name of `--remote`: secrets of the one are none of another. */
  for(origin: string): Promise<PreferredSettings> {
    if (origin === this.#home) return Promise.resolve(this.run);
    const known = this.#known.get(origin) ?? this.#read(origin);
    this.#known.set(origin, known);
    return known;
  }

  close(): Promise<void> {
    return this.#preferences.close();
  }

  async #read(origin: string): Promise<PreferredSettings> {
    const settings = await PreferredSettings.read(this.#preferences, origin, {owner: this.#owner});
    this.#take(settings);
    return settings;
  }

  #take({warnings, proxy}: PreferredSettings): void {
    if (proxy !== undefined && proxy !== 'direct') this.#namesProxy = true;
    for (const warning of warnings.filter((one) => !this.#told.has(one))) {
      this.#told.add(warning);
      process.stderr.write(`${this.#name}: ${oneLine(warning)}\n`);
    }
  }
}

interface Identity {
  readonly owner: string;
  readonly home: string | undefined;
  readonly name: string;
}

/** No secret is for it: what is read for a run of many origins is told to none of them. */
const NOWHERE = 'https://nowhere.invalid';

function isWeb(address: string): boolean {
  return /^https?:\/\//i.test(address) && URL.canParse(address);
}
