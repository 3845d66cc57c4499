import {expect} from 'chai';
import {once} from 'node:events';
import {mkdir, readFile, stat, symlink, writeFile} from 'node:fs/promises';
import {userInfo} from 'node:os';
import {SystemClock} from '../../src/core/clock.js';
import {openPreferenceStore} from '../../src/preferences/store/open-preference-store.js';
import {ScriptedServer} from '../../src/testing/scripted-server.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {ProxyServer} from '../support/proxy-server.js';
import {jupiter, startJupiter} from './jupiter.js';
import type {Told} from './command-lines.js';
import {runLines} from './prefs-runs.js';

/** Nobody listens there. */
const AWAY = 'postgres://elmer@127.0.0.1:9/prefs';

describe('jupiter get, batch and serve with preferences', function suite() {
  this.timeout(60_000);
  const folder = useTempFolder();
  let server: ScriptedServer;
  let proxy: ProxyServer;
  beforeEach(async () => {
    server = (await ScriptedServer.start()).on('/file', {body: 'content'}).on('/busy', {status: 503, headers: {'Retry-After': '0'}});
    proxy = await ProxyServer.start();
  });
  afterEach(async () => { await Promise.all([server.close(), proxy.close()]); });

  const run = async (lines: readonly string[], env: Record<string, string> = {}): Promise<Told[]> => {
    const places: Readonly<Record<string, string>> = {SERVER: server.origin, PROXY: proxy.url};
    return runLines(folder.path, lines.map((line) => line.replace(/SERVER|PROXY/g, (word) => places[word] ?? word)), env);
  };
  const codesOf = (told: readonly Told[]): Record<string, number> =>
    Object.fromEntries(told.map(({line, code}) => [line.replaceAll(server.origin, 'SERVER'), code]));

  it('goes through a global proxy, with an exception for one remote, and takes it back', async () => {
    const told: string[] = [];
    const command = async (line: string): Promise<number> => {
      const {code, stdout, stderr} = await jupiter(line.split(' '), {cwd: folder.path});
      told.push(`${stdout.toString()}${stderr}`);
      return code ?? -1;
    };
    const fetched = async (flags = ''): Promise<[number, number]> => {
      const before = proxy.requests.length;
      const code = await command(`get ${server.url('/file')} -o file --exists replace${flags}`);
      return [code, proxy.requests.length - before];
    };
    expect(await fetched()).to.deep.equal([0, 0]);
    await command(`prefs set proxy.url ${proxy.url} --global`);
    expect([await fetched(), await fetched(' --no-prefs'), await fetched(' --no-proxy')]).to.deep.equal([[0, 1], [0, 0], [0, 0]]);
    await command(`prefs set proxy.url --exception --remote ${server.url('/file')}`);
    expect(await fetched()).to.deep.equal([0, 0]);
    await command(`prefs inspect proxy.url --remote ${server.origin}`);
    expect(told.at(-1)).to.match(/^global .*set aside by the exception$/m)
      .and.match(/^default .*wins: the exception sets the global value aside/m);
    await command('prefs unset proxy.url --global');
    expect(await fetched()).to.deep.equal([0, 0]);
    expect(await readFile(folder.join('file'), 'utf8')).to.equal('content');
  });

  it('takes what is set for the remote, and what flags say before it', async () => {
    const told = await run([
      'prefs set retry.count 0 --global', 'get SERVER/busy', 'get SERVER/busy --retries 1',
      'prefs set size.max 3 --remote SERVER', 'get SERVER/file', 'get SERVER/file --max-size 1K', 'get SERVER/file --no-prefs -o other',
      'prefs unset size.max --remote SERVER', 'prefs set file.exists error --global', 'get SERVER/file', 'get SERVER/file --exists replace',
      'prefs set file.mode 256 --global', 'get SERVER/file -o mode',
      'prefs set hosts other.example --global', 'get SERVER/file --exists replace', 'prefs unset hosts --global',
      'prefs set digests sha512 --global', 'get SERVER/file -o third --json',
    ].map((line) => line.startsWith('get') ? `${line} --quiet` : line));
    expect(codesOf(told)).to.include({
      'get SERVER/busy --quiet': 9, 'get SERVER/busy --retries 1 --quiet': 9, 'get SERVER/file --max-size 1K --quiet': 0,
      'get SERVER/file --no-prefs -o other --quiet': 0, 'get SERVER/file --exists replace --quiet': 8,
      'get SERVER/file -o third --json --quiet': 0,
    });
    expect(told.filter(({line}) => line.endsWith('/file --quiet')).map(({code}) => code)).to.deep.equal([8, 7]);
    expect(server.requests.filter(({path}) => path === '/busy').length).to.equal(3);
    expect(((await stat(folder.join('mode'))).mode & 0o777)).to.equal(0o400);
    const {digests} = JSON.parse(told.at(-1)?.stdout ?? '') as {digests: object};
    expect(digests).to.have.all.keys('sha256', 'sha512');
  });

  it('gives secrets to the origin that they are for, and to no other', async () => {
    const other = (await ScriptedServer.start()).on('/file', {body: 'content'});
    await writeFile(folder.join('list'), `${server.url('/file')}\n out=one\n${other.url('/file')}\n out=two\n`);
    const sent = (from: ScriptedServer): unknown[] =>
      from.requests.splice(0).map(({headers}) => [headers.authorization, headers['x-team']]);
    try {
      const env = {TOKEN: 'tok-1', TEAM: 'red'};
      await run(['prefs set auth.token --from-env TOKEN --remote SERVER', 'prefs set headers x-team=env:TEAM --global --origin SERVER',
        'batch list', 'get SERVER/file -H x-team:blue --user elmer:pw --exists replace'], env);
      const basic = `Basic ${Buffer.from('elmer:pw').toString('base64')}`;
      expect([sent(server), sent(other)]).to.deep.equal([[['Bearer tok-1', 'red'], [basic, 'blue']], [[undefined, undefined]]]);
      const [named, missing] = await run([`get ${other.url('/file')} --remote ${server.origin} -o x --quiet`,
        'get SERVER/file -o y --quiet'], {TEAM: 'red'});
      expect([named?.code, missing?.code]).to.deep.equal([11, 11]);
      expect(missing?.stderr).to.equal('jupiter get: SECRET_UNAVAILABLE: auth.token: the variable TOKEN is not set\n');
      expect([...sent(server), ...sent(other)]).to.deep.equal([]);
    } finally {
      await other.close();
    }
  });

  it('asks the mirrors of a remote, and the proxy except for hosts that bypass it', async () => {
    const mirror = (await ScriptedServer.start()).on('/copy/lost', {body: 'found'});
    try {
      const codes = async (lines: readonly string[], env = {}): Promise<number[]> =>
        (await run(lines, env)).filter(({line}) => line.startsWith('get')).map(({code}) => code);
      expect(await codes([`prefs set mirrors ${mirror.url('/copy/')} --remote SERVER`, 'get SERVER/file --retries 0',
        'prefs set proxy.url PROXY --global', 'get SERVER/file', 'prefs set proxy.bypass 127.0.0.0/8 --global', 'get SERVER/file -o c'],
      {http_proxy: 'http://127.0.0.1:9'})).to.deep.equal([3, 0, 0]);
      expect([mirror.requests.length, proxy.requests.length]).to.deep.equal([0, 1]);
      expect(await codes(['get SERVER/lost -o b --mirror SERVER/gone', 'get SERVER/lost -o d'])).to.deep.equal([4, 0]);
      expect(mirror.requests.length).to.equal(1);
      expect(await readFile(folder.join('d'), 'utf8')).to.equal('found');
    } finally {
      await mirror.close();
    }
  });

  it('serves with what is set for the upstream', async () => {
    const env = {TOKEN: 'tok-1', JUPITER_PREFS: 'p.db'};
    await run(['prefs set auth.token --from-env TOKEN --remote SERVER', 'prefs set proxy.url PROXY --global'], env);
    const args = ['serve', '--port', '0', '--importer', 'prefix', '--upstream', server.url('/'), '--store', 'store'];
    const {child, ended} = startJupiter(args, {cwd: folder.path, env});
    try {
      const [first] = await Promise.race([once(child.stdout!, 'data'), ended.then(({stderr}) => { throw new Error(stderr); })]) as [Buffer];
      expect(await (await fetch(`${first.toString().trim()}/file`)).text()).to.equal('content');
    } finally {
      child.kill('SIGTERM');
    }
    expect((await ended).stderr).to.equal('');
    expect([proxy.requests.length, server.requests[0]?.headers.authorization]).to.deep.equal([1, 'Bearer tok-1']);
  });

  it('says when the central store is away: with a snapshot it goes on, without it fetches nothing', async () => {
    const [without, excepted] = await run(['get SERVER/file -o a --quiet', 'get SERVER/file -o a --quiet --no-prefs'],
      {JUPITER_PREFS_CENTRAL: AWAY});
    expect([without?.code, excepted?.code, server.requests.length]).to.deep.equal([11, 0, 1]);
    expect(without?.stderr).to.match(/^jupiter get: SETTING_UNAVAILABLE: proxy\.url is not known for sure, so nothing is used: /);
    const store = openPreferenceStore(folder.join('p.db'), {clock: new SystemClock(), random: Math.random});
    const rows = [{setting: 'proxy.url', value: JSON.stringify(proxy.url), revision: 1}];
    await store.saveSnapshots('postgres://127.0.0.1:9/prefs', new Map([[userInfo().username, {time: Date.now() - 90_000, rows}]]));
    await store.close();
    const [stale, table, refused] = await run(['get SERVER/file -o b --quiet', 'prefs inspect proxy.url --remote SERVER',
      'prefs set retry.count 1 --global'], {JUPITER_PREFS_CENTRAL: AWAY});
    expect([stale?.code, proxy.requests.length, refused?.code]).to.deep.equal([0, 1, 3]);
    expect(stale?.stderr).to.match(/^jupiter get: the central store of the preferences can't be asked: what it said \d\d s ago holds\n$/);
    expect(table?.stdout).to.match(/wins: a global value/).and.match(/^The central store can't be asked; it said this \d\d s ago\.$/m);
    expect(refused?.stderr).to.match(/CENTRAL_UNAVAILABLE/);
  });

  it('fetches nothing when it can not see whether there are preferences', async () => {
    await mkdir(folder.join('.config'));
    await symlink('jupiter', folder.join('.config', 'jupiter'));
    const [got, listed] = await run(['get SERVER/file -o a --quiet', 'prefs list'], {JUPITER_PREFS: ''});
    expect([got?.code, listed?.code, server.requests.length]).to.deep.equal([11, 1, 0]);
    expect(got?.stderr).to.match(/^jupiter get: STORE_FAULT: local store: can't look for .*preferences\.db: ELOOP\n$/);
  });

  it('asks the central store also where no local file can be made', async () => {
    await writeFile(folder.join('file'), '');
    const [got, set] = await run(['get SERVER/file -o a --quiet', 'prefs set retry.count 1 --remote r'],
      {JUPITER_PREFS: 'file/p.db', JUPITER_PREFS_CENTRAL: AWAY});
    expect([got?.code, got?.stderr.includes('SETTING_UNAVAILABLE'), set?.code]).to.deep.equal([11, true, 2]);
  });

  it('wants the preferences that it is told of', async () => {
    const told = await run(['get SERVER/file --prefs nothing.db', 'get SERVER/file', 'batch - --remote r --prefs p.db']);
    expect(told[0]?.stderr).to.match(/^jupiter get: --prefs: expected a file that jupiter prefs made, there is none: .*nothing\.db/);
    expect(told[1]?.stderr).to.match(/^jupiter get: JUPITER_PREFS: expected a file/);
    expect(told.map(({code}) => code)).to.deep.equal([2, 2, 2]);
    await run(['prefs set retry.count 1 --global']);
    const [, batch] = await run(['get SERVER/file', 'batch - --remote r']);
    expect(batch?.stderr).to.match(/^jupiter batch: --remote: expected an address \(or --base\)/);
  });
});
