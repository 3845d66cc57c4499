import {expect} from 'chai';
import {createServer} from 'node:http';
import {once} from 'node:events';
import type {AddressInfo} from 'node:net';
import {HttpDownload, noRetry} from 'jupiter-download';
import {Streamer} from 'jupiter-download/streamer';
import {patterned} from '../../src/testing/bytes.js';
import {useStage, verified} from './stage.js';

const SIZES = [0, 1, 65_535, 65_536, 65_537, 1_000_000];

describe('Streamer', () => {
  const stage = useStage();

  for (const kept of [true, false]) {
    describe(kept ? 'with a store' : 'without a store', () => {
      const store = kept ? {} : {store: null};

      for (const size of SIZES) {
        it(`bridges ${size} bytes with their end-to-end headers`, async () => {
          const content = patterned(size);
          const headers = {ETag: '"7"', 'Content-Type': 'application/x-tar', 'Set-Cookie': 'id=1', Connection: 'x-hop', 'X-Hop': '1', Server: 'secret'};
          stage.upstream.on('/file', {body: content, headers});
          stage.made.set('/file', verified(content));
          await stage.start(store);
          for (let n = 0; n < 2; n++) {
            const got = await stage.get('/file');
            expect([got.status, got.whole, got.body.equals(content)]).to.deep.equal([200, true, true]);
            expect(got.headers).to.include({'content-length': String(size), etag: '"7"', 'content-type': 'application/x-tar', via: '1.1 jupiter'});
            expect(got.headers).to.not.have.any.keys('set-cookie', 'x-hop', 'server');
          }
          expect(stage.upstream.requests).to.have.length(kept ? 1 : 2);
        });
      }

      it('marks what nobody verifies, and says so no more once it is asked with a digest', async () => {
        const content = patterned(1000);
        stage.upstream.on('*', {body: content});
        await stage.start(store);
        expect((await stage.get('/open')).headers['cache-status']).to.contain('unverified');
        stage.made.set('/named', verified(content));
        expect((await stage.get('/named')).headers['cache-status']).to.not.contain('unverified');
      });

      it('bridges a body of unknown length', async () => {
        const content = patterned(300_000);
        stage.upstream.on('/file', {body: content, framing: 'chunked'});
        await stage.start(store);
        const got = await stage.get('/file');
        expect([got.whole, got.body.equals(content), got.headers['content-length']]).to.deep.equal([true, true, undefined]);
      });

      it('rewrites a document, under an entity tag of its own', async () => {
        stage.upstream.on('/doc', {body: 'see http://up.example/x', headers: {ETag: '"up"', 'Last-Modified': 'Thu, 01 Jan 2026 00:00:00 GMT'}});
        stage.made.set('/doc', () => ({
          ttl: 60_000, transform: (body, {origin}) => Buffer.from(body.toString().replace('http://up.example', origin)),
        }));
        await stage.start(store);
        const got = await stage.get('/doc');
        expect(got.body.toString()).to.equal(`see http://localhost:${stage.port}/x`);
        expect(got.headers.etag).to.match(/^"[\w-]{43}"$/);
        expect(got.headers).to.not.have.property('last-modified');
        expect((await stage.get('/doc', {'if-none-match': got.headers.etag ?? ''})).status).to.equal(304);
      });

      it('ends the upstream when the client leaves', async () => {
        stage.upstream.on('/slow', {body: Buffer.alloc(1_000_000), stallAt: 200_000});
        await stage.start(store);
        (await stage.begin('/slow')).destroy();
        await stage.upstream.when(() => stage.upstream.open === 0);
      });
    });
  }

  it('is a plain listener, and takes an importer that only knows downloads', async () => {
    const content = patterned(100_000);
    stage.upstream.on('/file', {body: content});
    const streamer = new Streamer({importer: {
      getDownload: ({path}) => path === '/file' ? new HttpDownload({url: stage.upstream.url(path), retry: noRetry()}) : undefined,
    }});
    const server = createServer(streamer.handler);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      expect(Buffer.from(await (await fetch(`${root}/file`)).arrayBuffer()).equals(content)).to.equal(true);
      const missing = await fetch(`${root}/other`);
      expect([missing.status, missing.headers.get('content-type')]).to.deep.equal([404, 'application/problem+json']);
    } finally {
      server.close().closeAllConnections();
      await streamer.close();
    }
  });

  it('tells misuse by name', () => {
    const importer = {getDownload: () => undefined};
    expect(() => new Streamer({importer: {}})).to.throw(TypeError, 'importer');
    expect(() => new Streamer({importer, offline: true})).to.throw(TypeError, 'expected a store');
    expect(() => new Streamer({importer, origin: 'mirror'})).to.throw(TypeError, 'origin');
    expect(() => new Streamer({importer, colour: 1} as never)).to.throw(TypeError, '\'colour\'');
  });
});
