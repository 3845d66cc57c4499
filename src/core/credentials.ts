import type {Credential, CredentialSource} from './contract.js';
import {misuse, onlyKeys} from './options.js';
import {Secret} from './secret.js';
import {User, type UserOptions} from './settings.js';
import {originOf} from './url.js';

/** A credential and the place it is for. */
export interface CredentialEntry {
  /** scheme + host + port, e.g. `https://repo.example`; a longer URL adds its path as the prefix. */
  url: string;
  user?: UserOptions | User | undefined;
  /** A bearer token (RFC 6750). */
  token?: string | undefined;
}

interface Kept {
  readonly origin: string;
  readonly path: string;
  readonly user: User | undefined;
  readonly token: Secret | undefined;
}

/**
 * Credentials, each bound to an origin and optional path prefix by construction. Every hop asks again (redirect,
 * mirror, refresh), so nothing is carried to a place that it was not given for. The longest matching prefix wins.
 */
export class Credentials implements CredentialSource {
  readonly #kept: Kept[] = [];

  constructor(entries: readonly CredentialEntry[] = []) {
    for (const entry of entries) this.add(entry);
  }

  /** @throws TypeError when the URL is not one or names no host, or not exactly one of user and token is given */
  add(entry: CredentialEntry): this {
    onlyKeys('credentials', entry, ['url', 'user', 'token']);
    if (!URL.canParse(entry.url)) throw misuse('credentials.url', entry.url, 'an origin such as https://repo.example');
    if ((entry.user === undefined) === (entry.token === undefined)) {
      throw new TypeError('credentials: expected exactly one of user and token');
    }
    if (entry.token !== undefined && (typeof entry.token !== 'string' || !/^[\x21-\x7e]+$/.test(entry.token))) {
      throw new TypeError('credentials.token: expected visible ASCII characters without spaces');
    }
    const {host, pathname} = new URL(entry.url);
    if (host === '') throw misuse('credentials.url', entry.url, 'an origin such as https://repo.example');
    this.#kept.push({
      origin: originOf(entry.url), path: pathname === '' ? '/' : pathname,
      user: entry.user === undefined ? undefined : new User(entry.user),
      token: entry.token === undefined ? undefined : new Secret(entry.token),
    });
    this.#kept.sort((one, other) => other.path.length - one.path.length);
    return this;
  }

  for(origin: string, path: string): Credential | undefined {
    const kept = this.#kept.find((one) => one.origin === origin && isUnder(path, one.path));
    if (kept === undefined) return undefined;
    if (kept.token !== undefined) return {scheme: 'bearer', token: kept.token.reveal()};
    return kept.user && {scheme: 'basic', name: kept.user.name, password: kept.user.password.reveal()};
  }
}

function isUnder(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`);
}

/** The value of an Authorization header. */
export function authorization(credential: Credential): string {
  if (credential.scheme === 'bearer') return `Bearer ${credential.token}`;
  return `Basic ${Buffer.from(`${credential.name}:${credential.password}`).toString('base64')}`;
}
