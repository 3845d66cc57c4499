import {execFile} from 'node:child_process';
import {cp, mkdtemp, readFile, rm, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join, resolve} from 'node:path';
import {promisify} from 'node:util';

/** A build that breaks one promise, and the specs that must see it. */
export interface Sabotage {
  readonly name: string;
  readonly file: string;
  /** A text that stands in the file once, and what takes its place. */
  readonly from: string;
  readonly to: string;
  readonly specs: readonly string[];
}

const COPIED = ['src', 'spec', 'examples', 'package.json', 'tsconfig.json', '.mocharc.json'];

/**
 * Runs specs over a copy of the project in which one text was replaced.
 *
 * @returns how many failed, and the end of what was printed
 * @throws Error when the text is not there exactly once: then the sabotage itself is out of date
 */
export async function runSabotaged({file, from, to, specs}: Sabotage): Promise<{readonly failed: boolean; readonly output: string}> {
  const folder = await mkdtemp(join(tmpdir(), 'jupiter-sabotage-'));
  try {
    for (const name of COPIED) await cp(name, join(folder, name), {recursive: true});
    await symlink(resolve('node_modules'), join(folder, 'node_modules'));
    const text = await readFile(join(folder, file), 'utf8');
    const found = text.split(from).length - 1;
    if (found !== 1) throw new Error(`${file}: expected the text of the sabotage once, found it ${found} times: ${from}`);
    await writeFile(join(folder, file), text.replace(from, () => to));
    return await mocha(folder, specs);
  } finally {
    await rm(folder, {recursive: true, force: true});
  }
}

async function mocha(folder: string, specs: readonly string[]): Promise<{failed: boolean; output: string}> {
  const command = [resolve('node_modules/mocha/bin/mocha.js'), '--exit', '--bail', '--reporter', 'dot', ...specs];
  try {
    const {stdout} = await promisify(execFile)(process.execPath, command, {cwd: folder, timeout: 240_000, maxBuffer: 2 ** 26});
    return {failed: false, output: stdout.slice(-2000)};
  } catch (error) {
    const {stdout = '', stderr = ''} = error as {stdout?: string; stderr?: string};
    return {failed: /\d+ failing/.test(stdout), output: (stdout + stderr).slice(-2000)};
  }
}
