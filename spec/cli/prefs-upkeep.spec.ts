import {expect} from 'chai';
import {writeFile} from 'node:fs/promises';
import {userInfo} from 'node:os';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {jupiter} from './jupiter.js';
import type {Told} from './command-lines.js';
import {runLines} from './prefs-runs.js';

const KEYS = {one: `k1 ${'ab'.repeat(32)}\n`, two: `k2 ${'cd'.repeat(32)}\n`};

describe('the upkeep of preferences by jupiter prefs', function suite() {
  this.timeout(60_000);
  const folder = useTempFolder();
  const run = (lines: readonly string[], env: Record<string, string> = {}): Promise<Told[]> =>
    runLines(folder.path, lines.map((line) => `prefs ${line}`), env);

  it('exports what is public, and imports it again for the owner behind the pseudonym', async () => {
    await writeFile(folder.join('pseudonyms'), KEYS.one, {mode: 0o600});
    const told = await run(['set retry.count 7 --global', 'set timeout.read 99 --remote r', 'set auth.user elmer --remote r',
      'set timeout.connect --exception --remote r', 'export', 'export --pseudonyms pseudonyms']);
    const [random, keyed] = [told[4]?.lines ?? [], told[5]?.lines ?? []];
    const rows = keyed.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(rows.map(({owner: _keyed, ...row}) => row)).to.have.deep.members([
      {jupiter: 1, kind: 'preferences'}, {layer: 'local', scope: 'r', setting: 'timeout.connect', exception: true},
      {layer: 'local', scope: 'r', setting: 'timeout.read', value: 99}, {layer: 'global', setting: 'retry.count', value: 7}]);
    expect(random[1]).to.not.equal(keyed[1]);
    expect(keyed.join('\n')).to.not.contain(userInfo().username).and.not.contain('elmer');

    await writeFile(folder.join('rows'), `${keyed.join('\n')}\n{"layer":"global","owner":"x","setting":"nonsense","value":1}\n`);
    const flags = `--pseudonyms pseudonyms --for ${userInfo().username}`;
    const [dry, alone, brought, again, count, exception] = await run([`import rows --dry-run ${flags}`,
      'import rows --pseudonyms pseudonyms',
      `import rows ${flags}`, `import rows ${flags} --json`, 'get retry.count --remote any', 'inspect timeout.connect --remote r',
      'import nothing'],
    {JUPITER_PREFS: 'other.db'});
    expect(dry?.stdout).to.equal('5 lines, good values and exceptions: 3; a dry run, nothing was written; 1 line refused\n');
    expect(alone?.stderr).to.match(/--pseudonyms, --for: expected both or neither/);
    expect(brought?.stderr).to.match(/^jupiter prefs import: line 5: /);
    expect([dry?.code, alone?.code, brought?.code]).to.deep.equal([1, 2, 1]);
    expect(brought?.stdout).to.match(/; 3 rows written; 1 line refused\n$/);
    expect(JSON.parse(again?.stdout ?? '')).to.include({rows: 0, refused: 1});
    expect([count?.stdout, exception?.lines[3]?.startsWith('exception  set')]).to.deep.equal(['7\n', true]);
  });

  it('reads from stdin, and says which file it can\'t read', async () => {
    const input = `{"jupiter":1,"kind":"preferences"}\n{"layer":"global","owner":"elmer","setting":"retry.count","value":3}\n`;
    const {code, stdout} = await jupiter(['prefs', 'import', '-'], {cwd: folder.path, input, env: {JUPITER_PREFS: 'p.db'}});
    expect([code, stdout.toString()]).to.deep.equal([0, '2 lines, good values and exceptions: 1; 1 row written\n']);
    const [missing, value] = await run(['import nothing', 'get retry.count --owner elmer']);
    expect(missing?.stderr).to.equal('jupiter prefs import: FILE: expected a file that can be read, got ENOENT\n');
    expect([missing?.code, value?.stdout]).to.deep.equal([2, '3\n']);
  });

  it('cleans up only with --apply, and puts back what it removed', async () => {
    const told = await run(['set timeout.read 99 --remote r', 'set retry.count 7 --global', 'cleanup', 'cleanup --deleted-remote r',
      'get timeout.read --remote r',
      'cleanup --deleted-remote r --apply', 'get timeout.read --remote r', 'get retry.count --remote r', 'cleanup --runs',
      'cleanup --undo nothing']);
    expect(told[2]?.lines).to.deep.equal(['complete: looked at 2 rows, would remove none']);
    expect(told[3]?.lines).to.deep.equal(['rule            would be removed', 'deleted-remote  1',
      'complete: looked at 2 rows, would remove 1']);
    expect([4, 6, 7].map((at) => told[at]?.stdout)).to.deep.equal(['99\n', '30000\n', '7\n']);
    const [, name = ''] = /^jupiter prefs cleanup --undo (\S+) puts them back$/m.exec(told[5]?.stdout ?? '') ?? [];
    expect(told[8]?.lines[1]?.split(' ')[0]).to.equal(name);
    expect(told[9]?.code).to.equal(2);
    const [undone, value] = await run([`cleanup --undo ${name}`, 'get timeout.read --remote r']);
    expect([undone?.stdout, value?.stdout]).to.deep.equal(['put back 1 row\n', '99\n']);
  });

  it('removes nothing while the central store is away, and says that it is incomplete', async () => {
    await run(['set timeout.read 99 --remote r']);
    const [cleaned] = await run(['cleanup --apply'], {JUPITER_PREFS_CENTRAL: 'postgres://elmer@127.0.0.1:9/prefs'});
    expect([cleaned?.code, cleaned?.stdout.startsWith('incomplete: ')]).to.deep.equal([11, true]);
    expect(cleaned?.stderr).to.match(/^jupiter prefs cleanup: .+/);
  });

  it('seals secrets anew with the first key', async () => {
    await writeFile(folder.join('old'), KEYS.one, {mode: 0o600});
    await writeFile(folder.join('new'), KEYS.two + KEYS.one, {mode: 0o600});
    const set = ['prefs', 'set', 'auth.token', '--remote', 'r', '--key-file', 'old'];
    expect((await jupiter(set, {cwd: folder.path, input: 'typed\n', env: {JUPITER_PREFS: 'p.db'}})).code).to.equal(0);
    const told = await run(['rotate --key-file new', 'rotate --key-file new', 'rotate --key-file old']);
    expect(told.map(({code, stdout}) => [code, stdout])).to.deep.equal([[0, 'sealed 1 secret anew; sealed so already: 0\n'],
      [0, 'sealed 0 secrets anew; sealed so already: 1\n'], [1, 'sealed 0 secrets anew; sealed so already: 0\n']]);
    expect(told[2]?.stderr).to.match(/^jupiter prefs rotate: can't be opened: auth\.token of .* in r\n/);
    // A new key under the old id: the secret would be lost with the old one.
    await writeFile(folder.join('same'), KEYS.two.replace('cd', 'ef'), {mode: 0o600});
    await writeFile(folder.join('twice'), KEYS.two.replace('cd', 'ef') + KEYS.two, {mode: 0o600});
    const [same, twice] = await run(['rotate --key-file same', 'rotate --key-file twice']);
    expect([same?.code, same?.stdout]).to.deep.equal([1, 'sealed 0 secrets anew; sealed so already: 0\n']);
    expect([twice?.code, twice?.stderr])
      .to.deep.equal([2, 'jupiter prefs rotate: --key-file: expected each id once; a new key needs a new id\n']);
  });
});
