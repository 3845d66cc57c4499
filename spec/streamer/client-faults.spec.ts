import {expect} from 'chai';
import {patterned} from '../../src/testing/bytes.js';
import {curl, type Curled} from './curl.js';
import {useStage, verified} from './stage.js';

const SIZE = 400_000;

describe('curl, when the upstream of a streamer is bad', () => {
  const stage = useStage();
  const good = patterned(SIZE);
  const run = (args: readonly string[] = []): Promise<Curled> => (
    curl(stage.folder.path, `http://127.0.0.1:${stage.port}/file`, ['-f', ...args])
  );

  for (const kept of [true, false]) {
    describe(kept ? 'with a store' : 'without a store', () => {
      beforeEach(async () => { await stage.start(kept ? {} : {store: null}); });

      for (const args of [[], ['-0'], ['-r', '0-99'], ['-r', '-99']]) {
        it(`fails over a corrupt body and a cut one: curl ${args.join(' ')}`, async () => {
          const bad = Buffer.from(good);
          bad[200_000] = 255 - (bad[200_000] as number);
          stage.made.set('/file', verified(good));
          const endless = {body: good, framing: 'chunked', cutAt: SIZE, cut: 'end'} as const;
          for (const answer of [{body: bad}, {body: good, cutAt: 300_000}, endless]) {
            stage.upstream.on('/file', answer);
            expect((await run(args)).code).to.be.oneOf([18, 22, 52, 56]);
          }
          stage.upstream.on('/file', {body: good});
          expect((await run()).body.equals(good)).to.equal(true);
        });
      }

      // Nothing tells such a body from a whole one: not its framing (RFC 9112, 8), and no digest is known.
      it('refuses a body that ends with its connection, wherever that is', async () => {
        for (const more of [{}, {cutAt: 300_000, cut: 'end'}] as const) {
          stage.upstream.on('/file', {body: good, framing: 'close', ...more});
          const got = await run();
          expect([got.code, got.status, got.body.length]).to.deep.equal([22, 502, 0]);
        }
      });

      it('passes it on as unverified when the importer allows it', async () => {
        stage.made.set('/file', () => ({options: {allowCloseFramed: true}}));
        for (const size of [300_000, SIZE]) {
          stage.upstream.on('/file', {body: good, framing: 'close', cutAt: size, cut: 'end'});
          const got = await run();
          expect([got.code, got.body.equals(good.subarray(0, size))]).to.deep.equal([0, true]);
          expect(got.headers['cache-status']).to.contain('detail=unverified');
          expect(got.headers).to.not.have.property('content-length');
        }
      });

      it('knows the same by its digest', async () => {
        stage.made.set('/file', verified(good));
        stage.upstream.on('/file', {body: good, framing: 'close', cutAt: 300_000, cut: 'end'});
        expect((await run()).code).to.be.oneOf([18, 56]);
        stage.upstream.on('/file', {body: good, framing: 'close'});
        expect((await run()).body.equals(good)).to.equal(true);
      });
    });
  }
});
