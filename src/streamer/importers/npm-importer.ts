import {contextKeys} from '../../core/context-key.js';
import {DownloadError, NotFound, ProtocolError} from '../../core/errors.js';
import {misuse} from '../../core/options.js';
import {DigestValidation} from '../../validation/digest-validation.js';
import type {Importer, Resource, StreamRequest} from '../importer.js';
import {IndexShelf} from './index-shelf.js';
import {NpmDocument, type NpmHome, type NpmPackage, type NpmTarball} from './npm-document.js';
import {npmPath, npmSegments} from './npm-path.js';
import {Upstream, type UpstreamOptions} from './upstream.js';

/** What an NpmImporter is made with. */
export interface NpmImporterOptions extends UpstreamOptions {
  /** Hosts besides upstream's (with their port, if it isn't the scheme's) whose tarballs are the registry's own. @default [] */
  hosts?: readonly string[] | undefined;
}

const SHELVES = contextKeys<IndexShelf<NpmPackage>>('streamer npm packages');
/** Versions, of all packages together: some 40 MB. */
const MOST_VERSIONS = 100_000;
/** How old what is known of a package may be when a tarball is asked for that isn't in it, ms. */
const RECENT = 10_000;
/** The short document that npm installs from, and all others. */
const SHORT = 'application/vnd.npm.install-v1+json';
const ACCEPT_SHORT = `${SHORT}; q=1.0, application/json; q=0.8, */*`;

/**
 * An npm registry: `/name` and `/@scope/name` are the packages' documents, their tarballs' addresses changed to point
 * back; `/name/-/file.tgz` are tarballs, verified by the `integrity` of the document, or by its `shasum` where that is
 * all there is. Everything else (search, login, audit, single versions) is not found.
 *
 * @since 0.2
 */
export class NpmImporter implements Importer {
  readonly #upstream: Upstream;
  readonly #home: NpmHome;
  readonly #packages: IndexShelf<NpmPackage>;

  /** @throws TypeError, RangeError naming the option */
  constructor({hosts = [], ...options}: NpmImporterOptions) {
    if (!Array.isArray(hosts) || !hosts.every(isHost)) throw misuse('hosts', hosts, 'a list of host names, each with its port if need be');
    this.#upstream = new Upstream(options);
    const {base, origin, identity, context} = this.#upstream;
    this.#home = {origin, hosts: new Set([...this.#upstream.hosts, ...hosts as readonly string[]])};
    this.#packages = context.share(SHELVES.of(base, identity, [...this.#home.hosts].join(' ')),
      () => new IndexShelf({clock: context.clock, limit: MOST_VERSIONS}));
  }

  /** @throws ProtocolError when what is known of a tarball makes no sense */
  async resolve(request: StreamRequest): Promise<Resource | undefined> {
    const asked = npmPath(request.path);
    const url = asked && this.#upstream.url(npmSegments(asked));
    if (asked === undefined || url === undefined) return undefined;
    const {name, file} = asked;
    return file === undefined ? this.#document(name, url, request) : this.#tarball(name, file, url);
  }

  /** Closes the Context, unless it was given. */
  close(): Promise<void> {
    return this.#upstream.close();
  }

  #document(name: string, url: string, {headers}: StreamRequest): Resource {
    const short = headers.accept?.includes(SHORT) === true;
    return {
      key: short ? `${url}#short` : url,
      ttl: this.#upstream.ttl,
      immutable: false,
      download: (known) => this.#upstream.download(url, {accept: short ? ACCEPT_SHORT : 'application/json', known}),
      transform: (body, {origin}) => {
        const document = new NpmDocument(body, name, this.#home);
        this.#packages.put(name, document.package);
        return document.pointingTo(origin);
      },
    };
  }

  async #tarball(name: string, file: string, key: string): Promise<Resource | undefined> {
    let tarball: NpmTarball | undefined;
    try {
      tarball = this.#packages.get(name)?.files.get(file) ?? (await this.#recent(name)).files.get(file);
    } catch (fault) {
      if (fault instanceof NotFound) return undefined;
      if (!(fault instanceof DownloadError)) throw fault;
      // It may be in the store; it isn't fetched without being verified.
      return {key, immutable: true, download: () => this.#upstream.failing(key, fault)};
    }
    if (tarball === undefined) return undefined;
    const {url, digests, fault} = tarball;
    if (fault !== undefined) throw new ProtocolError(`the metadata of ${name}: expected a digest of ${file}; ${fault}`);
    const [first] = digests;
    if (first === undefined) {
      return {key, immutable: false, ttl: this.#upstream.ttl, download: (known, range) => this.#upstream.download(url, {known, range})};
    }
    const validations = (): DigestValidation[] => [new DigestValidation(first.algorithm, digests.map(({hex}) => hex))];
    return {
      key, immutable: true, digest: digests.length === 1 ? first : undefined,
      download: (known) => this.#upstream.download(url, {known, validations: validations()}),
    };
  }

  /** What is known of a package, asked again if it wasn't just now. */
  async #recent(name: string): Promise<NpmPackage> {
    return this.#packages.fetch(name, (_known, age) => age < RECENT, async (signal) => {
      const url = this.#upstream.url(npmSegments({name})) ?? '';
      return new NpmDocument(await this.#upstream.document(url, {accept: ACCEPT_SHORT}, signal), name, this.#home).package;
    });
  }
}

function isHost(host: unknown): boolean {
  return typeof host === 'string' && URL.canParse(`http://${host}/`) && new URL(`http://${host}/`).host === host;
}
