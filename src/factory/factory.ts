import type {ContextView, Validation, Writer} from '../core/contract.js';
import {misuse, onlyKeys} from '../core/options.js';
import {SSL} from '../core/settings.js';
import {originOf, plainUrl} from '../core/url.js';
import {MirrorDelegate} from '../delegate/mirror-delegate.js';
import type {Download} from '../download/download.js';
import type {DownloadOptions} from '../download/download-options.js';
import {FileDownload} from '../download/file-download.js';
import {HttpDownload, type HttpDownloadOptions} from '../download/http-download.js';
import {DownloadMonitor} from '../monitor/download-monitor.js';
import {Remote, type RemoteOptions} from './remote.js';

/** A Download class: a protocol. */
export type DownloadClass = new (options: never) => Download;

/** Gives the settings in force for a remote (preferences do); what it leaves out stays as the Remote has it. */
export interface SettingsSource {
  settings(remote: string): Partial<RemoteOptions>;
}

/** What a Factory is made with. */
export interface FactoryOptions {
  /** Where files come from. @default nothing: `build` then wants absolute URLs */
  remote?: Remote | RemoteOptions | undefined;
  /** Scheme → class, beside and before http, https and file. */
  schemes?: Readonly<Record<string, DownloadClass>> | undefined;
  /** Folders from which `file:` URLs may be read. @default none: the scheme is refused */
  fileRoots?: readonly string[] | undefined;
  /** Shared by everything built. */
  context?: ContextView | undefined;
  /** Overrides what the Remote says. */
  settings?: SettingsSource | undefined;
}

/** What is one download's own. */
export interface BuildOptions<A = unknown> {
  writer?: Writer | undefined;
  validations?: readonly Validation[] | undefined;
  attachment?: A | undefined;
}

/** Builds configured downloads: the class by the URL's scheme; credentials, TLS, proxy, limits and mirrors by the Remote. */
export class Factory {
  readonly #remote: Remote | undefined;
  readonly #schemes: ReadonlyMap<string, DownloadClass>;
  readonly #options: FactoryOptions;

  /** @throws TypeError, RangeError naming the option */
  constructor(options: FactoryOptions = {}) {
    onlyKeys('factory', options, ['remote', 'schemes', 'fileRoots', 'context', 'settings']);
    const {remote, settings} = options;
    const base = remote === undefined || remote instanceof Remote ? remote : new Remote(remote);
    if (settings !== undefined && remote instanceof Remote) {
      throw new TypeError('factory.settings: expected remote as plain options, so that settings can override them');
    }
    this.#remote = settings === undefined || base === undefined ? base : new Remote({...remote as RemoteOptions, ...settings.settings(base.name)});
    this.#options = options;
    const file = options.fileRoots === undefined ? [] : [['file', FileDownload] as const];
    this.#schemes = new Map<string, DownloadClass>([['http', HttpDownload], ['https', HttpDownload], ...file, ...Object.entries(options.schemes ?? {})]);
  }

  /** A download of `url`, absolute or relative to the remote. @throws TypeError for a bad URL or a scheme without a class */
  build<A = unknown>(url: string, own: BuildOptions<A> = {}): Download<A> {
    onlyKeys('build', own, ['writer', 'validations', 'attachment']);
    const absolute = this.#resolve(url);
    const {href} = plainUrl('url', absolute);
    const scheme = href.slice(0, href.indexOf(':'));
    const found = this.#schemes.get(scheme);
    if (found === undefined) throw misuse('url', href, `a URL with scheme ${[...this.#schemes.keys()].join(' or ')}`);
    const options = defined({...this.#configuration(originOf(href)), ...own, url: absolute, context: this.#options.context,
      ...found === FileDownload ? {roots: this.#options.fileRoots} : {}});
    const download = new (found as unknown as new (options: DownloadOptions<A>) => Download<A>)(options as unknown as DownloadOptions<A>);
    if (this.#remote !== undefined) this.#attach(this.#remote, download);
    return download;
  }

  #resolve(url: string): string {
    if (URL.canParse(url)) return url;
    if (this.#remote === undefined || !URL.canParse(url, this.#remote.url)) throw misuse('url', url, this.#remote === undefined ? 'an absolute URL' : 'a URL');
    return new URL(url, this.#remote.url).href;
  }

  /** What the remote's own origin gets, and what others do: no headers, no client certificate, no waived check. */
  #configuration(origin: string): Partial<HttpDownloadOptions> {
    const remote = this.#remote;
    if (remote === undefined) return {};
    const home = origin === remote.origin;
    return {
      headers: home ? remote.headers : undefined,
      publicHeaders: remote.publicHeaders.length > 0 ? remote.publicHeaders : undefined,
      credentials: origin.startsWith('http') ? remote.credentials : undefined,
      ssl: home ? remote.ssl : authoritiesOf(remote.ssl),
      proxyUrl: remote.proxy,
      timeout: remote.timeout, retry: remote.retry, retries: remote.retries, maxBytes: remote.maxBytes, maxRedirects: remote.maxRedirects,
    };
  }

  #attach(remote: Remote, download: Download): void {
    if (remote.mirrors.length > 0) {
      const base = originOf(download.url) === remote.origin ? remote.url.replace(/[^/]*$/, '') : undefined;
      new MirrorDelegate({mirrors: remote.mirrors, original: 'first', base}).attach(download);
    }
    if (remote.digests.length > 0) new DownloadMonitor(download, {digests: [...remote.digests]});
  }
}

function authoritiesOf(ssl: SSL | undefined): SSL | undefined {
  return ssl?.caCertificate === undefined ? undefined
    : new SSL({caCertificate: ssl.caCertificate, replaceSystemAuthorities: ssl.replaceSystemAuthorities});
}

function defined(options: object): object {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
