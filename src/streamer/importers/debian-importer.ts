import type {Validation} from '../../core/contract.js';
import type {NamedDigest} from '../../core/digest.js';
import {DownloadError} from '../../core/errors.js';
import {Event, type Delegate} from '../../core/event.js';
import {misuse} from '../../core/options.js';
import {DigestValidation} from '../../validation/digest-validation.js';
import {SizeValidation} from '../../validation/size-validation.js';
import type {Importer, Resource, StreamRequest} from '../importer.js';
import {DebianIndexes} from './debian-indexes.js';
import {decodedSegments, pathSegments} from './request-path.js';
import {Upstream, type UpstreamOptions} from './upstream.js';

/** What a DebianImporter is made with. */
export interface DebianImporterOptions extends UpstreamOptions {
  /** Suites whose packages and sources are verified from the start; others are once a client asked for their Release. @default [] */
  suites?: readonly string[] | undefined;
}

/** Names that become parts of addresses. */
const SUITE = /^[\w.+~-]+(?:\/[\w.+~-]+)?$/;
/** Of a suite; that in the folder of a list tells nothing of files, and is one itself. */
const RELEASE = /(?<!\/(?:binary-[^/]*|source)\/)(?<=\/)(?:InRelease|Release|Release\.gpg)$/;
/** The strong ones: apt asks for the strongest that a Release has. */
const BY_HASH = [
  {folder: 'SHA256', algorithm: 'sha256', digest: /^[0-9a-f]{64}$/},
  {folder: 'SHA512', algorithm: 'sha512', digest: /^[0-9a-f]{128}$/},
];

/**
 * An apt archive, `upstream` being the folder that has `dists/` and `pool/`. Indexes are verified by the SHA-256 that the
 * Release of their suite names; packages, source packages and list diffs by that of the index that names them. What nothing
 * names goes unverified. The signature of the Release itself is for the client to check: apt does, and a streamer has no keys.
 *
 * @since 0.2
 */
export class DebianImporter implements Importer {
  readonly #upstream: Upstream;
  readonly #indexes: DebianIndexes;

  /** @throws TypeError, RangeError naming the option */
  constructor({suites = [], ...options}: DebianImporterOptions) {
    const names = suiteNames('suites', suites);
    this.#upstream = new Upstream(options);
    this.#indexes = new DebianIndexes(this.#upstream, names);
  }

  async resolve({path}: StreamRequest): Promise<Resource | undefined> {
    const names = decodedSegments(pathSegments(path) ?? []);
    // One name, one address: apt encodes a colon, others don't.
    const url = names && this.#upstream.url(names.map(encodeURIComponent));
    if (names === undefined || url === undefined || names.length < 3 || names.includes('')) return undefined;
    if (names[0] === 'dists') return this.#index(names.slice(1), url);
    return names[0] === 'pool' ? this.#pooled(names, url) : undefined;
  }

  /** Closes the Context, unless it was given. */
  close(): Promise<void> {
    return this.#upstream.close();
  }

  async #index(path: readonly string[], url: string): Promise<Resource | undefined> {
    const [kind, folder, digest = ''] = path.slice(-3);
    const [architecture] = /(?<=\/binary-)[a-z0-9-]+(?=\/)/.exec(path.join('/')) ?? [];
    if (architecture !== undefined) this.#indexes.useArchitecture(architecture);
    if (kind === 'by-hash') {
      const known = BY_HASH.find((one) => one.folder === folder && one.digest.test(digest));
      return known && this.#verified(url, {algorithm: known.algorithm, hex: digest});
    }
    if (RELEASE.test(path.join('/'))) return this.#release(path.slice(0, -1).join('/'), url);
    return this.#unlessFault(url, false, async () => {
      const file = await this.#indexes.fileOf(path);
      return file === undefined ? this.#unverified(url) : this.#verified(url, {algorithm: 'sha256', hex: file.hex}, file.size);
    });
  }

  /** Mutable. Each new one makes the importer read it anew, so that it judges by what clients have. */
  #release(suite: string, url: string): Resource {
    const delegate: Delegate = {
      attach: (download) => {
        download.register(Event.SUCCEEDED, ({outcome}) => {
          this.#indexes.use(suite);
          if (outcome === 'fetched') this.#indexes.forget(suite);
        });
      },
    };
    return {...this.#unverified(url), download: (known) => this.#upstream.download(url, {known, delegate})};
  }

  #pooled(names: readonly string[], url: string): Promise<Resource> {
    return this.#unlessFault(url, true, async () => {
      const hex = await this.#indexes.poolDigest(names.join('/'));
      return hex === undefined ? this.#unverified(url) : this.#verified(url, {algorithm: 'sha256', hex});
    });
  }

  /** Of another digest is another version, which is fetched; so what is stored with this one is never asked for again. */
  #verified(url: string, digest: NamedDigest, size?: number): Resource {
    const {algorithm, hex} = digest;
    const validations = (): Validation[] =>
      [new DigestValidation(algorithm, hex), ...size === undefined ? [] : [new SizeValidation(size)]];
    return {
      key: url, digest, immutable: true, ttl: this.#upstream.ttl,
      download: (known) => this.#upstream.download(url, {known, validations: validations()}),
    };
  }

  #unverified(url: string): Resource {
    return {key: url, immutable: false, ttl: this.#upstream.ttl, download: (known) => this.#upstream.download(url, {known})};
  }

  /** When the digest can't be had, it may still be in the store; it isn't fetched without being verified. */
  async #unlessFault(url: string, immutable: boolean, find: () => Promise<Resource>): Promise<Resource> {
    try {
      return await find();
    } catch (fault) {
      if (!(fault instanceof DownloadError)) throw fault;
      return {key: url, immutable, ttl: this.#upstream.ttl, download: () => this.#upstream.failing(url, fault)};
    }
  }
}

/** Names of suites, as `suites` takes them. @throws TypeError naming the option */
export function suiteNames(option: string, suites: readonly string[]): readonly string[] {
  const given: unknown = suites;
  const areNames = Array.isArray(given) && given.every((suite) => typeof suite === 'string' && SUITE.test(suite) && !suite.includes('..'));
  if (!areNames) throw misuse(option, suites, 'names such as stable or stable/updates');
  return suites;
}
