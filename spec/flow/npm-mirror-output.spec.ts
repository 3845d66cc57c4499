import {expect} from 'chai';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {closeSync, existsSync, openSync} from 'node:fs';
import {makeFolder} from '../../examples/npm-mirror/folder.js';
import {startScript} from '../cli/jupiter.js';
import {builtScript} from '../chaos/built-command.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {rejection} from '../support/rejection.js';

const MAIN = 'examples/npm-mirror/main.ts';

describe('the importer npm-mirror, where it may not write', function suite() {
  this.timeout(60_000);
  const folder = useTempFolder();
  beforeEach(async () => {
    const broken = Object.fromEntries(Array.from({length: 3000}, (_, n) => [`node_modules/p${n}`, {version: 'none', integrity: 'sha512-'}]));
    await folder.write('package-lock.json', JSON.stringify({lockfileVersion: 3, packages: {'': {}, ...broken}}));
  });
  /** What it writes for people, but the lines about packages, and its exit code. */
  const endOf = async (stdout: number | 'pipe', ...args: string[]): Promise<[number, string[]]> => {
    const child = spawn(process.execPath, [builtScript(MAIN), 'package-lock.json', '--no-catalogue', ...args], {
      cwd: folder.path, stdio: ['ignore', stdout, 'pipe'],
      env: {PATH: process.env.PATH, HOME: folder.path},
    });
    let stderr = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => { stderr += text; });
    child.stdout?.once('data', () => { child.stdout?.destroy(); });
    const [code] = await once(child, 'close') as [number];
    return [code, stderr.split('\n').filter((line) => line !== '' && !line.startsWith('failed node_modules/'))];
  };

  for (const flags of [[], ['--json'], ['--help']]) {
    it(`says that its output is full: ${flags.join() || 'the table'}`, async function full() {
      if (!existsSync('/dev/full')) this.skip();
      const device = openSync('/dev/full', 'w');
      try {
        expect(await endOf(device, ...flags)).to.deep.equal([7, ['npm-mirror: cannot write to standard output (ENOSPC)']]);
      } finally {
        closeSync(device);
      }
    });
  }

  it('says that nobody reads its records any more', async () => {
    expect(await endOf('pipe', '--json')).to.deep.equal([7, ['npm-mirror: nobody reads the output any more']]);
  });

  it('says that its folder is none, or can\'t be made', async () => {
    await folder.write('README.md', 'a file');
    const {code, stderr, stdout} = await startScript(MAIN, ['-d', 'README.md', 'package-lock.json'], {cwd: folder.path, input: ''}).ended;
    expect([code, stdout.length, stderr])
      .to.deep.equal([2, 0, `npm-mirror: -d: expected a folder, it is no folder: ${folder.join('README.md')}\n`]);
    const below = folder.join('README.md/x/y');
    expect((await rejection(makeFolder(below))).message).to.equal(`-d: expected a folder that can be made, got ENOTDIR: ${below}`);
    if (existsSync('/proc/self')) {
      expect((await rejection(makeFolder('/proc/no/such'))).message).to.equal('-d: expected a folder that can be made, got ENOENT: /proc/no/such');
    }
    await Promise.all([makeFolder(folder.join('a/b/c')), makeFolder(folder.join('a/b/d')), makeFolder(folder.path)]);
    expect(await folder.list()).to.include.members(['a/b/c/', 'a/b/d/']);
  });
});
