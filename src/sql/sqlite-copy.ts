import {constants, copyFileSync, existsSync, mkdtempSync, rmSync, statSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

/** How often a file that changes while it is copied is copied again. */
const TRIES = 10;

/**
 * A private copy of a database whose folder can't be written to: in WAL mode SQLite writes beside a file even to read it. The copy
 * is what was committed at that moment.
 *
 * @returns its folder and its path; the caller removes the folder, which it may do as soon as the copy is open
 * @throws an error of the system, or one that says that the file is being written all the time
 */
export function copyOf(path: string): {readonly folder: string; readonly path: string} {
  const folder = mkdtempSync(join(tmpdir(), 'jupiter-db-'));
  try {
    for (let n = 0; n < TRIES; n++) {
      const before = stateOf(path);
      const copy = join(folder, `${n}.db`);
      copyFileSync(path, copy, constants.COPYFILE_FICLONE);
      if (existsSync(`${path}-wal`)) copyFileSync(`${path}-wal`, `${copy}-wal`, constants.COPYFILE_FICLONE);
      if (stateOf(path) === before) return {folder, path: copy};
    }
    throw new Error(`${path} is being written all the time`);
  } catch (error) {
    rmSync(folder, {recursive: true, force: true});
    throw error;
  }
}

/** A text that is another after every write. */
function stateOf(path: string): string {
  return [path, `${path}-wal`].map((each) => {
    const found = statSync(each, {bigint: true, throwIfNoEntry: false});
    return found === undefined ? 'none' : `${found.ino} ${found.size} ${found.mtimeNs}`;
  }).join(', ');
}
