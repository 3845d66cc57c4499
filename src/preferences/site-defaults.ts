import type {Json} from '../core/json.js';
import {misuse} from '../core/options.js';
import type {Registry} from './registry/registry.js';
import type {Setting} from './registry/setting.js';

/** What a site says instead of the registry's defaults, for a scope: name → value. Undefined: nothing. */
export type DefaultsFor = (scope: string) => Readonly<Record<string, Json>> | undefined;

/** Scopes whose defaults are kept checked. */
const MOST = 1000;

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

  /** Canonical JSON. @throws UnknownSetting, InvalidValue when the site's defaults for the scope are no good */
  of(scope: string, setting: Setting): string {
    return this.#for(scope).get(setting.name) ?? setting.default;
  }

  /** Asked once a scope, and kept. */
  #for(scope: string): ReadonlyMap<string, string> {
    const known = this.#checked.get(scope);
    if (known !== undefined) return known;
    const given = Object.entries(this.#defaultsFor(scope) ?? {});
    const checked = new Map(given.map(([name, value]) => [name, this.#registry.get(name).encode(value)]));
    if (this.#checked.size >= MOST) this.#checked.clear();
    this.#checked.set(scope, checked);
    return checked;
  }
}
