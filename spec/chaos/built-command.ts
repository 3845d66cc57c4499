import {mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import ts from 'typescript';
import {compilerOptions, filesIn, ROOT} from '../house/project.js';

/**
 * The command as JavaScript, made from src as it stands, without type checks: a process that is to be killed at a
 * certain moment must not compile anything first, and dist may be older than src. Takes about a second.
 *
 * @param folder an empty one, for the files
 * @returns the path of its main.js
 */
export function buildCommand(folder: string): string {
  const options = compilerOptions({noEmit: false, module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler});
  for (const path of filesIn('src', '.ts')) {
    const {outputText} = ts.transpileModule(readFileSync(join(ROOT, path), 'utf8'), {compilerOptions: options, fileName: path});
    const built = join(folder, path.replace(/^src/, 'dist').replace(/\.ts$/, '.js'));
    mkdirSync(dirname(built), {recursive: true});
    writeFileSync(built, outputText);
  }
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
  // What is read and not compiled stands in src.
  for (const name of ['node_modules', 'src']) symlinkSync(join(ROOT, name), join(folder, name));
  return join(folder, 'dist/cli/main.js');
}

let shared: string | undefined;

/** The same, made once for all specs of this process and removed at its end. */
export function sharedCommand(): string {
  if (shared !== undefined) return shared;
  const folder = mkdtempSync(join(tmpdir(), 'jupiter-command-'));
  process.once('exit', () => { rmSync(folder, {recursive: true, force: true}); });
  return shared = buildCommand(folder);
}
