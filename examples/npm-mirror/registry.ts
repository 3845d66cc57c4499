import {Credentials, ProxyRules, SSL, type CredentialEntry, type CredentialSource, type Proxy} from 'jupiter-download';
import type {LockedPackage} from './lockfile.js';
import type {NpmConfig} from './npm-config.js';

const PUBLIC_HOST = 'registry.npmjs.org';
const PUBLIC_REGISTRY = `https://${PUBLIC_HOST}/`;

/** Where packages come from, and what is told to whom: the registries that npm is configured for, and nobody else. */
export class Registry {
  /** Logins of npmrc, each bound to a configured registry; a tarball's address elsewhere gets none. */
  readonly credentials: CredentialSource;
  readonly ssl: SSL | undefined;
  readonly #default: string;
  readonly #scopes: ReadonlyMap<string, string>;
  readonly #replaced: string;
  readonly #proxies: ProxyRules;

  constructor({settings, secrets}: NpmConfig) {
    const text = (key: string): string | undefined => typeof settings[key] === 'string' && settings[key] !== '' ? settings[key] : undefined;
    this.#default = folderUrl(text('registry') ?? PUBLIC_REGISTRY);
    this.#scopes = new Map(Object.keys(settings).flatMap((key) => {
      const url = text(key);
      return key.startsWith('@') && key.endsWith(':registry') && url !== undefined
        ? [[key.slice(0, -':registry'.length), folderUrl(url)] as const] : [];
    }));
    this.#replaced = text('replace-registry-host') ?? 'npmjs';
    const proxy = text('proxy');
    this.#proxies = new ProxyRules({http: proxy, https: text('https-proxy') ?? proxy, no: [settings.noproxy].flat().join(',')});
    this.credentials = new Credentials([...credentialsOf([this.#default, ...this.#scopes.values()], secrets)]);
    const cafile = text('cafile');
    const ca = cafile ?? ([settings.ca].flat().filter((pem) => typeof pem === 'string').join('\n') || undefined);
    const strict = settings['strict-ssl'] !== false;
    this.ssl = ca === undefined && strict ? undefined : new SSL({caCertificate: ca, validation: strict});
  }

  /** The address of a package's tarball: that of the lockfile, with npm's public registry replaced as npm does; else made up. */
  tarballOf({name, version, resolved}: LockedPackage): string {
    const registry = this.#registryOf(name);
    if (resolved === undefined) return new URL(`${name}/-/${name.replace(/^.*\//, '')}-${version}.tgz`, registry).href;
    const url = new URL(resolved);
    const replaced = this.#replaced === 'always' || url.hostname === (this.#replaced === 'npmjs' ? PUBLIC_HOST : this.#replaced);
    return replaced ? new URL(url.pathname.slice(1) + url.search, registry).href : url.href;
  }

  /** The address of the registry for packages without one of their own. */
  get url(): string {
    return this.#default;
  }

  /** The proxy for an address, if npm is configured for one. */
  proxyFor(url: string): Proxy | undefined {
    return this.#proxies.for(url);
  }

  #registryOf(name: string): string {
    const [scope = ''] = name.startsWith('@') ? name.split('/', 1) : [];
    return this.#scopes.get(scope) ?? this.#default;
  }
}

/** npmrc binds a secret to `//host/path/`; it counts for the registries at or below that place. */
function *credentialsOf(registries: readonly string[], secrets: ReadonlyMap<string, string>): Generator<CredentialEntry> {
  const places = new Set([...secrets.keys()].map((key) => key.replace(/:[^:/]*$/, '')));
  for (const place of places) {
    const secret = (key: string): string | undefined => secrets.get(`${place}:${key}`);
    const registry = registries.find((url) => url.replace(/^https?:/, '').startsWith(folderUrl(place)));
    if (registry === undefined) continue;
    const url = `${new URL(registry).protocol}${folderUrl(place)}`;
    const [token, auth, username, password] = [secret('_authToken'), secret('_auth'), secret('username'), secret('_password')];
    const [name = '', ...rest] = auth === undefined ? [] : decode(auth).split(':');
    if (token !== undefined && token !== '') yield {url, token};
    else if (auth !== undefined) yield {url, user: {name, password: rest.join(':')}};
    else if (username !== undefined && password !== undefined) yield {url, user: {name: username, password: decode(password)}};
  }
}

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}

function folderUrl(url: string): string {
  return url.endsWith('/') ? url : `${url}/`;
}
