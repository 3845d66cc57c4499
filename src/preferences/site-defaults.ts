import type {Json} from '../core/json.js';
import {misuse} from '../core/options.js';
import type {Registry} from './registry/registry.js';
import type {Setting} from './registry/setting.js';

/** What a site says instead of the registry's defaults, for a scope: name → value. Undefined: nothing. */
export type DefaultsFor = (scope: string) => Readonly<Record<string, Json>> | undefined;

/** Different defaults that are kept checked. */
const MOST = 1000;

/** D of each setting, as canonical JSON, at one moment. */
export type Defaults = (setting: Setting) => string;

/** D: the default of a setting in a scope. */
export class SiteDefaults {
  readonly #registry: Registry;
  readonly #defaultsFor: DefaultsFor;
  readonly #checked = new Map<string, ReadonlyMap<string, string>>();

  constructor(registry: Registry, defaultsFor: DefaultsFor = () => undefined) {
    if (typeof defaultsFor !== 'function') throw misuse('preferences.defaults', defaultsFor, 'a function of the scope');
    this.#registry = registry;
    this.#defaultsFor = defaultsFor;
  }

  /** Those of a scope now: the site is asked each time, since defaults move. @throws UnknownSetting, InvalidValue when they are no good */
  at(scope: string): Defaults {
    const given = this.#defaultsFor(scope);
    const checked = given === undefined ? undefined : this.#check(given);
    return (setting) => checked?.get(setting.name) ?? setting.default;
  }

  /** One of them. @throws as at */
  of(scope: string, setting: Setting): string {
    return this.at(scope)(setting);
  }

  /** The same ones are checked once. */
  #check(given: Readonly<Record<string, Json>>): ReadonlyMap<string, string> {
    const key = JSON.stringify(given);
    const known = this.#checked.get(key);
    if (known !== undefined) return known;
    const checked = new Map(Object.entries(given).map(([name, value]) => [name, this.#registry.get(name).encode(value)]));
    if (this.#checked.size >= MOST) this.#checked.clear();
    this.#checked.set(key, checked);
    return checked;
  }
}
