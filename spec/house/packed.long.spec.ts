import {expect} from 'chai';
import {execFile} from 'node:child_process';
import {createHash} from 'node:crypto';
import {readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {promisify} from 'node:util';
import type {ScriptedServer} from '../support/scripted-server.js';
import {useTempFolder} from '../support/temp-folder.js';
import {startExampleSite} from './example-site.js';
import {ROOT, textOf} from './project.js';

const execute = promisify(execFile);
const CLI_ONLY = ['commander', 'cli-progress'];

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

  it('installs without development packages, imports, downloads and has its command', async () => {
    await execute('npm', ['pack', '--pack-destination', folder.path], {cwd: ROOT});
    const tarball = (await readdir(folder.path)).find((name) => name.endsWith('.tgz')) ?? '';
    await writeFile(folder.join('package.json'), '{"private": true, "type": "module"}');
    await execute('npm', ['install', '--omit=dev', '--no-audit', '--no-fund', `./${tarball}`], {cwd: folder.path});
    const installed = await readdir(folder.join('node_modules'));
    expect(installed).to.include('jupiter-download').and.not.include('typescript');

    const values = [...textOf('spec/house/public-names.txt').matchAll(/^value (.+)$/gm)].map(([, name]) => name);
    const names = JSON.parse(await node(`console.log(JSON.stringify(Object.keys(await import('jupiter-download'))))`)) as string[];
    expect(names.sort()).to.deep.equal(values.sort());

    const command = folder.join('node_modules/.bin/jupiter');
    const {version} = JSON.parse(textOf('package.json')) as {version: string};
    expect((await execute(command, ['--version'], {cwd: folder.path})).stdout.trim()).to.equal(version);

    const shipped = await readdir(folder.join('node_modules/jupiter-download'), {recursive: true});
    expect(shipped.filter((name) => /(?:^|\/)spec(?:\/|$)|\.spec\./.test(name))).to.deep.equal([]);
    expect(shipped).to.include('LICENSE').and.include('dist/index.d.ts');

    for (const name of CLI_ONLY) await rm(join(folder.path, 'node_modules', name), {recursive: true});
    await node(`
      import {FileWriter, HttpDownload} from 'jupiter-download';
      await new HttpDownload({url: process.argv[2], writer: new FileWriter(process.cwd() + '/file.bin')}).run();`);
    const got = createHash('sha256').update(await readFile(folder.join('file.bin'))).digest('hex');
    const wanted = createHash('sha256').update(Buffer.from(await (await fetch(site.url('/file.bin'))).arrayBuffer())).digest('hex');
    expect(got).to.equal(wanted);
  });
});
