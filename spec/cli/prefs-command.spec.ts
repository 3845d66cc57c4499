import {expect} from 'chai';
import {realpath, stat, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {jupiter, type Ended} from './jupiter.js';
import type {Told} from './command-lines.js';
import {layersIn, runLines} from './prefs-runs.js';

const OWN = '"http://own.example:3128"';
const GATEWAY = '"http://gateway.example:3128"';

describe('jupiter prefs', function suite() {
  this.timeout(60_000);
  const folder = useTempFolder();
  const run = (lines: readonly string[], env: Record<string, string> = {}): Promise<Told[]> =>
    runLines(folder.path, lines.map((line) => `prefs ${line}`), env);

  it('tells the story from nothing to a global proxy with an exception, and back', async () => {
    const told = await run([
      'list',
      'set proxy.url http://own.example:3128 --remote a.example', 'inspect proxy.url --remote https://a.example/x --owner elmer',
      'set proxy.url http://gateway.example:3128 --global', 'inspect proxy.url --remote a.example', 'inspect proxy.url --remote b.example',
      'set proxy.url --exception --remote a.example', 'set proxy --exception --remote b.example',
      'inspect proxy.url --remote a.example', 'inspect proxy.url --remote b.example', 'list --remote b.example',
      'unset proxy.url --exception --remote b.example', 'inspect proxy.url --remote b.example',
      'unset proxy --global --clear a.example', 'inspect proxy.url --remote a.example', 'inspect proxy.url --remote b.example',
      'inspect proxy.user --remote b.example', 'unset --all --remote b.example', 'inspect proxy.user --remote b.example',
    ].map((line) => line.includes('--owner') ? line.replace('elmer', 'other') : `${line} --owner elmer`));
    expect(told.map(({code}) => code)).to.deep.equal(told.map(() => 0));
    const nothing = {global: '-', exception: '-', local: '-', default: 'null | wins: there is no global value, and no local one'};
    const own = {...nothing, local: `${OWN} | wins: there is no global value`, default: 'null'};
    const holds = {global: `${GATEWAY} | wins: a global value holds for every remote without an exception`, exception: '-',
      default: 'null'};
    const aside = {global: `${GATEWAY} | set aside by the exception`, exception: 'set | sets the global value aside'};
    const dormant = {...nothing, exception: 'set | dormant: there is no global value to set aside'};
    expect(told.filter(({line}) => line.includes('inspect')).map(layersIn)).to.deep.equal([
      nothing,
      {...holds, local: `${OWN} | kept; the global value holds`}, {...holds, local: '-'},
      {...aside, local: `${OWN} | wins: the exception sets the global value aside`, default: 'null'},
      {...aside, local: '-', default: 'null | wins: the exception sets the global value aside, and no local one'},
      {...holds, local: '-'}, own, nothing, dormant, nothing,
    ]);
    const said = (line: string): readonly string[] => told.find((one) => one.line.startsWith(`prefs ${line}`))?.lines ?? [];
    expect(told[0]?.stderr).to.equal('jupiter prefs list: nothing is set; --all shows the defaults\n');
    expect(told[2]?.lines[0]).to.equal('proxy.url for a.example, of other: null');
    expect(said('set proxy.url http://own')).to.deep.equal(['proxy.url: the value for a.example is set']);
    expect(said('set proxy.url http://gateway')).to.deep.equal(['proxy.url: the global value is set']);
    expect(said('set proxy --exception')).to.deep.equal(['proxy: b.example is an exception']);
    expect(said('unset proxy --global')).to.deep.equal(['proxy: the global value is gone']);
    expect(said('list --remote b.example').find((line) => line.startsWith('proxy.url')))
      .to.match(/^proxy\.url +null +default +the exception sets the global value aside, and no local one$/);
  });

  it('changes nothing under a global value unless it is told how', async () => {
    const told = await run([
      'set timeout.read 1000 --global', 'set timeout.read 2000 --remote a', 'set timeout.read 2000 --remote a --mode ignore',
      'get timeout.read --remote a', 'set timeout.read 2000 --remote a --exception', 'get timeout.read --remote a',
      'get timeout.read --remote b',
      'set timeout.read 3000 --remote b --mode update', 'get timeout.read --remote a', 'get timeout.read --remote b',
      'get timeout.read --global',
      'set timeout.read 3000 --global', 'get retry.count --global', 'unset timeout.read --remote a', 'get timeout.read --remote a',
    ]);
    expect([told[1]?.code, told[1]?.stdout, told[2]?.code]).to.deep.equal([10, '', 0]);
    expect(told[1]?.stderr).to.match(/is set globally, so its local value in a was left alone; --exception makes a an exception/);
    expect(told.filter(({line}) => line.startsWith('prefs get timeout')).map(({lines}) => lines[0]))
      .to.deep.equal(['1000', '2000', '1000', '2000', '3000', '3000', '30000']);
    expect(told[11]?.lines).to.deep.equal(['timeout.read: it is so already, nothing changed']);
    expect(told[12]?.code).to.equal(4);
  });

  it('takes numbers, words, lists and nothing', async () => {
    const told = await run([
      'set retry.count 0 --global', 'set file.exists rename --global', 'set proxy.bypass localhost 10.0.0.0/8 --global',
      'set hosts a.example --global', 'set auth.user 12345 --global', 'set size.max null --global', 'list --json', 'list --global',
      'unset --all --global', 'list --global',
    ]);
    const values = told[6]?.lines.map((line) => JSON.parse(line) as {name: string; effective: {value: unknown}}) ?? [];
    expect(Object.fromEntries(values.map(({name, effective}) => [name, effective.value]))).to.deep.equal({'retry.count': 0,
      'file.exists': 'rename', 'proxy.bypass': ['localhost', '10.0.0.0/8'], 'hosts': ['a.example'], 'auth.user': '12345',
      'size.max': null});
    expect(told[7]?.lines.length).to.equal(7);
    expect(told[8]?.lines).to.deep.equal(['no global value is left']);
    expect(told[9]?.stderr).to.match(/there is no global value/);
  });

  it('keeps secrets as references, or sealed, and shows only whether they are set', async () => {
    await writeFile(folder.join('keys'), `# made by hand\nk1 ${'ab'.repeat(32)}\n`, {mode: 0o600});
    const typed = (env: Record<string, string>): Promise<Ended> =>
      jupiter(['prefs', 'set', 'auth.token', '--remote', 'r'],
        {cwd: folder.path, input: 'typed-secret\n', env: {JUPITER_PREFS: 'p.db', ...env}});
    expect((await typed({})).stderr).to.match(/SECRET_REFUSED: auth\.token: /);
    expect((await typed({JUPITER_PREFS_KEYS: 'keys'})).code).to.equal(0);
    const told = await run(['get auth.token --remote r', 'get auth.token --remote s',
      'set headers x-key=env:API_KEY x-team=file:team --remote r',
      'inspect headers --remote r', 'set proxy.password --remote r --from-env PASSWORD',
      'set proxy.url http://gateway.example:3128 --remote r',
      'set proxy.password --remote r --from-env PASSWORD', 'unset headers --remote r', 'get headers --remote r']);
    expect(told.map(({code}) => code)).to.deep.equal([0, 0, 0, 0, 2, 0, 0, 0, 0]);
    expect([0, 1, 8].map((at) => JSON.parse(told[at]?.stdout ?? '') as unknown)).to.deep.equal([
      {name: 'auth.token', isSet: true}, {name: 'auth.token', isSet: false}, {name: 'headers', isSet: false}]);
    expect(layersIn(told[3] as Told).local).to.equal('(set) | wins: there is no global value');
    expect(told[4]?.stderr).to.match(/--origin: expected the origin of the proxy that proxy\.password is for, or proxy\.url set first/);
    expect(((await stat(folder.join('p.db'))).mode & 0o777).toString(8)).to.equal('600');
  });

  it('makes an exception with a value before anything is global, and says how a value under a global one is taken back', async () => {
    const told = await run(['set redirects 3 --exception --remote a', 'set redirects 3 --exception --remote a', 'set redirects 5 --global',
      'get redirects --remote a', 'set mirrors https://m.example/ --exception --remote a', 'get mirrors --remote a',
      'set segments 2 --remote a', 'set segments 3 --global', 'unset segments --remote a']);
    expect(told.slice(0, 2).map(({lines: [line]}) => line))
      .to.deep.equal(['redirects: the value for a is set, whatever is global', 'redirects: it is so already, nothing changed']);
    expect([told[3]?.stdout, told[5]?.stdout]).to.deep.equal(['3\n', '["https://m.example/"]\n']);
    expect([told[8]?.code, told[8]?.stderr]).to.deep.equal([10, 'jupiter prefs unset: segments is set globally, so its local value in a '
      + 'was left alone; --global takes that one back, --all everything of the remote\n']);
  });

  it('keeps the paths of files absolute, so that no other folder\'s file is trusted', async () => {
    const told = await run(['set tls.ca ca.pem --remote r', 'get tls.ca --remote r', 'set tls.key --from-file key.pem --remote r']);
    expect(told.map(({code}) => code)).to.deep.equal([0, 0, 0]);
    expect(told[1]?.stdout).to.equal(`${join(await realpath(folder.path), 'ca.pem')}\n`);
  });

  it('says what is wrong with its flags, and makes no file where it only reads', async () => {
    const cases: readonly (readonly [string, number, RegExp])[] = [
      ['get nonsense', 2, /^jupiter prefs get: UNKNOWN_SETTING: no setting "nonsense" is declared/],
      ['inspect proxy', 0, /^$/],
      ['rotate', 2, /--key-file: expected the keys, here or in JUPITER_PREFS_KEYS/],
      ['list --central postgres://u:pw@h/db', 2, /--central: expected a postgres:\/\/ URL without a password, or a file/],
      ['list --central nothing', 2, /--central: expected a postgres:\/\/ URL, or a file that can be read, got ENOENT/],
      ['cleanup --also everything', 2, /--also: expected one of shadowed, unknown, inactive-owner/],
      ['cleanup --apply --runs', 2, /--apply, --runs, --undo: expected one of them/],
    ];
    const writing: typeof cases = [
      ['set retry.count 5', 2, /--remote: expected the name or an address of a remote, or --global; got neither/],
      ['set retry.count 5 --global --remote r', 2, /--global: expected no --remote beside it/],
      ['set retry.count many --global', 2, /INVALID_VALUE: retry\.count: .*number/],
      ['set retry.count 5 --global --exception', 2, /--global: expected no --exception beside it/],
      ['set retry.count 5 --remote r --mode force', 2, /--mode: expected one of ignore, override, update, create/],
      ['set retry.count --global', 2, /VALUE: expected a value for retry\.count/],
      ['set retry.count 1 2 --global', 2, /VALUE: expected one value for retry\.count, got 2/],
      ['set mirrors https://m.example/ --global', 2, /NOT_GLOBALISABLE/],
      ['set proxy.url http://u:pw@h.example --global', 2, /SECRET_REFUSED: proxy\.url: expected a URL without a name and password/],
      ['set auth.token word --remote r', 2, /VALUE: expected none for the secret auth\.token, since the command line can be seen/],
      ['set auth.token --global --from-env T', 2, /--origin: expected the origin that auth\.token is for/],
      ['set headers x-key=word --remote r', 2, /VALUE: expected headers such as x-client=env:NAME/],
      ['unset --remote r', 2, /NAME: expected a setting, or --all/],
      ['list --key-file p.db --prefs p.db', 2, /--key-file: expected lines of an id/],
    ];
    const told = await run(cases.map(([line]) => line));
    expect(await stat(folder.join('p.db')).catch(() => undefined)).to.equal(undefined);
    told.push(...await run(writing.map(([line]) => line)));
    for (const [at, [line, code, message]] of [...cases, ...writing].entries()) {
      expect(told[at]?.stderr, line).to.match(message).and.not.contain('pw@');
      expect(told[at]?.code, line).to.equal(code);
    }
  });
});
