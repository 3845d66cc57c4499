import {contextKeys} from '../../core/context-key.js';
import {NotFound} from '../../core/errors.js';
import {DigestValidation} from '../../validation/digest-validation.js';
import {SizeValidation} from '../../validation/size-validation.js';
import {DebianRelease, type ReleaseFile} from './debian-release.js';
import {diffIndex} from './diff-index.js';
import {FileIndex, type IndexFormat} from './file-index.js';
import {IndexShelf} from './index-shelf.js';
import {packagesIndex} from './packages-index.js';
import {sourcesIndex} from './sources-index.js';
import type {Upstream} from './upstream.js';

const RELEASES = contextKeys<IndexShelf<DebianRelease>>('streamer debian releases');
const LISTS = contextKeys<IndexShelf<FileIndex>>('streamer debian lists');
const DIFFS = contextKeys<IndexShelf<FileIndex>>('streamer debian diffs');
/** bytes */
const RELEASES_LIMIT = 32 * 1024 * 1024;
const LISTS_LIMIT = 64 * 1024 * 1024;
const DIFFS_LIMIT = 2 * 1024 * 1024;
const MOST_SUITES = 32;
const MOST_ARCHITECTURES = 16;
const DEEPEST_SUITE = 2;
/** What source packages consist of; a tarball may come with a signature of its own. */
const SOURCE = /\.(?:dsc|diff\.gz|tar(?:\.[a-z0-9]+)?)(?:\.asc)?$/;

/** An index, and the Release that names it. */
interface Named {
  readonly suite: string;
  readonly release: DebianRelease;
  /** Below the suite's folder. */
  readonly path: string;
  readonly file: ReleaseFile;
}

/** What an archive says of its files: Release files and the indexes that they name, fetched when they are first needed. */
export class DebianIndexes {
  readonly #upstream: Upstream;
  readonly #releases: IndexShelf<DebianRelease>;
  readonly #lists: IndexShelf<FileIndex>;
  readonly #diffs: IndexShelf<FileIndex>;
  readonly #suites: Set<string>;
  readonly #architectures = new Set<string>();

  constructor(upstream: Upstream, suites: readonly string[]) {
    const {base, identity, context} = upstream;
    this.#upstream = upstream;
    this.#suites = new Set(suites);
    this.#releases = context.share(RELEASES.of(base, identity), () => new IndexShelf({clock: context.clock, limit: RELEASES_LIMIT}));
    this.#lists = context.share(LISTS.of(base, identity), () => new IndexShelf({clock: context.clock, limit: LISTS_LIMIT}));
    this.#diffs = context.share(DIFFS.of(base, identity), () => new IndexShelf({clock: context.clock, limit: DIFFS_LIMIT}));
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
   * What is known of a file in `dists/`, by the Release of its suite or by the index that a diff has in its folder.
   *
   * @param path decoded segments below `dists/`
   * @throws DownloadError
   */
  async fileOf(path: readonly string[]): Promise<{readonly hex: string; readonly size?: number | undefined} | undefined> {
    const folder = path.slice(0, -1);
    const diff = folder.at(-1)?.endsWith('.diff') === true && path.at(-1) !== 'Index' ? await this.#diffDigest(folder, path) : undefined;
    return diff === undefined ? (await this.#named(path))?.file : {hex: diff};
  }

  /**
   * The SHA-256 of a file in the pool, by the lists of the suites that clients use; undefined when none of them names it.
   * What is known once stays true: a name in the pool is never given to another content.
   *
   * @param pool decoded path, from `pool/` on
   * @throws DownloadError when a list that might name it can't be had
   */
  async poolDigest(pool: string): Promise<string | undefined> {
    const known = foundIn(this.#lists, pool);
    const [, architecture] = /_([a-z0-9-]+)\.u?deb$/.exec(pool) ?? [];
    if (known !== undefined || (architecture === undefined && !SOURCE.test(pool))) return known;
    for (const suite of this.#suites) {
      const release = await this.#release(suite);
      if (release === undefined) continue;
      for (const path of this.#listsFor(pool, architecture, release)) {
        const named: Named = {suite, release, path, file: release.files.get(path) as ReleaseFile};
        const format = architecture === undefined ? sourcesIndex : packagesIndex;
        const hex = (await this.#index(this.#lists, `${suite} ${path}`, named, format))?.get(pool);
        if (hex !== undefined) return hex;
      }
    }
    return undefined;
  }

  #listsFor(pool: string, architecture: string | undefined, release: DebianRelease): string[] {
    if (architecture === undefined) return release.sourceLists(pool);
    const architectures = architecture === 'all' ? ['all', ...this.#architectures] : [architecture];
    return architectures.flatMap((one) => release.packageLists(one, pool));
  }

  /**
   * By the index that the Release names; where that has it no longer, by an older one: a client that has the older
   * Release goes on asking for what that led to.
   */
  async #diffDigest(folder: readonly string[], path: readonly string[]): Promise<string | undefined> {
    const name = path.join('/');
    const named = await this.#named([...folder, 'Index']);
    if (named === undefined) return undefined;
    const index = await this.#index(this.#diffs, `${named.suite} ${named.path} ${named.file.hex}`, named, diffIndex(folder.join('/')));
    return index?.get(name) ?? foundIn(this.#diffs, name);
  }

  /** Names of suites may have a slash in them (`buster/updates`), so the first that names the file decides. */
  async #named(path: readonly string[]): Promise<Named | undefined> {
    for (let depth = 1; depth <= DEEPEST_SUITE && depth < path.length; depth++) {
      const suite = path.slice(0, depth).join('/');
      const release = await this.#release(suite);
      if (release !== undefined) this.use(suite);
      const inner = path.slice(depth).join('/');
      const file = release?.files.get(inner);
      if (release !== undefined && file !== undefined) return {suite, release, path: inner, file};
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

  /** Undefined when the Release names an index that isn't there. @param key what it is kept under */
  async #index(shelf: IndexShelf<FileIndex>, key: string, named: Named, format: IndexFormat): Promise<FileIndex | undefined> {
    const {suite, release, path, file: {hex, size}} = named;
    const folder = ['dists', ...suite.split('/'), ...path.split('/').slice(0, -1)];
    const name = release.byHash ? ['by-hash', 'SHA256', hex] : path.split('/').slice(-1);
    try {
      return await shelf.fetch(key, ({list}) => list === hex, async (signal) => {
        const validations = [new SizeValidation(size), new DigestValidation('sha256', hex)];
        return FileIndex.read(await this.#upstream.document(this.#url([...folder, ...name]), {validations}, signal), hex, format);
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

function foundIn(shelf: IndexShelf<FileIndex>, name: string): string | undefined {
  for (const index of shelf.values()) {
    const hex = index.get(name);
    if (hex !== undefined) return hex;
  }
  return undefined;
}
