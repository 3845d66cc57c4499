import {mkdir, stat} from 'node:fs/promises';
import {dirname} from 'node:path';

/** Makes the mirror's folder, and those above it, where they are missing. @throws TypeError when it can't be one */
export async function makeFolder(path: string): Promise<void> {
  try {
    if ((await stat(path).catch(() => undefined))?.isDirectory() !== true) await make(path);
  } catch (cause) {
    const {code = 'a fault'} = cause as NodeJS.ErrnoException;
    const why = code === 'EEXIST' ? 'a folder, it is no folder' : `a folder that can be made, got ${code}`;
    throw new TypeError(`-d: expected ${why}: ${path}`, {cause});
  }
}

/** One by one: node's recursive way never ends where the system says for ever that the folder above is missing (/proc). */
async function make(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolderAbove(path);
    await mkdir(path);
  }
}

/** Another process may have made it meanwhile. */
async function makeFolderAbove(path: string): Promise<void> {
  const above = dirname(path);
  await make(above).catch(async (error: unknown) => {
    if (!(await stat(above)).isDirectory()) throw error;
  });
}
