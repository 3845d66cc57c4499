import {inspect} from 'node:util';
import type {CredentialSource, HeaderMap, RetryPolicy} from '../core/contract.js';
import {Credentials} from '../core/credentials.js';
import {normaliseAlgorithm} from '../core/digest.js';
import {misuse, onlyKeys, outOfRange, wholeNumber} from '../core/options.js';
import {redactHeaders, redactUrl} from '../core/redact.js';
import {
  Proxy, SSL, Timeout, type ProxyOptions, type SSLOptions, type TimeoutOptions, type User, type UserOptions,
} from '../core/settings.js';
import {plainUrl} from '../core/url.js';
import {HeaderScopes} from '../download/header-scopes.js';
import {checkSources, type Source} from '../policy/mirror-list.js';

/** Everything about one source of files. */
export interface RemoteOptions {
  /** A name for messages and preferences. @default its origin */
  name?: string | undefined;
  /** What relative addresses are resolved against; credentials and headers are bound to its origin. */
  url: string;
  /** Basic authentication at the origin. */
  user?: UserOptions | User | undefined;
  /** A bearer token for the origin. */
  token?: string | undefined;
  /** More credentials, asked after `user` and `token`. */
  credentials?: CredentialSource | undefined;
  /** Sent to the origin; others get the public ones of them. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Names of headers that hold no secret and may go to any origin. */
  publicHeaders?: readonly string[] | undefined;
  /** Other origins get the authorities only: no client certificate, and no waived verification. */
  ssl?: SSLOptions | SSL | undefined;
  proxyUrl?: string | ProxyOptions | Proxy | undefined;
  /** ms. @default connect, headers, read 30_000; no deadline */
  timeout?: TimeoutOptions | Timeout | undefined;
  retry?: RetryPolicy | undefined;
  /** Charged repairs. @default what the policy says */
  retries?: number | undefined;
  /** bytes. @default no limit */
  maxBytes?: number | undefined;
  /** @default 10 */
  maxRedirects?: number | undefined;
  /** Where the folder of `url` is besides; asked after the remote itself. */
  mirrors?: readonly (string | Source)[] | undefined;
  /** Algorithms that every download's facts name. @default ['sha256'] */
  digests?: readonly string[] | undefined;
}

const KEYS = ['name', 'url', 'user', 'token', 'credentials', 'headers', 'publicHeaders', 'ssl', 'proxyUrl', 'timeout', 'retry', 'retries',
  'maxBytes', 'maxRedirects', 'mirrors', 'digests'];

/** The description of a source, checked and frozen: many downloads are made from one. It shows no secret. */
export class Remote {
  readonly name: string;
  readonly url: string;
  readonly origin: string;
  readonly credentials: CredentialSource;
  readonly headers: HeaderMap;
  readonly publicHeaders: readonly string[];
  readonly ssl: SSL | undefined;
  readonly proxy: Proxy | undefined;
  readonly timeout: Timeout;
  readonly retry: RetryPolicy | undefined;
  readonly retries: number | undefined;
  readonly maxBytes: number | undefined;
  readonly maxRedirects: number | undefined;
  readonly mirrors: readonly Source[];
  readonly digests: readonly string[];
  readonly #scopes: HeaderScopes;
  readonly #authorities: SSL | undefined;

  /** @throws TypeError, RangeError naming the option */
  constructor(options: RemoteOptions) {
    onlyKeys('remote', options, KEYS);
    const {href, origin, user} = plainUrl('remote.url', options.url);
    this.name = textOf('remote.name', options.name) ?? origin;
    this.url = href;
    this.origin = origin;
    this.credentials = credentialsOf(origin, options, user);
    this.publicHeaders = Object.freeze(namesOf('remote.publicHeaders', options.publicHeaders ?? []));
    this.#scopes = new HeaderScopes(this.publicHeaders);
    this.#scopes.set(origin, options.headers ?? {});
    this.headers = this.#scopes.for(origin);
    this.ssl = options.ssl === undefined ? undefined : new SSL(options.ssl);
    this.#authorities = authoritiesOf(this.ssl);
    this.proxy = options.proxyUrl === undefined ? undefined : new Proxy(options.proxyUrl);
    this.timeout = new Timeout(options.timeout);
    this.retry = policyOf(options.retry);
    this.retries = countOf('remote.retries', options.retries);
    this.maxBytes = countOf('remote.maxBytes', options.maxBytes);
    this.maxRedirects = countOf('remote.maxRedirects', options.maxRedirects);
    this.mirrors = Object.freeze(mirrorsOf(options.mirrors ?? []));
    this.digests = Object.freeze(namesOf('remote.digests', options.digests ?? ['sha256']).map(algorithmOf));
    Object.freeze(this);
  }

  /** What may be sent to an origin. */
  headersFor(origin: string): HeaderMap {
    return this.#scopes.for(origin);
  }

  /** How TLS is spoken with an origin. */
  sslFor(origin: string): SSL | undefined {
    return origin === this.origin ? this.ssl : this.#authorities;
  }

  /** What may be logged or stored. */
  toJSON(): Record<string, unknown> {
    const {credentials: _secret, retry: _policy, ...shown} = this as Record<string, unknown> & this;
    return {
      ...shown, url: redactUrl(this.url), headers: redactHeaders(this.headers),
      mirrors: this.mirrors.map((source) => ({...source, url: redactUrl(source.url)})),
    };
  }

  [inspect.custom](): Record<string, unknown> {
    return this.toJSON();
  }
}

function credentialsOf(origin: string, options: RemoteOptions, lifted: User | undefined): CredentialSource {
  const {token, credentials} = options;
  const user = options.user ?? lifted;
  if (user !== undefined && token !== undefined) throw new TypeError('remote: expected user or token, got both');
  if (credentials !== undefined && typeof credentials.for !== 'function') {
    throw misuse('remote.credentials', credentials, 'a CredentialSource');
  }
  const own = new Credentials();
  if (user !== undefined) own.add({url: origin, user});
  if (token !== undefined) own.add({url: origin, token});
  return {for: (asked, path) => own.for(asked, path) ?? credentials?.for(asked, path)};
}

function authoritiesOf(ssl: SSL | undefined): SSL | undefined {
  return ssl?.caCertificate === undefined ? undefined
    : new SSL({caCertificate: ssl.caCertificate, replaceSystemAuthorities: ssl.replaceSystemAuthorities});
}

function policyOf(retry: RetryPolicy | undefined): RetryPolicy | undefined {
  if (retry !== undefined && typeof retry.decide !== 'function') throw misuse('remote.retry', retry, 'a RetryPolicy');
  return retry;
}

function mirrorsOf(mirrors: readonly (string | Source)[]): Source[] {
  if (!Array.isArray(mirrors)) throw misuse('remote.mirrors', mirrors, 'a list of URLs');
  return checkSources(mirrors).map((source) => Object.freeze({...source}));
}

function textOf(option: string, value: unknown): string | undefined {
  if (value !== undefined && typeof value !== 'string') throw misuse(option, value, 'a text');
  return value;
}

function countOf(option: string, value: unknown): number | undefined {
  return value === undefined ? undefined : wholeNumber(option, value, 0);
}

function algorithmOf(name: string): string {
  try {
    return normaliseAlgorithm(name);
  } catch {
    throw outOfRange('remote.digests', name, 'digests that node\'s crypto knows, such as sha256');
  }
}

function namesOf(option: string, value: unknown): string[] {
  if (!Array.isArray(value) || !value.every((name) => typeof name === 'string')) throw misuse(option, value, 'a list of names');
  return [...value];
}
