import type {Inspection, Layer, Place} from './contract.js';
import type {OwnerLayers} from './layers/owner-layers.js';
import type {Setting} from './registry/setting.js';
import {shown, type ResolvedSettings} from './resolved-settings.js';

/** Every layer of a setting beside the effective one. @param fallback D as canonical JSON */
export function inspectionOf(setting: Setting, place: Place, layers: OwnerLayers, settings: ResolvedSettings,
  fallback: string): Inspection {
  const {name} = setting;
  const local = layers.locals.get(name);
  const global = layers.globals?.get(name);
  const {source, why} = settings.verdict(name);
  // A snapshot's revision may be an old one, so it guards nothing.
  const isFresh = layers.globals !== undefined && layers.staleFor === undefined;
  return Object.freeze({
    name, place, default: layerOf(setting, fallback), local: local?.value === undefined ? undefined : layerOf(setting, local.value),
    exception: local?.exception ?? false,
    global: layers.globals === undefined ? 'unknown' : global === undefined ? undefined : layerOf(setting, global.value),
    effective: source === undefined ? undefined : settings.effective(name), why,
    revisions: {local: local?.revision ?? 0, global: isFresh ? global?.revision ?? 0 : undefined},
  });
}

function layerOf(setting: Setting, text: string): Layer {
  return Object.freeze({value: shown(setting, text), valid: setting.decode(text) !== undefined});
}
