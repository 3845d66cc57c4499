import {mkdtemp, readFile, readdir, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

/** A folder of a spec's own. */
export interface TempFolder {
  /** Its absolute path; a new one for each test. */
  readonly path: string;
  join(...names: string[]): string;
  /** Every name in it, recursively, sorted, hidden ones included; folders end with a slash. */
  list(): Promise<string[]>;
  read(name: string): Promise<Buffer>;
  write(name: string, content: Uint8Array | string): Promise<string>;
}

/** Call it inside a `describe`: each of its tests gets a fresh folder, which is removed afterwards. */
export function useTempFolder(): TempFolder {
  let path = '';
  beforeEach(async () => { path = await mkdtemp(join(tmpdir(), 'jupiter-spec-')); });
  afterEach(async () => { await rm(path, {recursive: true, force: true}); });
  const inside = (...names: string[]): string => join(path, ...names);
  return {
    get path() { return path; },
    join: inside,
    list: () => listFolder(path),
    read: (name) => readFile(inside(name)),
    write: async (name, content) => {
      await writeFile(inside(name), content);
      return inside(name);
    },
  };
}

async function listFolder(path: string): Promise<string[]> {
  const entries = await readdir(path, {recursive: true, withFileTypes: true});
  return entries.map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1) + (entry.isDirectory() ? '/' : '')).sort();
}
