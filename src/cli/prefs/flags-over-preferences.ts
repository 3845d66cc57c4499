import {SSL, type SSLOptions} from '../../core/settings.js';
import type {PreferredSettings} from '../../factory/preferred-settings.js';
import type {RemoteOptions} from '../../factory/remote.js';
import type {TransferSettings} from '../transfer-settings.js';

/** What a Remote is made with: what a flag says, else what the preferences say, else what the environment says. */
export function flagsOver(preferred: PreferredSettings | undefined, flags: TransferSettings, origin: string): Partial<RemoteOptions> {
  const {user, netrc, headers, timeout, retries, maxBytes, json} = flags;
  const settings = preferred?.settings() ?? {};
  const loggedIn = user !== undefined || headers.authorization !== undefined || netrc?.for(origin, '/') !== undefined;
  return {
    ...settings,
    user: loggedIn ? user : settings.user,
    token: loggedIn ? undefined : settings.token,
    credentials: netrc,
    headers: {...settings.headers, ...headers},
    ssl: sslOver(settings.ssl, flags.ssl),
    proxyUrl: proxyOver(preferred, flags, origin),
    timeout: {...settings.timeout, ...timeout},
    retries: retries ?? settings.retries,
    maxBytes: maxBytes ?? settings.maxBytes,
    digests: [...new Set([...settings.digests ?? [], ...json ? ['sha256'] : []])],
    // Those are attached by the builder, since flags and items may have others.
    mirrors: [],
  };
}

/** A certificate and its key belong together; what a flag waives stays waived. */
function sslOver(preferred: SSLOptions | undefined, flags: SSL | undefined): SSLOptions | SSL | undefined {
  if (preferred === undefined || flags === undefined) return flags ?? preferred;
  const pair = flags.clientCertificate === undefined ? preferred : flags;
  const {clientCertificate, clientKey} = pair;
  return new SSL({
    caCertificate: flags.caCertificate ?? preferred.caCertificate,
    replaceSystemAuthorities: flags.caCertificate === undefined ? preferred.replaceSystemAuthorities : undefined,
    clientCertificate, clientKey: clientKey as string | undefined,
    validation: flags.validation && (preferred.validation ?? true),
  });
}

function proxyOver(preferred: PreferredSettings | undefined, {proxyGiven, proxyFor}: TransferSettings, origin: string):
RemoteOptions['proxyUrl'] {
  if (proxyGiven || preferred?.proxy === undefined) return proxyFor(origin);
  return preferred.proxy === 'direct' ? undefined : preferred.proxy;
}
