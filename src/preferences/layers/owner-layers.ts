import type {GlobalRow, LocalRow} from '../store-contract.js';
import type {Setting} from '../registry/setting.js';
import {UNKNOWN, type Layers} from './rule.js';

/** What the stores know of one owner in one scope. */
export class OwnerLayers {
  readonly locals: ReadonlyMap<string, LocalRow>;
  /** Undefined: not known. */
  readonly globals: ReadonlyMap<string, GlobalRow> | undefined;
  /** Age of the snapshot that the globals are from, ms; undefined when the central store itself said so. */
  readonly staleFor: number | undefined;

  constructor(locals: readonly LocalRow[], globals: readonly GlobalRow[] | undefined, staleFor?: number) {
    this.locals = new Map(locals.map((row) => [row.setting, row]));
    this.globals = globals === undefined ? undefined : new Map(globals.map((row) => [row.setting, row]));
    this.staleFor = staleFor;
  }

  /** The layers of a setting. @param fallback D as canonical JSON */
  of(setting: Setting, fallback: string): Layers {
    const row = this.locals.get(setting.name);
    const global = this.globals === undefined ? UNKNOWN : this.globals.get(setting.name)?.value;
    return {default: fallback, local: row?.value, exception: row?.exception ?? false, global};
  }
}
