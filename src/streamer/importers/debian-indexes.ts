import {contextKeys} from '../../core/context-key.js';
import {NotFound} from '../../core/errors.js';
import {DigestValidation} from '../../validation/digest-validation.js';
import {SizeValidation} from '../../validation/size-validation.js';
import {DebianRelease, type ReleaseFile} from './debian-release.js';
import {IndexShelf} from './index-shelf.js';
import {PackagesIndex} from './packages-index.js';
import type {Upstream} from './upstream.js';

const RELEASES = contextKeys<IndexShelf<DebianRelease>>('streamer debian releases');
const LISTS = contextKeys<IndexShelf<PackagesIndex>>('streamer debian lists');
/** bytes */
const RELEASES_LIMIT = 32 * 1024 * 1024;
const LISTS_LIMIT = 64 * 1024 * 1024;
const MOST_SUITES = 32;
const MOST_ARCHITECTURES = 16;
const DEEPEST_SUITE = 2;

/** What an archive says of its files: Release files and lists of packages, fetched when they are first needed. */
export class DebianIndexes {
  readonly #upstream: Upstream;
  readonly #releases: IndexShelf<DebianRelease>;
  readonly #lists: IndexShelf<PackagesIndex>;
  readonly #suites: Set<string>;
  readonly #architectures = new Set<string>();

  constructor(upstream: Upstream, suites: readonly string[]) {
    const {base, identity, context} = upstream;
    this.#upstream = upstream;
    this.#suites = new Set(suites);
    this.#releases = context.share(RELEASES.of(base, identity), () => new IndexShelf({clock: context.clock, limit: RELEASES_LIMIT}));
    this.#lists = context.share(LISTS.of(base, identity), () => new IndexShelf({clock: context.clock, limit: LISTS_LIMIT}));
  }

  /** A client uses this suite: its packages are looked up there from now on. */
  use(suite: string): void {
    if (this.#suites.size < MOST_SUITES) this.#suites.add(suite);
  }

  /** A client uses this architecture, whose lists may name those for all. */
  useArchitecture(architecture: string): void {
    if (this.#architectures.size < MOST_ARCHITECTURES) this.#architectures.add(architecture);
  }

  /** There is a new Release. */
  forget(suite: string): void {
    this.#releases.drop(suite);
  }

  /**
   * What the Release of its suite says of an index. Names of suites may have a slash in them (`buster/updates`), so the
   * first that names the file decides.
   *
   * @param path decoded segments below `dists/`
   * @throws DownloadError
   */
  async fileOf(path: readonly string[]): Promise<ReleaseFile | undefined> {
    for (let depth = 1; depth <= DEEPEST_SUITE && depth < path.length; depth++) {
      const suite = path.slice(0, depth).join('/');
      const release = await this.#release(suite);
      if (release !== undefined) this.use(suite);
      const file = release?.files.get(path.slice(depth).join('/'));
      if (file !== undefined) return file;
    }
    return undefined;
  }

  /**
   * The SHA-256 of a package, by the lists of the suites that clients use; undefined when none of them names it. What is
   * known once stays true: a name in the pool is never given to another content.
   *
   * @param pool decoded path, from `pool/` on
   * @throws DownloadError when a list that might name it can't be had
   */
  async packageDigest(pool: string): Promise<string | undefined> {
    for (const index of this.#lists.values()) {
      const hex = index.get(pool);
      if (hex !== undefined) return hex;
    }
    const [, architecture] = /_([a-z0-9-]+)\.u?deb$/.exec(pool) ?? [];
    if (architecture === undefined) return undefined;
    for (const suite of this.#suites) {
      const release = await this.#release(suite);
      if (release === undefined) continue;
      for (const one of architecture === 'all' ? ['all', ...this.#architectures] : [architecture]) {
        for (const path of release.packageLists(one, pool)) {
          const hex = (await this.#list(suite, path, release))?.get(pool);
          if (hex !== undefined) return hex;
        }
      }
    }
    return undefined;
  }

  /** Undefined when there is no such suite. */
  async #release(suite: string): Promise<DebianRelease | undefined> {
    try {
      return await this.#releases.fetch(suite, (_kept, age) => age < this.#upstream.ttl, async (signal) => {
        const read = async (name: string): Promise<DebianRelease> => {
          const body = await this.#upstream.document(this.#url(['dists', ...suite.split('/'), name]), {}, signal);
          return new DebianRelease(body.toString('utf8'), suite);
        };
        return await read('InRelease').catch((fault: unknown) => {
          if (!(fault instanceof NotFound)) throw fault;
          return read('Release');
        });
      });
    } catch (fault) {
      if (fault instanceof NotFound) return undefined;
      throw fault;
    }
  }

  /** Undefined when the Release names a list that isn't there. */
  async #list(suite: string, path: string, release: DebianRelease): Promise<PackagesIndex | undefined> {
    const {hex, size} = release.files.get(path) as ReleaseFile;
    const folder = ['dists', ...suite.split('/'), ...path.split('/').slice(0, -1)];
    const file = release.byHash ? ['by-hash', 'SHA256', hex] : path.split('/').slice(-1);
    try {
      return await this.#lists.fetch(`${suite} ${path}`, ({list}) => list === hex, async (signal) => {
        const validations = [new SizeValidation(size), new DigestValidation('sha256', hex)];
        return PackagesIndex.read(await this.#upstream.document(this.#url([...folder, ...file]), {validations}, signal), hex);
      });
    } catch (fault) {
      if (fault instanceof NotFound) return undefined;
      throw fault;
    }
  }

  #url(names: readonly string[]): string {
    return this.#upstream.url(names.map(encodeURIComponent)) ?? this.#upstream.base;
  }
}
