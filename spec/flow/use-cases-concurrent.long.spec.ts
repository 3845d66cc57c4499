import {expect} from 'chai';
import {createHash} from 'node:crypto';
import {once} from 'node:events';
import {createServer, type Server} from 'node:http';
import type {AddressInfo} from 'node:net';
import {
  Batch, Context, DigestValidation, DownloadError, DownloadMonitor, FileWriter, GOVERNOR, HttpDownload, type Facts,
} from 'jupiter-download';
import {expectNothingLeft} from '../support/left-open.js';
import {ScriptedServer} from '../../src/testing/scripted-server.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';

const contentOf = (name: string): string => `content of ${name}`;
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('Use case: concurrent download', () => {
  const folder = useTempFolder();

  it('brings many files at once, each verified and in its place, and every failure to its own plan', async () => {
    await using origin = await ScriptedServer.start();
    origin.on('*', ({path}) => ({body: contentOf(path.slice(1)), delayMs: 5}))
      .on('/file-7', {status: 404}).on('/file-9', {body: 'something else'});
    const names = Array.from({length: 40}, (_, at) => `file-${at}`);
    function *downloads(): Generator<HttpDownload<string>> {
      for (const name of names) {
        const download = new HttpDownload({url: origin.url(`/${name}`), writer: new FileWriter(folder.join(name)), attachment: name});
        download.append(new DigestValidation('sha256', sha256(contentOf(name))));
        yield download;
      }
    }
    const failed: [string, string][] = [];
    await expectNothingLeft(async () => {
      for await (const plan of new Batch(downloads(), {backlog: 10})) {
        try {
          const {attachment, facts} = await plan.result();
          expect(facts.sha256).to.equal(sha256(contentOf(attachment ?? '')));
        } catch (error) {
          if (!(error instanceof DownloadError)) throw error;
          failed.push([plan.download.attachment ?? '', error.code]);
        }
      }
    });
    expect(failed.sort()).to.deep.equal([['file-7', 'NOT_FOUND'], ['file-9', 'DIGEST_MISMATCH']]);
    expect(await folder.list()).to.deep.equal(names.filter((name) => name !== 'file-7' && name !== 'file-9').sort());
    expect(origin.peak).to.be.within(2, 6);
  });
});

describe('Use case: loop pattern', () => {
  it('goes from artifacts to saved facts in one loop', async () => {
    await using origin = await ScriptedServer.start();
    origin.on('*', ({path}) => ({body: contentOf(path.slice(1))}));
    const artifacts: {readonly name: string; facts?: Facts}[] = ['a', 'b', 'c'].map((name) => ({name}));
    async function *downloads() {
      for (const artifact of artifacts) {
        await Promise.resolve(); // a row of a database, a line of a file …
        const download = new HttpDownload<{artifact: typeof artifact; monitor: DownloadMonitor}>({url: origin.url(`/${artifact.name}`)});
        download.attachment = {artifact, monitor: new DownloadMonitor(download)};
        yield download;
      }
    }
    for await (const plan of new Batch(downloads(), {backlog: 3})) {
      const {attachment} = await plan.result();
      if (attachment !== undefined) attachment.artifact.facts = attachment.monitor.facts();
    }
    expect(artifacts.map(({facts}) => facts))
      .to.deep.equal(artifacts.map(({name}) => ({size: contentOf(name).length, sha256: sha256(contentOf(name))})));
  });
});

describe('Use case: many artifacts', () => {
  let server: Server;
  let root: string;
  let open: number;
  let peak: number;
  let connections: number;
  beforeEach(async () => {
    [open, peak, connections] = [0, 0, 0];
    server = createServer((request, response) => { response.end(contentOf(request.url ?? '')); });
    server.on('connection', (socket) => {
      connections++;
      peak = Math.max(peak, ++open);
      socket.once('close', () => { open--; });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => { server.close().closeAllConnections(); });

  it('a generator of 10,000 downloads with backlog 3 never has more than 3 alive', async function test() {
    this.timeout(120_000);
    const count = 10_000;
    let constructed = 0;
    let done = 0;
    let alive = 0;
    class Counted extends HttpDownload {
      constructor(url: string) {
        super({url});
        alive = Math.max(alive, ++constructed - done);
      }
    }
    function *downloads(): Generator<Counted> {
      for (let at = 0; at < count; at++) yield new Counted(`${root}/${at}`);
    }
    for await (const plan of new Batch(downloads(), {backlog: 3})) {
      await plan.result();
      if (plan.index % 500 === 0) await new Promise((resolve) => { setImmediate(resolve); });
      // It was alive while it was in our hands; it is done when the next one is asked for.
      done++;
    }
    expect({constructed, done, alive}).to.deep.equal({constructed: count, done: count, alive: 3});
    expect(peak).to.be.at.most(3);
  });

  it('5,000 artifacts never open more connections than the limit', async function test() {
    this.timeout(120_000);
    const context = new Context({limits: {total: 8, perOrigin: 4}});
    let permits = 0;
    function *downloads(): Generator<HttpDownload> {
      for (let at = 0; at < 5000; at++) yield new HttpDownload({url: `${root}/${at}`});
    }
    for await (const plan of new Batch(downloads(), {context, backlog: 100})) {
      await plan.result();
      permits = Math.max(permits, context.get(GOVERNOR)?.running ?? 0);
    }
    expect({peak, permits}).to.deep.equal({peak: 4, permits: 4});
    // Kept alive and used again, not opened and closed.
    expect(connections).to.be.below(50);
    await context.close();
    expect(context.get(GOVERNOR)).to.equal(undefined);
  });
});
