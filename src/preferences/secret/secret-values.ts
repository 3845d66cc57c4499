import {readFile} from 'node:fs/promises';
import type {Json} from '../../core/json.js';
import {messageOf} from '../../core/foreign-error.js';
import {Secret} from '../../core/secret.js';
import type {SecretBinding, SecretBox} from '../contract.js';
import {SecretRefused, SecretUnavailable} from '../preferences-errors.js';
import {isStoredSecret, type StoredSecret} from '../registry/secret-value.js';
import type {Setting} from '../registry/setting.js';

/** Where secrets come from. */
export interface SecretSources {
  /** Seals plain ones. @default none: plain ones are refused */
  readonly box?: SecretBox | undefined;
  /** What `{env: NAME}` refers to. @default none */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
}

/** A secret to be stored: a plain one, or a stored form of it. */
type Given = string | Secret | StoredSecret;

/** Makes secrets storable, and secrets of what is stored. */
export class SecretValues {
  readonly #box: SecretBox | undefined;
  readonly #environment: Readonly<Record<string, string | undefined>>;

  constructor({box, environment}: SecretSources = {}) {
    this.#box = box;
    this.#environment = environment ?? {};
  }

  /**
   * A value of a secret setting as it may be stored: plain texts sealed, references as they are.
   *
   * @param current What is stored: a plain text that it holds already is not sealed anew, so that an equal value changes nothing.
   * @param origin Where a global secret may go; local ones belong to their remote.
   * @throws SecretRefused
   */
  async storable(setting: Setting, value: unknown, binding: () => Promise<SecretBinding>,
    {current, origin}: {current?: string | undefined; origin?: string | undefined} = {}): Promise<Json> {
    const kept: unknown = current === undefined ? undefined : JSON.parse(current);
    if (isGiven(value)) return this.#one(setting, value, binding, isStoredSecret(kept) ? kept : undefined, origin) as Promise<Json>;
    if (!isRecord(value)) return value as Json;
    const entries = Object.entries(value).map(async ([name, item]) => {
      const old = isRecord(kept) ? kept[name] : undefined;
      if (!isGiven(item)) return [name, item as Json] as const;
      return [name, await this.#one(setting, item, binding, isStoredSecret(old) ? old : undefined, origin)] as const;
    });
    return Object.fromEntries(await Promise.all(entries)) as Json;
  }

  /** The secret behind a stored value. @throws SecretUnavailable */
  async reveal(setting: Setting, stored: StoredSecret, binding: () => Promise<SecretBinding>): Promise<Secret> {
    if ('sealed' in stored) {
      if (this.#box !== undefined) return this.#box.open(stored.sealed, await binding());
      throw new SecretUnavailable(`${setting.name} is sealed, and there is no SecretBox to open it`, setting.name);
    }
    if ('env' in stored) {
      const value = this.#environment[stored.env];
      if (value !== undefined && value !== '') return new Secret(value);
      throw new SecretUnavailable(`${setting.name}: the variable ${stored.env} is not set`, setting.name);
    }
    try {
      // Editors end files with a line break; no password has one.
      return new Secret((await readFile(stored.file, 'utf8')).replace(/\r?\n$/, ''));
    } catch (error) {
      throw new SecretUnavailable(`${setting.name}: can't read its file: ${messageOf(error)}`, setting.name, {cause: error});
    }
  }

  async #one(setting: Setting, given: Given, binding: () => Promise<SecretBinding>, kept: StoredSecret | undefined,
    origin: string | undefined): Promise<StoredSecret> {
    const to = origin === undefined ? {} : {origin};
    if (typeof given !== 'string' && !(given instanceof Secret)) return {...given, ...to};
    if (this.#box === undefined) {
      const why = `${setting.name}: expected a reference {env} or {file}; without a SecretBox plain secrets aren't kept`;
      throw new SecretRefused(why, setting.name);
    }
    const plain = given instanceof Secret ? given : new Secret(given);
    if (kept !== undefined && kept.origin === origin && 'sealed' in kept && await this.#holds(setting, kept, plain, binding)) return kept;
    return {...to, sealed: await this.#box.seal(plain, await binding())};
  }

  async #holds(setting: Setting, kept: StoredSecret, plain: Secret, binding: () => Promise<SecretBinding>): Promise<boolean> {
    try {
      return (await this.reveal(setting, kept, binding)).reveal() === plain.reveal();
    } catch {
      return false;
    }
  }
}

function isGiven(value: unknown): value is Given {
  return typeof value === 'string' || value instanceof Secret || isStoredSecret(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
