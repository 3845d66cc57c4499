import {Secret} from '../../core/secret.js';
import type {SecretBinding, SecretBox} from '../contract.js';
import {SecretUnavailable} from '../preferences-errors.js';
import type {Registry} from '../registry/registry.js';

/** A row whose value goes. */
export interface KeptRow {
  readonly scope: string | undefined;
  readonly owner: string;
  readonly setting: string;
}

/** What the log keeps of a value. */
export interface Kept {
  /** Undefined: nothing, so it can't be put back. */
  readonly kept: string | undefined;
  readonly sealed: boolean;
}

const NOTHING: Kept = {kept: undefined, sealed: false};

/**
 * How the log keeps values, so that they can be put back and nobody learns anything from it: those that are public or the
 * registry's default as they are, private ones and those of unknown settings sealed, secrets never.
 */
export class KeptValues {
  readonly #registry: Registry;
  readonly #box: SecretBox | undefined;

  constructor(registry: Registry, box: SecretBox | undefined) {
    this.#registry = registry;
    this.#box = box;
  }

  /** @param store The identity of the store that the log is in. */
  async keep(store: string, row: KeptRow, text: string, {publicOnly = false} = {}): Promise<Kept> {
    const setting = this.#registry.find(row.setting);
    const isPublic = setting !== undefined && (text === setting.default || (setting.exposure === 'public' && setting.decode(text) !== undefined));
    if (isPublic) return {kept: text, sealed: false};
    if (setting?.exposure === 'secret' || this.#box === undefined || publicOnly) return NOTHING;
    return {kept: await this.#box.seal(new Secret(text), bindingOf(store, row)), sealed: true};
  }

  /** The value behind what is kept; undefined: it is lost. */
  async open(store: string, row: KeptRow, {kept, sealed}: Kept): Promise<string | undefined> {
    if (kept === undefined || !sealed) return kept;
    if (this.#box === undefined) return undefined;
    try {
      return (await this.#box.open(kept, bindingOf(store, row))).reveal();
    } catch (error) {
      if (error instanceof SecretUnavailable) return undefined;
      throw error;
    }
  }
}

/** Another one than that of the setting's own envelope, so that neither opens in the place of the other. */
export function bindingOf(store: string, {scope, owner, setting}: KeptRow): SecretBinding {
  return {store, scope, owner, setting: `cleanup_log/${setting}`};
}
