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

/** Runs `jupiter` for each line, one after the other in one process, as a start takes long; words are separated by spaces. */
export async function runTogether(cwd: string, lines: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Told[]> {
  const calls = JSON.stringify(lines.map((line) => line.split(' ').filter((word) => word !== '')));
  const ended = await startScript('spec/cli/run-many.ts', [calls], {cwd, input: '', env}).ended;
  if (ended.code !== 0) throw new Error(ended.stderr);
  return (JSON.parse(ended.stdout.toString()) as [number, string, string][]).map(([code, stderr, stdout], at) =>
    ({line: lines[at] ?? '', code, stderr, stdout, lines: stdout.trimEnd().split('\n')}));
}
