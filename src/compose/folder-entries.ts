import {readdir, utimes} from 'node:fs/promises';
import {onDisk, systemCode} from '../writer/disk-fault.js';

/** The names in a folder, sorted; none when there is no such folder. The Disk port has no call for it. @throws WriterError */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await onDisk(readdir(folder), 'list the folder', folder)).sort();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return [];
    throw error;
  }
}

/** Sets when a file was last used, epoch ms. A store that can't be written to goes without. */
export async function touch(path: string, time: number): Promise<void> {
  await utimes(path, time / 1000, time / 1000).catch(() => undefined);
}
