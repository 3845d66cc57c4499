import {expect} from 'chai';
import {createHash} from 'node:crypto';
import {Batch} from '../../src/batch/batch.js';
import {Context} from '../../src/core/context.js';
import {MetalinkDelegate} from '../../src/delegate/metalink-delegate.js';
import {MirrorDelegate} from '../../src/delegate/mirror-delegate.js';
import {HttpDownload} from '../../src/download/http-download.js';
import {MIRROR_SCORES} from '../../src/policy/mirror-score.js';
import {ScriptedServer} from '../../src/testing/scripted-server.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {DigestValidation} from '../../src/validation/digest-validation.js';
import {FileWriter} from '../../src/writer/file-writer.js';
import {fileElement, hashElement, metalinkOf, urlElement} from '../policy/metalink-texts.js';

const GOOD = Buffer.alloc(300_000, 'the right bytes, and more of them ');
const SHA256 = createHash('sha256').update(GOOD).digest('hex');

describe('Use case: metalink with dead, corrupt, slow and good mirrors', () => {
  const folder = useTempFolder();
  let servers: Record<'dead' | 'corrupt' | 'slow' | 'good', ScriptedServer>;
  let context: Context;
  beforeEach(async () => {
    const [dead, corrupt, slow, good] = await Promise.all(Array.from({length: 4}, () => ScriptedServer.start()));
    servers = {dead: dead!, corrupt: corrupt!, slow: slow!, good: good!};
    servers.dead.on('*', {raw: '', cut: 'reset'});
    servers.corrupt.on('*', {body: Buffer.alloc(GOOD.length, 'x')});
    servers.slow.on('*', {body: GOOD, stallAt: 1000});
    servers.good.on('*', {body: GOOD});
    context = new Context({random: () => 0.5});
  });
  afterEach(async () => {
    await context.close();
    await Promise.all(Object.values(servers).map((server) => server.close()));
  });

  const asked = (): Record<string, number> => Object.fromEntries(Object.entries(servers).map(([name, server]) =>
    [name, server.requests.filter(({path}) => path.startsWith('/pub/')).length]));

  function serveMetalink(names: readonly string[], priority?: number): string {
    const mirrors = Object.values(servers).map((server) => server.url('/pub/'));
    const files = names.map((name) => fileElement(name, `<size>${GOOD.length}</size>`, hashElement('sha-256', SHA256),
      ...mirrors.map((mirror) => urlElement(mirror + name, priority))));
    servers.good.on('/all.meta4', {body: metalinkOf(...files)});
    return servers.good.url('/all.meta4');
  }

  function download(name: string): HttpDownload {
    const writer = new FileWriter(folder.join(name));
    return new HttpDownload({url: `http://repo.invalid/${name}`, context, writer, timeout: {read: 500}, retries: 0});
  }

  it('gives the right file though three of four mirrors fail', async () => {
    const one = download('a.iso');
    new MetalinkDelegate({url: serveMetalink(['a.iso', 'b.iso'])}).attach(one);
    const {attempts, facts} = await one.run();
    expect(attempts.map(({error}) => error?.code)).to.deep.equal(['CONNECT_FAILED', 'DIGEST_MISMATCH', 'TIMED_OUT', undefined]);
    expect(facts).to.deep.equal({size: GOOD.length, sha256: SHA256});
    expect((await folder.read('a.iso')).equals(GOOD)).to.equal(true);
    expect(await folder.list()).to.deep.equal(['a.iso']);
  });

  it('learns in a batch of 30 to leave the bad ones alone, even when they come first', async () => {
    const names = Array.from({length: 30}, (_, at) => `f${at}`);
    const metalink = new MetalinkDelegate({url: serveMetalink(names)});
    const downloads = names.map((name) => {
      const one = download(name);
      metalink.attach(one);
      return one;
    });
    for await (const plan of new Batch(downloads, {context, backlog: 3})) await plan.result();
    const {good, ...bad} = asked();
    expect(good).to.equal(30);
    for (const [name, requests] of Object.entries(bad)) expect(requests, name).to.be.within(1, 3);
    expect(await folder.list()).to.have.length(30);
  });

  it('gives up on a dead mirror of a better priority after four failures', async () => {
    const mirrors = [{url: servers.dead.url('/pub/'), priority: 1}, {url: servers.good.url('/pub/'), priority: 2}];
    const delegate = new MirrorDelegate({mirrors});
    for (let at = 0; at < 30; at++) {
      const one = download(`f${at}`);
      one.append(new DigestValidation('sha256', SHA256));
      delegate.attach(one);
      await one.run();
    }
    expect(asked()).to.include({dead: 4, good: 30});
  });

  it('blames no mirror for files that it doesn\'t have', async () => {
    servers.dead.on('*', ({path}) => path.endsWith('f7') ? {body: GOOD} : {status: 404});
    const mirrors = [{url: servers.dead.url('/pub/'), priority: 1}, {url: servers.good.url('/pub/'), priority: 2}];
    const delegate = new MirrorDelegate({mirrors});
    for (let at = 0; at < 8; at++) {
      const one = download(`f${at}`);
      delegate.attach(one);
      await one.run();
    }
    expect(asked()).to.include({dead: 8, good: 7});
    expect(context.get(MIRROR_SCORES)?.of(servers.dead.url('/pub/'))).to.include({failures: 0, running: 0});
  });
});
