import {randomUUID} from 'node:crypto';
import type {Disk} from '../core/disk.js';
import {diskFault, onDisk} from './disk-fault.js';

/** Writes a new file that is on the medium when this resolves, its name excepted; a fault leaves none. @throws WriterError */
export async function writeNew(disk: Disk, path: string, text: string, mode: number): Promise<void> {
  const file = await onDisk(disk.create(path, mode), 'create', path);
  try {
    try {
      await file.write([Buffer.from(text)]);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    await disk.unlink(path).catch(() => undefined);
    throw diskFault(error, 'write', path);
  }
}

/** Puts a text in the place of whatever file is there, in one step: it is read whole, the old one or the new one. @throws WriterError */
export async function replaceFile(disk: Disk, path: string, text: string, mode: number): Promise<void> {
  const temporary = `${path}.${randomUUID().slice(-12)}`;
  await writeNew(disk, temporary, text, mode);
  try {
    await disk.rename(temporary, path);
  } catch (error) {
    await disk.unlink(temporary).catch(() => undefined);
    throw diskFault(error, 'write', path);
  }
}
