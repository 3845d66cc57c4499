import {expect} from 'chai';
import {connect, type Socket} from 'node:net';
import {once} from 'node:events';
import {ScriptedServer} from '../../src/testing/scripted-server.js';
import {patterned} from '../../src/testing/bytes.js';
import {drain, useStage, verified} from './stage.js';

describe('Streamer: limits', () => {
  const stage = useStage();
  const first = (text: string): string => text.split('\r\n', 1)[0] ?? '';

  for (const target of [
    'http://other.example/file', 'http://127.0.0.1/file', '*', 'file', '//other.example/file', '/a/../b', '/..', '/a/./b', '/%2e%2e/b', '/a/%2E%2E%2Fb',
    '/%252e%252e/b', '/%2fother.example', '/a%5c..%5cb', '/a%00b', '/a%0d%0ab', '/a%zz', '/a\\b', '/a#b', '/a|b',
  ]) {
    it(`refuses ${target}, and the upstream sees nothing`, async () => {
      await stage.start();
      const got = await stage.raw(`GET ${target} HTTP/1.1\r\nHost: h\r\n\r\n`);
      expect(first(got)).to.match(/^HTTP\/1\.1 400 /);
      expect(stage.upstream.connections).to.equal(0);
    });
  }

  for (const [name, text, status] of [
    ['CONNECT', 'CONNECT other.example:443 HTTP/1.1\r\nHost: other.example:443\r\n\r\n', 405],
    ['POST', 'POST /file HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n', 405],
    ['a body', 'GET /file HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc', 400],
    ['a chunked body', 'GET /file HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400],
    ['two framings', 'GET /file HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400],
    ['two lengths', 'GET /file HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nContent-Length: 5\r\n\r\nGET /', 400],
    ['no host', 'GET /file HTTP/1.1\r\n\r\n', 400],
    ['two hosts', 'GET /file HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', 400],
    ['a host with a path', 'GET /file HTTP/1.1\r\nHost: a/b@c\r\n\r\n', 400],
    ['a target of 9 KiB', `GET /${'a'.repeat(9000)} HTTP/1.1\r\nHost: h\r\n\r\n`, 414],
    ['a target of 64 KiB', `GET /${'a'.repeat(65_536)} HTTP/1.1\r\nHost: h\r\n\r\n`, 431],
    ['headers of 20 KiB', `GET /file HTTP/1.1\r\nHost: h\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
  ] as const) {
    it(`refuses ${name} with ${status}`, async () => {
      await stage.start();
      expect(first(await stage.raw(text))).to.contain(`HTTP/1.1 ${status} `);
      expect(stage.upstream.connections).to.equal(0);
    });
  }

  it('lets through what real clients ask: scoped names, plus signs, queries', async () => {
    stage.upstream.on('*', {body: 'x'});
    await stage.start();
    for (const path of ['/@scope%2fname', '/pool/libstdc++6_12.2.0-14+deb12u1_amd64.deb', '/a%20b', '/x?y=../z&u=http://h/', '/a..b/...c', '/a//b']) {
      expect((await stage.get(path)).status, path).to.equal(200);
    }
  });

  it('tells the importer no credentials and nothing hop-by-hop', async () => {
    let seen = {};
    stage.upstream.on('/file', {body: 'x'});
    stage.made.set('/file', (request) => {
      seen = request.headers;
      return {};
    });
    await stage.start();
    const secret = {authorization: 'Basic eA==', cookie: 'a=1', 'proxy-authorization': 'x'};
    await stage.get('/file', {...secret, te: 'trailers', range: 'bytes=0-0', accept: 'text/plain'});
    expect(seen).to.deep.equal({accept: 'text/plain'});
  });

  it('asks only the hosts that are allowed, and no other that it is redirected to', async () => {
    const other = await ScriptedServer.start();
    other.on('*', {body: 'x'});
    stage.upstream.on('/file', {body: 'x'}).on('/away', {status: 302, headers: {Location: other.url('/file')}});
    await stage.start({upstreams: [`127.0.0.1:${stage.upstream.port}`]});
    expect((await stage.get('/file')).status).to.equal(200);
    for (const method of ['GET', 'HEAD']) expect((await stage.get('/away', {}, method)).status).to.equal(502);
    await stage.start({upstreams: ['mirror.example']});
    expect((await stage.get('/file?again')).status).to.equal(502);
    expect(stage.upstream.requestsFor('/file')).to.have.length(1);
    expect(other.connections).to.equal(0);
    await other.close();
  });

  it('closes connections beyond the limit, and those whose headers take too long', async () => {
    const streamer = await stage.start();
    const {port} = await streamer.listen({maxConnections: 2, headersTimeout: 500, requestTimeout: 500});
    const open: Socket[] = [];
    for (let n = 0; n < 2; n++) {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined);
      await once(socket, 'connect');
      socket.write('GET /fi');
      open.push(socket);
    }
    const third = connect(port, '127.0.0.1').on('error', () => undefined).resume();
    await once(third, 'close');
    await Promise.all(open.map((socket) => once(socket.resume(), 'close')));
    expect(stage.upstream.connections).to.equal(0);
  });

  it('tells of itself: health and metrics', async () => {
    const content = patterned(1000);
    stage.upstream.on('/file', {body: content}).on('/none', {status: 404});
    stage.made.set('/file', verified(content));
    await stage.start();
    stage.upstream.on('/head', {body: content});
    for (const path of ['/file', '/file', '/none']) await stage.get(path);
    await stage.get('/head', {}, 'HEAD');
    expect(JSON.parse((await stage.get('/-/health')).body.toString())).to.deep.equal({status: 'ok'});
    const text = (await stage.get('/-/metrics')).body.toString().split('\n');
    expect(text).to.include.members([
      'jupiter_requests_total{method="GET",status="200"} 3', 'jupiter_requests_total{method="GET",status="404"} 1',
      'jupiter_cache_total{outcome="miss"} 3', 'jupiter_cache_total{outcome="hit"} 1',
      `jupiter_source_bytes_total{origin="${stage.upstream.origin}"} 1000`, 'jupiter_faults_total{code="NOT_FOUND"} 1',
      'jupiter_open_transfers 0',
    ]);
    expect(text.filter((line) => line.startsWith('jupiter_faults'))).to.have.length(1);
  });

  describe('close', () => {
    it('lets what is under way finish, and takes nothing new', async () => {
      const content = patterned(30_000_000);
      stage.upstream.on('/file', {body: content});
      const streamer = await stage.start();
      const reply = await stage.begin('/file');
      const closing = streamer.close();
      expect((await stage.get('/file')).status).to.equal(undefined);
      expect((await drain(reply)).body.equals(content)).to.equal(true);
      await closing;
    });

    it('resets what is not done in time', async () => {
      stage.upstream.on('/file', {body: patterned(300_000), framing: 'chunked', stallAt: 200_000});
      const streamer = await stage.start();
      const reply = await stage.begin('/file');
      await streamer.close({grace: false});
      expect((await drain(reply)).whole).to.equal(false);
      await stage.upstream.when(() => stage.upstream.open === 0);
      expect((await stage.folder.list()).filter((name) => /tmp\/./.test(name))).to.deep.equal([]);
    });
  });
});
