import {execFile} from 'node:child_process';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {builtScript} from '../chaos/built-command.js';

/** How a script ended. */
export interface ScriptEnd {
  /** The exit status; null when a signal ended it. */
  readonly code: number | null;
  /** What it wrote, stdout before stderr. */
  readonly output: string;
}

/** Runs a TypeScript file of the project as a process of its own, in an empty folder that is removed afterwards. */
export async function runScript(file: string, env: Readonly<Record<string, string>>, preload: readonly string[] = []): Promise<ScriptEnd> {
  const folder = await mkdtemp(join(tmpdir(), 'jupiter-run-'));
  const imports = preload.flatMap((module) => ['--import', module]);
  try {
    return await new Promise<ScriptEnd>((resolve) => {
      const child = execFile(process.execPath, [...imports, builtScript(file)], {
        cwd: folder,
        env: {...process.env, JUPITER_FOLDER: folder, ...env},
        timeout: 60_000,
      }, (_error, stdout, stderr) => { resolve({code: child.exitCode, output: stdout + stderr}); });
    });
  } finally {
    await rm(folder, {recursive: true, force: true});
  }
}
