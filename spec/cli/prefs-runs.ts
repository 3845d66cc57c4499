import {runTogether, type Told} from './command-lines.js';

/** Runs `jupiter` for each line in one process. Preferences are in p.db. */
export function runLines(cwd: string, lines: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Told[]> {
  return runTogether(cwd, lines, {JUPITER_PREFS: 'p.db', ...env});
}

/** The rows of an `inspect`: layer → what it says, and what comes of it. */
export function layersIn({lines: [, , ...rows]}: Told): Record<string, string> {
  return Object.fromEntries(rows.map((row) => [row.slice(0, 9).trim(), row.slice(9).trim().replace(/ {2,}/g, ' | ')]));
}
