import {mkdir, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {ScriptedServer} from '../../src/testing/scripted-server.js';
import {runClient, type ClientEnd} from './client-run.js';
import {offerArchive} from './importers/debian-archive.js';

/** An archive that apt is to use, and a small package in it, with its source. */
export interface AptSource {
  /** The folder with `dists/` and `pool/`. */
  readonly upstream: string;
  readonly suite: string;
  readonly component: string;
  /** As it stands in brackets in a sources.list. */
  readonly options: string;
  readonly name: string;
}

const SMALL = 'hello';

/** The first archive that apt is set to on this machine; undefined when there is none, or no apt. */
export async function configuredArchive(): Promise<AptSource | undefined> {
  const fields = '$(REPO_URI)|$(RELEASE)|$(COMPONENT)';
  const {stdout} = await runClient('apt-get', ['indextargets', '--format', fields, 'Created-By: Packages'], '/')
    .catch((): ClientEnd => ({code: 1, stdout: '', told: ''}));
  const [upstream = '', suite = '', component = ''] = stdout.split('\n', 1)[0]?.split('|') ?? [];
  return /^https?:/.test(upstream) ? {upstream, suite, component, options: '', name: SMALL} : undefined;
}

/** Builds a package with dpkg-deb, a source for it, and an archive around them, signed by gpg with a key that it makes. */
export async function recordedArchive(server: ScriptedServer, folder: string): Promise<AptSource> {
  const control = 'Version: 2.10\nArchitecture: all\nMaintainer: Spec <spec@example.org>\nDescription: small';
  const root = join(folder, 'package');
  await mkdir(join(root, 'DEBIAN'), {recursive: true});
  await writeFile(join(root, 'DEBIAN', 'control'), `Package: ${SMALL}\n${control}\n`);
  const {code, told} = await runClient('dpkg-deb', ['--root-owner-group', '--build', root, join(folder, 'small.deb')], folder);
  if (code !== 0) throw new Error(told);
  const content = await readFile(join(folder, 'small.deb'));
  const source = {name: SMALL, version: '2.10', files: {[`${SMALL}_2.10.dsc`]: 'Format: 1.0\n', [`${SMALL}_2.10.tar.gz`]: 'no archive, but whole'}};
  offerArchive(server, [{name: SMALL, version: '2.10', architecture: 'all', content, control}],
    {lists: ['Packages', 'Packages.gz'], sources: [source], sourceLists: ['Sources', 'Sources.gz']});
  const release = await (await fetch(server.url('/debian/dists/stable/Release'))).text();
  const {key, signed} = await sign(folder, release);
  server.on('/debian/dists/stable/InRelease', {body: signed});
  return {upstream: server.url('/debian/'), suite: 'stable', component: 'main', options: `[signed-by=${key}] `, name: SMALL};
}

/** Signs a text with a key of its own, as an archive does. */
async function sign(folder: string, text: string): Promise<{readonly key: string; readonly signed: Buffer}> {
  const home = join(folder, 'gpg');
  const [key, signed] = [join(folder, 'key.gpg'), join(folder, 'InRelease')];
  await mkdir(home, {mode: 0o700});
  await writeFile(join(folder, 'Release'), text);
  const common = ['--batch', '--quiet', '--homedir', home];
  const steps = [['--passphrase', '', '--quick-gen-key', 'spec@example.org', 'ed25519', 'sign', 'never'], ['--output', key, '--export'],
    ['--output', signed, '--clearsign', join(folder, 'Release')]];
  try {
    for (const step of steps) {
      const {code, told} = await runClient('gpg', [...common, ...step], folder);
      if (code !== 0) throw new Error(told);
    }
  } finally {
    await runClient('gpgconf', ['--homedir', home, '--kill', 'gpg-agent'], folder);
  }
  return {key, signed: await readFile(signed)};
}

/** apt with a state, a cache and a sources.list of its own; its keys are the machine's. */
export class AptMachine {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** @param archive how it reaches the archive */
  static async make(folder: string, archive: string, {options, suite, component}: AptSource): Promise<AptMachine> {
    for (const name of ['state/lists/partial', 'cache/archives/partial', 'got']) await mkdir(join(folder, name), {recursive: true});
    await writeFile(join(folder, 'sources.list'), ['deb', 'deb-src'].map((kind) => `${kind} ${options}${archive}/ ${suite} ${component}\n`).join(''));
    return new AptMachine(folder);
  }

  /** Runs apt-get. */
  run(...args: readonly string[]): Promise<ClientEnd> {
    const at = (name: string): string => join(this.#folder, name);
    const settings = {
      'Dir::State': at('state'), 'Dir::State::status': '/var/lib/dpkg/status', 'Dir::Cache': at('cache'), 'Dir::Etc::sourcelist': at('sources.list'),
      'Dir::Etc::sourceparts': '/dev/null', 'Acquire::Languages': 'none', 'Acquire::Retries': '0', 'Acquire::http::Proxy': 'DIRECT',
      'APT::Sandbox::User': '', 'APT::Update::Error-Mode': 'any',
    };
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
    return runClient('apt-get', [...flags, '-q', ...args], at('got'));
  }
}
