import type {Json} from '../core/json.js';
import {SystemClock, type Clock} from '../core/clock.js';
import {misuse, onlyKeys, wholeNumber} from '../core/options.js';
import type {Secret} from '../core/secret.js';
import type {
  GuardOptions, Inspection, Place, RemoveGlobalOptions, SetGlobalOptions, SetLocalOptions, ShownSecret, WriteResult,
} from './contract.js';
import {inspectionOf} from './inspection.js';
import {CentralGate, type CentralGateOptions} from './layers/central-gate.js';
import {LayerReader} from './layers/layer-reader.js';
import {OwnerLayers} from './layers/owner-layers.js';
import {PreferenceWriter} from './preference-writer.js';
import type {Registry} from './registry/registry.js';
import {checkKey} from './registry/setting-name.js';
import {ResolvedSettings} from './resolved-settings.js';
import {SecretReader} from './secret/secret-reader.js';
import {SecretValues, type SecretSources} from './secret/secret-values.js';
import {StoreIdentities} from './secret/store-identities.js';
import {SiteDefaults, type DefaultsFor} from './site-defaults.js';
import type {CentralStore, LocalStore} from './store-contract.js';

/** What preferences are made with. */
export interface PreferencesOptions {
  readonly registry: Registry;
  /** Local values, exceptions and snapshots. Closed by `close`. */
  readonly local: LocalStore;
  /** Global values. Closed by `close`. @default `local`, if it is a CentralStore too */
  readonly central?: CentralStore | undefined;
  /** What a site says instead of the registry's defaults; asked at every read and write. */
  readonly defaults?: DefaultsFor | undefined;
  /** How long what was read holds, ms; what this object writes is seen at once. @default 5_000 */
  readonly ttl?: number | undefined;
  /** How long a central store of its own is waited for. */
  readonly gate?: CentralGateOptions | undefined;
  readonly secrets?: SecretSources | undefined;
  /** @default the machine's */
  readonly clock?: Clock | undefined;
}

const KEYS = ['registry', 'local', 'central', 'defaults', 'ttl', 'gate', 'secrets', 'clock'];

/**
 * Layered settings. Of each setting there is a default D of the scope, at most one local value L and an exception mark X for each
 * owner and scope, and at most one global value G for each owner.
 *
 * The effective value is G if it exists and X is not set; else L if there is one; else D. So X matters only while G exists: without
 * G it is dormant, survives the removal of G, and takes effect again with the next one. Making a setting global leaves L alone,
 * and removing G brings back L, or D. `false`, `0`, `""` and `null` are values, not absence.
 *
 * Every write goes to one store. Where two are needed, the exception is made first or cleared last, so that a crash between
 * them leaves an exception without effect, and never a value where it must not be.
 */
export class Preferences {
  readonly registry: Registry;
  readonly #local: LocalStore;
  readonly #central: CentralStore;
  readonly #defaults: SiteDefaults;
  readonly #reader: LayerReader;
  readonly #writer: PreferenceWriter;
  readonly #secrets: SecretReader;

  /** @throws TypeError, RangeError naming the option */
  constructor(options: PreferencesOptions) {
    onlyKeys('preferences', options, KEYS);
    const {registry, local, clock = new SystemClock()} = options;
    if (typeof (registry as Registry | undefined)?.get !== 'function') throw misuse('preferences.registry', registry, 'a Registry');
    if (typeof (local as LocalStore | undefined)?.locals !== 'function') throw misuse('preferences.local', local, 'a LocalStore');
    const central = options.central ?? local as unknown as CentralStore;
    if (typeof central.globals !== 'function') throw misuse('preferences.central', central, 'a CentralStore');
    this.registry = registry;
    this.#local = local;
    this.#central = central;
    this.#defaults = new SiteDefaults(registry, options.defaults);
    const gate = (central as unknown) === local ? undefined : new CentralGate(clock, options.gate);
    this.#reader = new LayerReader({local, central, gate, clock, ttl: wholeNumber('preferences.ttl', options.ttl ?? 5000, 0)});
    const values = new SecretValues(options.secrets);
    const identities = new StoreIdentities(local, central, clock, gate);
    const [reader, defaults] = [this.#reader, this.#defaults];
    this.#writer = new PreferenceWriter({registry, local, central, gate, reader, defaults, values, identities});
    this.#secrets = new SecretReader(values, identities);
  }

  /**
   * The value in force; of a secret only whether it is set. A setting with an exception needs no central store.
   * @throws UnknownSetting, SettingUnavailable, StoreFault
   */
  async get(place: Place, name: string): Promise<Json | ShownSecret> {
    const {owner, scope} = checkPlace(place);
    const setting = this.registry.get(name);
    return this.#settings(place, await this.#reader.readFor(scope, owner, setting)).get(name);
  }

  /** All settings at one moment: at most two queries, none when they were read within `ttl`. @throws StoreFault */
  async getAll(place: Place): Promise<ResolvedSettings> {
    const {owner, scope} = checkPlace(place);
    return this.#settings(place, layersOf(await this.#reader.read(scope, [owner]), owner));
  }

  /** As `getAll` for many owners: two queries for up to 1,000. @throws StoreFault */
  async getMany(owners: Iterable<string>, scope: string): Promise<Map<string, ResolvedSettings>> {
    checkKey('scope', scope);
    const names = [...new Set(owners)].map((owner) => checkKey('owner', owner));
    const layers = await this.#reader.read(scope, names);
    const defaults = this.#defaults.at(scope);
    return new Map(names.map((owner) => [owner, this.#settings({owner, scope}, layersOf(layers, owner), defaults)]));
  }

  /** Each layer of a setting, the effective one, and why. @throws UnknownSetting, StoreFault */
  async inspect(place: Place, name: string): Promise<Inspection> {
    const {owner, scope} = checkPlace(place);
    const setting = this.registry.get(name);
    const layers = layersOf(await this.#reader.read(scope, [owner]), owner);
    const defaults = this.#defaults.at(scope);
    return inspectionOf(setting, Object.freeze({owner, scope}), layers, this.#settings(place, layers, defaults), defaults(setting));
  }

  /**
   * The secret in force, for one origin: a global one is given to the origin only that it is bound to.
   * @returns one secret, those of `headers` by name, or undefined when none is set or it is for another origin
   * @throws UnknownSetting, SettingUnavailable, SecretUnavailable, StoreFault
   */
  async secret(place: Place, name: string, origin: string): Promise<Secret | Readonly<Record<string, Secret>> | undefined> {
    const setting = this.registry.get(name);
    if (setting.exposure !== 'secret') throw misuse('secret', name, 'the name of a secret setting');
    return this.#secrets.read(setting, await this.getAll(place), origin);
  }

  /**
   * Sets L, unless the effective value is the global one. Then `ignore` writes nothing and warns, `override` sets L and X, `update`
   * sets G. `create` sets G whatever is effective. An L that equals the default is removed; a G is kept even then. Whether there
   * is a G must be known, unless X is set.
   * @throws UnknownSetting, InvalidValue, SecretRefused, RevisionConflict, LocalReadOnly, CentralUnavailable, CentralReadOnly, StoreFault
   */
  async setLocal(place: Place, name: string, value: unknown, options: SetLocalOptions = {}): Promise<WriteResult> {
    onlyKeys('setLocal', options, ['mode', 'ifRevision', 'origin']);
    return this.#writer.setLocal(checkPlace(place), name, value, options);
  }

  /**
   * Sets X of a setting, or of every member of a group.
   * @throws UnknownSetting, NotGlobalisable, RevisionConflict, LocalReadOnly, StoreFault
   */
  async setException(place: Place, name: string, options: GuardOptions = {}): Promise<WriteResult> {
    onlyKeys('setException', options, ['ifRevision']);
    return this.#writer.setExceptions(checkPlace(place), name, true, options);
  }

  /** Clears X; L stays. @throws as setException */
  async clearException(place: Place, name: string, options: GuardOptions = {}): Promise<WriteResult> {
    onlyKeys('clearException', options, ['ifRevision']);
    return this.#writer.setExceptions(checkPlace(place), name, false, options);
  }

  /**
   * Sets G, also when it equals the default: other scopes have other ones. L and X stay. The scopes of `except` get X before.
   * @throws UnknownSetting, NotGlobalisable, InvalidValue, SecretRefused, RevisionConflict, CentralReadOnly, CentralUnavailable,
   * OutcomeUnknown
   */
  async setGlobal(owner: string, name: string, value: unknown, options: SetGlobalOptions = {}): Promise<WriteResult> {
    onlyKeys('setGlobal', options, ['ifRevision', 'except', 'origin']);
    return this.#writer.setGlobal(checkKey('owner', owner), name, value, options);
  }

  /**
   * Removes G of a setting, or of every member of a group; L and X stay. X is cleared in the scopes of `clear` after.
   * @throws as setGlobal
   */
  async removeGlobal(owner: string, name: string, options: RemoveGlobalOptions = {}): Promise<WriteResult> {
    onlyKeys('removeGlobal', options, ['ifRevision', 'clear']);
    return this.#writer.removeGlobal(checkKey('owner', owner), name, options);
  }

  /** Removes every G of an owner, those of unknown settings too; all L and X stay. @throws as setGlobal */
  async removeAllGlobals(owner: string): Promise<WriteResult> {
    return this.#writer.removeAllGlobals(checkKey('owner', owner));
  }

  /** Removes every L and X of an owner in a scope, those of unknown settings too. @throws LocalReadOnly, StoreFault */
  async resetLocal(place: Place): Promise<WriteResult> {
    return this.#writer.resetLocal(checkPlace(place));
  }

  /** Closes the stores. */
  async close(): Promise<void> {
    const stores = new Set<LocalStore | CentralStore>([this.#local, this.#central]);
    await Promise.all([...stores].map((store) => store.close()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #settings(place: Place, layers: OwnerLayers, defaults = this.#defaults.at(place.scope)): ResolvedSettings {
    return new ResolvedSettings({registry: this.registry, place: Object.freeze({...place}), layers, defaults});
  }
}

function checkPlace(place: Place): Place {
  onlyKeys('place', place, ['owner', 'scope']);
  return {owner: checkKey('owner', place.owner), scope: checkKey('scope', place.scope)};
}

function layersOf(found: ReadonlyMap<string, OwnerLayers>, owner: string): OwnerLayers {
  return found.get(owner) ?? new OwnerLayers([], undefined);
}
