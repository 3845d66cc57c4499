import {mkdir, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {ROOT} from '../house/project.js';
import type {ScriptedServer} from '../../src/testing/scripted-server.js';
import {hexOf, integrityOf} from './importers/asking.js';
import {runClient} from './client-run.js';

/** Packages of this project's own lockfile that need no others but themselves. */
const REAL = ['@types/estree', 'commander', 'eventemitter3', 'saxes', 'xmlchars'];
const RECORDED = ['@scope/small', 'plain'];

/** A project to be installed: what is in it, by name. */
export interface LockedProject {
  readonly versions: Readonly<Record<string, string>>;
  readonly lock: object;
}

/** The registry that npm is set to on this machine, with a slash at its end. */
export async function configuredRegistry(): Promise<string> {
  const {stdout} = await runClient('npm', ['config', 'get', 'registry'], process.cwd(), {HOME: process.env.HOME ?? '/'});
  return stdout.trim().replace(/\/*$/, '/');
}

/** A part of this project's own lockfile. */
export async function realProject(): Promise<LockedProject> {
  const {packages} = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8')) as {packages: Record<string, {version: string; integrity: string}>};
  const entries = REAL.map((name) => [name, packages[`node_modules/${name}`]!] as const);
  return projectOf(entries.map(([name, {version, integrity}]) => ({name, version, integrity})));
}

/** Makes small packages with npm itself, and puts them on a server as a registry would. */
export async function recordedProject(server: ScriptedServer, folder: string): Promise<LockedProject> {
  const made = await Promise.all(RECORDED.map(async (name, at) => {
    const home = join(folder, `package-${at}`);
    await mkdir(home);
    await writeFile(join(home, 'package.json'), JSON.stringify({name, version: '1.0.0', main: 'index.js'}));
    await writeFile(join(home, 'index.js'), `module.exports = ${JSON.stringify(name)};\n`);
    const {code, told} = await runClient('npm', ['pack', '--ignore-scripts', '--silent'], home);
    if (code !== 0) throw new Error(told);
    const tarball = await readFile(join(home, `${name.replace('@', '').replace('/', '-')}-1.0.0.tgz`));
    const path = `/npm/${name}/-/${name.replace(/.*\//, '')}-1.0.0.tgz`;
    const integrity = integrityOf(tarball);
    const dist = {tarball: server.url(path), integrity, shasum: hexOf('sha1', tarball)};
    const body = JSON.stringify({name, 'dist-tags': {latest: '1.0.0'}, versions: {'1.0.0': {name, version: '1.0.0', dist}}});
    server.on(`/npm/${name.replace('/', '%2f')}`, {body, headers: {'Content-Type': 'application/json', ETag: `"${hexOf('sha1', body)}"`}})
      .on(path, {body: tarball});
    return {name, version: '1.0.0', integrity};
  }));
  return projectOf(made);
}

function projectOf(packages: readonly {readonly name: string; readonly version: string; readonly integrity: string}[]): LockedProject {
  const versions = Object.fromEntries(packages.map(({name, version}) => [name, version]));
  const entries = Object.fromEntries(packages.map(({name, version, integrity}) => [`node_modules/${name}`, {version, integrity}]));
  return {versions, lock: {name: 'flow', version: '1.0.0', lockfileVersion: 3, requires: true,
    packages: {'': {name: 'flow', version: '1.0.0', dependencies: versions}, ...entries}}};
}
