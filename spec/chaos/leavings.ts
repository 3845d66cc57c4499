import {readdir, readFile} from 'node:fs/promises';
import {basename, join} from 'node:path';

/** What is in the folder of a run. */
export interface Leavings {
  /** The bytes under the name of the target; undefined when no file is there. */
  readonly target: Buffer | undefined;
  /** How many parts there are. */
  readonly parts: number;
  /** How many journals there are, under their names and as temporary files. */
  readonly journals: number;
  readonly temporary: number;
  /** Names of files that nobody knows. */
  readonly unknown: readonly string[];
}

const PART = /^\..+\.[0-9a-f]{12}\.part$/;
const JOURNAL = /^\.[0-9a-f]{64}\.jupiter$/;
const TEMPORARY = /^\.[0-9a-f]{64}\.jupiter\.[0-9a-f]{12}$/;

/** Looks at what a process left. */
export async function leavingsOf(folder: string, target: string): Promise<Leavings> {
  const files = (await readdir(folder, {recursive: true, withFileTypes: true}))
    .filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  const named = (pattern: RegExp): number => files.filter((name) => pattern.test(basename(name))).length;
  const known = (name: string): boolean => name === target || [PART, JOURNAL, TEMPORARY].some((pattern) => pattern.test(basename(name)));
  return {
    target: files.includes(target) ? await readFile(join(folder, target)) : undefined,
    parts: named(PART), journals: named(JOURNAL), temporary: named(TEMPORARY), unknown: files.filter((name) => !known(name)),
  };
}
