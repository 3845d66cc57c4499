import {open, rename, rm} from 'node:fs/promises';
import {dirname, join} from 'node:path';

/** What is known of one package after a run: a line of facts.jsonl. */
export interface Fact {
  readonly name: string;
  readonly version: string;
  readonly outcome: 'fetched' | 'kept' | 'failed';
  /** bytes */
  readonly size: number | null;
  /** Lower-case hex. */
  readonly sha512: string | null;
  /** Secrets redacted. */
  readonly url: string | null;
  /** How many requests of the tarball were made; 0 when it was there. */
  readonly attempts: number;
  /** Why it failed. */
  readonly error?: string | undefined;
}

/** Writes the facts as JSON lines, sorted by name and version, in place of an older file at once or not at all. */
export async function writeFacts(path: string, facts: readonly Fact[]): Promise<void> {
  const sorted = facts.toSorted((one, other) => compare(one.name, other.name) || compare(one.version, other.version));
  const part = join(dirname(path), `.facts.${process.pid}.part`);
  try {
    const file = await open(part, 'w', 0o644);
    try {
      await file.writeFile(sorted.map((fact) => `${JSON.stringify(fact)}\n`).join(''));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(part, path);
  } catch (error) {
    await rm(part, {force: true});
    throw error;
  }
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
