import {expect} from 'chai';
import {Context} from '../../src/core/context.js';
import type {CredentialSource} from '../../src/core/contract.js';
import {RedirectRefused, TooLarge, type DownloadError} from '../../src/core/errors.js';
import {Factory} from '../../src/factory/factory.js';
import type {RemoteOptions} from '../../src/factory/remote.js';
import {noRetry} from '../../src/policy/retry-policy.js';
import {certificates} from '../support/certificates.js';
import {ProxyServer} from '../support/proxy-server.js';
import {ScriptedServer} from '../../src/testing/scripted-server.js';

describe('Factory (a remote\'s options)', () => {
  let home: ScriptedServer;
  let other: ScriptedServer;
  let context: Context;
  const closing: {close(): Promise<void>}[] = [];
  beforeEach(async () => {
    home = await ScriptedServer.start();
    other = await ScriptedServer.start();
    for (const server of [home, other]) server.on('*', {body: 'a file'});
    context = new Context();
    closing.push(context, home, other);
  });
  afterEach(async () => {
    await Promise.all(closing.splice(0).map((one) => one.close()));
  });

  const factory = (remote: Omit<RemoteOptions, 'url'>, url = home.url('/repo/')): Factory =>
    new Factory({remote: {url, retry: noRetry(), ...remote}, context});
  const faultOf = (url: string, remote: Omit<RemoteOptions, 'url'>, base?: string): Promise<unknown> =>
    factory(remote, base).build(url).run().then(() => 'no fault', (error: unknown) => error);

  async function tlsServer(): Promise<ScriptedServer> {
    const {server, ca} = certificates();
    const made = await ScriptedServer.start({tls: {key: server.key, cert: server.cert, ca: ca.cert, requestCert: true}});
    closing.push(made);
    return made.on('*', {body: 'a file'});
  }

  it('sends user, token or other credentials to the origin that they are for, and to no other', async () => {
    const credentials: CredentialSource = {for: (origin) => origin === other.origin ? {scheme: 'bearer', token: 'for-other'} : undefined};
    const cases: [Partial<RemoteOptions>, string | undefined, string | undefined][] = [
      [{user: {name: 'elmer', password: 'x'}}, `Basic ${btoa('elmer:x')}`, undefined],
      [{token: 'abc'}, 'Bearer abc', undefined],
      [{credentials}, undefined, 'Bearer for-other'],
    ];
    for (const [remote, athome, elsewhere] of cases) {
      await factory(remote).build('a').run();
      await factory(remote).build(other.url('/a')).run();
      expect([home.requests.at(-1)?.headers.authorization, other.requests.at(-1)?.headers.authorization])
        .to.deep.equal([athome, elsewhere]);
    }
  });

  it('lifts a name and password out of the url', async () => {
    await factory({}, home.url('/repo/').replace('//', '//elmer:x%40y@')).build('a').run();
    expect(home.requests[0]).to.deep.include({path: '/repo/a'});
    expect(home.requests[0]?.headers.authorization).to.equal(`Basic ${btoa('elmer:x@y')}`);
  });

  it('sends headers to the origin, and others get the public ones of them, redirected or built', async () => {
    home.on('/repo/moved', {status: 302, headers: {Location: other.url('/moved')}});
    const made = factory({headers: {'X-Secret': '1', 'X-Tenant': '2', 'User-Agent': 'importer/1'}, publicHeaders: ['x-tenant']});
    for (const url of ['a', other.url('/b'), 'moved']) await made.build(url).run();
    const seen = [...home.requests, ...other.requests]
      .map(({path, headers}) => [path, headers['x-secret'], headers['x-tenant'], headers['user-agent']]);
    expect(seen).to.deep.equal([['/repo/a', '1', '2', 'importer/1'], ['/repo/moved', '1', '2', 'importer/1'],
      ['/b', undefined, '2', 'importer/1'], ['/moved', undefined, '2', 'importer/1']]);
  });

  it('trusts the authority everywhere, and shows the client certificate to the origin only', async () => {
    const [one, two] = [await tlsServer(), await tlsServer()];
    const {ca, client} = certificates();
    const ssl = {caCertificate: ca.certPath, clientCertificate: client.certPath, clientKey: client.keyPath};
    const made = factory({ssl}, one.url('/'));
    await made.build('a').run();
    await made.build(two.url('/a')).run();
    expect([one.requests[0]?.clientSubject, two.requests[0]?.clientSubject]).to.deep.equal(['elmer', undefined]);
  });

  it('waives verification for the origin only', async () => {
    const [one, two] = [await tlsServer(), await tlsServer()];
    const made = factory({ssl: {validation: false}}, one.url('/'));
    await made.build('a').run();
    const fault = await made.build(two.url('/a')).run().catch((error: unknown) => error as DownloadError);
    expect(fault).to.have.property('code', 'TLS_FAILED');
    expect(two.requests).to.have.length(0);
  });

  it('goes through the proxy to every origin', async () => {
    const proxy = await ProxyServer.start({credentials: 'gate:keeper'});
    closing.push(proxy);
    const made = factory({proxyUrl: {url: proxy.url, user: {name: 'gate', password: 'keeper'}}});
    await made.build('a').run();
    await made.build(other.url('/b')).run();
    expect(proxy.requests.map(({target}) => target)).to.deep.equal([home.url('/repo/a'), other.url('/b')]);
  });

  it('hands on timeout, retry and retries', () => {
    const retry = noRetry();
    const download = factory({timeout: {read: 5}, retry, retries: 3}).build('a');
    expect({read: download.timeout.read, retry: download.retry === retry, retries: download.retries})
      .to.deep.equal({read: 5, retry: true, retries: 3});
  });

  it('hands on maxBytes and maxRedirects', async () => {
    home.on('/repo/moved', {status: 302, headers: {Location: '/repo/a'}});
    expect(await faultOf('a', {maxBytes: 5})).to.be.instanceOf(TooLarge);
    expect(await faultOf('moved', {maxRedirects: 0})).to.be.instanceOf(RedirectRefused);
    expect(await faultOf('moved', {maxRedirects: 1, maxBytes: 6})).to.equal('no fault');
  });

  it('asks the mirrors after the remote, below the folder of its url', async () => {
    home.on('/repo/pool/a', {status: 404});
    await factory({mirrors: [other.url('/mirror/')]}).build('pool/a').run();
    expect(other.requests.map(({path}) => path)).to.deep.equal(['/mirror/pool/a']);
  });

  it('never asks a mirror for what is not in the remote\'s folder', async () => {
    home.on('*', {status: 404});
    const third = await ScriptedServer.start();
    closing.push(third);
    for (const url of ['/outside/a', third.url('/repo/a')]) {
      expect(await faultOf(url, {mirrors: [other.url('/mirror/')]})).to.have.property('code', 'NOT_FOUND');
    }
    expect(other.requests).to.have.length(0);
  });

  it('names the digests in the facts, sha256 when nothing is said', async () => {
    const facts = async (remote: Partial<RemoteOptions>): Promise<string[]> => Object.keys((await factory(remote).build('a').run()).facts);
    expect(await facts({})).to.deep.equal(['size', 'sha256']);
    expect(await facts({digests: ['SHA-512', 'md5']})).to.deep.equal(['size', 'sha512', 'md5']);
    expect(await facts({digests: []})).to.deep.equal(['size']);
  });
});
