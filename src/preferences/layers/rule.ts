import type {Source, Why} from '../contract.js';
import type {Setting} from '../registry/setting.js';

/** The global layer is not known: the central store can't be asked. It never stands for "no value". */
export const UNKNOWN = Symbol('unknown');

/** The layers of one setting, as canonical JSON. */
export interface Layers {
  /** D. */
  readonly default: string;
  /** L. */
  readonly local: string | undefined;
  /** X. */
  readonly exception: boolean;
  /** G. */
  readonly global: string | undefined | typeof UNKNOWN;
}

/** Which layer is in force. */
export interface Verdict {
  /** Undefined: none may be used. */
  readonly source: Source | undefined;
  readonly text: string;
  readonly why: Why;
  readonly degraded: boolean;
}

/**
 * The rule: G if it exists and X is not set; else L if there is one; else D. What can't be known or used makes a protective
 * setting unavailable, and lets any other fall to the next layer.
 */
export function decide(setting: Setting, layers: Layers): Verdict {
  const {global, exception} = layers;
  if (!setting.globalisable) return own(setting, layers, 'not-globalisable');
  if (exception) return own(setting, layers, global === UNKNOWN ? 'exception-unasked' : global === undefined ? 'no-global' : 'exception');
  if (global === undefined) return own(setting, layers, 'no-global');
  if (global === UNKNOWN) return without(setting, layers, 'central-away');
  return isValid(setting, global) ? {source: 'global', text: global, why: 'global', degraded: false} : without(setting, layers, 'invalid');
}

/** L, else D. */
function own(setting: Setting, {local, default: fallback}: Layers, why: Why): Verdict {
  if (local === undefined) return {source: 'default', text: fallback, why, degraded: false};
  if (isValid(setting, local)) return {source: 'local', text: local, why, degraded: false};
  return setting.protective ? unavailable('invalid') : {source: 'default', text: fallback, why: 'invalid', degraded: true};
}

/** There may be a G that can't be used. */
function without(setting: Setting, layers: Layers, why: Why): Verdict {
  return setting.protective ? unavailable(why) : {...own(setting, layers, why), degraded: true};
}

function unavailable(why: Why): Verdict {
  return {source: undefined, text: 'null', why, degraded: true};
}

function isValid(setting: Setting, text: string): boolean {
  return setting.decode(text) !== undefined;
}
