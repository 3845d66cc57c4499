import {misuse} from '../core/options.js';
import type {GotOptions} from './http-transport.js';

/** Options of got that a subclass or the `settings` option may set. */
export type HttpSettings = Readonly<Omit<GotOptions, OwnedSetting>>;

const NO_BODY = 'downloads send no body';
const REDIRECTS = 'use the option maxRedirects';
const STREAM = 'bodies go to the writer as they come';

/** got's options that the framework owns, and what to do instead. */
const OWNED = {
  url: 'use download.url', prefixUrl: 'use download.url', searchParams: 'use download.url', method: 'use the option method',
  headers: 'use download.headers', username: 'use the option user', password: 'use the option user', auth: 'use the option user',
  body: NO_BODY, json: NO_BODY, form: NO_BODY, allowGetBody: NO_BODY, stringifyJson: NO_BODY, copyPipedHeaders: NO_BODY,
  retry: 'use the option retry', timeout: 'use the option timeout', signal: 'use run(signal)', agent: 'use the options ssl and proxyUrl',
  followRedirect: REDIRECTS, maxRedirects: REDIRECTS, methodRewriting: 'the framework follows redirects',
  decompress: 'use the option allowEncoded', strictContentLength: 'lengths are always checked',
  throwHttpErrors: 'statuses are always judged',
  isStream: STREAM, responseType: STREAM, resolveBodyOnly: STREAM, encoding: STREAM, parseJson: STREAM, pagination: STREAM,
  cache: 'got keeps cached bodies in memory', cacheOptions: 'got keeps cached bodies in memory',
  request: 'write a subclass of Download', createConnection: 'write a subclass of Download', setHost: 'the host is that of the url',
  handlers: 'use download.register', hooks: 'use download.register', context: 'use download.attachment',
  mutableDefaults: 'sessions are shared',
  http2: 'the framing rules are those of HTTP/1.1', h2session: 'the framing rules are those of HTTP/1.1',
  insecureHTTPParser: 'framing is judged strictly', maxHeaderSize: 'it is 16 KiB', enableUnixSockets: 'sockets of this machine are refused',
  socketPath: 'sockets of this machine are refused',
} as const;

type OwnedSetting = keyof typeof OWNED;

/** The same inside got's `https` group. */
const OWNED_TLS = {
  rejectUnauthorized: 'use ssl.validation', certificateAuthority: 'use ssl.caCertificate', certificate: 'use ssl.clientCertificate',
  key: 'use ssl.clientKey', passphrase: 'keys come without', pfx: 'use ssl.clientCertificate and ssl.clientKey',
  checkServerIdentity: 'use ssl.caCertificate', alpnProtocols: 'the framing rules are those of HTTP/1.1',
} as const;

/** Refuses settings that the framework owns, by name. @throws TypeError */
export function checkSettings(settings: HttpSettings): HttpSettings {
  if (typeof settings !== 'object' || settings === null) throw misuse('settings', settings, 'an object of got options');
  refuse(settings, OWNED, '');
  if (settings.https !== undefined) refuse(settings.https, OWNED_TLS, 'https.');
  return settings;
}

function refuse(group: object, owned: Readonly<Record<string, string>>, prefix: string): void {
  for (const name of Object.keys(group)) {
    const instead = Object.hasOwn(owned, name) ? owned[name] : undefined;
    if (instead !== undefined) throw new TypeError(`settings.${prefix}${name}: owned by the framework; ${instead}`);
  }
}

/** What other origins are spoken to with: the name that certificates are checked against is given for one origin alone. */
export function settingsElsewhere(settings: HttpSettings): HttpSettings {
  if (settings.https?.serverName === undefined) return settings;
  const {serverName: dropped, ...https} = settings.https;
  return {...settings, https};
}

/** Numbers for what can only be told apart by identity. */
export class Identities {
  readonly #numbers = new WeakMap<object, number>();
  #last = 0;

  of(thing: object): string {
    const number = this.#numbers.get(thing) ?? ++this.#last;
    this.#numbers.set(thing, number);
    return `#${number}`;
  }
}

/** Tells settings apart: plain values and those of the `https` group by content, all other things by identity. */
export function settingsKey(settings: HttpSettings, identities: Identities): string {
  const tell = (value: unknown): unknown => {
    if (typeof value === 'function' || (typeof value === 'object' && value !== null)) return identities.of(value);
    return typeof value === 'bigint' ? `${value}n` : value;
  };
  const tellList = (value: unknown): unknown => Array.isArray(value) ? value.map(tell) : tell(value);
  return JSON.stringify(Object.entries(settings).map(([name, value]) =>
    [name, name === 'https' ? Object.entries(value as object).map(([key, one]) => [key, tellList(one)]) : tell(value)]));
}
