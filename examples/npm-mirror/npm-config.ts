import {execFile} from 'node:child_process';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {promisify} from 'node:util';

/** The settings of npm that matter for downloads; secrets are among them, so it is never printed. */
export interface NpmConfig {
  /** What `npm config` tells: registry, @scope:registry, proxy, cafile … */
  readonly settings: Readonly<Record<string, unknown>>;
  /** The `//host/path/:key` lines of the npmrc files, which `npm config` doesn't tell. */
  readonly secrets: ReadonlyMap<string, string>;
}

const execute = promisify(execFile);

/** Asks npm for its configuration, as it holds in a folder. @throws Error when npm can't be run */
export async function readNpmConfig(folder: string): Promise<NpmConfig> {
  // Under `npm start` this is the npm that runs us.
  const script = process.env.npm_execpath;
  const [command, first] = script?.endsWith('.js') === true ? [process.execPath, [script]] : ['npm', []];
  const {stdout} = await execute(command, [...first, 'config', 'list', '--json'],
    {cwd: folder, shell: command === 'npm' && process.platform === 'win32'});
  const settings = JSON.parse(stdout) as Record<string, unknown>;
  const files = [settings.globalconfig, settings.userconfig, join(folder, '.npmrc')].filter((path) => typeof path === 'string');
  const texts = await Promise.all(files.map((path) => readFile(path, 'utf8').catch(() => '')));
  return {settings, secrets: new Map(texts.flatMap((text) => [...secretsOf(text, process.env)]))};
}

/** The `//host/path/:key = value` lines of an npmrc, with `${VARIABLE}` filled in. */
export function *secretsOf(npmrc: string, env: Readonly<Record<string, string | undefined>>): Generator<[key: string, value: string]> {
  for (const line of npmrc.split(/\r?\n/)) {
    const [, key, raw = ''] = /^\s*(\/\/[^\s=]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    const value = raw.replace(/^"(.*)"$|^'(.*)'$/, '$1$2').replace(/\$\{([^}]+)\}/g, (whole, name: string) => env[name] ?? whole);
    if (key !== undefined) yield [key, value];
  }
}
