import {basename, dirname, extname, join} from 'node:path';
import type {Disk} from '../core/disk.js';
import {FileExists, type DownloadError} from '../core/errors.js';
import {LONGEST_NAME, truncateBytes} from '../core/file-name.js';
import {diskFault, onDisk, systemCode} from './disk-fault.js';
import {PartFile} from './part-file.js';
import type {Finish} from './staging.js';

/** What to do when the target exists. */
export type ExistsPolicy = 'error' | 'skip' | 'skip-if-same' | 'replace' | 'rename';

/** How a part becomes a file. */
export interface Publishing {
  readonly disk: Disk;
  readonly target: string;
  readonly exists: ExistsPolicy;
  /** How to finish a copy, when the part can't be renamed. */
  readonly finish: Finish;
}

/** Where the file is now. */
export interface Placed {
  readonly path: string;
  /** The part kept its own name too; that is the only harm. */
  readonly warning?: DownloadError | undefined;
}

/** More numbers are not tried for a new name. */
const LAST_NUMBER = 9999;

/**
 * Gives a closed part its final name. `replace` and `skip-if-same` rename; the others link and unlink, so nothing is
 * ever overwritten, not even what appeared a moment ago. A part that can't be renamed where it is (EXDEV) is copied
 * beside the target first.
 *
 * @throws FileExists, WriterError; the target is untouched then
 */
export async function publish(part: PartFile, how: Publishing): Promise<Placed> {
  try {
    return await place(part, how);
  } catch (error) {
    if (systemCode(error) !== 'EXDEV') throw error;
  }
  const copy = await copyPart(part, how);
  try {
    const placed = await place(copy, how);
    return {...placed, warning: placed.warning ?? await removed(part)};
  } catch (error) {
    await copy.remove();
    throw error;
  }
}

async function place(part: PartFile, how: Publishing): Promise<Placed> {
  const {disk, target, exists} = how;
  if (exists === 'replace' || exists === 'skip-if-same') {
    await onDisk(disk.rename(part.path, target), 'rename the finished part to', target);
    return {path: target};
  }
  for (let n = 0; ; n++) {
    const path = n === 0 ? target : numbered(target, n);
    try {
      await disk.link(part.path, path);
      return {path, warning: await removed(part)};
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw diskFault(error, 'link the finished part to', path);
      if (exists !== 'rename' || n === LAST_NUMBER) throw new FileExists(`the target exists: ${path}`, path, {cause: error});
    }
  }
}

/** Takes the part's own name away; the file is published, so a fault is only worth a warning. */
async function removed(part: PartFile): Promise<DownloadError | undefined> {
  try {
    await part.remove();
    return undefined;
  } catch (error) {
    return diskFault(error, 'remove', part.path);
  }
}

async function copyPart(part: PartFile, {disk, target, finish}: Publishing): Promise<PartFile> {
  const copy = await PartFile.create(disk, target, 0o600);
  try {
    for await (const chunk of disk.read(part.path)) await copy.write([chunk]);
    await copy.chmod(finish.mode);
    if (finish.sync) await copy.sync();
    await copy.close();
    return copy;
  } catch (error) {
    await copy.remove();
    throw diskFault(error, 'copy', part.path);
  }
}

/** `folder/name.1.ext` for `folder/name.ext`. */
function numbered(target: string, n: number): string {
  const extension = extname(target);
  const tail = `.${n}${extension}`;
  return join(dirname(target), truncateBytes(basename(target, extension), LONGEST_NAME - Buffer.byteLength(tail)) + tail);
}
