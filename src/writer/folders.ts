import {dirname} from 'node:path';
import {contextKeys} from '../core/context-key.js';
import type {ContextView} from '../core/contract.js';
import {SystemDisk, type Disk, type DiskEntry} from '../core/disk.js';
import {UnsafeName, WriterError} from '../core/errors.js';
import {diskFault, onDisk, systemCode} from './disk-fault.js';
import {FolderSync} from './folder-sync.js';

const DISK = contextKeys<Disk>('disk');
const FOLDERS = contextKeys<WeakMap<Disk, Folders>>('folders');
/** More are not remembered, so that a download into each of a million folders costs no memory. */
const MOST_KNOWN = 4096;

/** Folders above that can't be opened, or whose file system syncs no folders: what is below them can't be made safer. */
const UNSYNCABLE = new Set(['EACCES', 'EPERM', 'EINVAL', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EROFS']);

/** How often a folder is made again that others remove meanwhile; /proc says ENOENT for ever. */
const MAKE_TRIES = 8;

/**
 * What the files of one Context know together about the folders of one disk: which were found writable, which were
 * made, which are on the medium or on the way there. A folder that merely exists may have been made a moment ago by
 * another run that has not synced it yet, so only what was synced here counts.
 */
export class Folders {
  readonly disk: Disk;
  readonly #sync: FolderSync;
  readonly #known = new Set<string>();
  readonly #unsynced = new Set<string>();
  /** The one sync of a folder's own name, under way or over. */
  readonly #settled = new Map<string, Promise<void>>();
  #umask: number | undefined;

  constructor(disk: Disk) {
    this.disk = disk;
    this.#sync = new FolderSync(disk);
  }

  /**
   * The permission bits that new files don't get. Node can read them only by setting them, which another thread that
   * creates a file could notice: so it is done once, and our own files are created with modes that need no umask.
   */
  get umask(): number {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- there is no other way
    return this.#umask ??= process.umask();
  }

  /**
   * Checks that files can be made in the folder, or in its nearest existing parent when it is missing. Below `root`,
   * which is absolute, no symbolic link is passed.
   *
   * @returns whether the folder exists
   * @throws WriterError, UnsafeName
   */
  async check(folder: string, root?: string): Promise<boolean> {
    // Below a root the folder may have become a link since, so it is looked at each time.
    if (root === undefined && this.#known.has(folder)) return true;
    const nearest = await this.#nearest(folder, root);
    await onDisk(this.disk.checkWritable(nearest), 'write into', nearest);
    if (nearest !== folder) return false;
    if (root !== undefined) return true;
    if (this.#known.size >= MOST_KNOWN) this.#known.clear();
    this.#known.add(folder);
    return true;
  }

  /** Makes what is missing of the folder and adds to `made` what it made, outermost first. @throws WriterError */
  async make(folder: string, made: string[], tries = MAKE_TRIES): Promise<void> {
    try {
      await this.disk.makeFolder(folder);
    } catch (error) {
      const code = systemCode(error);
      if (code === 'EEXIST') {
        this.#settled.delete(folder);
        return;
      }
      if (code !== 'ENOENT' || dirname(folder) === folder || tries === 0) throw diskFault(error, 'make the folder', folder);
      await this.make(dirname(folder), made, tries - 1);
      await this.make(folder, made, tries - 1);
      return;
    }
    this.#settled.delete(folder);
    this.#unsynced.add(folder);
    made.push(folder);
  }

  /** Removes folders that were made, as far as they are empty. @throws WriterError */
  async remove(made: readonly string[]): Promise<void> {
    for (const folder of made.toReversed()) {
      try {
        await this.disk.removeFolder(folder);
      } catch (error) {
        if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(systemCode(error) ?? '')) throw diskFault(error, 'remove the folder', folder);
        continue;
      }
      this.#known.clear();
      this.#unsynced.delete(folder);
      this.#settled.delete(folder);
    }
  }

  /** Puts the names in the folder on the medium, and once the names of the folder and all above it. @throws WriterError */
  async settle(folder: string): Promise<void> {
    const syncs = [onDisk(this.#sync.sync(folder), 'sync the folder', folder)];
    for (let at = folder; dirname(at) !== at; at = dirname(at)) syncs.push(this.#settleName(at));
    await Promise.all(syncs);
  }

  /** The bytes of a file. @throws WriterError */
  async *read(path: string): AsyncIterable<Uint8Array> {
    try {
      yield* this.disk.read(path);
    } catch (error) {
      throw diskFault(error, 'read', path);
    }
  }

  #settleName(folder: string): Promise<void> {
    const known = this.#settled.get(folder);
    if (known !== undefined) return known;
    if (this.#settled.size >= MOST_KNOWN) this.#settled.clear();
    const settling = this.#syncParent(folder);
    this.#settled.set(folder, settling);
    settling.then(() => {
      if (this.#settled.get(folder) === settling) this.#unsynced.delete(folder);
    }, () => {
      if (this.#settled.get(folder) === settling) this.#settled.delete(folder);
    });
    return settling;
  }

  async #syncParent(folder: string): Promise<void> {
    const parent = dirname(folder);
    try {
      await onDisk(this.#sync.sync(parent), 'sync the folder', parent);
    } catch (error) {
      if (this.#unsynced.has(folder) || !UNSYNCABLE.has(systemCode(error) ?? '')) throw error;
    }
  }

  /** The folder, or the nearest parent of it that exists. */
  async #nearest(folder: string, root: string | undefined): Promise<string> {
    let nearest: string | undefined;
    for (let at = folder; ; at = dirname(at)) {
      const below = root !== undefined && at.length > root.length;
      const entry = await this.#entry(at, below);
      if (entry !== undefined && entry.kind !== 'folder') throw new WriterError(`cannot write into ${at}: it is not a folder`, at);
      if (entry !== undefined) nearest ??= at;
      if (nearest !== undefined && !below) return nearest;
      if (dirname(at) === at) return nearest ?? at;
    }
  }

  async #entry(path: string, below: boolean): Promise<DiskEntry | undefined> {
    const entry = await onDisk(this.disk.stat(path), 'look at', path);
    if (entry?.kind !== 'link') return entry;
    if (below) throw new UnsafeName(`cannot write into ${path}: it is a symbolic link below the root`, path);
    const real = await onDisk(this.disk.realPath(path), 'follow the link', path);
    return onDisk(this.disk.stat(real), 'look at', real);
  }
}

/** The Folders of this disk in the Context, or private ones without a Context. No disk means the machine's. */
export function foldersOf(context: ContextView | undefined, given: Disk | undefined): Folders {
  if (context === undefined) return new Folders(given ?? new SystemDisk());
  const disk = given ?? context.share(DISK.of(), () => new SystemDisk());
  const all = context.share(FOLDERS.of(), () => new WeakMap<Disk, Folders>());
  const folders = all.get(disk) ?? new Folders(disk);
  all.set(disk, folders);
  return folders;
}
