import {expect} from 'chai';
import {createHash} from 'node:crypto';
import {stat} from 'node:fs/promises';
import {fileAnswer} from '../../src/testing/file-answer.js';
import {ScriptedServer} from '../../src/testing/scripted-server.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {jupiter, startJupiter, type Ended} from './jupiter.js';

const MIB = 1024 * 1024;
const BODY = Buffer.alloc(3 * MIB, 'jupiter ');
const SHA256 = createHash('sha256').update(BODY).digest('hex');

describe('jupiter --resume and its kin', function suite() {
  this.timeout(30_000);
  const folder = useTempFolder();
  let server: ScriptedServer;
  beforeEach(async () => { server = await ScriptedServer.start(); });
  afterEach(async () => { await server.close(); });
  const run = (...args: string[]): Promise<Ended> => jupiter(args, {cwd: folder.path});
  /** Sends a signal as soon as a part has bytes. */
  const stopped = async (args: string[], signal: NodeJS.Signals): Promise<Ended> => {
    const {child, ended} = startJupiter(args, {cwd: folder.path});
    for (let size = 0; size < MIB;) {
      const part = (await folder.list()).find((name) => name.endsWith('.part'));
      size = part === undefined ? 0 : (await stat(folder.join(part))).size;
      await new Promise((resolve) => { setTimeout(resolve, 20); });
    }
    child.kill(signal);
    return ended;
  };

  it('keeps the part at Ctrl-C, says so, and goes on from there', async () => {
    const stall = fileAnswer(BODY, {stallAt: 2 * MIB});
    server.on('/a', (request) => request.nth === 1 ? stall(request) : fileAnswer(BODY)(request));
    const end = await stopped(['get', server.url('/a'), '--resume'], 'SIGINT');
    expect(end.code).to.equal(130);
    expect(end.stderr).to.match(/^kept [\d.]+ [KM]iB, run it again to go on\nended by SIGINT: 0 fetched, 1 cancelled; [\d.]+ [KM]iB in /);
    expect(await folder.list()).to.have.length(2);
    const sent = server.bodyBytes;
    const again = await run('get', server.url('/a'), '--resume', '-v');
    expect([again.code, (await folder.list()).join()]).to.deep.equal([0, 'a']);
    expect(again.stderr).to.match(/^\* ask .*\/a from [\d.]+ .iB on: .*\n\* continue at [\d.]+ .iB under ETag ".*"\nfetched a; /);
    expect(server.bodyBytes - sent).to.be.below(BODY.length);
    expect((await folder.read('a')).equals(BODY)).to.equal(true);
  });

  it('keeps the parts of a batch, and of a failure', async () => {
    const cut = fileAnswer(BODY, {cutAt: 2 * MIB, cut: 'end'});
    for (const path of ['/a', '/b']) server.on(path, (request) => request.nth === 1 ? cut(request) : fileAnswer(BODY)(request));
    await folder.write('list', `${server.url('/a')}\n${server.url('/b')}\n`);
    const end = await run('batch', 'list', '--resume', '--retries', '0');
    expect(end.code).to.equal(1);
    expect(end.stderr).to.match(/\nkept [\d.]+ MiB of 2 files, run it again to go on\n0 fetched, 2 failed; /);
    const again = await run('batch', 'list', '--resume', '--retries', '0');
    expect([again.code, await folder.list()]).to.deep.equal([0, ['a', 'b', 'list']]);
    expect(server.requests.slice(2).map(({headers}) => /^bytes=[1-9]\d*-$/.test(headers.range ?? ''))).to.deep.equal([true, true]);
  });

  it('without it, nothing is kept and nothing said', async () => {
    server.on('/a', fileAnswer(BODY, {stallAt: 2 * MIB}));
    const end = await stopped(['get', server.url('/a')], 'SIGTERM');
    expect(end.stderr).to.match(/^ended by SIGTERM: 0 fetched, 1 cancelled; /);
    expect([end.code, await folder.list()]).to.deep.equal([143, []]);
  });

  it('--limit-rate holds all transfers together', async () => {
    for (const path of ['/a', '/b']) server.on(path, {body: BODY.subarray(0, MIB)});
    expect((await run('get', server.url('/a'), server.url('/b'), '--limit-rate', '1.5M')).code).to.equal(0);
    expect(performance.now() - (server.requests[0]?.time ?? 0)).to.be.above(1000);
  });

  it('--metalink names the file, its digest and its mirrors', async () => {
    const document = (hash: string): string => `<?xml version="1.0" encoding="UTF-8"?><metalink xmlns="urn:ietf:params:xml:ns:metalink">
      <file name="tool.bin"><size>${BODY.length}</size>${hash}<url priority="1">${server.url('/none')}</url>
      <url priority="2">${server.url('/a')}</url></file></metalink>`;
    server.on('/a', fileAnswer(BODY)).on('/m', {body: document(`<hash type="sha-256">${SHA256}</hash>`)}).on('/weak', {body: document('')});
    expect((await run('get', '--metalink', server.url('/m'), '--user', 'elmer:geheim', '-q', '--receipt', 'r.json')).code).to.equal(0);
    expect((await folder.read('tool.bin')).equals(BODY)).to.equal(true);
    expect(JSON.parse((await folder.read('r.json')).toString())).to.deep.include({verified: 'strong'});
    await folder.write('m.meta4', document(`<hash type="sha-256">${SHA256.replace(/^./, (digit) => digit === '0' ? '1' : '0')}</hash>`));
    expect((await run('get', '--metalink', 'm.meta4', '-o', 'x')).stderr).to.match(/^failed MIRRORS_EXHAUSTED /);
    expect((await run('get', '--metalink', server.url('/weak'), '-o', 'x')).code).to.equal(8);
    expect((await run('get', '--metalink', server.url('/weak'), '-o', 'x', '--allow-unverified')).code).to.equal(0);
    expect(await folder.list()).to.deep.equal(['m.meta4', 'r.json', 'tool.bin', 'x']);
  });

  it('tells a login of a metalink only to the origin that has the metalink', async () => {
    const other = await ScriptedServer.start();
    try {
      other.on('/a', {body: 'x'});
      server.on('/m', {body: `<metalink xmlns="urn:ietf:params:xml:ns:metalink"><file name="a"><url>${other.url('/a')}</url></file></metalink>`});
      const end = await run('get', '--metalink', server.url('/m'), '--allow-unverified', '--user', 'elmer:geheim', '-H', 'X-Key: geheim');
      expect(end.code, end.stderr).to.equal(0);
      expect(server.requests[0]?.headers).to.include({'x-key': 'geheim'}).and.have.property('authorization');
      expect(other.requests[0]?.headers).to.not.have.any.keys('x-key', 'authorization');
    } finally {
      await other.close();
    }
  });

  it('--segments fetches a large file over several connections', async () => {
    const large = Buffer.alloc(65 * MIB, 'segment ');
    server.on('/a', fileAnswer(large));
    const end = await run('get', server.url('/a'), '--segments', '3', '--digest', `sha256:${createHash('sha256').update(large).digest('hex')}`);
    expect(end.stderr).to.match(/^fetched a; 65\.0 MiB in /);
    expect(server.peak).to.be.at.least(3);
    expect(server.requests.filter(({headers}) => /^bytes=[1-9]/.test(headers.range ?? ''))).to.have.length.above(1);
  });

  it('an empty list is no failure', async () => {
    await folder.write('list', '# nothing\n\n');
    for (const args of [['batch', 'list'], ['batch', '-']]) {
      const end = await run(...args);
      expect([end.code, end.stderr]).to.deep.equal([0, 'the list is empty: nothing to fetch\n']);
    }
  });
});
