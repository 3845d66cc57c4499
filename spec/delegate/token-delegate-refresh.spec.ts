import {expect} from 'chai';
import {inspect} from 'node:util';
import {Context} from '../../src/core/context.js';
import {CredentialError, NotAuthorized, type DownloadError} from '../../src/core/errors.js';
import {TokenDelegate, type TokenDelegateOptions} from '../../src/delegate/token-delegate.js';
import {HttpDownload, type HttpDownloadOptions} from '../../src/download/http-download.js';
import {ScriptedServer} from '../../src/testing/scripted-server.js';
import {TestClock} from '../../src/testing/test-clock.js';
import {startRegistry, type Registry} from './registry.js';

describe('TokenDelegate (refresh and origin)', () => {
  let registry: Registry;
  let other: ScriptedServer;
  let context: Context;
  beforeEach(async () => {
    registry = await startRegistry();
    other = await ScriptedServer.start();
    context = new Context({clock: new TestClock({autoAdvance: true}), limits: {total: 60, perOrigin: 60}});
  });
  afterEach(async () => {
    await context.close();
    await Promise.all([registry.server.close(), other.close()]);
  });

  function make(url: string, options: TokenDelegateOptions = {}, more: Partial<HttpDownloadOptions> = {}): HttpDownload {
    const download = new HttpDownload({url, context, ...more});
    new TokenDelegate(options).attach(download);
    return download;
  }

  it('refreshes exactly once for 50 concurrent downloads with an expired token', async () => {
    await make(registry.server.url('/v2/library/first')).run();
    registry.token = 'token-2';
    registry.grant = async () => {
      // Everybody was refused by now.
      await registry.server.when(() => registry.server.requests.length >= 3 + 50);
      return {body: JSON.stringify({token: registry.token})};
    };
    const downloads = Array.from({length: 50}, (_, at) => make(registry.server.url(`/v2/library/blob-${at}`), {}, {retries: 0}));
    const results = await Promise.all(downloads.map((download) => download.run()));
    expect(registry.tokenRequests).to.have.length(2);
    expect(results.map(({attempts}) => attempts.length)).to.deep.equal(Array(50).fill(2));
  });

  it('refreshes exactly once for those that are refused after the new token is there', async () => {
    let calls = 0;
    const provider = () => `token-${++calls}`;
    await make(registry.server.url('/v2/library/first'), {provider}).run();
    registry.token = 'token-2';
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => { release = resolve; });
    registry.server.on('/late', async ({headers}) => {
      if (headers.authorization === 'Bearer token-2') return {body: 'late'};
      await held;
      return {status: 401, headers: {'WWW-Authenticate': 'Bearer'}};
    });
    const late = make(registry.server.url('/late'), {provider}).run();
    await registry.server.when(() => registry.server.requestsFor('/late').length === 1);
    registry.server.on('/early', ({headers}) => headers.authorization === 'Bearer token-2' ? {}
      : {status: 401, headers: {'WWW-Authenticate': 'Bearer'}});
    await make(registry.server.url('/early'), {provider}).run();
    release();
    await late;
    expect(calls).to.equal(2);
  });

  it('refreshes once, then the 401 is final, whatever retries are left', async () => {
    let calls = 0;
    const download = make(registry.server.url('/v2/library/blob'), {provider: () => `wrong-${++calls}`}, {retries: 10});
    const fault = await download.run().catch((error: unknown) => error) as DownloadError;
    expect(fault).to.be.instanceOf(NotAuthorized);
    expect({calls, attempts: fault.attempts.length}).to.deep.equal({calls: 2, attempts: 2});
  });

  it('gives every waiting download a CredentialError of its own when the refresh fails, and asks again later', async () => {
    registry.grant = async () => {
      await registry.server.when(() => registry.server.requests.length >= 4);
      return {status: 403};
    };
    const downloads = ['a', 'b', 'c'].map((name) => make(registry.server.url(`/v2/library/${name}`)));
    const faults = await Promise.all(downloads.map((download) => download.run().catch((error: unknown) => error))) as DownloadError[];
    expect(faults.map((fault) => fault instanceof CredentialError)).to.deep.equal([true, true, true]);
    expect(faults.map(({download}) => download)).to.deep.equal(downloads);
    expect(registry.tokenRequests).to.have.length(1);
    registry.grant = () => ({body: JSON.stringify({token: registry.token})});
    await make(registry.server.url('/v2/library/d')).run();
  });

  it('never sends the token to another origin after a redirect, and asks for none there', async () => {
    other.on('/elsewhere', {body: 'from elsewhere'});
    other.on('/wants-token', {status: 401, headers: {'WWW-Authenticate': `Bearer realm="${registry.server.url('/token')}"`}});
    registry.server.on('/moved', ({headers}) => headers.authorization === 'Bearer token-1'
      ? {status: 302, headers: {Location: other.url('/elsewhere')}} : {status: 401, headers: {'WWW-Authenticate': 'Bearer'}});
    registry.server.on('/phished', {status: 302, headers: {Location: other.url('/wants-token')}});
    let calls = 0;
    const provider = () => {
      calls++;
      return 'token-1';
    };
    await make(registry.server.url('/moved'), {provider}).run();
    const fault = await make(registry.server.url('/phished'), {provider}).run().catch((error: unknown) => error);
    expect(fault).to.be.instanceOf(NotAuthorized);
    expect(other.requests.map(({headers}) => headers.authorization)).to.deep.equal([undefined, undefined]);
    expect({calls, asked: registry.tokenRequests.length}).to.deep.equal({calls: 1, asked: 0});
  });

  it('never sends the token to another origin when a handler changes the url', async () => {
    registry.server.on('/gone', {status: 404});
    other.on('/mirror', {body: 'from the mirror'});
    const download = make(registry.server.url('/gone'), {provider: () => 'token-1'});
    download.register('error', (event) => {
      event.download.url = other.url('/mirror');
      event.repaired = true;
    });
    await download.run();
    expect(registry.server.requests[0]?.headers.authorization).to.equal('Bearer token-1');
    expect(other.requests[0]?.headers.authorization).to.equal(undefined);
  });

  it('never gives the token to a mirror that redirects back to the origin', async () => {
    other.on('/mirror', {status: 302, headers: {Location: registry.server.url('/v2/library/blob')}});
    const download = make(registry.server.url('/v2/library/blob'), {}, {retries: 5});
    download.register('prepared', () => { download.url = other.url('/mirror'); });
    expect(await download.run().catch((error: unknown) => error)).to.be.instanceOf(NotAuthorized);
    expect(other.requests.map(({headers}) => headers.authorization)).to.deep.equal([undefined]);
  });

  it('serves the origin that it is told to, not the one that the url has by accident', async () => {
    other.on('/file', {body: 'open'});
    let calls = 0;
    await make(other.url('/file'), {origin: `${registry.server.origin}/`, provider: () => `token-${++calls}`}).run();
    expect({calls, sent: other.requests[0]?.headers.authorization}).to.deep.equal({calls: 0, sent: undefined});
  });

  it('keeps the tokens of different names apart and shares those of one name', async () => {
    const calls: string[] = [];
    const options = (name: string | undefined): TokenDelegateOptions => ({name, provider: () => {
      calls.push(name ?? 'none');
      return 'token-1';
    }});
    for (const name of ['alice', 'bob', 'alice', undefined, undefined]) {
      await make(registry.server.url('/v2/library/blob'), options(name)).run();
    }
    expect(calls).to.deep.equal(['alice', 'bob', 'none']);
  });

  it('leaves the wait when its download is cancelled; the others still get the token', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => { release = resolve; });
    registry.grant = async () => {
      await held;
      return {body: JSON.stringify({token: registry.token})};
    };
    const controller = new AbortController();
    const [left, stays] = [make(registry.server.url('/v2/library/a')), make(registry.server.url('/v2/library/b'))];
    const leaving = left.run(controller.signal).catch((error: unknown) => (error as DownloadError).code);
    const refused = new Promise<void>((resolve) => { stays.register('error', () => { setImmediate(resolve); }, {observe: true}); });
    const staying = stays.run();
    await refused;
    controller.abort();
    expect(await leaving).to.equal('CANCELLED');
    release();
    expect((await staying).outcome).to.equal('fetched');
    expect(registry.tokenRequests).to.have.length(1);
  });

  it('shows the token nowhere', async () => {
    const secret = 'sekret-0123456789';
    const download = make(registry.server.url('/v2/library/blob'), {provider: () => secret}, {retries: 0});
    const fault = await download.run().catch((error: unknown) => error) as DownloadError;
    const shown = [download, fault, context].flatMap((thing) => [inspect(thing, {depth: 10, showHidden: true}), JSON.stringify(thing)]);
    expect(registry.server.requests[0]?.headers.authorization).to.equal(`Bearer ${secret}`);
    for (const text of shown) expect(text).to.not.include(secret);
  });

  const bad: [object, string][] = [
    [{provider: 'token'}, 'token.provider: expected a function, got "token"'],
    [{origin: 'repo.example'}, 'token.origin: expected an origin such as https://repo.example, got "repo.example"'],
    [{name: 5}, 'token.name: expected a text, got 5'],
    [{realm: 'https://auth.example'}, 'token: unknown option \'realm\''],
  ];
  for (const [options, message] of bad) {
    it(`refuses ${JSON.stringify(options)}`, () => {
      expect(() => new TokenDelegate(options)).to.throw(TypeError, message);
    });
  }
});
