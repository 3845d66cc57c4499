import type {HeaderMap} from '../core/contract.js';
import {misuse} from '../core/options.js';
import {redactHeaders} from '../core/redact.js';

/** Headers that say nothing about who asks; they go to every origin. */
const PUBLIC = ['accept', 'accept-language', 'user-agent', 'cache-control', 'pragma'];

/** Headers that the framework writes itself. */
const OWNED = ['host', 'connection', 'content-length', 'transfer-encoding', 'accept-encoding', 'range', 'if-range', 'te', 'upgrade',
  'proxy-authorization', 'expect', 'keep-alive', 'trailer'];

// eslint-disable-next-line no-control-regex
const UNSENDABLE = /[\u0000-\u0008\u000a-\u001f\u007f]|[^\u0000-\u00ff]/;
/** Credentials by definition (RFC 9110, 11.6.2; RFC 6265, 4.2). */
const SECRET = /^(?:proxy-)?authorization$|^cookie$/i;
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/**
 * Headers, each set bound to the origin that was asked when it was set (transfer.md, 7). Another origin, be it a
 * redirect or a mirror, sees only the public ones.
 */
export class HeaderScopes {
  readonly #scopes = new Map<string, HeaderMap>();
  readonly #public: ReadonlySet<string>;

  /** @throws TypeError when a header that holds a secret is to go everywhere */
  constructor(publicHeaders: readonly string[]) {
    for (const name of publicHeaders) {
      if (SECRET.test(name)) throw misuse('publicHeaders', name, 'no header that carries credentials');
    }
    this.#public = new Set([...PUBLIC, ...publicHeaders.map((name) => name.toLowerCase())]);
  }

  /** What is sent to this origin. */
  for(origin: string): HeaderMap {
    const own = this.#scopes.get(origin);
    if (this.#scopes.size === 0 || (own !== undefined && this.#scopes.size === 1)) return own ?? NONE;
    const shown: Record<string, string> = {};
    for (const scope of this.#scopes.values()) {
      for (const [name, value] of Object.entries(scope)) if (this.#public.has(name)) shown[name] = value;
    }
    return Object.freeze(Object.assign(shown, own));
  }

  /** Replaces what is bound to the origin. @throws TypeError naming the header, never its value */
  set(origin: string, headers: Readonly<Record<string, string>>): void {
    this.#scopes.set(origin, checkHeaders(headers));
  }

  /** Takes over the scopes of another. */
  inherit(other: HeaderScopes): void {
    for (const [origin, headers] of other.#scopes) this.#scopes.set(origin, headers);
  }

  toJSON(): Record<string, unknown> {
    return Object.fromEntries([...this.#scopes].map(([origin, headers]) => [origin, redactHeaders(headers)]));
  }
}

const NONE: HeaderMap = Object.freeze({});

function checkHeaders(headers: Readonly<Record<string, string>>): HeaderMap {
  if (typeof headers !== 'object' || headers === null) throw misuse('headers', headers, 'an object of names and values');
  const checked: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const lower = name.toLowerCase();
    if (!TOKEN.test(name)) throw misuse('headers', name, 'a header name (RFC 9110, 5.1)');
    if (OWNED.includes(lower)) throw new TypeError(`headers: '${lower}' is written by the framework and can't be set`);
    if (typeof value !== 'string') throw misuse(`headers.${lower}`, typeof value, 'a text');
    if (UNSENDABLE.test(value)) throw new TypeError(`headers.${lower}: expected a value without control characters (RFC 9110, 5.5)`);
    checked[lower] = value;
  }
  return Object.freeze(checked);
}
