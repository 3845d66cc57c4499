import {mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import ts from 'typescript';
import {compilerOptions, filesIn, ROOT, textOf} from '../house/project.js';

/**
 * The command as JavaScript, made from src as it stands, without type checks: a process that is to be killed at a
 * certain moment must not compile anything first, and dist may be older than src. Takes about a second.
 *
 * @param folder an empty one, for the files
 * @returns the path of its main.js
 */
export function buildCommand(folder: string): string {
  for (const path of filesIn('src', '.ts')) build(path, folder);
  const {name, exports} = JSON.parse(textOf('package.json')) as Record<string, unknown>;
  writeFileSync(join(folder, 'package.json'), JSON.stringify({name, type: 'module', exports}));
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

/** The scripts that stand beside it. None is made twice: it may be running. */
const made = new Set<string>();

/**
 * A script of the project as JavaScript beside the shared command, with the scripts that it imports: a process that has to compile all of
 * src first takes three times as long.
 *
 * @param path from the project's root
 * @returns the path of what was made
 */
export function builtScript(path: string): string {
  const folder = join(dirname(sharedCommand()), '../..');
  const make = (each: string): void => {
    if (made.has(each)) return;
    made.add(each);
    for (const name of build(each, folder)) {
      const imported = join(dirname(each), name).replace(/\.js$/, '.ts');
      if (!imported.startsWith('src/')) make(imported);
    }
  };
  make(path);
  return join(folder, path.replace(/\.ts$/, '.js'));
}

/** Of src into dist, all else into its own folder. @returns what it imports by relative paths */
function build(path: string, folder: string): string[] {
  options ??= compilerOptions({noEmit: false, module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler});
  const {outputText} = ts.transpileModule(readFileSync(join(ROOT, path), 'utf8'), {compilerOptions: options, fileName: path});
  const built = join(folder, path.replace(/^src\//, 'dist/').replace(/\.ts$/, '.js'));
  mkdirSync(dirname(built), {recursive: true});
  writeFileSync(built, outputText.replace(/(?<=from '(?:\.\.\/)+)src\//g, 'dist/'));
  return [...outputText.matchAll(/(?<=(?:from|import) ')\.\.?\/[^']+\.js(?=')/g)].map(([name]) => name);
}

let options: ts.CompilerOptions | undefined;
