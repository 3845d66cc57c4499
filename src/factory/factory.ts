import {isAbsolute} from 'node:path';
import type {ContextView, Validation, Writer} from '../core/contract.js';
import type {Delegate} from '../core/event.js';
import {misuse, onlyKeys} from '../core/options.js';
import {originOf, plainUrl, type PlainUrl} from '../core/url.js';
import {MirrorDelegate} from '../delegate/mirror-delegate.js';
import type {Download} from '../download/download.js';
import type {DownloadOptions} from '../download/download-options.js';
import {FileDownload, type FileDownloadOptions} from '../download/file-download.js';
import {HttpDownload, type HttpDownloadOptions} from '../download/http-download.js';
import {DownloadMonitor} from '../monitor/download-monitor.js';
import {checkClassOptions, type ClassOptions} from './class-options.js';
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
  /** Scheme → class, beside and before http, https and file. It is given what the remote says, and must know it. */
  schemes?: Readonly<Record<string, DownloadClass>> | undefined;
  /** Folders, absolute, from which `file:` URLs may be read. @default none: the scheme is refused */
  fileRoots?: readonly string[] | undefined;
  /** Shared by everything built. */
  context?: ContextView | undefined;
  /** Overrides what the Remote says; asked once, here. */
  settings?: SettingsSource | undefined;
}

/** What is one download's own. */
export interface BuildOptions<A = unknown> {
  writer?: Writer | undefined;
  validations?: readonly Validation[] | undefined;
  attachment?: A | undefined;
  /** Attached before the remote's mirrors, so that a TokenDelegate answers a 401 before the next mirror is asked. */
  delegates?: readonly Delegate[] | undefined;
  /**
   * Further options of the class itself, such as `ifChanged` or `segments`: they stand before what the Remote says of
   * limits and repairs. The class refuses those that it doesn't know, the Factory those that it or the Remote decides.
   */
  options?: ClassOptions | undefined;
}

/** Builds configured downloads: the class by the URL's scheme; credentials, TLS, proxy, limits and mirrors by the Remote. */
export class Factory {
  readonly #remote: Remote | undefined;
  readonly #schemes: ReadonlyMap<string, DownloadClass>;
  readonly #fileRoots: readonly string[] | undefined;
  readonly #context: ContextView | undefined;

  /** @throws TypeError, RangeError naming the option */
  constructor(options: FactoryOptions = {}) {
    onlyKeys('factory', options, ['remote', 'schemes', 'fileRoots', 'context', 'settings']);
    const {context, fileRoots} = options;
    if (context !== undefined && typeof context.once !== 'function') throw misuse('factory.context', context, 'a Context');
    this.#remote = remoteOf(options);
    this.#schemes = schemesOf(options);
    this.#fileRoots = fileRoots === undefined ? undefined : absolutePaths('factory.fileRoots', fileRoots);
    this.#context = context;
  }

  /**
   * A download of `url`, absolute or relative to the remote.
   *
   * @throws TypeError for a bad URL, a scheme without a class, an option that isn't one; what the class throws
   */
  build<A = unknown>(url: string | URL, own: BuildOptions<A> = {}): Download<A> {
    onlyKeys('build', own, ['writer', 'validations', 'attachment', 'delegates', 'options']);
    const {delegates, options: further, ...rest} = own;
    const extra = checkClassOptions(further);
    const absolute = this.#resolve(String(url));
    const plain = plainUrl('url', absolute);
    const scheme = plain.href.slice(0, plain.href.indexOf(':'));
    const found = this.#schemes.get(scheme);
    if (found === undefined) throw misuse('url', plain.href, `a URL with scheme ${[...this.#schemes.keys()].join(' or ')}`);
    const options = defined({...this.#configuration(found, plain), ...extra, ...rest, url: absolute, context: this.#context});
    const download = new (found as unknown as new (options: DownloadOptions<A>) => Download<A>)(options as unknown as DownloadOptions<A>);
    for (const delegate of delegates ?? []) delegate.attach(download);
    if (this.#remote !== undefined) attach(this.#remote, download);
    return download;
  }

  #resolve(url: string): string {
    if (URL.canParse(url)) return url;
    if (this.#remote === undefined) throw misuse('url', url, 'an absolute URL');
    if (!URL.canParse(url, this.#remote.url)) throw misuse('url', url, `a URL, or a path relative to ${this.#remote.origin}`);
    return new URL(url, this.#remote.url).href;
  }

  /** What the class is given. Only the remote's own origin gets its headers, client certificate and waived verification. */
  #configuration(found: DownloadClass, {href, origin}: PlainUrl): Partial<HttpDownloadOptions & FileDownloadOptions> {
    const remote = this.#remote;
    const roots = {roots: isA(found, FileDownload) ? this.#fileRoots : undefined};
    if (remote === undefined) return roots;
    const {publicHeaders, retry, retries, timeout, maxBytes} = remote;
    const common = {...roots, headers: remote.headersFor(origin), publicHeaders, retry, retries, timeout, maxBytes};
    if (isA(found, FileDownload)) return common;
    const asksForCredentials = isA(found, HttpDownload) || remote.credentials.for(origin, new URL(href).pathname) !== undefined;
    return {
      ...common, credentials: asksForCredentials ? remote.credentials : undefined, ssl: remote.sslFor(origin), proxyUrl: remote.proxy,
      maxRedirects: remote.maxRedirects,
    };
  }
}

function remoteOf({remote, settings}: FactoryOptions): Remote | undefined {
  if (settings === undefined) return remote === undefined || remote instanceof Remote ? remote : new Remote(remote);
  if (typeof settings.settings !== 'function') throw misuse('factory.settings', settings, 'an object with settings(remote)');
  if (remote === undefined || remote instanceof Remote) {
    throw new TypeError('factory.settings: expected remote as plain options beside it, so that settings can override them');
  }
  const given = defined(settings.settings(new Remote(remote).name)) as Partial<RemoteOptions>;
  // A user and a token exclude one another: the one that overrides takes the place of both.
  const replaced = given.token !== undefined ? {user: undefined} : given.user !== undefined ? {token: undefined} : {};
  return new Remote({...remote, ...replaced, ...given});
}

function schemesOf({schemes = {}, fileRoots}: FactoryOptions): ReadonlyMap<string, DownloadClass> {
  for (const [scheme, found] of Object.entries(schemes)) {
    if (!/^[a-z][a-z0-9+.-]*$/.test(scheme)) throw misuse('factory.schemes', scheme, 'schemes such as ftp: lower case, without a colon');
    if (typeof found !== 'function') throw misuse(`factory.schemes.${scheme}`, found, 'a Download class');
  }
  const file = fileRoots === undefined ? [] : [['file', FileDownload] as const];
  return new Map<string, DownloadClass>([['http', HttpDownload], ['https', HttpDownload], ...file, ...Object.entries(schemes)]);
}

function isA(found: DownloadClass, base: typeof FileDownload | typeof HttpDownload): boolean {
  return found === base as unknown || found.prototype instanceof base;
}

/** The remote's mirrors have what is in its folder, and nothing else. */
function attach(remote: Remote, download: Download): void {
  const base = remote.url.replace(/[?#].*$/s, '').replace(/[^/]*$/, '');
  if (remote.mirrors.length > 0 && originOf(download.url) === remote.origin && download.url.startsWith(base)) {
    new MirrorDelegate({mirrors: remote.mirrors, original: 'first', base}).attach(download);
  }
  if (remote.digests.length > 0) new DownloadMonitor(download, {digests: remote.digests});
}

function absolutePaths(option: string, paths: readonly string[]): readonly string[] {
  const given: unknown = paths;
  if (!Array.isArray(given) || !given.every((path) => typeof path === 'string' && isAbsolute(path))) {
    throw misuse(option, given, 'a list of absolute paths');
  }
  return Object.freeze([...paths]);
}

function defined(options: object): object {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
