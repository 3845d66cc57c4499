import type {Secret} from '../../core/secret.js';
import type {SecretBinding} from '../contract.js';
import {isStoredSecret, type StoredSecret} from '../registry/secret-value.js';
import type {Setting} from '../registry/setting.js';
import type {ResolvedSettings} from '../resolved-settings.js';
import type {SecretValues} from './secret-values.js';
import type {StoreIdentities} from './store-identities.js';

/** Gives secrets to whom they are for. */
export class SecretReader {
  readonly #values: SecretValues;
  readonly #identities: StoreIdentities;

  constructor(values: SecretValues, identities: StoreIdentities) {
    this.#values = values;
    this.#identities = identities;
  }

  /** @throws SettingUnavailable, SecretUnavailable, StoreFault */
  async read(setting: Setting, settings: ResolvedSettings, origin: string): Promise<Secret | Readonly<Record<string, Secret>> | undefined> {
    // Asked for the fault: a value that is not known for sure is none.
    const {source} = settings.effective(setting.name);
    const value: unknown = setting.decode(settings.verdict(setting.name).text)?.value ?? null;
    const binding = async (): Promise<SecretBinding> => source === 'global'
      ? {store: await this.#identities.central(), scope: undefined, owner: settings.place.owner, setting: setting.name}
      : {store: await this.#identities.local(), ...settings.place, setting: setting.name};
    const isFor = (stored: StoredSecret): boolean => stored.origin === origin || (stored.origin === undefined && source !== 'global');
    if (isStoredSecret(value)) return isFor(value) ? this.#values.reveal(setting, value, binding) : undefined;
    if (typeof value !== 'object' || value === null) return undefined;
    const wanted = Object.entries(value as Record<string, StoredSecret>).filter(([, stored]) => isFor(stored));
    const found = await Promise.all(wanted.map(async ([name, stored]) =>
      [name, await this.#values.reveal(setting, stored, binding)] as const));
    return found.length === 0 ? undefined : Object.freeze(Object.fromEntries(found));
  }
}
