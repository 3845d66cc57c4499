import {dirname, isAbsolute, relative, sep} from 'node:path';
import type {DiskEntry} from '../core/disk.js';
import {UnsafeName, WriterError} from '../core/errors.js';
import {onDisk, systemCode} from './disk-fault.js';
import type {Folders} from './folders.js';

/** What is at a target before a byte moves. */
export interface Target {
  /** The file or link that is there. */
  readonly entry: DiskEntry | undefined;
  /** Whether the folder of the target is there. */
  readonly hasFolder: boolean;
}

/**
 * Looks at the target of a file before a byte moves: its folder, or the nearest existing parent, must be writable, and
 * what is there already must be a file, or a link to one (the link is replaced, its file is left alone).
 *
 * @throws WriterError; UnsafeName when the path leaves `root` or passes a link below it
 */
export async function checkTarget(folders: Folders, path: string, root: string | undefined): Promise<Target> {
  if (root !== undefined && !isBelow(root, path)) throw new UnsafeName(`the path leaves its root ${root}: ${path}`, path);
  if (!await folders.check(dirname(path), root)) return {entry: undefined, hasFolder: false};
  const entry = await onDisk(folders.disk.stat(path), 'look at', path);
  if (entry === undefined || entry.kind === 'file') return {entry, hasFolder: true};
  if (entry.kind !== 'link') throw occupied(path, entry.kind);
  if (root !== undefined) throw new UnsafeName(`cannot write ${path}: it is a symbolic link`, path);
  const real = await follow(folders, path);
  if (real.kind !== 'file') throw occupied(path, real.kind === 'folder' ? 'folder' : 'other');
  return {entry: {...real, kind: 'link'}, hasFolder: true};
}

async function follow({disk}: Folders, path: string): Promise<DiskEntry> {
  try {
    const entry = await disk.stat(await disk.realPath(path));
    if (entry !== undefined) return entry;
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') return onDisk(Promise.reject(error as Error), 'follow the link', path);
  }
  throw new WriterError(`cannot write ${path}: it is a symbolic link that leads nowhere`, path);
}

function occupied(path: string, kind: 'folder' | 'other'): WriterError {
  return new WriterError(`cannot write ${path}: it is ${kind === 'folder' ? 'a folder' : 'neither a file nor a folder'}`, path);
}

function isBelow(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
