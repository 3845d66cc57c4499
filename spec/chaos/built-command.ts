import {mkdir, readFile, symlink, writeFile} from 'node:fs/promises';
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
export async function buildCommand(folder: string): Promise<string> {
  const options = compilerOptions({noEmit: false, module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler});
  for (const path of filesIn('src', '.ts')) {
    const {outputText} = ts.transpileModule(await readFile(join(ROOT, path), 'utf8'), {compilerOptions: options, fileName: path});
    const built = join(folder, path.replace(/^src/, 'dist').replace(/\.ts$/, '.js'));
    await mkdir(dirname(built), {recursive: true});
    await writeFile(built, outputText);
  }
  await writeFile(join(folder, 'package.json'), '{"type": "module"}');
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return join(folder, 'dist/cli/main.js');
}
