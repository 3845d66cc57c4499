import {ProtocolError} from '../../core/errors.js';
import type {Weighed} from './index-shelf.js';

/** What a Release file says of a file of its suite. */
export interface ReleaseFile {
  /** SHA-256, lower case. */
  readonly hex: string;
  /** bytes */
  readonly size: number;
}

/** One entry costs about as much as so many bytes of a PackagesIndex. */
const ENTRY_WEIGHT = 200;
/** In which an index can be read here, the best first. */
const FORMS = ['.gz', '.xz', ''];

/**
 * What a suite's Release (or InRelease, its signature disregarded) says of the suite's indexes. Who signed it is the
 * client's business: apt knows the keys, a streamer doesn't.
 */
export class DebianRelease implements Weighed {
  /** By path below the suite's folder. */
  readonly files: ReadonlyMap<string, ReleaseFile>;
  /** Whether indexes can be had under their digests, so that an older Release still finds those that it names. */
  readonly byHash: boolean;
  readonly weight: number;

  /** @throws ProtocolError when it names no SHA-256 */
  constructor(text: string, suite: string) {
    const files = new Map<string, ReleaseFile>();
    let field = '';
    let byHash = false;
    for (const line of text.split('\n')) {
      const [, name, value = ''] = /^([A-Za-z][\w-]*):\s*(.*?)\s*$/.exec(line) ?? [];
      if (name !== undefined) field = name.toLowerCase();
      if (name !== undefined && field === 'acquire-by-hash') byHash = value.toLowerCase() === 'yes';
      const [, hex, size, path] = field === 'sha256' ? /^ +([0-9a-f]{64}) +(\d{1,15}) +(\S+)\s*$/i.exec(line) ?? [] : [];
      if (hex !== undefined && path !== undefined) files.set(path, {hex: hex.toLowerCase(), size: Number(size)});
    }
    if (files.size === 0) throw new ProtocolError(`the Release of ${suite}: expected a section SHA256 with files, found none`);
    this.files = files;
    this.byHash = byHash;
    this.weight = ENTRY_WEIGHT * files.size;
  }

  /** The lists of the packages of an architecture that can be read here. Those of the pool's component come first. */
  packageLists(architecture: string, pool: string): string[] {
    const installer = pool.endsWith('.udeb');
    return this.#lists(`/binary-${architecture}/Packages`, pool).filter((path) => path.includes('debian-installer/') === installer);
  }

  /** The lists of the sources, as `packageLists`. */
  sourceLists(pool: string): string[] {
    return this.#lists('/source/Sources', pool);
  }

  /** Of the same list in several forms gzip, which is unpacked fastest, then xz; a plain one is often named and not there. */
  #lists(wanted: string, pool: string): string[] {
    const plain = new Set([...this.files.keys()].filter((path) => FORMS.some((form) => path.endsWith(wanted + form)))
      .map((path) => path.replace(/\.[gx]z$/, '')));
    const lists = [...plain].map((path) => path + (FORMS.find((form) => this.files.has(path + form)) ?? ''));
    const named = (path: string): boolean => pool.split('/').includes(path.split('/', 1)[0] ?? '');
    return [...lists.filter(named), ...lists.filter((path) => !named(path))];
  }
}
