import {expect} from 'chai';
import {patterned} from '../../src/testing/bytes.js';
import {useStage, verified} from './stage.js';

const SIZE = 300_000;
const MODIFIED = 'Thu, 01 Jan 2015 00:00:00 GMT';
const LATER = 'Fri, 02 Jan 2015 00:00:00 GMT';

describe('Streamer: ranges and conditions', () => {
  const stage = useStage();
  const content = patterned(SIZE);
  const headers = {ETag: '"1"', 'Last-Modified': MODIFIED, Date: LATER, 'Content-Digest': 'sha-256=:AAAA:'};

  for (const warm of [true, false]) {
    for (const kept of [true, false]) {
      if (warm && !kept) continue;
      describe(warm ? 'from the store' : kept ? 'while it comes' : 'without a store', () => {
        beforeEach(async () => {
          stage.upstream.on('/file', {body: content, headers});
          stage.made.set('/file', verified(content));
          await stage.start(kept ? {} : {store: null});
          if (warm) await stage.get('/file');
        });

        for (const [range, from, to] of [
          ['bytes=0-0', 0, 1], ['bytes=100-199', 100, 200], ['bytes=299990-', 299_990, SIZE], ['bytes=-10', 299_990, SIZE],
          ['bytes=-999999', 0, SIZE], ['bytes=299990-999999', 299_990, SIZE], ['Bytes=0-150000', 0, 150_001],
        ] as const) {
          it(`sends ${range}`, async () => {
            const got = await stage.get('/file', {range});
            expect([got.status, got.whole, got.body.equals(content.subarray(from, to))]).to.deep.equal([206, true, true]);
            expect(got.headers).to.include({'content-range': `bytes ${from}-${to - 1}/${SIZE}`, 'content-length': String(to - from), etag: '"1"'});
            expect(got.headers).to.not.have.property('content-digest');
          });
        }

        for (const range of ['bytes=300000-', 'bytes=-0']) {
          it(`answers 416 to ${range}`, async () => {
            const got = await stage.get('/file', {range});
            expect([got.status, got.headers['content-range'], got.body.length]).to.deep.equal([416, `bytes */${SIZE}`, 0]);
          });
        }

        for (const range of ['bytes=0-1,5-6', 'bytes=5-4', 'lines=1-2', 'bytes=', 'bytes=x-']) {
          it(`sends the whole for ${range}`, async () => {
            const got = await stage.get('/file', {range});
            expect([got.status, got.body.length]).to.deep.equal([200, SIZE]);
          });
        }

        for (const [condition, status] of [['"1"', 206], ['"2"', 200], ['W/"1"', 200], [MODIFIED, 206], [LATER, 200]] as const) {
          it(`answers ${status} to If-Range: ${condition}`, async () => {
            expect((await stage.get('/file', {range: 'bytes=0-9', 'if-range': condition})).status).to.equal(status);
          });
        }

        for (const [name, value, status] of [
          ['if-none-match', '"1"', 304], ['if-none-match', '"0", W/"1"', 304], ['if-none-match', '*', 304], ['if-none-match', '"2"', 200],
          ['if-modified-since', MODIFIED, 304], ['if-modified-since', LATER, 304], ['if-modified-since', 'Wed, 31 Dec 2014 00:00:00 GMT', 200],
          ['if-modified-since', 'yesterday', 200],
        ] as const) {
          it(`answers ${status} to ${name}: ${value}`, async () => {
            const got = await stage.get('/file', {[name]: value});
            expect([got.status, got.whole, got.body.length]).to.deep.equal([status, true, status === 304 ? 0 : SIZE]);
            expect(got.headers.etag).to.equal('"1"');
          });
        }

        it('answers HEAD like GET, and fetches no body for it', async () => {
          const before = stage.upstream.bodyBytes;
          const got = await stage.get('/file', {}, 'HEAD');
          expect([got.status, got.whole, got.body.length]).to.deep.equal([200, true, 0]);
          expect(got.headers).to.include({'content-length': String(SIZE), etag: '"1"', 'accept-ranges': 'bytes'});
          if (warm) expect(stage.upstream.bodyBytes).to.equal(before);
        });
      });
    }
  }

  it('lets no part of a corrupt body end, however early it lies', async () => {
    for (const store of [undefined, null]) {
      const bad = Buffer.from(content);
      bad[SIZE - 1] = 255 - (bad[SIZE - 1] as number);
      stage.upstream.on('/bad', {body: bad});
      stage.made.set('/bad', verified(content));
      await stage.start(store === null ? {store} : {});
      for (const range of ['bytes=0-9', 'bytes=0-99999', 'bytes=-10']) {
        const got = await stage.get('/bad', {range});
        expect(got.status === 502 || !got.whole, `${range} ${got.status ?? ''}`).to.equal(true);
      }
    }
  });

  it('cuts a download off that would bring a body for HEAD', async () => {
    stage.upstream.on('/huge', {body: Buffer.alloc(50_000), stallAt: 10_000});
    await stage.start();
    const got = await stage.get('/huge', {}, 'HEAD');
    expect([got.status, got.headers['content-length']]).to.deep.equal([200, '50000']);
    await stage.upstream.when(() => stage.upstream.open === 0);
  });
});
