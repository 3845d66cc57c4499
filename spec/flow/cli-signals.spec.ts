import {expect} from 'chai';
import {once} from 'node:events';
import {recordsOf, startJupiter, startScript} from '../cli/jupiter.js';
import {ScriptedServer} from '../../src/testing/scripted-server.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';

const LARGE = Buffer.alloc(3 * 1024 * 1024, 7);

describe('signals end the command in order', function suite() {
  this.timeout(30_000);
  const folder = useTempFolder();
  let server: ScriptedServer;
  beforeEach(async () => {
    server = (await ScriptedServer.start()).on('*', {body: 'small'});
    for (const name of ['one', 'two', 'three']) server.on(`/${name}`, {body: LARGE, stallAt: 2 * 1024 * 1024});
  });
  afterEach(async () => { await server.close(); });
  const names = (): Promise<string[]> => folder.list();
  const parts = async (): Promise<string[]> => (await names()).filter((name) => name.endsWith('.part'));
  const until = async (condition: () => Promise<boolean>): Promise<void> => {
    while (!await condition()) await new Promise((resolve) => { setTimeout(resolve, 20); });
  };

  for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]] as const) {
    it(`${signal} in the middle of a batch: no part is left, what was done is told, exit ${code}`, async () => {
      await folder.write('list', ['/a', '/one', '/b', '/two', '/three', '/c'].map((path) => `${server.url(path)}\n`).join(''));
      const {child, ended, lines} = startJupiter(['batch', 'list', '--json', '-d', 'pool'], {cwd: folder.path});
      await until(async () => (await parts()).length === 3 && lines() === 3);
      child.kill(signal);
      const end = await ended;
      expect(end.code).to.equal(code);
      expect(await names()).to.deep.equal(['list', 'pool/', 'pool/a', 'pool/b', 'pool/c']);
      expect(end.stderr).to.match(new RegExp(`^ended by ${signal}: 3 fetched, 3 cancelled; [\\d.]+ (?:B|KiB|MiB) in `));
      expect(recordsOf(end).map(({outcome}) => outcome).sort())
        .to.deep.equal(['cancelled', 'cancelled', 'cancelled', 'fetched', 'fetched', 'fetched']);
    });
  }

  it('a single get: the old file stays', async () => {
    await folder.write('one', 'old');
    const {child, ended} = startJupiter(['get', server.url('/one')], {cwd: folder.path});
    await until(async () => (await parts()).length === 1);
    child.kill('SIGINT');
    expect((await ended).code).to.equal(130);
    expect(await names()).to.deep.equal(['one']);
    expect((await folder.read('one')).toString()).to.equal('old');
  });

  it('the signal that npm or tsx passes on once more changes nothing', async () => {
    const {child, ended} = startJupiter(['get', server.url('/one')], {cwd: folder.path});
    await until(async () => (await parts()).length === 1);
    child.kill('SIGINT');
    child.kill('SIGINT');
    expect((await ended).code).to.equal(130);
    expect(await names()).to.deep.equal([]);
  });

  it('while a list on stdin has no end yet', async () => {
    const {child, ended, lines} = startJupiter(['batch', '-', '--format', 'urls', '--json'], {cwd: folder.path});
    child.stdin?.write(`${server.url('/a')}\n${server.url('/b')}\n`);
    await until(async () => lines() === 2);
    child.kill('SIGTERM');
    const end = await ended;
    expect([end.code, end.stderr.split(';')[0]]).to.deep.equal([143, 'ended by SIGTERM: 2 fetched']);
  });

  it('while it waits for another attempt', async () => {
    server.on('/busy', {status: 503, headers: {'Retry-After': '60'}});
    const {child, ended} = startJupiter(['get', server.url('/busy')], {cwd: folder.path});
    await server.when(() => server.requestsFor('/busy').length === 1);
    child.kill('SIGINT');
    const end = await ended;
    expect([end.code, end.stderr.split(';')[0]]).to.deep.equal([130, 'ended by SIGINT: 0 fetched, 1 cancelled']);
  });

  it('the importer: no part is left, the facts of the last whole run stay', async () => {
    await folder.write('.npmrc', `registry=${server.origin}/\n`);
    await folder.write('facts.jsonl', 'old\n');
    await folder.write('package-lock.json', JSON.stringify({lockfileVersion: 3, packages: {
      'node_modules/a': {version: '1.0.0', integrity: `sha512-${'A'.repeat(86)}==`, resolved: server.url('/one')}}}));
    const {child, ended} = startScript('examples/npm-mirror/main.ts', ['package-lock.json', '-d', '.'], {cwd: folder.path, input: ''});
    await until(async () => (await parts()).length === 1);
    child.kill('SIGINT');
    const end = await ended;
    expect(end.stderr).to.match(/^ended by SIGINT/m);
    expect([end.code, end.stdout.length, (await folder.read('facts.jsonl')).toString()]).to.deep.equal([130, 0, 'old\n']);
    // npm writes its log into the home folder.
    expect((await names()).filter((name) => !name.startsWith('.npm/') && !name.startsWith('catalogue.db')))
      .to.deep.equal(['.npmrc', 'facts.jsonl', 'package-lock.json']);
  });

  it('a large batch makes no warning of node, of listeners say', async () => {
    await folder.write('list', Array.from({length: 120}, (_, at) => `${server.url(`/f${at}`)}\n`).join(''));
    const {child, ended} = startJupiter(['batch', 'list', '-c', '40', '--per-host', '40', '--durability', 'none'], {cwd: folder.path});
    await once(child, 'spawn');
    const end = await ended;
    expect([end.code, end.stderr.split(';')[0]]).to.deep.equal([0, '120 fetched']);
    expect(end.stderr.trim().split('\n')).to.have.length(1);
  });
});
