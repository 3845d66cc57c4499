import {expect} from 'chai';
import {existsSync} from 'node:fs';
import {mkdir, stat, writeFile} from 'node:fs/promises';
import {ScriptedServer} from '../../src/testing/scripted-server.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {runTogether} from './command-lines.js';
import {jupiter, startScript} from './jupiter.js';

/** As if a package were not installed: neither imported nor required. */
const WATCH = `import Module, {register} from 'node:module';
register('./hook.mjs', import.meta.url);
const resolve = Module._resolveFilename;
Module._resolveFilename = function (name, ...rest) {
  if (name === 'kysely') throw Object.assign(new Error("Cannot find module 'kysely'"), {code: 'MODULE_NOT_FOUND'});
  return resolve.call(this, name, ...rest);
};`;
const HOOK = `export async function resolve(specifier, context, next) {
  if (specifier !== 'kysely') return next(specifier, context);
  throw Object.assign(new Error("Cannot find package 'kysely'"), {code: 'ERR_MODULE_NOT_FOUND'});
}`;

describe('the file of preferences', function suite() {
  this.timeout(60_000);
  const folder = useTempFolder();
  const SET = 'prefs set retry.count 1 --global';

  it('is not made where a package is missing', async () => {
    await writeFile(folder.join('hook.mjs'), HOOK);
    await writeFile(folder.join('watch.mjs'), WATCH);
    const {code, stderr} = await jupiter(SET.split(' '), {cwd: folder.path, env: {NODE_OPTIONS: `--import ${folder.join('watch.mjs')}`}});
    expect([code, stderr]).to.deep.equal([2, 'jupiter prefs set: install kysely to use preferences: npm install kysely\n']);
    expect(existsSync(folder.join('.config'))).to.equal(false);
  });

  it('counts as none while it is empty, and is taken by the next set', async () => {
    await using server = (await ScriptedServer.start()).on('/file', {body: 'content'});
    const file = folder.join('.config', 'jupiter', 'preferences.db');
    await mkdir(folder.join('.config', 'jupiter'), {recursive: true});
    await writeFile(file, '');
    const get = `get ${server.url('/file')} --quiet`;
    const told = await runTogether(folder.path, [get, 'prefs list', `${get} --prefs ${file} -o x`]);
    expect(told.map(({code}) => code)).to.deep.equal([0, 0, 2]);
    expect(told[2]?.stderr).to.match(/^jupiter get: --prefs: expected a file that jupiter prefs made, there is none/);
    expect((await stat(file)).size).to.equal(0);
    const again = await runTogether(folder.path, [SET, 'prefs get retry.count']);
    expect(again.map(({code, stdout}) => [code, stdout])).to.deep.equal([[0, 'retry.count: the global value is set\n'], [0, '1\n']]);
  });

  it('is made with its folders for nobody else', async () => {
    await runTogether(folder.path, [`${SET} --prefs one/two/p.db`]);
    const modes = await Promise.all(['one', 'one/two', 'one/two/p.db'].map(async (name) => (await stat(folder.join(name))).mode & 0o777));
    expect(modes).to.deep.equal([0o700, 0o700, 0o600]);
  });

  it('is refused below /proc, where no folder can be made, instead of being waited for', async function linux() {
    if (!existsSync('/proc/self')) this.skip();
    const calls = JSON.stringify([SET.split(' ')]);
    const {child, ended} = startScript('spec/cli/run-many.ts', [calls], {cwd: folder.path, input: '', env: {HOME: '/proc'}});
    const guard = setTimeout(() => child.kill('SIGKILL'), 20_000);
    const {stdout} = await ended;
    clearTimeout(guard);
    expect(stdout.toString()).to.match(/^\[\[2,"jupiter prefs set: --prefs: expected a file that can be made, got ENOENT: \/proc/);
  });

  it('is never looked for in the current folder', async () => {
    for (const HOME of ['', 'relative']) {
      const told = await runTogether(folder.path, [SET, 'prefs list', `${SET} --prefs p.db`], {HOME});
      expect(told.map(({code}) => code), HOME).to.deep.equal([2, 2, 0]);
      expect(told[0]?.stderr).to.match(/^jupiter prefs set: HOME: expected an absolute path .*, got "/);
      const [elsewhere] = await runTogether(folder.path, ['prefs list'], {HOME, XDG_CONFIG_HOME: folder.path});
      expect(elsewhere?.code).to.equal(0);
    }
    expect([existsSync(folder.join('.config')), existsSync(folder.join('relative'))]).to.deep.equal([false, false]);
  });
});
