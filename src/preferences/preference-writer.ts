import {oneOf} from '../core/options.js';
import type {
  GuardOptions, LocalMode, Place, RemoveGlobalOptions, Revisions, SecretBinding, SetGlobalOptions, SetLocalOptions, WriteResult,
} from './contract.js';
import type {CentralGate} from './layers/central-gate.js';
import type {LayerReader} from './layers/layer-reader.js';
import {targetOf} from './layers/write-target.js';
import {NotGlobalisable, RevisionConflict, SecretRefused} from './preferences-errors.js';
import type {Registry} from './registry/registry.js';
import type {Setting} from './registry/setting.js';
import {isStoredSecret} from './registry/secret-value.js';
import {checkKey} from './registry/setting-name.js';
import type {SecretValues} from './secret/secret-values.js';
import type {StoreIdentities} from './secret/store-identities.js';
import type {SiteDefaults} from './site-defaults.js';
import type {CentralStore, GlobalChange, GlobalRow, LocalRow, LocalStore} from './store-contract.js';

/** What writes need. */
export interface PreferenceWriterOptions {
  readonly registry: Registry;
  readonly local: LocalStore;
  readonly central: CentralStore;
  readonly gate: CentralGate | undefined;
  readonly reader: LayerReader;
  readonly defaults: SiteDefaults;
  readonly values: SecretValues;
  readonly identities: StoreIdentities;
}

const MODES: readonly LocalMode[] = ['ignore', 'override', 'update', 'create'];

/** The writes of Preferences; its doc comments say what they do. Names and places are checked. */
export class PreferenceWriter {
  readonly #is: PreferenceWriterOptions;

  constructor(options: PreferenceWriterOptions) {
    this.#is = options;
  }

  async setLocal(place: Place, name: string, value: unknown, options: SetLocalOptions): Promise<WriteResult> {
    const {registry, local, reader, defaults} = this.#is;
    const {owner, scope} = place;
    const setting = registry.get(name);
    const mode = oneOf('mode', options.mode, MODES, 'ignore');
    if (mode === 'create' && !setting.globalisable) throw new NotGlobalisable(name);
    const plain = setting.exposure === 'secret' ? undefined : setting.encode(value);
    const row = (await local.locals(scope, [owner], undefined)).get(owner)?.rows.find((one) => one.setting === name);
    const asks = setting.globalisable && row?.exception !== true && mode !== 'create';
    const global = asks ? (await reader.freshGlobals(owner)).find((one) => one.setting === name) : undefined;
    compare(name, options.ifRevision, {local: row?.revision ?? 0, global: asks ? global?.revision ?? 0 : undefined});
    const isGlobal = global !== undefined;
    const target = targetOf(mode, isGlobal);
    if (target === 'none') return {rows: 0, target, warning: `${name} is set globally, so its local value in ${scope} was left alone`};
    if (target === 'global') {
      const result = await this.setGlobal(owner, name, value, {ifRevision: {global: options.ifRevision?.global}, origin: options.origin});
      if (row?.exception !== true) return result;
      return {...result, warning: `${name} has an exception in ${scope}, which sets the global value aside`};
    }
    const text = plain ?? await this.#encodeSecret(setting, value, place, row, options.origin);
    const change = {
      scope, owner, setting: name, value: text === defaults.of(scope, setting) ? null : text, exception: isGlobal || undefined,
      expected: options.ifRevision?.local,
    };
    return written(target, await this.#writing(owner, () => local.writeLocals([change])));
  }

  async setExceptions({owner, scope}: Place, name: string, exception: boolean, {ifRevision}: GuardOptions): Promise<WriteResult> {
    const settings = this.#globalisable(name, ifRevision);
    const changes = settings.map((setting) => ({scope, owner, setting: setting.name, exception, expected: ifRevision?.local}));
    return written('local', await this.#writing(owner, () => this.#is.local.writeLocals(changes)));
  }

  async setGlobal(owner: string, name: string, value: unknown, {except = [], ifRevision, origin}: SetGlobalOptions): Promise<WriteResult> {
    const {registry, central, local} = this.#is;
    const setting = registry.get(name);
    if (!setting.globalisable) throw new NotGlobalisable(name);
    const text = await this.#encodeGlobal(setting, value, owner, origin);
    const scopes = except.map((scope) => checkKey('scope', scope));
    let rows = 0;
    if (scopes.length > 0) {
      // First, so that a central store without writes leaves nothing behind anywhere.
      await (this.#is.gate?.check(() => central.checkCentralWritable()) ?? central.checkCentralWritable());
      await this.#compareGlobal(owner, name, ifRevision);
      rows += await this.#writing(owner, () => local.writeLocals(scopes.map((scope) => ({scope, owner, setting: name, exception: true}))));
    }
    rows += await this.#writeGlobals(owner, [{owner, setting: name, value: text, expected: ifRevision?.global}]);
    return written('global', rows);
  }

  async removeGlobal(owner: string, name: string, {clear = [], ifRevision}: RemoveGlobalOptions): Promise<WriteResult> {
    const {local} = this.#is;
    const settings = this.#globalisable(name, ifRevision);
    const scopes = clear.map((scope) => checkKey('scope', scope));
    if (scopes.length > 0) await local.checkLocalWritable();
    let rows = await this.#writeGlobals(owner,
      settings.map((setting) => ({owner, setting: setting.name, value: null, expected: ifRevision?.global})));
    const changes = scopes.flatMap((scope) => settings.map((setting) => ({scope, owner, setting: setting.name, exception: false})));
    if (changes.length > 0) rows += await this.#writing(owner, () => local.writeLocals(changes));
    return written('global', rows);
  }

  async removeAllGlobals(owner: string): Promise<WriteResult> {
    const rows = await this.#writing(owner, () => this.#central(() => this.#is.central.removeGlobals(owner)));
    await this.#renew(owner);
    return written('global', rows);
  }

  async resetLocal({owner, scope}: Place): Promise<WriteResult> {
    return written('local', await this.#writing(owner, () => this.#is.local.resetLocals(scope, owner)));
  }

  async #writeGlobals(owner: string, changes: readonly GlobalChange[]): Promise<number> {
    const rows = await this.#writing(owner, () => this.#central(() => this.#is.central.writeGlobals(changes)));
    await this.#renew(owner);
    return rows;
  }

  /** Before exceptions are made: whoever loses leaves nothing behind. The write itself compares again. */
  async #compareGlobal(owner: string, name: string, wanted: Revisions | undefined): Promise<void> {
    if (wanted?.global === undefined) return;
    const row = (await this.#is.reader.freshGlobals(owner)).find(({setting}) => setting === name);
    compare(name, wanted, {global: row?.revision ?? 0});
  }

  async #renew(owner: string): Promise<void> {
    await this.#is.reader.renewSnapshot(owner);
    this.#is.reader.forget(owner);
  }

  /** What was read of the owner is forgotten, whatever becomes of the write. */
  async #writing<T>(owner: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } finally {
      this.#is.reader.forget(owner);
    }
  }

  #central<T>(work: () => Promise<T>): Promise<T> {
    return this.#is.gate === undefined ? work() : this.#is.gate.write(work);
  }

  /** A guard stands for one row, so it can't stand beside a group. */
  #globalisable(name: string, ifRevision: Revisions | undefined): readonly Setting[] {
    const settings = this.#is.registry.select(name);
    const other = settings.find(({globalisable}) => !globalisable);
    if (other !== undefined) throw new NotGlobalisable(other.name);
    if (ifRevision !== undefined && settings.length > 1) {
      throw new TypeError(`ifRevision: expected the name of one setting beside it, got the group ${name}`);
    }
    return settings;
  }

  async #encodeSecret(setting: Setting, value: unknown, {owner, scope}: Place, row: LocalRow | undefined,
    origin: string | undefined): Promise<string> {
    const binding = async (): Promise<SecretBinding> => ({store: await this.#is.identities.local(), scope, owner, setting: setting.name});
    return setting.encode(await this.#is.values.storable(setting, value, binding, {current: row?.value, origin}));
  }

  async #encodeGlobal(setting: Setting, value: unknown, owner: string, origin: string | undefined): Promise<string> {
    if (setting.exposure !== 'secret') return setting.encode(value);
    const current = (await this.#is.reader.freshGlobals(owner)).find((row: GlobalRow) => row.setting === setting.name)?.value;
    const binding = async (): Promise<SecretBinding> =>
      ({store: await this.#is.identities.central(), scope: undefined, owner, setting: setting.name});
    const text = setting.encode(await this.#is.values.storable(setting, value, binding, {current, origin}));
    if (isBound(JSON.parse(text))) return text;
    throw new SecretRefused(`${setting.name}: expected the origin that it is for, since it is global`, setting.name);
  }
}

/** Whether every secret in a stored value says for which origin it is. */
function isBound(value: unknown): boolean {
  if (isStoredSecret(value)) return value.origin !== undefined;
  return typeof value !== 'object' || value === null || Object.values(value).every(isBound);
}

function compare(setting: string, wanted: Revisions | undefined, seen: Revisions): void {
  for (const layer of ['local', 'global'] as const) {
    const [want, is] = [wanted?.[layer], seen[layer]];
    if (want !== undefined && is !== undefined && want !== is) throw new RevisionConflict(setting, is);
  }
}

function written(target: 'local' | 'global', rows: number): WriteResult {
  return {rows, target, warning: undefined};
}
