import {misuse} from '../core/options.js';
import {Proxy, User, type UserOptions} from '../core/settings.js';
import {plainUrl} from '../core/url.js';
import {ExponentialBackoff} from '../policy/backoff.js';
import {StandardRetryPolicy} from '../policy/retry-policy.js';
import type {SettingsSource} from './factory.js';
import type {PreferencePlace, PreferenceView, ResolvedView} from './preference-view.js';
import {readValues, type PreferredValues} from './preferred-values.js';
import {ProxyRules} from './proxy-rules.js';
import type {RemoteOptions} from './remote.js';

/** What of a Remote preferences can say. */
export interface PreferredRemote extends Partial<RemoteOptions> {
  readonly timeout?: PreferredValues['timeout'] | undefined;
  readonly ssl?: PreferredValues['ssl'] | undefined;
}

/**
 * What preferences say of one remote, read once: later writes change nothing here, so what runs keeps what it started with.
 * A Factory takes it as `settings`; the rest is for the Context, the Batch and the writers beside it. Only what somebody set
 * is in it: where it says nothing, the defaults of each hold. It shows no secret.
 */
export class PreferredSettings implements SettingsSource {
  /** For a Context. */
  readonly limits: NonNullable<PreferredValues['limits']>;
  /** For a Context: the only hosts that may be asked. */
  readonly hosts: readonly string[] | undefined;
  /** For a Batch. */
  readonly batch: NonNullable<PreferredValues['batch']>;
  /** For a FileWriter. */
  readonly writer: NonNullable<PreferredValues['writer']>;
  /** For `build`, as its `options`. */
  readonly download: Pick<PreferredValues, 'bandwidth' | 'allowCloseFramed' | 'allowEncoded'>;
  /** Parts of one file fetched at once, where segments are asked for. */
  readonly segments: number | undefined;
  /** `direct`: no proxy, whatever else would say so; undefined: nothing is said. */
  readonly proxy: Proxy | 'direct' | undefined;
  /** For people: what could not be known for sure, and what is used instead. */
  readonly warnings: readonly string[];
  readonly #remote: PreferredRemote;

  private constructor(values: PreferredValues, url: string, warnings: readonly string[]) {
    const {limits = {}, context, batch = {}, writer = {}, bandwidth, allowCloseFramed, allowEncoded, segments} = values;
    this.limits = Object.freeze(limits);
    this.hosts = context?.hosts;
    this.batch = Object.freeze(batch);
    this.writer = Object.freeze(writer);
    this.download = Object.freeze({bandwidth, allowCloseFramed, allowEncoded});
    this.segments = segments;
    this.proxy = proxyOf(values, url);
    this.warnings = warnings;
    this.#remote = Object.freeze({...remoteOf(values), proxyUrl: this.proxy === 'direct' ? undefined : this.proxy});
    Object.freeze(this);
  }

  /**
   * The name that a remote has in preferences, unless it is given another: its host, `registry.example` or
   * `registry.example:8443`. One without TLS is another remote, named by its origin, so that no secret goes there by mistake.
   *
   * @throws TypeError when it is no URL with a host
   */
  static scopeOf(url: string): string {
    const {href, origin} = plainUrl('url', url);
    const {host, protocol} = new URL(href);
    if (host === '') throw misuse('url', href, 'a URL with a host');
    return protocol === 'https:' ? host : origin;
  }

  /**
   * Reads what is in force for a remote: at most two queries and what its secrets refer to.
   *
   * @param url Its address: secrets are read for its origin alone, and whether a proxy is asked depends on it.
   * @param place Without a scope: that of `scopeOf(url)`.
   * @throws the errors of the preferences: SettingUnavailable when a setting that protects is not known for sure; TypeError
   */
  static async read(preferences: PreferenceView, url: string, place: Partial<PreferencePlace> & Pick<PreferencePlace, 'owner'>):
  Promise<PreferredSettings> {
    const {href, origin} = plainUrl('url', url);
    const where = {owner: place.owner, scope: place.scope ?? PreferredSettings.scopeOf(href)};
    const settings = await preferences.getAll(where);
    return new PreferredSettings(await readValues(preferences, where, origin, settings), href, warningsOf(preferences, settings));
  }

  /** What a Remote is made with. */
  settings(): PreferredRemote {
    return this.#remote;
  }
}

function remoteOf({timeout, retry, retries, maxBytes, maxRedirects, ssl, user, token, headers, publicHeaders, mirrors, digests}:
PreferredValues): PreferredRemote {
  const login = loginOf(user);
  if (login !== undefined && token !== undefined) throw new TypeError('auth.user: expected a name and password, or auth.token; got both');
  return {
    timeout, retry: policyOf(retry, retries), retries, maxBytes, maxRedirects, ssl, user: login, token, headers, publicHeaders, mirrors,
      digests,
  };
}

/** A name whose password is none for this origin is none either. */
function loginOf({name, password}: Partial<UserOptions> = {}): User | undefined {
  return name === undefined || password === undefined ? undefined : new User({name, password});
}

function policyOf(retry: PreferredValues['retry'], retries: number | undefined): StandardRetryPolicy | undefined {
  if (retry === undefined) return undefined;
  const {maxRetryAfter, ...backoff} = retry;
  return new StandardRetryPolicy({retries, maxRetryAfter, backoff: new ExponentialBackoff(backoff)});
}

function proxyOf({proxyUrl, proxyRules}: PreferredValues, address: string): Proxy | 'direct' | undefined {
  const {url, user} = proxyUrl ?? {};
  if (url === null) return 'direct';
  // Asked for any proxy: the rules say which hosts are asked without one.
  const rules = new ProxyRules({all: url ?? 'http://any.invalid', no: proxyRules?.no?.join(',')});
  if (rules.for(address) === undefined) return 'direct';
  return url === undefined ? undefined : new Proxy({url, user: user?.name === undefined ? undefined : {...user, name: user.name}});
}

function warningsOf({registry}: PreferenceView, settings: ResolvedView): string[] {
  const {staleFor, centralUnknown} = settings;
  const degraded = registry.settings.filter(({name}) => settings.effective(name).degraded).map(({name}) => name);
  const away = 'the central store of the preferences can\'t be asked';
  return [
    ...staleFor === undefined ? [] : [`${away}: what it said ${Math.round(staleFor / 1000)} s ago holds`],
    ...degraded.length === 0 ? [] : [`${centralUnknown ? away : 'a stored value is none that the setting takes'}: `
      + `${degraded.slice(0, 5).join(', ')}${degraded.length > 5 ? ` and ${degraded.length - 5} more` : ''} may not be what you want`],
  ];
}
