import {misuse, onlyKeys} from '../../core/options.js';
import {UnknownSetting} from '../preferences-errors.js';
import {checkSettingName} from './setting-name.js';
import {Setting, type SettingOptions} from './setting.js';

/** Which settings there are. */
export interface RegistryOptions {
  readonly settings: readonly (Setting | SettingOptions)[];
  /** Name → its members, each by name. A new setting belongs to no group by itself. */
  readonly groups?: Readonly<Record<string, readonly string[]>> | undefined;
}

/** Every declared setting, and the groups of those that are best changed together. */
export class Registry {
  /** In the order of their declaration. */
  readonly settings: readonly Setting[];
  readonly groups: ReadonlyMap<string, readonly Setting[]>;
  readonly #byName: ReadonlyMap<string, Setting>;

  /** @throws TypeError for a name declared twice, or a group whose members aren't declared */
  constructor(options: RegistryOptions) {
    onlyKeys('registry', options, ['settings', 'groups']);
    const {settings} = options;
    if (!isList(settings)) throw misuse('registry.settings', settings, 'a list of settings');
    this.settings = Object.freeze(settings.map((given) => given instanceof Setting ? given : new Setting(given)));
    this.#byName = new Map(this.settings.map((setting) => [setting.name, setting]));
    if (this.#byName.size < this.settings.length) {
      const twice = this.settings.find((setting) => this.#byName.get(setting.name) !== setting);
      throw new TypeError(`registry.settings: ${twice?.name ?? ''} is declared twice`);
    }
    this.groups = new Map(Object.entries(options.groups ?? {}).map(([name, members]) => [name, this.#group(name, members)]));
  }

  /** @throws UnknownSetting */
  get(name: string): Setting {
    const setting = this.#byName.get(name);
    if (setting === undefined) throw new UnknownSetting(name);
    return setting;
  }

  /** The setting if it is declared. */
  find(name: string): Setting | undefined {
    return this.#byName.get(name);
  }

  /** The members of a group, or the one setting. @throws UnknownSetting */
  select(name: string): readonly Setting[] {
    return this.groups.get(name) ?? [this.get(name)];
  }

  /**
   * A registry with a plugin's settings besides; their names begin with `x.`, and so do those of its groups.
   * @throws TypeError for other names, or those that are taken
   */
  with(options: RegistryOptions): Registry {
    const names = [...options.settings.map(({name}) => name), ...Object.keys(options.groups ?? {})];
    const other = names.find((name) => !name.startsWith('x.'));
    if (other !== undefined) throw new TypeError(`registry: expected a plugin's names to begin with x., got ${other}`);
    const groups = Object.fromEntries([...this.groups].map(([name, members]) => [name, members.map((setting) => setting.name)]));
    const taken = Object.keys(options.groups ?? {}).find((name) => Object.hasOwn(groups, name));
    if (taken !== undefined) throw new TypeError(`registry.groups: ${taken} is declared twice`);
    return new Registry({settings: [...this.settings, ...options.settings], groups: {...groups, ...options.groups}});
  }

  #group(name: string, members: readonly string[]): readonly Setting[] {
    checkSettingName(name);
    if (this.#byName.has(name)) throw new TypeError(`registry.groups.${name}: expected a name that no setting has`);
    if (!isList(members) || members.length === 0) throw misuse(`registry.groups.${name}`, members, 'a list of names of settings');
    return Object.freeze([...new Set(members)].map((member) => {
      const setting = this.#byName.get(member);
      if (setting === undefined) throw new TypeError(`registry.groups.${name}: no setting ${JSON.stringify(member)} is declared`);
      return setting;
    }));
  }
}

function isList(value: unknown): boolean {
  return Array.isArray(value);
}
