import {expect} from 'chai';
import {readFile, writeFile} from 'node:fs/promises';
import {ScriptedServer} from '../../src/testing/scripted-server.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {jupiter} from './jupiter.js';

/** Writes the address of every module that is asked for, one a line. */
const HOOK = `import {appendFileSync} from 'node:fs';
export async function resolve(specifier, context, next) {
  const found = await next(specifier, context);
  appendFileSync('loaded', found.url + '\\n');
  return found;
}`;

/** The same for what is required: zod. Where a package is, is asked besides, and loads nothing. */
const WATCH = `import {appendFileSync} from 'node:fs';
import Module, {register} from 'node:module';
register('./hook.mjs', import.meta.url);
const load = Module._load;
Module._load = function (name, parent, ...rest) {
  appendFileSync('loaded', Module._resolveFilename(name, parent) + '\\n');
  return load.call(this, name, parent, ...rest);
};`;

describe('what jupiter get loads', function suite() {
  this.timeout(60_000);
  const folder = useTempFolder();

  it('is none of kysely, libsql, pg and zod, as long as there are no preferences', async () => {
    await using server = (await ScriptedServer.start()).on('/file', {body: 'content'});
    await writeFile(folder.join('hook.mjs'), HOOK);
    await writeFile(folder.join('watch.mjs'), WATCH);
    const heavy = async (line: string): Promise<string[]> => {
      await writeFile(folder.join('loaded'), '');
      const {code, stderr} = await jupiter(line.split(' '), {cwd: folder.path,
        env: {NODE_OPTIONS: `--import ${folder.join('watch.mjs')}`}});
      expect(code, stderr).to.equal(0);
      const loaded = await readFile(folder.join('loaded'), 'utf8');
      expect(loaded).to.contain('/commander/');
      return ['kysely', 'libsql', 'pg', 'zod'].filter((name) => loaded.includes(`/node_modules/${name}/`));
    };
    expect(await heavy(`get ${server.url('/file')} -o one`)).to.deep.equal([]);
    expect(await heavy('prefs --help')).to.deep.equal([]);
    expect(await heavy('prefs set retry.count 1 --global')).to.deep.equal(['kysely', 'libsql', 'zod']);
    expect(await heavy(`get ${server.url('/file')} -o two`)).to.deep.equal(['kysely', 'libsql', 'zod']);
  });
});
