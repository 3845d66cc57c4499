import {setTimeout} from 'node:timers/promises';
import {expect} from 'chai';
import {MirrorDelegate, HttpDownload, noRetry} from 'jupiter-download';
import {patterned} from '../../src/testing/bytes.js';
import {drain, sha256, useStage, verified} from './stage.js';

const LARGE = 600_000;

describe('Streamer: faults', () => {
  const stage = useStage();

  /** The clock is ours and the sockets' is not: time passes as long as it takes them. */
  async function whileTimePasses<T>(work: Promise<T>): Promise<T> {
    let over = false;
    const done = work.finally(() => { over = true; });
    while (!over) {
      await stage.clock.advance(31_000);
      await setTimeout(5);
    }
    return done;
  }

  for (const kept of [true, false]) {
    const start = async (): Promise<void> => { await stage.start(kept ? {} : {store: null}); };
    const contents = async (): Promise<string[]> => (await stage.folder.list()).filter((name) => /store\/(?:content|streamer|tmp).*[^/]$/.test(name));

    describe(kept ? 'with a store' : 'without a store', () => {
      for (const framing of ['length', 'chunked'] as const) {
        it(`never lets a corrupt body end, ${framing}`, async () => {
          const good = patterned(LARGE);
          const bad = Buffer.from(good);
          bad[LARGE - 1] = (bad[LARGE - 1] as number) ^ 1;
          stage.upstream.on('/file', {body: bad, framing});
          stage.made.set('/file', verified(good));
          await start();
          const got = await stage.get('/file');
          expect([got.status, got.whole]).to.deep.equal([200, false]);
          expect(got.body.length).to.be.at.most(LARGE - 65_536);
          expect(await contents()).to.deep.equal([]);
        });

        it(`never lets a cut body end, ${framing}`, async () => {
          stage.upstream.on('/file', {body: patterned(LARGE), framing, cutAt: 400_000});
          await start();
          const got = await stage.get('/file');
          expect(got.whole).to.equal(false);
          expect(await contents()).to.deep.equal([]);
        });
      }

      it('resets a client of HTTP/1.0, for whom a closed connection would be the end of a good body', async () => {
        stage.upstream.on('/file', {body: patterned(LARGE), framing: 'chunked', cutAt: 400_000});
        await start();
        const got = await stage.raw('GET /file HTTP/1.0\r\n\r\n');
        expect(got.slice(0, 15)).to.equal('HTTP/1.1 200 OK');
        expect(got.slice(-3)).to.equal('RST');
      });

      it('never lets a stalled body end', async () => {
        stage.upstream.on('/file', {body: patterned(LARGE), stallAt: 400_000});
        await start();
        const reply = await stage.begin('/file');
        expect((await whileTimePasses(drain(reply))).whole).to.equal(false);
      });

      for (const size of [1, 65_000]) {
        it(`answers 502 when ${size} bytes turn out to be wrong, and none of them leaves`, async () => {
          stage.upstream.on('/file', {body: Buffer.alloc(size, 'y'), headers: {ETag: '"bad"'}});
          stage.made.set('/file', verified(Buffer.alloc(size, 'x')));
          await start();
          const got = await stage.get('/file');
          expect([got.status, got.whole, got.headers['content-type']]).to.deep.equal([502, true, 'application/problem+json']);
          expect(got.headers).to.not.have.property('etag');
          expect(JSON.parse(got.body.toString())).to.include({status: 502, detail: 'DIGEST_MISMATCH'});
        });
      }

      it('gives a small bad body\'s place to another mirror\'s good one', async () => {
        const good = patterned(50_000);
        stage.upstream.on('/bad/file', {body: Buffer.alloc(50_000), headers: {ETag: '"bad"'}});
        stage.upstream.on('/good/file', {body: good, headers: {ETag: '"good"'}});
        stage.made.set('/file', (request) => ({
          ...verified(good)(request), download: () => {
            const download = new HttpDownload({url: stage.upstream.url('/bad/file'), retry: noRetry(), ...verified(good)(request).options});
            new MirrorDelegate({mirrors: ['/bad/', '/good/'].map((path) => stage.upstream.url(path))}).attach(download);
            return download;
          },
        }));
        await start();
        const got = await stage.get('/file');
        expect([got.status, got.body.equals(good), got.headers.etag]).to.deep.equal([200, true, '"good"']);
      });

      it('goes on after a cut with the rest of the same version, and with nothing else', async () => {
        const good = patterned(LARGE);
        for (const [path, second] of [['/same', '"1"'], ['/other', '"2"']] as const) {
          stage.upstream.on(path, ({nth}) => nth === 1 ? {body: good, headers: {ETag: '"1"'}, cutAt: 400_000}
            : {body: second === '"1"' ? good : Buffer.alloc(LARGE), headers: {ETag: second}, ranges: true});
          stage.made.set(path, () => ({options: {retry: undefined, retries: 2}}));
        }
        stage.clock.autoAdvance = true;
        await start();
        for (const [path, whole] of [['/same', true], ['/other', false]] as const) {
          const got = await stage.get(path);
          expect(got.whole, path).to.equal(whole);
          if (whole) expect(got.body.equals(good)).to.equal(true);
        }
      });

      for (const [status, seen] of [[404, 404], [410, 410], [418, 418], [429, 429], [401, 502], [403, 502], [500, 502], [503, 502]] as const) {
        it(`answers ${seen} when the upstream says ${status}`, async () => {
          stage.upstream.on('/file', {status, body: 'secret words of the upstream', headers: {'WWW-Authenticate': 'Basic'}});
          await start();
          const got = await stage.get('/file');
          expect([got.status, got.headers['content-type']]).to.deep.equal([seen, 'application/problem+json']);
          expect(got.body.toString()).to.not.contain('secret').and.not.contain('127.0.0.1');
          expect(got.headers).to.not.have.property('www-authenticate');
          // An origin that asks for patience gets it.
          if (![429, 503].includes(status)) expect((await stage.get('/file', {}, 'HEAD')).status).to.equal(seen);
        });
      }

      it('answers 504 when the upstream is silent, 502 when it is gone', async () => {
        stage.upstream.on('/silent', {body: 'x', stallAt: 0, delayMs: 1_000_000});
        await start();
        expect((await whileTimePasses(stage.get('/silent'))).status).to.equal(504);
        await stage.upstream.close();
        expect((await stage.get('/file')).status).to.equal(502);
      });

      it('believes a 404 for ten seconds, and no other fault', async () => {
        stage.upstream.on('/none', {status: 404}).on('/broken', {status: 500});
        await start();
        for (let n = 0; n < 2; n++) for (const path of ['/none', '/broken']) await stage.get(path);
        expect([stage.upstream.requestsFor('/none').length, stage.upstream.requestsFor('/broken').length]).to.deep.equal([1, 2]);
        await stage.clock.advance(10_001);
        await stage.get('/none');
        expect(stage.upstream.requestsFor('/none')).to.have.length(2);
      });

      it('holds a resource\'s digest against a download that does not', async () => {
        const good = patterned(1000);
        stage.upstream.on('/file', {body: Buffer.alloc(1000)});
        stage.made.set('/file', () => ({digest: {algorithm: 'sha256', hex: sha256(good)}}));
        await start();
        expect((await stage.get('/file')).status).to.equal(502);
        expect(await contents()).to.deep.equal([]);
      });
    });
  }
});
