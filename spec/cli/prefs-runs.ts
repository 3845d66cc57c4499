import {startScript} from './jupiter.js';

/** How one of several commands ended. */
export interface Told {
  readonly line: string;
  readonly code: number;
  readonly stderr: string;
  readonly stdout: string;
  /** Of stdout. */
  readonly lines: readonly string[];
}

/** Runs `jupiter` for each line, one after the other in one process; words are separated by spaces. Preferences are in p.db. */
export async function runLines(cwd: string, lines: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Told[]> {
  const calls = JSON.stringify(lines.map((line) => line.split(' ')));
  const ended = await startScript('spec/cli/run-many.ts', [calls], {cwd, input: '', env: {JUPITER_PREFS: 'p.db', ...env}}).ended;
  if (ended.code !== 0) throw new Error(ended.stderr);
  return (JSON.parse(ended.stdout.toString()) as [number, string, string][]).map(([code, stderr, stdout], at) =>
    ({line: lines[at] ?? '', code, stderr, stdout, lines: stdout.trimEnd().split('\n')}));
}

/** The rows of an `inspect`: layer → what it says, and what comes of it. */
export function layersIn({lines: [, , ...rows]}: Told): Record<string, string> {
  return Object.fromEntries(rows.map((row) => [row.slice(0, 9).trim(), row.slice(9).trim().replace(/ {2,}/g, ' | ')]));
}
