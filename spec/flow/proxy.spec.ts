import {once} from 'node:events';
import {createServer, type AddressInfo, type Server, type Socket} from 'node:net';
import {expect} from 'chai';
import type {TimedOut} from '../../src/core/errors.js';
import type {HttpDownloadOptions} from '../../src/download/http-download.js';
import {StandardRetryPolicy} from '../../src/policy/retry-policy.js';
import {fetched, verdict, withContext, type Fetched} from '../download/fetching.js';
import {certificates} from '../support/certificates.js';
import {expectNothingLeft} from '../support/left-open.js';
import {ProxyServer, type ProxyServerOptions} from '../support/proxy-server.js';
import {ScriptedServer} from '../../src/testing/scripted-server.js';
import {TestClock} from '../../src/testing/test-clock.js';

const PROXY_USER = 'elmer:p@ss:wörd';

describe('A proxy', () => {
  const {ca, server: own, client, selfSigned} = certificates();
  const open: {close(): Promise<void>}[] = [];
  afterEach(async () => { for (const one of open.splice(0)) await one.close(); });

  const proxied = async (options: ProxyServerOptions = {}): Promise<ProxyServer> => {
    const proxy = await ProxyServer.start(options);
    open.push(proxy);
    return proxy;
  };
  const target = async (secure: boolean): Promise<ScriptedServer> => {
    const server = (await ScriptedServer.start(secure ? {tls: {...own, ca: ca.cert, requestCert: true}} : {})).on('*', {body: 'hello'});
    open.push(server);
    return server;
  };
  const ssl = {caCertificate: ca.cert};
  /** With two retries that take no time. */
  const ask = (options: HttpDownloadOptions): Promise<Fetched> => withContext((context) =>
    fetched({ssl, context, retry: new StandardRetryPolicy({retries: 2}), ...options}), {clock: new TestClock({autoAdvance: true})});

  for (const proxyTls of [false, true]) {
    for (const secure of [false, true]) {
      describe(`that speaks ${proxyTls ? 'https' : 'http'}, to an ${secure ? 'https' : 'http'} target`, () => {
        const start = (options: ProxyServerOptions = {}): Promise<ProxyServer> => proxied({...proxyTls ? {tls: own} : {}, ...options});

        it('is asked in the right form, and the connection is kept', async () => {
          const [proxy, server] = [await start(), await target(secure)];
          await withContext(async (context) => {
            for (const path of ['/a?b=%2F', '/b']) {
              expect((await fetched({url: server.url(path), ssl, context, proxyUrl: proxy.url})).text).to.equal('hello');
            }
          });
          expect(server.requests.map(({path}) => path)).to.deep.equal(['/a?b=%2F', '/b']);
          expect(proxy.connections).to.equal(1);
          expect(proxy.requests.map(({kind, target: asked}) => [kind, asked])).to.deep.equal(secure
            ? [['connect', `127.0.0.1:${server.port}`]] : [['forward', server.url('/a?b=%2F')], ['forward', server.url('/b')]]);
        });

        it('gets its credentials, and the target gets its own: neither sees the other\'s', async () => {
          const [proxy, server] = [await start({credentials: PROXY_USER}), await target(secure)];
          const [name, ...password] = PROXY_USER.split(':');
          for (const proxyUrl of [proxy.url.replace('://', `://${encodeURIComponent(name!)}:${encodeURIComponent(password.join(':'))}@`),
            {url: proxy.url, user: {name: name!, password: password.join(':')}}]) {
            const one = await ask({url: server.url('/a'), proxyUrl, user: {name: 'bugs', password: 'bunny'}, headers: {'x-secret': '1'}});
            expect([one.text, one.error]).to.deep.equal(['hello', undefined]);
          }
          for (const {headers} of server.requests) {
            expect(headers).to.include({'authorization': `Basic ${Buffer.from('bugs:bunny').toString('base64')}`, 'x-secret': '1'})
              .and.not.have.property('proxy-authorization');
          }
          for (const {headers, credentials} of proxy.requests) {
            expect(credentials).to.equal(PROXY_USER);
            if (secure) expect(headers).to.have.all.keys('host', 'connection', 'proxy-authorization');
          }
        });

        it('that wants other credentials is the end', async () => {
          const [proxy, server] = [await start({credentials: PROXY_USER}), await target(secure)];
          const one = await ask({url: server.url('/a'), proxyUrl: proxy.url.replace('://', '://elmer:wrong@')});
          expect(verdict(one)).to.equal(secure ? 'PROXY_FAILED fatal' : 'NOT_AUTHORIZED fatal');
          expect([one.error?.attempts.length, proxy.requests.length, server.connections]).to.deep.equal([1, 1, 0]);
          expect(one.error?.message).to.contain('407').and.not.contain('wrong');
        });

        it('that can\'t be reached is PROXY_FAILED, transient', async () => {
          const [proxy, server] = [await start(), await target(secure)];
          const proxyUrl = proxy.url;
          await proxy.close();
          const one = await expectNothingLeft(() => ask({url: server.url('/a'), proxyUrl}));
          expect([verdict(one), one.error?.attempts.length]).to.deep.equal(['PROXY_FAILED transient', 3]);
          expect(one.error?.message).to.contain(proxyUrl);
        });

        it('that says nothing times out and leaves no socket', async () => {
          const [proxy, server] = [await start({silent: true}), await target(secure)];
          const clock = new TestClock();
          const one = await withContext((context) => expectNothingLeft(async () => {
            const running = fetched({url: server.url('/a'), ssl, context, proxyUrl: proxy.url});
            while (proxy.requests.length === 0) await new Promise(setImmediate);
            await clock.advance(31_000);
            return running;
          }), {clock});
          expect([verdict(one), (one.error as TimedOut).phase]).to.deep.equal(['TIMED_OUT transient', secure ? 'connect' : 'headers']);
        });

        it('leaves nothing open after success, and when the caller gives up', async () => {
          const [proxy, silent, server] = [await start(), await start({silent: true}), await target(secure)];
          expect((await expectNothingLeft(() => ask({url: server.url('/a'), proxyUrl: proxy.url}))).text).to.equal('hello');
          // The Context stays open: it is the cancel that has to close the connection.
          await withContext((context) => expectNothingLeft(async () => {
            const controller = new AbortController();
            const running = fetched({url: server.url('/a'), ssl, context, proxyUrl: silent.url}, controller.signal);
            while (silent.requests.length === 0) await new Promise(setImmediate);
            controller.abort();
            expect(verdict(await running)).to.equal('CANCELLED cancelled');
          }));
        });

        it('carries a body through a slow writer, and a cut is a cut', async () => {
          const [proxy, server] = [await start(), await target(secure)];
          server.on('/big', {body: Buffer.alloc(3_000_000, 'x')}).on('/cut', {body: 'hello', cutAt: 2});
          expect((await ask({url: server.url('/big'), proxyUrl: proxy.url})).writer.bytes).to.have.lengthOf(3_000_000);
          expect(verdict(await ask({url: server.url('/cut'), proxyUrl: proxy.url}))).to.equal('INTERRUPTED transient');
        });
      });
    }
  }

  it('stands before every hop, and hears nothing of http credentials at another origin', async () => {
    const [proxy, server, other] = [await proxied(), await target(false), await target(true)];
    server.on('/a', {status: 302, headers: {Location: other.url('/b')}});
    await ask({url: server.url('/a'), proxyUrl: proxy.url, user: {name: 'bugs', password: 'bunny'}});
    expect(proxy.requests.map(({kind}) => kind)).to.deep.equal(['forward', 'connect']);
    expect(other.requests[0]?.headers).to.not.have.property('authorization');
  });

  it('whose certificate is not trusted gets nothing, whatever is waived for the target', async () => {
    const [proxy, server] = [await proxied({tls: selfSigned, credentials: PROXY_USER}), await target(true)];
    const plain = await target(false);
    for (const url of [server.url('/a'), plain.url('/a')]) {
      const one = await ask({url, proxyUrl: proxy.url.replace('://', '://elmer:x@'), ssl: {...ssl, validation: false}});
      expect([verdict(one), one.error?.attempts.length, proxy.requests]).to.deep.equal(['PROXY_FAILED fatal', 1, []]);
    }
  });

  it('sees no client certificate; the target behind it does', async () => {
    const subjects: (string | undefined)[] = [];
    const proxy = await ScriptedServer.start({tls: {...own, ca: ca.cert, requestCert: true}});
    open.push(proxy);
    proxy.on('*', ({clientSubject}) => {
      subjects.push(clientSubject);
      return {body: 'from the proxy'};
    });
    const withClient = {...ssl, clientCertificate: client.cert, clientKey: client.key};
    expect((await ask({url: 'http://files.example/a', proxyUrl: proxy.origin, ssl: withClient})).text).to.equal('from the proxy');
    expect(proxy.requests[0]?.path).to.equal('http://files.example/a');
    const [tunnel, server] = [await proxied({tls: own}), await target(true)];
    expect((await ask({url: server.url('/a'), proxyUrl: tunnel.url, ssl: withClient})).text).to.equal('hello');
    expect([subjects, server.requests[0]?.clientSubject]).to.deep.equal([[undefined], 'elmer']);
  });

  it('is given the port of http targets, 80 left out and 443 not', async () => {
    const proxy = await proxied({refuse: 404});
    for (const url of ['http://files.example/a', 'http://files.example:443/a', 'http://[::1]:81/a']) await ask({url, proxyUrl: proxy.url});
    expect(proxy.requests.map(({target: asked, headers: {host}}) => [asked, host])).to.deep.equal([
      ['http://files.example/a', 'files.example'], ['http://files.example:443/a', 'files.example:443'], ['http://[::1]:81/a', '[::1]:81'],
    ]);
  });

  it('resolves names itself, and checks the target\'s certificate against them', async () => {
    const server = await target(true);
    const proxy = await proxied({route: () => ({host: '127.0.0.1', port: server.port})});
    expect((await ask({url: 'https://localhost/a', proxyUrl: proxy.url})).text).to.equal('hello');
    expect(verdict(await ask({url: 'https://files.example/a', proxyUrl: proxy.url}))).to.equal('TLS_FAILED source-bad');
    expect(proxy.requests.map(({target: asked}) => asked)).to.deep.equal(['localhost:443', 'files.example:443']);
  });

  describe('with an odd answer to CONNECT', () => {
    let odd: Server | undefined;
    afterEach(() => { odd?.close(); });
    const answering = async (answer: string, then?: (socket: Socket) => void): Promise<Fetched> => {
      odd = createServer((socket) => {
        socket.on('error', () => { socket.destroy(); });
        socket.once('data', () => { socket.write(answer, () => then?.(socket)); });
      }).listen(0, '127.0.0.1');
      await once(odd, 'listening');
      const proxyUrl = `http://127.0.0.1:${(odd.address() as AddressInfo).port}`;
      return expectNothingLeft(() => ask({url: 'https://files.example/a', proxyUrl, retry: new StandardRetryPolicy({retries: 0})}));
    };

    const answers: Readonly<Record<string, readonly [string, string]>> = {
      'HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno': ['PROXY_FAILED source-bad', 'it answered 403'],
      'HTTP/1.1 502 Bad Gateway\r\n\r\n': ['PROXY_FAILED transient', 'it answered 502'],
      'HTTP/1.1 302 Found\r\nLocation: http://evil.example/\r\n\r\n': ['PROXY_FAILED transient', 'it answered 302'],
      'HTTP/1.1 101 Switching\r\n\r\n': ['PROXY_FAILED transient', 'it answered 101'],
      'HTTP/1.1 200 OK\r\n\r\nmore than that': ['PROXY_FAILED transient', 'bytes of its own'],
      'SMTP\r\n': ['PROXY_FAILED transient', 'Parse Error'],
    };
    for (const [answer, [expected, why]] of Object.entries(answers)) {
      it(`${JSON.stringify(answer)} is ${expected}`, async () => {
        const one = await answering(answer);
        expect(verdict(one)).to.equal(expected);
        expect(one.error?.message).to.contain(why);
      });
    }

    it('a proxy that hangs up, before and after its answer', async () => {
      expect(verdict(await answering('HTTP/1.1 2', (socket) => { socket.end(); }))).to.equal('PROXY_FAILED transient');
      odd?.close();
      const reset = await answering('HTTP/1.1 200 OK\r\n\r\n', (socket) => { socket.resetAndDestroy(); });
      expect(verdict(reset)).to.equal('CONNECT_FAILED transient');
    });

    it('headers without end', async () => {
      expect(verdict(await answering(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}`))).to.equal('PROXY_FAILED transient');
    });
  });
});
