import {createCipheriv, createDecipheriv, randomBytes} from 'node:crypto';
import {canonicalJson} from '../../core/canonical-json.js';
import {misuse, onlyKeys} from '../../core/options.js';
import {Secret} from '../../core/secret.js';
import type {SecretBinding, SecretBox} from '../contract.js';
import {SecretUnavailable} from '../preferences-errors.js';

/** The keys of a box. */
export interface AesSecretBoxOptions {
  /** Id → 32 bytes. Old keys stay as long as envelopes of theirs are stored. Ids: letters, digits, `_`. */
  readonly keys: Readonly<Record<string, Uint8Array>>;
  /** The id of the key that seals. */
  readonly current: string;
}

const NONCE = 12;
const TAG = 16;
const ALGORITHM = 'aes-256-gcm';
const ENVELOPE = /^1\.([A-Za-z0-9_]{1,64})\.([A-Za-z0-9_-]+)$/;

/**
 * Envelopes by AES-256-GCM (NIST SP 800-38D): `1.<key>.<nonce, text and tag in base64url>`. The binding is authenticated with it, so
 * that an envelope copied to another store, scope, owner or setting doesn't open. Its length tells that of the secret.
 */
export class AesSecretBox implements SecretBox {
  readonly #keys = new Map<string, Buffer>();
  readonly #current: string;

  /** @throws TypeError naming the option */
  constructor(options: AesSecretBoxOptions) {
    onlyKeys('secretBox', options, ['keys', 'current']);
    for (const [id, key] of Object.entries(options.keys)) {
      if (!/^[A-Za-z0-9_]{1,64}$/.test(id)) throw misuse('secretBox.keys', id, 'ids of letters, digits and _');
      if (!(key instanceof Uint8Array) || key.byteLength !== 32) {
        throw new TypeError(`secretBox.keys.${id}: expected 32 bytes, got something else`);
      }
      this.#keys.set(id, Buffer.from(key));
    }
    if (!this.#keys.has(options.current)) throw misuse('secretBox.current', options.current, 'the id of one of the keys');
    this.#current = options.current;
  }

  async seal(secret: Secret, binding: SecretBinding): Promise<string> {
    const nonce = randomBytes(NONCE);
    const cipher = createCipheriv(ALGORITHM, this.#key(this.#current, binding), nonce, {authTagLength: TAG});
    cipher.setAAD(boundTo(binding));
    const body = Buffer.concat([nonce, cipher.update(secret.reveal(), 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return `1.${this.#current}.${body.toString('base64url')}`;
  }

  async open(envelope: string, binding: SecretBinding): Promise<Secret> {
    const [, id = '', text = ''] = ENVELOPE.exec(envelope) ?? [];
    const body = Buffer.from(text, 'base64url');
    if (body.length < NONCE + TAG) throw new SecretUnavailable(`${binding.setting}: what is stored is no envelope`, binding.setting);
    const decipher = createDecipheriv(ALGORITHM, this.#key(id, binding), body.subarray(0, NONCE), {authTagLength: TAG});
    decipher.setAAD(boundTo(binding));
    decipher.setAuthTag(body.subarray(-TAG));
    try {
      return new Secret(Buffer.concat([decipher.update(body.subarray(NONCE, -TAG)), decipher.final()]).toString('utf8'));
    } catch {
      throw new SecretUnavailable(`${binding.setting}: its envelope was changed, or made for another place or with another key`,
        binding.setting);
    }
  }

  /** Whether an envelope was sealed with the key that seals now; others are for a rotation to seal anew. */
  isCurrent(envelope: string): boolean {
    return ENVELOPE.exec(envelope)?.[1] === this.#current;
  }

  #key(id: string, {setting}: SecretBinding): Buffer {
    const key = this.#keys.get(id);
    if (key === undefined) throw new SecretUnavailable(`${setting}: the key ${JSON.stringify(id)} of its envelope is not there`, setting);
    return key;
  }
}

function boundTo({store, scope, owner, setting}: SecretBinding): Buffer {
  return Buffer.from(canonicalJson(['jupiter-preferences', store, scope ?? null, owner, setting]));
}
