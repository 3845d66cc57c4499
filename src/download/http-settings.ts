import type {ExtendOptions} from 'got';
import {misuse} from '../core/options.js';

/** Options of got that a subclass or the `settings` option may set. */
export type HttpSettings = Readonly<Omit<ExtendOptions, OwnedSetting>>;

/** got's options that the framework owns, and what to use instead. */
const OWNED = {
  url: 'download.url', method: 'the option method', headers: 'download.headers', body: 'nothing: downloads send none', json: 'nothing: downloads send none',
  form: 'nothing: downloads send none', retry: 'the option retry', timeout: 'the option timeout', signal: 'run(signal)', agent: 'the options ssl and proxyUrl',
  followRedirect: 'maxRedirects: redirects are ours', maxRedirects: 'the option maxRedirects', methodRewriting: 'nothing: redirects are ours',
  decompress: 'allowEncoded: bodies are kept as sent', strictContentLength: 'nothing: lengths are always checked',
  throwHttpErrors: 'nothing: statuses are always judged', isStream: 'nothing', cache: 'nothing: got buffers cached bodies', cacheOptions: 'nothing',
  responseType: 'the option writer', resolveBodyOnly: 'nothing', encoding: 'the option writer', parseJson: 'nothing', stringifyJson: 'nothing',
  prefixUrl: 'download.url', searchParams: 'download.url', username: 'the option user', password: 'the option user', pagination: 'nothing',
  copyPipedHeaders: 'nothing', allowGetBody: 'nothing', request: 'a subclass of Download', handlers: 'download.register', mutableDefaults: 'nothing',
  http2: 'nothing: the framing rules are those of HTTP/1.1', h2session: 'nothing', context: 'download.attachment', hooks: 'download.register',
  insecureHTTPParser: 'nothing: framing is judged strictly', maxHeaderSize: 'nothing: 16 KiB', enableUnixSockets: 'nothing: refused', socketPath: 'nothing: refused',
  setHost: 'nothing', createConnection: 'a subclass of Download', ignoreInvalidCookies: 'nothing',
} as const;

type OwnedSetting = keyof typeof OWNED;

/** The same inside got's `https` group. */
const OWNED_TLS = {
  rejectUnauthorized: 'ssl.validation', certificateAuthority: 'ssl.caCertificate', certificate: 'ssl.clientCertificate', key: 'ssl.clientKey',
  passphrase: 'nothing: keys come without', pfx: 'ssl.clientCertificate and ssl.clientKey', checkServerIdentity: 'ssl.caCertificate',
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
    if (instead !== undefined) throw new TypeError(`settings.${prefix}${name}: owned by the framework; use ${instead}`);
  }
}
