import {inspect} from 'node:util';
import {duration, misuse, onlyKeys, wholeNumber} from './options.js';
import {REDACTED, redactUrl} from './redact.js';
import {Secret} from './secret.js';

/** Name and password for basic authentication. */
export interface UserOptions {
  name: string;
  password?: string | undefined;
}

/** Who asks (RFC 7617). The password shows in no inspect and no JSON. */
export class User {
  readonly name: string;
  readonly password: Secret;

  /** @throws TypeError naming the option */
  constructor(options: UserOptions | User) {
    if (!(options instanceof User)) onlyKeys('user', options, ['name', 'password']);
    const {name, password} = options;
    if (typeof name !== 'string') throw misuse('user.name', name, 'a text');
    // The value isn't shown: what stands behind the colon is most likely a password.
    if (name.includes(':')) throw new TypeError('user.name: expected a text without a colon (RFC 7617), got one with a colon');
    if (password !== undefined && typeof password !== 'string' && !(password instanceof Secret)) {
      throw misuse('user.password', typeof password, 'a text');
    }
    this.name = name;
    this.password = password instanceof Secret ? password : new Secret(password ?? '');
    Object.freeze(this);
  }
}

/** Certificates and keys: a path, or PEM text or bytes. */
export interface SSLOptions {
  /** Certificate authorities trusted beside the system's. */
  caCertificate?: string | Buffer | undefined;
  /** `true`: trust only `caCertificate`. @default false */
  replaceSystemAuthorities?: boolean | undefined;
  clientCertificate?: string | Buffer | undefined;
  clientKey?: string | Buffer | undefined;
  /** `false`: the origin of the download's own URL is not verified. Never carried to another origin. @default true */
  validation?: boolean | undefined;
}

/** How TLS is spoken. Files are read and checked before anything is sent. */
export class SSL {
  readonly caCertificate: string | Buffer | undefined;
  readonly replaceSystemAuthorities: boolean;
  readonly clientCertificate: string | Buffer | undefined;
  readonly clientKey: Secret | string | undefined;
  readonly validation: boolean;

  /** @throws TypeError naming the option */
  constructor(options: SSLOptions | SSL = {}) {
    if (!(options instanceof SSL)) {
      onlyKeys('ssl', options, ['caCertificate', 'replaceSystemAuthorities', 'clientCertificate', 'clientKey', 'validation']);
    }
    const {caCertificate, clientCertificate, clientKey} = options;
    for (const [name, value] of Object.entries({caCertificate, clientCertificate})) {
      if (value !== undefined && !isPathOrPem(value)) throw misuse(`ssl.${name}`, value, 'a path, or PEM text or bytes');
    }
    if (clientKey !== undefined && !(clientKey instanceof Secret) && !isPathOrPem(clientKey)) {
      throw misuse('ssl.clientKey', typeof clientKey, 'a path, or PEM text or bytes');
    }
    if (clientKey !== undefined && clientCertificate === undefined) {
      throw new TypeError('ssl.clientKey: expected ssl.clientCertificate beside it, got none');
    }
    if (options.replaceSystemAuthorities === true && caCertificate === undefined) {
      throw new TypeError('ssl.replaceSystemAuthorities: expected ssl.caCertificate beside it, got none');
    }
    for (const name of ['validation', 'replaceSystemAuthorities'] as const) {
      const value: unknown = options[name];
      if (value !== undefined && typeof value !== 'boolean') throw misuse(`ssl.${name}`, value, 'true or false');
    }
    this.caCertificate = caCertificate;
    this.clientCertificate = clientCertificate;
    this.clientKey = hideKey(clientKey);
    this.replaceSystemAuthorities = options.replaceSystemAuthorities ?? false;
    this.validation = options.validation ?? true;
    Object.freeze(this);
  }

  /** PEM is left out: a certificate file often holds its key too. */
  toJSON(): Record<string, unknown> {
    return Object.fromEntries(Object.entries(this).map(([name, value]) =>
      [name, Buffer.isBuffer(value) || (typeof value === 'string' && isPem(value)) ? REDACTED : value as unknown]));
  }

  [inspect.custom](): Record<string, unknown> {
    return this.toJSON();
  }
}

/** Bytes must be PEM: binary (DER) keys and certificates are not read, and paths are texts. */
function isPathOrPem(value: unknown): boolean {
  return typeof value === 'string' ? value !== '' : Buffer.isBuffer(value) && isPem(value.toString('latin1'));
}

function hideKey(key: string | Buffer | Secret | undefined): Secret | string | undefined {
  if (key === undefined || key instanceof Secret) return key;
  const text = key.toString();
  return isPem(text) ? new Secret(text) : text;
}

/** Whether a text is PEM itself, not the path of a PEM file. */
export function isPem(text: string): boolean {
  return text.includes('-----BEGIN ');
}

/** Time limits. 0 or `false` turns one off; undefined means the default. They pause while the writer is slow. */
export interface TimeoutOptions {
  /** DNS, TCP and TLS, ms. @default 30_000 */
  connect?: number | false | undefined;
  /** From the request to the end of the headers, ms. @default 30_000 */
  headers?: number | false | undefined;
  /** The longest silence inside a body, ms. @default 30_000 */
  read?: number | false | undefined;
  /** The least rate over `lowSpeedTime`, bytes a second. @default 1024 */
  lowSpeed?: number | false | undefined;
  /** ms. @default 30_000 */
  lowSpeedTime?: number | undefined;
  /** For the whole run, delays included, ms. @default none */
  deadline?: number | false | undefined;
}

/** Time limits, complete; 0 means none. */
export class Timeout {
  readonly connect: number;
  readonly headers: number;
  readonly read: number;
  readonly lowSpeed: number;
  readonly lowSpeedTime: number;
  readonly deadline: number;

  /** @throws TypeError, RangeError naming the option */
  constructor(options: TimeoutOptions | Timeout = {}) {
    if (typeof options !== 'object' || options === null) throw misuse('timeout', options, 'an object such as {read: 15_000}');
    if (!(options instanceof Timeout)) onlyKeys('timeout', options, ['connect', 'headers', 'read', 'lowSpeed', 'lowSpeedTime', 'deadline']);
    this.connect = duration('timeout.connect', options.connect, 30_000);
    this.headers = duration('timeout.headers', options.headers, 30_000);
    this.read = duration('timeout.read', options.read, 30_000);
    this.lowSpeed = options.lowSpeed === false ? 0 : wholeNumber('timeout.lowSpeed', options.lowSpeed ?? 1024, 0);
    this.lowSpeedTime = wholeNumber('timeout.lowSpeedTime', options.lowSpeedTime ?? 30_000, 1);
    this.deadline = duration('timeout.deadline', options.deadline, 0);
    Object.freeze(this);
  }
}

/** A proxy. */
export interface ProxyOptions {
  /** `http://host:port` or `https://host:port`; a name and password in it are lifted out. */
  url: string;
  user?: UserOptions | User | undefined;
}

/** The proxy through which everything goes; its credentials go to it and nowhere else. */
export class Proxy {
  /** Without credentials. */
  readonly url: string;
  readonly user: User | undefined;

  /** @throws TypeError naming the option */
  constructor(options: ProxyOptions | Proxy | string) {
    const given = typeof options === 'string' ? {url: options} : options;
    if (!(given instanceof Proxy)) onlyKeys('proxy', given, ['url', 'user']);
    if (!URL.canParse(given.url)) throw misuse('proxyUrl', given.url, 'a URL such as http://gateway.example:3128');
    const url = new URL(given.url);
    if (url.protocol !== 'http:' && url.protocol !== 'https:') throw misuse('proxyUrl', redactUrl(url), 'scheme http or https');
    const user: UserOptions | User | undefined = given.user ?? liftUser(url);
    this.url = url.origin;
    this.user = user === undefined ? undefined : new User(user);
    Object.freeze(this);
  }
}

/** The userinfo of a URL, percent-decoded; none when it has none. */
export function liftUser(url: URL): User | undefined {
  if (url.username === '' && url.password === '') return undefined;
  return new User({name: decodeLoosely(url.username), password: decodeLoosely(url.password)});
}

function decodeLoosely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
