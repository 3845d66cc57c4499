import {execFile} from 'node:child_process';
import {createRequire} from 'node:module';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {ROOT} from './project.js';

/** How a script ended. */
export interface ScriptEnd {
  /** The exit status; null when a signal ended it. */
  readonly code: number | null;
  /** What it wrote, stdout before stderr. */
  readonly output: string;
}

/** As a URL, since `--import` would look for a bare name from the child's folder. */
const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** Runs a TypeScript file of the project as a process of its own, in an empty folder that is removed afterwards. */
export async function runScript(file: string, env: Readonly<Record<string, string>>, preload: readonly string[] = []): Promise<ScriptEnd> {
  const folder = await mkdtemp(join(tmpdir(), 'jupiter-run-'));
  const imports = [TSX, ...preload].flatMap((module) => ['--import', module]);
  try {
    return await new Promise<ScriptEnd>((resolve) => {
      const child = execFile(process.execPath, [...imports, join(ROOT, file)], {
        cwd: folder,
        env: {...process.env, TSX_TSCONFIG_PATH: join(ROOT, 'tsconfig.json'), JUPITER_FOLDER: folder, ...env},
        timeout: 60_000,
      }, (_error, stdout, stderr) => { resolve({code: child.exitCode, output: stdout + stderr}); });
    });
  } finally {
    await rm(folder, {recursive: true, force: true});
  }
}
