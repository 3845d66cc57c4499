import {canonicalJson} from '../../core/canonical-json.js';
import type {SecretBinding} from '../contract.js';
import {SecretUnavailable} from '../preferences-errors.js';
import {isStoredSecret} from '../registry/secret-value.js';
import type {RotatingSecretBox} from './rotation-contract.js';

/** Seals anew what is inside of texts, and counts. */
export class Resealing {
  current = 0;
  failed = 0;
  /** The first 100 that failed: `setting of owner in scope`. */
  readonly failures: string[] = [];
  readonly #box: RotatingSecretBox;

  constructor(box: RotatingSecretBox) {
    this.#box = box;
  }

  /** An envelope; the same text when it has the current key, or can't be opened. Each is opened: another key may have the same id. */
  async envelope(envelope: string, binding: SecretBinding): Promise<string> {
    try {
      const secret = await this.#box.open(envelope, binding);
      if (!this.#box.isCurrent(envelope)) return await this.#box.seal(secret, binding);
      this.current++;
      return envelope;
    } catch (error) {
      if (!(error instanceof SecretUnavailable)) throw error;
      this.#fail(binding);
      return envelope;
    }
  }

  /** A value as canonical JSON: a stored secret, or several by name. The same text when there is nothing to do. */
  async value(text: string, binding: SecretBinding): Promise<string> {
    // Most values have no envelope, and needn't be parsed.
    if (!text.includes('"sealed"')) return text;
    const value = JSON.parse(text) as unknown;
    const sealed = await this.#resealed(value, binding);
    if (sealed !== value) return canonicalJson(sealed);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return text;
    let changed = false;
    const entries: [string, unknown][] = [];
    for (const [name, item] of Object.entries(value)) {
      const after = await this.#resealed(item, binding);
      changed ||= after !== item;
      entries.push([name, after]);
    }
    return changed ? canonicalJson(Object.fromEntries(entries)) : text;
  }

  async #resealed(value: unknown, binding: SecretBinding): Promise<unknown> {
    if (!isStoredSecret(value) || !('sealed' in value)) return value;
    const sealed = await this.envelope(value.sealed, binding);
    return sealed === value.sealed ? value : {...value, sealed};
  }

  #fail({setting, owner, scope}: SecretBinding): void {
    this.failed++;
    if (this.failures.length < 100) this.failures.push(`${setting} of ${owner}${scope === undefined ? '' : ` in ${scope}`}`);
  }
}
