import {expect} from 'chai';
import type {HttpDownloadOptions} from '../../src/download/http-download.js';
import {SSL} from '../../src/core/settings.js';
import {certificates} from '../support/certificates.js';
import {countAbortListeners, expectNothingLeft} from '../support/left-open.js';
import {ProxyServer} from '../support/proxy-server.js';
import {ScriptedServer} from '../../src/testing/scripted-server.js';
import {fetched, verdict, withContext} from './fetching.js';

describe('HttpDownload: connections', () => {
  let server: ScriptedServer;
  beforeEach(async () => { server = (await ScriptedServer.start()).on('*', {body: 'hello'}); });
  afterEach(async () => { await server.close(); });

  describe('a pooled connection that died', () => {
    for (const cut of ['end', 'reset'] as const) {
      it(`is replaced once, and that is not counted: ${cut}`, async () => {
        server.on('/b', ({nth}) => nth === 1 ? {raw: '', cut} : {body: 'good'});
        await withContext(async (context) => {
          await fetched({url: server.url('/a'), context});
          const one = await fetched({url: server.url('/b'), context});
          expect([one.text, one.result?.attempts.length]).to.deep.equal(['good', 1]);
        });
        expect(server.requests.map(({path, connection}) => [path, connection])).to.deep.equal([['/a', 1], ['/b', 1], ['/b', 2]]);
      });
    }

    it('is not replaced twice', async () => {
      server.on('/b', {raw: '', cut: 'end'});
      await withContext(async (context) => {
        await fetched({url: server.url('/a'), context});
        expect(verdict(await fetched({url: server.url('/b'), context}))).to.equal('CONNECT_FAILED transient');
      });
      expect(server.requestsFor('/b')).to.have.lengthOf(2);
    });

    it('is not replaced when it was a fresh one', async () => {
      server.on('/b', {raw: '', cut: 'reset'});
      expect(verdict(await fetched({url: server.url('/b')}))).to.equal('CONNECT_FAILED transient');
      expect(server.requestsFor('/b')).to.have.lengthOf(1);
    });

    it('is not replaced after a byte of an answer', async () => {
      for (const raw of ['H', 'HTTP/1.1 200 OK\r\nContent-Le']) {
        server.on('/b', {raw, cut: 'end'});
        await withContext(async (context) => {
          await fetched({url: server.url('/a'), context});
          expect(verdict(await fetched({url: server.url('/b'), context}))).to.equal('CONNECT_FAILED transient');
        });
      }
      expect(server.requestsFor('/b')).to.have.lengthOf(2);
    });

    it('is not replaced when the caller gave up', async () => {
      server.on('/b', {delayMs: 60_000});
      await withContext(async (context) => {
        await fetched({url: server.url('/a'), context});
        const controller = new AbortController();
        const running = fetched({url: server.url('/b'), context}, controller.signal);
        await server.when(() => server.requestsFor('/b').length === 1);
        controller.abort();
        expect(verdict(await running)).to.equal('CANCELLED cancelled');
        await server.when(() => server.open === 0);
      });
      expect(server.requestsFor('/b')).to.have.lengthOf(1);
    });
  });

  it('are as many as there are permits, and used again', async () => {
    await withContext(async (context) => {
      const all = await Promise.all(Array.from({length: 60}, (_, n) => fetched({url: server.url(`/${n}`), context})));
      expect(all.every(({text}) => text === 'hello')).to.equal(true);
    }, {limits: {total: 8, perOrigin: 3}});
    expect([server.connections, server.peak]).to.deep.equal([3, 3]);
  });

  it('are closed with the Context, which leaves nothing open', async () => {
    await withContext(async (context) => {
      await fetched({url: server.url('/a'), context});
      expect(server.open).to.equal(1);
    });
    await server.when(() => server.open === 0);
  });

  describe('are shared by those with the same terms only (old mistake 13)', () => {
    const {ca, otherCa, client, server: own} = certificates();
    let secure: ScriptedServer;
    before(async () => {
      secure = (await ScriptedServer.start({tls: {...own, ca: ca.cert, requestCert: true}})).on('*', {body: 'hello'});
    });
    after(async () => { await secure.close(); });

    const trusted = {caCertificate: ca.cert};
    const jar = {getCookieString: async () => Promise.resolve(''), setCookie: async () => Promise.resolve(), toJSON: () => ({})};
    const terms: Readonly<Record<string, Partial<HttpDownloadOptions>>> = {
      'the certificate authority': {ssl: {caCertificate: `${ca.cert}${otherCa.cert}`}},
      'the system\'s authorities': {ssl: {...trusted, replaceSystemAuthorities: true}},
      'the client\'s certificate': {ssl: {...trusted, clientCertificate: client.cert, clientKey: client.key}},
      'verification': {ssl: {...trusted, validation: false}},
      'the user': {ssl: trusted, user: {name: 'elmer', password: 'x'}},
      'the user\'s password': {ssl: trusted, user: {name: 'elmer', password: 'y'}},
      'a setting': {ssl: trusted, settings: {dnsLookupIpVersion: 4}},
      'a TLS setting': {ssl: trusted, settings: {https: {minVersion: 'TLSv1.3'}}},
      'a cookie jar': {ssl: trusted, settings: {cookieJar: {...jar}}},
      'another cookie jar like it': {ssl: trusted, settings: {cookieJar: {...jar}}},
    };

    it('by origin alone when nothing else differs', async () => {
      const before = secure.connections;
      const same: Partial<HttpDownloadOptions>[] = [
        {ssl: trusted}, {ssl: new SSL(trusted)}, {ssl: {caCertificate: ca.cert, validation: true}},
        {ssl: {caCertificate: Buffer.from(ca.cert)}}, {ssl: trusted, settings: {}}, {ssl: trusted, headers: {'x-a': '1'}},
      ];
      await withContext(async (context) => {
        for (const options of same) expect((await fetched({url: secure.url('/a'), context, ...options})).text).to.equal('hello');
      });
      expect(secure.connections - before).to.equal(1);
    });

    for (const [what, options] of Object.entries(terms)) {
      it(`not when ${what} differs from all others`, async () => {
        const others = Object.entries(terms).filter(([name]) => name !== what).map(([, other]) => other);
        await withContext(async (context) => {
          for (const other of [{ssl: trusted}, ...others]) await fetched({url: secure.url('/a'), context, ...other});
          const before = secure.connections;
          expect((await fetched({url: secure.url('/a'), context, ...options})).text).to.equal('hello');
          expect(secure.connections - before).to.equal(1);
        });
      });
    }

    it('not when the proxy differs', async () => {
      await using proxy = await ProxyServer.start({credentials: 'elmer:x'});
      await withContext(async (context) => {
        const connections = async (options: Partial<HttpDownloadOptions>): Promise<number> => {
          const before = server.connections;
          const one = await fetched({url: server.url('/a'), context, ...options});
          expect(verdict(one)).to.be.oneOf(['ok published "hello"', 'NOT_AUTHORIZED fatal']);
          return server.connections - before + proxy.connections;
        };
        expect(await connections({})).to.equal(1);
        expect(await connections({proxyUrl: proxy.urlWithCredentials})).to.be.greaterThan(0);
        const before = proxy.connections;
        await connections({proxyUrl: proxy.url});
        expect(proxy.connections - before).to.equal(1);
      });
    });
  });

  describe('leave nothing behind', () => {
    it('after success, failure and cancel', async () => {
      server.on('/cut', {body: 'hello', cutAt: 2}).on('/404', {status: 404, body: 'no'}).on('/stall', {body: 'hello', stallAt: 2})
        .on('/101', {upgrade101: true});
      const cases = {'/a': 'ok', '/cut': 'INTERRUPTED transient', '/404': 'NOT_FOUND source-bad', '/101': 'PROTOCOL_ERROR source-bad'};
      for (const [path, expected] of Object.entries(cases)) {
        const one = await expectNothingLeft(() => fetched({url: server.url(path)}));
        expect(verdict(one), path).to.match(new RegExp(`^${expected}`));
      }
      await expectNothingLeft(async () => {
        const controller = new AbortController();
        const running = fetched({url: server.url('/stall')}, controller.signal);
        await server.when(() => server.requestsFor('/stall').length === 1);
        controller.abort(new Error('enough'));
        expect(verdict(await running)).to.equal('CANCELLED cancelled');
      });
    });

    it('on a signal that 300 downloads shared', async () => {
      const controller = new AbortController();
      const warnings: string[] = [];
      const warn = (warning: Error): void => { warnings.push(warning.name); };
      process.on('warning', warn);
      server.on('/cut', {body: 'hello', cutAt: 2, cut: 'end'});
      await withContext(async (context) => {
        const all = await Promise.all(Array.from({length: 300}, (_, n) =>
          fetched({url: server.url(n % 10 === 0 ? '/cut' : '/a'), context, timeout: {deadline: 60_000}}, controller.signal)));
        expect(all.filter(({error}) => error !== undefined)).to.have.lengthOf(30);
      });
      await new Promise(setImmediate);
      process.off('warning', warn);
      expect([countAbortListeners(controller.signal), warnings]).to.deep.equal([0, []]);
    });
  });
});
