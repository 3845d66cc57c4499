import {inspect} from 'node:util';
import type {Json} from '../core/json.js';
import type {EffectiveSetting, Place, ShownSecret} from './contract.js';
import type {OwnerLayers} from './layers/owner-layers.js';
import {decide, type Verdict} from './layers/rule.js';
import {SettingUnavailable} from './preferences-errors.js';
import type {Registry} from './registry/registry.js';
import type {Setting} from './registry/setting.js';
import type {Defaults} from './site-defaults.js';

/** What settings are made of. */
export interface ResolvedSettingsOptions {
  readonly registry: Registry;
  readonly place: Place;
  readonly layers: OwnerLayers;
  /** D as it was at that moment. */
  readonly defaults: Defaults;
}

/** All settings of one owner in one scope, as they were at one moment: later writes change nothing here. */
export class ResolvedSettings {
  readonly place: Place;
  readonly #registry: Registry;
  readonly #layers: OwnerLayers;
  readonly #defaults: Defaults;

  constructor({registry, place, layers, defaults}: ResolvedSettingsOptions) {
    this.place = place;
    this.#registry = registry;
    this.#layers = layers;
    this.#defaults = defaults;
  }

  /** Age in ms of the snapshot that stands in for the central store; undefined when it answered itself. */
  get staleFor(): number | undefined {
    return this.#layers.staleFor;
  }

  /** The central store can't be asked and there is no snapshot. */
  get centralUnknown(): boolean {
    return this.#layers.globals === undefined;
  }

  /** The settings that have no value which may be used now. */
  get unavailable(): readonly string[] {
    return this.#registry.settings.filter((setting) => this.verdict(setting.name).source === undefined).map(({name}) => name);
  }

  /** The value in force; of a secret only whether it is set. @throws UnknownSetting, SettingUnavailable */
  get(name: string): Json | ShownSecret {
    return this.effective(name).value;
  }

  /** The value in force, from where and why. @throws UnknownSetting, SettingUnavailable */
  effective(name: string): EffectiveSetting {
    const setting = this.#registry.get(name);
    const {source, text, why, degraded} = this.#available(setting);
    const asked = setting.globalisable && why !== 'exception' && why !== 'exception-unasked' && !this.#isException(name);
    return Object.freeze({name, value: shown(setting, text), source, why, degraded, staleFor: asked ? this.staleFor : undefined});
  }

  /** Every setting that is not hidden, in the order of the registry. @throws SettingUnavailable for the first that is */
  all(): EffectiveSetting[] {
    return this.#registry.settings.filter(({hidden}) => !hidden).map(({name}) => this.effective(name));
  }

  /** Which layer is in force, with the stored text: for code of the preferences. @throws UnknownSetting */
  verdict(name: string): Verdict {
    const setting = this.#registry.get(name);
    return decide(setting, this.#layers.of(setting, this.#defaults(setting)));
  }

  /** What may be logged: values of public settings, and of others nothing. */
  toJSON(): Record<string, unknown> {
    const shownOnes = this.#registry.settings.filter(({exposure}) => exposure === 'public');
    return {place: this.place, staleFor: this.staleFor, settings: Object.fromEntries(shownOnes.map((setting) =>
      [setting.name, valueOf(setting, this.verdict(setting.name).text)]))};
  }

  [inspect.custom](): Record<string, unknown> {
    return this.toJSON();
  }

  #isException(name: string): boolean {
    return this.#layers.locals.get(name)?.exception ?? false;
  }

  #available(setting: Setting): Verdict & {source: NonNullable<Verdict['source']>} {
    const verdict = this.verdict(setting.name);
    const {source, why} = verdict;
    if (source !== undefined) return {...verdict, source};
    const reason = REASONS[why === 'invalid' ? why : 'central-away'];
    throw new SettingUnavailable(`${setting.name} is not known for sure, so nothing is used: ${reason}`, setting.name);
  }
}

const REASONS = {
  'invalid': 'what is stored is no value of it',
  'central-away': 'the central store can\'t be asked, and there is no snapshot of it',
};

/** A stored value as its owner may see it. */
export function shown(setting: Setting, text: string): Json | ShownSecret {
  if (setting.exposure !== 'secret') return valueOf(setting, text);
  return Object.freeze({name: setting.name, isSet: text !== 'null' && text !== '{}'});
}

function valueOf(setting: Setting, text: string): Json {
  return frozen(setting.decode(text)?.value ?? null);
}

function frozen(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  for (const item of Object.values<Json>(value as Readonly<Record<string, Json>>)) frozen(item);
  return Object.freeze(value);
}
