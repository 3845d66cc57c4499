import {mkdtemp, readFile, readdir, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {TestHooks} from './test-functions.js';

/** A folder of a test's own. */
export interface TempFolder {
  /** Its absolute path; a new one for each test. */
  readonly path: string;
  /** The path of a name in it. */
  join(...names: string[]): string;
  /** Every name in it, recursively, sorted, hidden ones included; folders end with a slash. */
  list(): Promise<string[]>;
  /** The content of a file in it. */
  read(name: string): Promise<Buffer>;
  /** Writes a file in it. Resolves to its path. */
  write(name: string, content: Uint8Array | string): Promise<string>;
}

/**
 * Call it inside a `describe`: each of its tests gets a fresh folder, which is removed afterwards.
 * @param hooks those of the test runner. Default: the global ones
 * @throws TypeError when there are none
 */
export function useTempFolder(hooks?: TestHooks): TempFolder {
  const {beforeEach, afterEach} = (hooks ?? globalThis) as Partial<TestHooks>;
  if (beforeEach === undefined || afterEach === undefined) {
    throw new TypeError('useTempFolder: pass beforeEach and afterEach of your test runner');
  }
  let path = '';
  beforeEach(async () => { path = await mkdtemp(join(tmpdir(), 'jupiter-spec-')); });
  afterEach(async () => { await rm(path, {recursive: true, force: true, maxRetries: 5}); });
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
