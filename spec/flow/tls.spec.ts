import {once} from 'node:events';
import {createServer, type AddressInfo} from 'node:net';
import {expect} from 'chai';
import type {SSLOptions} from '../../src/core/settings.js';
import {StandardRetryPolicy} from '../../src/policy/retry-policy.js';
import {fetched, verdict, withContext, type Fetched} from '../download/fetching.js';
import {certificates} from '../support/certificates.js';
import {expectNothingLeft} from '../support/left-open.js';
import {ScriptedServer, type ServerTls} from '../../src/testing/scripted-server.js';
import {TestClock} from '../../src/testing/test-clock.js';

describe('TLS', () => {
  const {ca, otherCa, client, server: own, expired, selfSigned} = certificates();
  const open: ScriptedServer[] = [];
  afterEach(async () => { for (const server of open.splice(0)) await server.close(); });

  const start = async (tls: ServerTls = own): Promise<ScriptedServer> => {
    const server = (await ScriptedServer.start({tls})).on('*', {body: 'hello'});
    open.push(server);
    return server;
  };
  /** With two retries, so that a fault that must not be repeated shows. */
  const ask = (url: string, ssl?: SSLOptions): Promise<Fetched> => withContext((context) =>
    fetched({url, ssl, context, retry: new StandardRetryPolicy({retries: 2})}), {clock: new TestClock({autoAdvance: true})});

  it('a custom authority is trusted besides the system\'s or instead of them', async () => {
    const server = await start();
    expect((await ask(server.url('/a'), {caCertificate: ca.certPath})).text).to.equal('hello');
    expect((await ask(server.url('/a'), {caCertificate: Buffer.from(ca.cert), replaceSystemAuthorities: true})).text).to.equal('hello');
  });

  const refused: Readonly<Record<string, readonly [ServerTls, SSLOptions | undefined, string]>> = {
    'an unknown authority': [own, undefined, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    'another authority': [own, {caCertificate: otherCa.cert}, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    'an expired certificate': [expired, {caCertificate: ca.cert}, 'CERT_HAS_EXPIRED'],
    'a certificate without issuer': [selfSigned, {caCertificate: ca.cert}, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  };
  for (const [what, [tls, ssl, code]] of Object.entries(refused)) {
    it(`${what} is refused, named and never asked again`, async () => {
      const server = await start(tls);
      const one = await ask(server.url('/a'), ssl);
      expect([verdict(one), one.error?.attempts.length]).to.deep.equal(['TLS_FAILED source-bad', 1]);
      expect([server.connections, server.requests]).to.deep.equal([1, []]);
      expect(one.error?.message).to.contain(code);
    });
  }

  it('a certificate for another name is refused', async () => {
    const server = await start(client);
    const one = await ask(server.url('/a'), {caCertificate: ca.cert});
    expect([verdict(one), server.requests]).to.deep.equal(['TLS_FAILED source-bad', []]);
    const named = await start();
    expect((await ask(`https://localhost:${named.port}/a`, {caCertificate: ca.cert})).text).to.equal('hello');
  });

  it('a server that speaks no TLS is TLS_FAILED', async () => {
    const no = 'HTTP/1.1 400 Bad Request\r\n\r\n';
    const plain = createServer((socket) => { socket.once('data', () => { socket.end(no); }); }).listen(0, '127.0.0.1');
    await once(plain, 'listening');
    const one = await ask(`https://127.0.0.1:${(plain.address() as AddressInfo).port}/a`);
    plain.close();
    expect([verdict(one), one.error?.attempts.length]).to.deep.equal(['TLS_FAILED source-bad', 1]);
  });

  it('a server that hangs up in the handshake is asked again', async () => {
    const rude = createServer((socket) => { socket.once('data', () => { socket.resetAndDestroy(); }); }).listen(0, '127.0.0.1');
    await once(rude, 'listening');
    const one = await ask(`https://127.0.0.1:${(rude.address() as AddressInfo).port}/a`);
    rude.close();
    expect([verdict(one), one.error?.attempts.length]).to.deep.equal(['CONNECT_FAILED transient', 3]);
  });

  describe('without verification', () => {
    it('any certificate is taken', async () => {
      for (const tls of [own, expired, selfSigned, client]) {
        const server = await start(tls);
        expect((await ask(server.url('/a'), {validation: false})).text).to.equal('hello');
      }
    });

    it('is for the origin of the url alone', async () => {
      const server = await start();
      const other = await start(selfSigned);
      server.on('/a', {status: 302, headers: {Location: other.url('/b')}});
      const one = await ask(server.url('/a'), {validation: false});
      expect([verdict(one), one.error?.url, other.requests]).to.deep.equal(['TLS_FAILED source-bad', other.url('/b'), []]);
      server.on('/a', {status: 302, headers: {Location: `https://localhost:${server.port}/b`}});
      expect(verdict(await ask(server.url('/a'), {validation: false}))).to.equal('TLS_FAILED source-bad');
    });
  });

  describe('a client certificate', () => {
    const wanted: ServerTls = {...own, ca: ca.cert, requestCert: true};
    const forms: Readonly<Record<string, SSLOptions>> = {
      'paths': {clientCertificate: client.certPath, clientKey: client.keyPath},
      'PEM text': {clientCertificate: client.cert, clientKey: client.key},
      'PEM bytes': {clientCertificate: Buffer.from(client.cert), clientKey: Buffer.from(client.key)},
      'one text with both': {clientCertificate: client.cert + client.key},
    };
    for (const [what, ssl] of Object.entries(forms)) {
      it(`is shown: ${what}`, async () => {
        const server = await start({...wanted, rejectUnauthorized: true});
        expect((await ask(server.url('/a'), {...ssl, caCertificate: ca.cert})).text).to.equal('hello');
        expect(server.requests[0]?.clientSubject).to.equal('elmer');
      });
    }

    it('that is missing is the end, and not transient', async () => {
      const server = await start({...wanted, rejectUnauthorized: true});
      const one = await ask(server.url('/a'), {caCertificate: ca.cert});
      expect([one.text, server.requests]).to.deep.equal([undefined, []]);
      expect(one.error?.code).to.be.oneOf(['TLS_FAILED', 'CONNECT_FAILED']);
    });

    it('is shown to no other origin, and again at home', async () => {
      const server = await start(wanted);
      const other = await start(wanted);
      server.on('/a', {status: 302, headers: {Location: other.url('/b')}});
      other.on('/b', {status: 302, headers: {Location: server.url('/c')}});
      const one = await ask(server.url('/a'), {caCertificate: ca.cert, clientCertificate: client.cert, clientKey: client.key});
      expect(one.text).to.equal('hello');
      expect([...server.requests, ...other.requests].map(({path, clientSubject}) => [path, clientSubject]))
        .to.deep.equal([['/a', 'elmer'], ['/c', 'elmer'], ['/b', undefined]]);
    });

    it('that can\'t be used is a CredentialError before a connection is opened', async () => {
      const server = await start(wanted);
      const bad: SSLOptions[] = [
        {clientCertificate: client.cert}, {clientCertificate: client.cert, clientKey: own.key},
        {clientCertificate: '/missing.pem', clientKey: client.key},
        {caCertificate: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'}, {caCertificate: '/dev/null'},
      ];
      for (const ssl of bad) expect(verdict(await ask(server.url('/a'), ssl))).to.equal('CREDENTIAL_ERROR fatal');
      expect(server.connections).to.equal(0);
    });
  });

  it('a body cut by FIN under TLS is interrupted, and a dead pooled connection replaced', async () => {
    const server = await start();
    server.on('/cut', {body: 'hello', cutAt: 2, cut: 'end'}).on('/b', ({nth}) => nth === 1 ? {raw: '', cut: 'end'} : {body: 'good'});
    await withContext(async (context) => {
      const ssl = {caCertificate: ca.cert};
      expect(verdict(await fetched({url: server.url('/cut'), ssl, context}))).to.equal('INTERRUPTED transient');
      await fetched({url: server.url('/a'), ssl, context});
      const one = await fetched({url: server.url('/b'), ssl, context});
      expect([one.text, one.result?.attempts.length, server.requestsFor('/b').length]).to.deep.equal(['good', 1, 2]);
    });
  });

  it('https is not left for http', async () => {
    const server = await start();
    const plain = (await ScriptedServer.start()).on('*', {body: 'hello'});
    open.push(plain);
    server.on('/a', {status: 302, headers: {Location: plain.url('/b')}});
    expect(verdict(await ask(server.url('/a'), {caCertificate: ca.cert}))).to.equal('REDIRECT_REFUSED fatal');
    expect(plain.connections).to.equal(0);
    plain.on('/up', {status: 302, headers: {Location: server.url('/b')}});
    expect((await ask(plain.url('/up'), {caCertificate: ca.cert})).text).to.equal('hello');
  });

  it('leaves nothing open: after success, a refused certificate, and a cancel in the handshake', async () => {
    const server = await start();
    await expectNothingLeft(() => ask(server.url('/a'), {caCertificate: ca.cert}));
    await expectNothingLeft(() => ask(server.url('/a')));
    const deaf = await ScriptedServer.start();
    open.push(deaf);
    await withContext((context) => expectNothingLeft(async () => {
      const controller = new AbortController();
      const running = fetched({url: `https://127.0.0.1:${deaf.port}/a`, context}, controller.signal);
      await deaf.when(() => deaf.connections === 1);
      controller.abort();
      expect(verdict(await running)).to.equal('CANCELLED cancelled');
    }));
  });
});
