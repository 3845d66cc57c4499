import type {CredentialSource, RetryPolicy} from '../core/contract.js';
import {Credentials} from '../core/credentials.js';
import {onlyKeys, wholeNumber} from '../core/options.js';
import {Proxy, SSL, Timeout, User, type ProxyOptions, type SSLOptions, type TimeoutOptions, type UserOptions} from '../core/settings.js';
import {plainUrl} from '../core/url.js';
import {checkSources, type Source} from '../policy/mirror-list.js';

/** Everything about one source of files. */
export interface RemoteOptions {
  /** A name for messages and preferences. */
  name?: string | undefined;
  /** What relative addresses are resolved against; credentials and headers are bound to its origin. */
  url: string;
  user?: UserOptions | User | undefined;
  /** A bearer token. */
  token?: string | undefined;
  /** More credentials, asked after `user` and `token`. */
  credentials?: CredentialSource | undefined;
  headers?: Readonly<Record<string, string>> | undefined;
  publicHeaders?: readonly string[] | undefined;
  ssl?: SSLOptions | SSL | undefined;
  proxyUrl?: string | ProxyOptions | Proxy | undefined;
  timeout?: TimeoutOptions | Timeout | undefined;
  retry?: RetryPolicy | undefined;
  retries?: number | undefined;
  /** bytes */
  maxBytes?: number | undefined;
  maxRedirects?: number | undefined;
  /** Where the same files are besides; asked after the remote itself. */
  mirrors?: readonly (string | Source)[] | undefined;
  /** Algorithms that every download's facts name. @default ['sha256'] */
  digests?: readonly string[] | undefined;
}

const KEYS = ['name', 'url', 'user', 'token', 'credentials', 'headers', 'publicHeaders', 'ssl', 'proxyUrl', 'timeout', 'retry', 'retries',
  'maxBytes', 'maxRedirects', 'mirrors', 'digests'];

/** The description of a source, checked and frozen: many downloads are made from one. */
export class Remote {
  readonly name: string;
  readonly url: string;
  readonly origin: string;
  readonly credentials: CredentialSource;
  readonly headers: Readonly<Record<string, string>>;
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

  /** @throws TypeError, RangeError naming the option */
  constructor(options: RemoteOptions) {
    onlyKeys('remote', options, KEYS);
    const {href, origin, user} = plainUrl('remote.url', options.url);
    this.name = options.name ?? origin;
    this.url = href;
    this.origin = origin;
    this.credentials = credentialsOf(origin, options, user);
    this.headers = Object.freeze({...options.headers});
    this.publicHeaders = Object.freeze([...options.publicHeaders ?? []]);
    this.ssl = options.ssl === undefined ? undefined : new SSL(options.ssl);
    this.proxy = options.proxyUrl === undefined ? undefined : new Proxy(options.proxyUrl);
    this.timeout = new Timeout(options.timeout);
    this.retry = options.retry;
    this.retries = options.retries === undefined ? undefined : wholeNumber('remote.retries', options.retries, 0);
    this.maxBytes = options.maxBytes === undefined ? undefined : wholeNumber('remote.maxBytes', options.maxBytes, 0);
    this.maxRedirects = options.maxRedirects;
    this.mirrors = Object.freeze(checkSources(options.mirrors ?? []));
    this.digests = Object.freeze([...options.digests ?? ['sha256']]);
    Object.freeze(this);
  }
}

function credentialsOf(origin: string, options: RemoteOptions, lifted: User | undefined): CredentialSource {
  const own = new Credentials();
  const user = options.user ?? lifted;
  if (user !== undefined && options.token !== undefined) throw new TypeError('remote: expected user or token, got both');
  if (user !== undefined) own.add({url: origin, user});
  if (options.token !== undefined) own.add({url: origin, token: options.token});
  const {credentials} = options;
  return {for: (asked, path) => own.for(asked, path) ?? credentials?.for(asked, path)};
}
