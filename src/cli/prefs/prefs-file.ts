import {mkdir, open} from 'node:fs/promises';
import {dirname} from 'node:path';

/** How often a folder is made again that others remove meanwhile; /proc says ENOENT for ever. */
const TRIES = 8;

/** Makes a file that only its owner may read, where there is none, and the folders above it. @throws the system's error */
export async function makePrefsFile(path: string): Promise<void> {
  await makeFolder(dirname(path), TRIES);
  await (await open(path, 'a', 0o600)).close();
}

/** One folder after the other: mkdir of Node, asked for all of them at once, never comes back from below /proc. */
async function makeFolder(folder: string, tries: number): Promise<void> {
  try {
    await mkdir(folder, {mode: 0o700});
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || dirname(folder) === folder || tries === 0) throw error;
    await makeFolder(dirname(folder), tries - 1);
    await makeFolder(folder, tries - 1);
  }
}
