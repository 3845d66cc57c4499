import {expect} from 'chai';
import {createHash} from 'node:crypto';
import {chmod} from 'node:fs/promises';
import {ProxyServer} from '../support/proxy-server.js';
import {ScriptedServer} from '../../src/testing/scripted-server.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {jupiter, recordsOf, startJupiter, type Ended} from './jupiter.js';

const BODY = Buffer.from('batch '.repeat(1000));
const SHA256 = createHash('sha256').update(BODY).digest('hex');

describe('jupiter batch', function suite() {
  this.timeout(30_000);
  const folder = useTempFolder();
  let server: ScriptedServer;
  beforeEach(async () => { server = (await ScriptedServer.start()).on('*', {body: BODY}).on('/none', {status: 404}); });
  afterEach(async () => { await server.close(); });
  const batch = (args: readonly string[], input = '', env = {}): Promise<Ended> =>
    jupiter(['batch', ...args], {cwd: folder.path, input, env});

  it('fetches what aria2 would: names, folders, digests, headers, mirrors', async () => {
    await folder.write('list',
      `# mine\n${server.url('/a')}\n${server.url('/b')}\n  out=sub/c\n  checksum=sha-256=${SHA256}\n  header=X-Item: 1\n`
      + `${server.url('/none')}\t${server.url('/good')}\n  dir=d\n  out=e\n`);
    const end = await batch(['list', '-d', 'pool', '--json']);
    expect([end.code, end.stderr.split(';')[0]]).to.deep.equal([0, '3 fetched']);
    expect(await folder.list()).to.deep.equal(['list', 'pool/', 'pool/a', 'pool/d/', 'pool/d/e', 'pool/sub/', 'pool/sub/c']);
    expect(recordsOf(end).map(({item, verified, attempts}) => [item, verified, attempts]).sort())
      .to.deep.equal([[2, 'none', 1], [3, 'digest', 1], [7, 'none', 2]]);
    expect(server.requestsFor('/b')[0]?.headers['x-item']).to.equal('1');
    expect(server.requestsFor('/a')[0]?.headers).to.not.have.property('x-item');
  });

  it('mirrors a SHA256SUMS below --base, and keeps what is good the second time', async () => {
    await folder.write('SHA256SUMS', `${SHA256}  one.bin\n${SHA256} *dir/two words.bin\n`);
    const args = ['SHA256SUMS', '--base', server.url('/pub/'), '-d', 'out'];
    expect((await batch(args)).code).to.equal(0);
    expect(server.requests.map(({path}) => path).sort()).to.deep.equal(['/pub/dir/two%20words.bin', '/pub/one.bin']);
    const again = await batch(args);
    expect(again.stderr).to.match(/^0 fetched, 2 kept; 0 B in /);
    expect(server.requests).to.have.length(2);
  });

  it('goes on after failures, tells each in one line, and exits 1', async () => {
    server.on('/evil', {status: 404, reason: 'No\u001b[31mway'});
    await folder.write('list', `${server.url('/none?token=geheim')}\n${server.url('/a')}\n${server.url('/evil')}\n`);
    const end = await batch(['list', '-q', '--json']);
    expect(end.code).to.equal(1);
    expect(end.stderr.trim().split('\n').map((line) => line.split(':')[0]))
      .to.deep.equal(['failed NOT_FOUND http', 'failed NOT_FOUND http']);
    expect(end.stderr).to.not.contain('geheim').and.not.contain('\u001b');
    expect(recordsOf(end).map(({outcome}) => outcome).sort()).to.deep.equal(['failed', 'failed', 'fetched']);
    expect(end.stdout.toString()).to.not.contain('geheim');
  });

  it('reads stdin as it comes: what is known is fetched before the end, and wrong lines are failed items', async () => {
    const {child, ended} = startJupiter(['batch', '-', '--json'], {cwd: folder.path});
    child.stdin?.write(`{"url": "${server.url('/a')}", "size": ${BODY.length}}\n{"url": "${server.url('/x/A')}"}\n{"bad": 1}\n`);
    await server.when(() => server.requests.length === 1);
    child.stdin?.end(`{"url": "${server.url('/b')}", "size": 1}\n`);
    const end = await ended;
    expect(end.code).to.equal(1);
    expect(recordsOf(end)
      .map(({item, outcome, verified, error}) => [item, outcome, verified, (error as {code: string} | null)?.code ?? null]).sort())
      .to.deep.equal([[1, 'fetched', 'size', null], [2, 'failed', 'none', 'FILE_EXISTS'], [3, 'failed', 'none', 'BAD_ITEM'],
        [4, 'failed', 'none', 'SIZE_MISMATCH']]);
    expect(await folder.list()).to.deep.equal(['a']);
  });

  it('fetches no more at once than it may', async () => {
    // Answers come when as many are asked as may be, and a moment later, in which one too many would show.
    let [limit, peak] = [2, 0];
    let held: (() => void)[] = [];
    server.on('*', () => new Promise<object>((resolve) => {
      held.push(() => { resolve({body: BODY}); });
      peak = Math.max(peak, held.length);
      if (held.length !== limit) return;
      setTimeout(() => {
        const released = held;
        held = [];
        for (const release of released) release();
      }, 30);
    }));
    await folder.write('list', Array.from({length: 12}, (_, at) => `${server.url(`/f${at}`)}\n`).join(''));
    expect((await batch(['list', '--per-host', '2'])).code).to.equal(0);
    expect(peak).to.equal(2);
    [limit, peak] = [3, 0];
    expect((await batch(['list', '-c', '3', '--exists', 'replace'])).code).to.equal(0);
    expect(peak).to.equal(3);
  });

  it('takes the proxy from the environment, and leaves it where no_proxy or --no-proxy says so', async () => {
    const proxy = await ProxyServer.start({credentials: 'elmer:geheim'});
    try {
      await folder.write('list', server.url('/a'));
      const env = {http_proxy: proxy.url.replace('://', '://elmer:geheim@')};
      expect((await batch(['list'], '', env)).code).to.equal(0);
      expect(proxy.requests).to.have.length(1);
      expect((await batch(['list'], '', {...env, no_proxy: '127.0.0.0/8'})).code).to.equal(0);
      expect((await batch(['list', '--no-proxy'], '', env)).code).to.equal(0);
      expect(proxy.requests).to.have.length(1);
      expect(server.requests).to.have.length(3);
    } finally {
      await proxy.close();
    }
  });

  it('takes logins from a netrc file, and the password of --user from the environment or a file', async () => {
    const basic = (name: string): string => `Basic ${Buffer.from(`${name}:geheim`).toString('base64')}`;
    await chmod(await folder.write('.netrc', 'machine 127.0.0.1 login net password geheim\n'), 0o600);
    await folder.write('password', 'geheim\n');
    await folder.write('list', server.url('/a'));
    const more = ['list', '--exists', 'replace'];
    const ends = [await batch([...more, '--netrc']), await batch([...more, '--user', 'env'], '', {JUPITER_PASSWORD: 'geheim'}),
      await batch([...more, '--user', 'file', '--password-file', 'password'])];
    expect(ends.map(({code}) => code)).to.deep.equal([0, 0, 0]);
    expect(server.requests.map(({headers}) => headers.authorization)).to.deep.equal([basic('net'), basic('env'), basic('file')]);
  });
});
