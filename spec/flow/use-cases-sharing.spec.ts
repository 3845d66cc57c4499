import {expect} from 'chai';
import {Batch, Context, Factory, HttpDownload, TokenDelegate, type HttpDownloadOptions} from 'jupiter-download';
import {certificates} from '../support/certificates.js';
import {expectNothingLeft} from '../support/left-open.js';
import {ScriptedServer} from '../../src/testing/scripted-server.js';

const COUNT = 60;

describe('Use case: shared sessions, pools and tokens under concurrency', () => {
  function *downloads(origin: ScriptedServer, options: Partial<HttpDownloadOptions> = {}, tokens?: TokenDelegate): Generator<HttpDownload> {
    for (let at = 0; at < COUNT; at++) {
      const download = new HttpDownload({url: origin.url(`/file-${at}`), ...options});
      tokens?.attach(download);
      yield download;
    }
  }

  async function all(batch: Batch): Promise<number> {
    let count = 0;
    for await (const plan of batch) count += (await plan.result()).attempts.length;
    return count;
  }

  it('uses few connections for many downloads, and leaves none', async () => {
    await using origin = await ScriptedServer.start();
    origin.on('*', {body: 'a file'});
    await expectNothingLeft(() => all(new Batch(downloads(origin), {backlog: 20})));
    expect(origin.requests).to.have.length(COUNT);
    expect(origin.connections).to.be.within(2, 6);
    await origin.when(() => origin.open === 0);
  });

  it('keeps them from batch to batch in one Context, and opens new ones in another', async () => {
    await using origin = await ScriptedServer.start();
    origin.on('*', {body: 'a file'});
    const shared = new Context();
    await all(new Batch(downloads(origin), {context: shared, concurrency: 2}));
    const opened = origin.connections;
    await all(new Batch(downloads(origin), {context: shared, concurrency: 2}));
    expect(origin.connections).to.equal(opened);
    await shared.close();
    await all(new Batch(downloads(origin), {concurrency: 2}));
    expect(origin.connections).to.be.above(opened);
  });

  it('never shares a connection between identities', async () => {
    const {ca, server, client} = certificates();
    await using origin = await ScriptedServer.start({tls: {...server, ca: ca.cert, requestCert: true}});
    origin.on('*', {body: 'a file'});
    await using context = new Context();
    const ssl = {caCertificate: ca.certPath};
    const identities: [string, Partial<HttpDownloadOptions>][] = [
      ['plain', {ssl}], ['elmer', {ssl, user: {name: 'elmer', password: 'x'}}], ['daffy', {ssl, user: {name: 'daffy', password: 'x'}}],
      ['certificate', {ssl: {...ssl, clientCertificate: client.certPath, clientKey: client.keyPath}}],
    ];
    function *mixed(): Generator<HttpDownload> {
      for (let at = 0; at < 10; at++) {
        for (const [name, options] of identities) yield new HttpDownload({url: origin.url(`/${name}`), ...options});
      }
    }
    await all(new Batch(mixed(), {context, backlog: 8}));
    const users = new Map<number, Set<string>>();
    for (const {connection, path} of origin.requests) users.set(connection, (users.get(connection) ?? new Set()).add(path));
    expect([...users.values()].map((paths) => paths.size).filter((size) => size !== 1)).to.deep.equal([]);
    expect(origin.connections).to.be.at.most(24);
    for (const {path, clientSubject} of origin.requests) expect(clientSubject).to.equal(path === '/certificate' ? 'elmer' : undefined);
  });

  it('asks for one token, whoever needs it first, and renews it once', async () => {
    await using origin = await ScriptedServer.start();
    let token = 'token-1';
    origin.on('/token', () => ({body: JSON.stringify({token}), delayMs: 5}));
    origin.on('*', ({headers}) => headers.authorization === `Bearer ${token}` ? {body: 'a file'}
      : {status: 401, headers: {'WWW-Authenticate': `Bearer realm="${origin.url('/token')}"`}});
    await using context = new Context();
    const tokens = new TokenDelegate();
    expect(await all(new Batch(downloads(origin, {}, tokens), {context}))).to.be.below(COUNT + 17);
    expect(origin.requestsFor('/token')).to.have.length(1);
    token = 'token-2';
    await all(new Batch(downloads(origin, {}, tokens), {context}));
    expect(origin.requestsFor('/token')).to.have.length(2);
  });

  it('shares connections among everything that a factory builds, and asks a mirror only where the remote failed', async () => {
    await using origin = await ScriptedServer.start();
    origin.on('*', {body: 'a file'}).on('/file-0', {status: 404});
    await using mirror = await ScriptedServer.start();
    mirror.on('*', {body: 'a file'});
    await using context = new Context();
    const factory = new Factory({context, remote: {url: origin.url('/'), mirrors: [mirror.url('/')]}});
    const names = Array.from({length: COUNT}, (_, at) => `file-${at}`);
    expect(await all(new Batch(names.map((name) => factory.build(name)), {context}))).to.equal(COUNT + 1);
    expect(mirror.requests.map(({path}) => path)).to.deep.equal(['/file-0']);
    expect(origin.connections).to.be.at.most(6);
  });
});
