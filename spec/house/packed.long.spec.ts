import {expect} from 'chai';
import {execFile} from 'node:child_process';
import {createHash} from 'node:crypto';
import {mkdir, readdir, readFile, rm, symlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {promisify} from 'node:util';
import type {ScriptedServer} from '../../src/testing/scripted-server.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {startExampleSite} from './example-site.js';
import {entryPoints, ROOT, textOf} from './project.js';

const execute = promisify(execFile);
const CLI_ONLY = ['commander', 'cli-progress'];
/** What a plugin author does, with nothing but what was installed and node's own test runner. */
const CONTRACT = `
  import {describe, it} from 'node:test';
  import {BufferWriter} from 'jupiter-download';
  import {fileAnswer, ScriptedServer, writerContract} from 'jupiter-download/testing';
  writerContract({describe, it}, () => {
    const writer = new BufferWriter();
    const published = () => { try { return writer.content(); } catch { return undefined; } };
    return {writer, published, leftovers: () => []};
  });
  const server = await ScriptedServer.start();
  server.on('/f', fileAnswer('hello'));
  const reply = await fetch(server.url('/f'), {headers: {range: 'bytes=1-'}});
  if (await reply.text() !== 'ello' || reply.status !== 206) throw new Error('no part');
  await server.close();`;

/** What a catalogue's server says where none of its packages is installed. */
const SERVER = `
  const {catalogueServer} = await import('jupiter-download/catalogue');
  await catalogueServer({catalogue: {publish() {}}, unauthenticated: true}).catch(({code, message}) => console.log(code, message));`;
const PREFERENCES = 'jupiter-download/preferences';
const NO_PREFERENCES = `await import('${PREFERENCES}').catch(({code, message}) => console.log(code, message));`;
const TSC = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--skipLibCheck', 'false', '--types', 'node'];

/** A package as this project has it. */
function pinned(name: string): string {
  return `${name}@${(JSON.parse(textOf('package.json')) as {devDependencies: Record<string, string>}).devDependencies[name] ?? ''}`;
}

describe('the packed tarball', function suite() {
  this.timeout(300_000);
  const folder = useTempFolder();
  let site: ScriptedServer;
  beforeEach(async () => { site = await startExampleSite(); });
  afterEach(async () => { await site.close(); });

  const node = async (script: string): Promise<string> => {
    await folder.write('script.mjs', script);
    return (await execute(process.execPath, ['script.mjs', site.url('/file.bin')], {cwd: folder.path})).stdout;
  };
  const install = (...names: string[]): Promise<unknown> =>
    execute('npm', ['install', '--omit=dev', '--no-audit', '--no-fund', ...names], {cwd: folder.path});
  /** What TypeScript says of an import, with nothing but what is installed and Node's types. */
  const typeFaults = async (...entries: string[]): Promise<string> => {
    await mkdir(folder.join('node_modules/@types'), {recursive: true});
    await symlink(join(ROOT, 'node_modules/@types/node'), folder.join('node_modules/@types/node'));
    await folder.write('use.ts', entries.map((entry, at) => `export * as entry${at} from '${entry}';\n`).join(''));
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const {stdout} = await execute(process.execPath, [tsc, ...TSC, 'use.ts'], {cwd: folder.path}).catch((failed: unknown) => failed as {stdout: string});
    await rm(folder.join('node_modules/@types'), {recursive: true});
    return stdout;
  };
  /** Where nothing optional is installed, one message names all that is needed, and types ask for none of it. */
  const checkBare = async (command: string): Promise<void> => {
    expect(await node(NO_PREFERENCES)).to.equal('ERR_OPTIONAL_MISSING install zod to use preferences: npm install zod\n');
    const [last, ...others] = ['zod', 'fastify-type-provider-zod', '@fastify/swagger', 'fastify'];
    const [names, list] = [others.reverse().join(', '), `${others.join(' ')} ${last}`];
    expect(await node(SERVER)).to.equal(`ERR_OPTIONAL_MISSING install ${names} and ${last} to use the catalogue's HTTP server: npm install ${list}\n`);
    const refused = await execute(command, ['prefs', 'set', 'retry.count', '1', '--global'], {cwd: folder.path, env: {...process.env, HOME: folder.path}})
      .catch((failed: unknown) => failed as {code: number; stderr: string});
    expect(refused).to.have.property('code', 2);
    expect(refused.stderr).to.contain('install zod, kysely and libsql to use preferences: npm install zod kysely libsql');
    expect(await folder.list()).to.not.include('.config/');
    expect(await typeFaults(...entryPoints().map(({name}) => name).filter((name) => name !== PREFERENCES))).to.equal('');
  };

  it('installs without development packages, imports, downloads and has its command', async () => {
    await execute('npm', ['pack', '--pack-destination', folder.path], {cwd: ROOT});
    const tarball = (await readdir(folder.path)).find((name) => name.endsWith('.tgz')) ?? '';
    await writeFile(folder.join('package.json'), '{"private": true, "type": "module"}');
    await install(`./${tarball}`);
    const installed = await readdir(folder.join('node_modules'));
    expect(installed).to.include('jupiter-download').and.not.include('typescript').and.not.include('kysely').and.not.include('zod');

    const command = folder.join('node_modules/.bin/jupiter');
    await checkBare(command);

    for (const {name: entry, names: list} of entryPoints()) {
      const values = [...textOf(list).matchAll(/^value (.+)$/gm)].map(([, name]) => name);
      // Its settings are declared with zod, an optional peer; those that open a database are loaded when one is opened.
      if (entry === PREFERENCES) await install(pinned('zod'));
      const names = JSON.parse(await node(`console.log(JSON.stringify(Object.keys(await import('${entry}'))))`)) as string[];
      expect(names.sort(), entry).to.deep.equal(values.sort());
    }

    await install(pinned('kysely'));
    expect(await typeFaults(PREFERENCES)).to.equal('');

    const {version} = JSON.parse(textOf('package.json')) as {version: string};
    expect((await execute(command, ['--version'], {cwd: folder.path})).stdout.trim()).to.equal(version);

    const shipped = await readdir(folder.join('node_modules/jupiter-download'), {recursive: true});
    expect(shipped.filter((name) => /(?:^|\/)spec(?:\/|$)|\.spec\./.test(name))).to.deep.equal([]);
    expect(shipped).to.include('LICENSE').and.include('dist/index.d.ts');

    expect(await node(CONTRACT)).to.match(/^[#ℹ] fail 0$/m).and.match(/^[#ℹ] pass 1\d$/m);

    for (const name of CLI_ONLY) await rm(join(folder.path, 'node_modules', name), {recursive: true});
    await node(`
      import {FileWriter, HttpDownload} from 'jupiter-download';
      await new HttpDownload({url: process.argv[2], writer: new FileWriter(process.cwd() + '/file.bin')}).run();`);
    const got = createHash('sha256').update(await readFile(folder.join('file.bin'))).digest('hex');
    const wanted = createHash('sha256').update(Buffer.from(await (await fetch(site.url('/file.bin'))).arrayBuffer())).digest('hex');
    expect(got).to.equal(wanted);
  });
});
