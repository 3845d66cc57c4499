import {expect} from 'chai';
import {createHash} from 'node:crypto';
import {once} from 'node:events';
import {ScriptedServer} from '../../src/testing/scripted-server.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {jupiter, recordsOf, startJupiter, type Ended} from './jupiter.js';

const BODY = Buffer.from('jupiter '.repeat(1000));
const SHA256 = createHash('sha256').update(BODY).digest('hex');

describe('jupiter get', function suite() {
  this.timeout(30_000);
  const folder = useTempFolder();
  let server: ScriptedServer;
  beforeEach(async () => {
    server = await ScriptedServer.start();
    server.on('/a.bin', {body: BODY}).on('/corrupt/a.bin', {body: BODY.toReversed()});
  });
  afterEach(async () => { await server.close(); });
  const get = (...args: string[]): Promise<Ended> => jupiter(['get', ...args], {cwd: folder.path});

  it('fetches into this folder, under the name in the address, and sums up on stderr', async () => {
    const end = await get(server.url('/a.bin?token=geheim'));
    expect(end.stderr).to.match(/^fetched a\.bin; 7\.8 KiB in \d+\.\d s \(.* .iB\/s\)\n$/);
    expect([end.code, end.stdout.length]).to.deep.equal([0, 0]);
    expect(await folder.read('a.bin')).to.deep.equal(BODY);
  });

  it('tells everything of an item as one JSON record, and keeps a file that is good', async () => {
    const args = [server.url('/a.bin'), '--json', '-d', 'pool', '--digest', `SHA-256:${SHA256.toUpperCase()}`, '--durability', 'file'];
    const record = {item: 1, url: server.url('/a.bin'), path: folder.join('pool/a.bin'), outcome: 'fetched', size: BODY.length,
      digests: {sha256: SHA256}, attempts: 1, durability: 'file', verified: 'digest', error: null};
    expect(recordsOf(await get(...args))).to.deep.equal([record]);
    expect(recordsOf(await get(...args))).to.deep.equal([{...record, outcome: 'kept', attempts: 0, durability: null}]);
    expect(server.requests).to.have.length(1);
  });

  it('leaves the old file when the digest is another, and exits 6', async () => {
    await folder.write('a.bin', 'old');
    const end = await get(server.url('/a.bin'), '--json', '--digest', `md5:${'0'.repeat(32)}`);
    expect(end.code).to.equal(6);
    expect(end.stderr).to.match(/^failed DIGEST_MISMATCH http:.*\/a\.bin: md5: expected 0{32}, got [0-9a-f]{32}\n0 fetched, 1 failed; 15\.6 KiB in /);
    expect(recordsOf(end)[0]).to.deep.include({outcome: 'failed', path: null, size: null, verified: 'none'})
      .and.nested.include({'error.code': 'DIGEST_MISMATCH', 'error.class': 'source-bad'});
    expect(await folder.list()).to.deep.equal(['a.bin']);
    expect((await folder.read('a.bin')).toString()).to.equal('old');
  });

  it('falls through a dead and a corrupt mirror to the good one', async () => {
    const end = await get(server.url('/missing/a.bin'), '--mirror', 'http://127.0.0.1:9/', '--mirror', server.url('/corrupt/a.bin'),
      '--mirror', server.url('/{path}'),
      '--integrity', `sha256-${Buffer.from(SHA256, 'hex').toString('base64')}`, '-q');
    expect([end.code, end.stderr]).to.deep.equal([0, '']);
    expect(await folder.read('a.bin')).to.deep.equal(BODY);
  });

  it('takes digests from a checksum file and from an address', async () => {
    server.on('/SHA256SUMS', {body: `${SHA256}  a.bin\n`}).on('/BAD', {body: `${SHA256.replace(/^./, '0')} *a.bin\n`});
    await folder.write('sums', `SHA256 (a.bin) = ${SHA256}\n`);
    expect((await get(server.url('/a.bin'), '--checksums', 'sums', '-o', 'x')).code).to.equal(0);
    expect((await get(server.url('/a.bin'), '--checksums', server.url('/SHA256SUMS'), '-o', 'y')).code).to.equal(0);
    expect((await get(server.url('/a.bin'), '--checksums', server.url('/BAD'), '-o', 'z')).code).to.equal(6);
    expect((await get(server.url('/a.bin'), '--checksums', server.url('/NONE'), '-o', 'z')).code).to.equal(4);
    expect(await folder.list()).to.deep.equal(['sums', 'x', 'y']);
  });

  it('takes an entry with folders only for an address that ends in it', async () => {
    server.on('/old/app', {body: BODY}).on('/new/app', {body: BODY});
    await folder.write('sums', `${SHA256}  old/app\n${'0'.repeat(64)}  app\n`);
    expect((await get(server.url('/old/app'), '--checksums', 'sums')).code).to.equal(0);
    expect((await get(server.url('/new/app'), '--checksums', 'sums', '-o', 'x')).code).to.equal(6);
    await folder.write('sums', `${SHA256}  old/app\n`);
    expect((await get(server.url('/new/app'), '--checksums', 'sums', '-o', 'x')).code).to.equal(2);
  });

  it('passes the bytes to stdout with -o -, and nothing else', async () => {
    const end = await get(server.url('/a.bin'), '-o', '-', '--digest', `sha256:${SHA256}`);
    expect([end.code, end.stdout.equals(BODY)]).to.deep.equal([0, true]);
    expect(await folder.list()).to.deep.equal([]);
  });

  it('ends without a stack when nobody reads stdout any more', async () => {
    server.on('/endless', {body: Buffer.alloc(50_000_000)});
    const {child, ended} = startJupiter(['get', server.url('/endless'), '-o', '-'], {cwd: folder.path});
    await once(child.stdout as NodeJS.ReadableStream, 'data');
    child.stdout?.destroy();
    const end = await ended;
    expect(end.code).to.equal(7);
    expect(end.stderr).to.not.match(/^ +at |EPIPE.*\n.*Error/m);
  });

  it('has an exit code for each class of failure of a single address, and 1 for several', async () => {
    server.on('/401', {status: 401}).on('/418', {status: 418}).on('/cut', {body: BODY, cutAt: 10})
      .on('/to-ftp', {status: 302, headers: {Location: 'ftp://x/'}});
    await folder.write('there', 'x');
    const ends = await Promise.all([
      get(server.url('/cut'), '--retries', '0'), get(server.url('/none')), get(server.url('/401')),
      get(server.url('/a.bin'), '-o', 'there', '--exists', 'error'),
      get(server.url('/to-ftp')), get(server.url('/418')), get(server.url('/a.bin'), '--max-size', '1K', '-o', 'big'),
      get(server.url('/a.bin'), server.url('/none')),
    ]);
    expect(ends.map(({code}) => code)).to.deep.equal([3, 4, 5, 7, 8, 9, 8, 1]);
    expect(await folder.list()).to.deep.equal(['a.bin', 'there']);
  });

  it('sends headers and logins to the origin that they are for, and to no other', async () => {
    const other = await ScriptedServer.start();
    try {
      other.on('/b.bin', {body: BODY});
      server.on('/moved', {status: 302, headers: {Location: other.url('/b.bin')}});
      expect((await get(server.url('/moved'), '-H', 'X-Key: geheim', '--user', 'elmer:geheim')).code).to.equal(0);
      const authorization = `Basic ${Buffer.from('elmer:geheim').toString('base64')}`;
      expect(server.requests[0]?.headers).to.include({'x-key': 'geheim', authorization});
      expect(other.requests[0]?.headers).to.not.have.any.keys('x-key', 'authorization');
    } finally {
      await other.close();
    }
  });
});
