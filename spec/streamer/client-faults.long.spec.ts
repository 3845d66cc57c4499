import {expect} from 'chai';
import {Context, ExponentialBackoff, noRetry, StandardRetryPolicy} from 'jupiter-download';
import {patterned} from '../../src/testing/bytes.js';
import {BAD_CONTINUATIONS, BAD_UPSTREAMS, type BadUpstream} from './bad-upstreams.js';
import {useStage, verified} from './stage.js';
import {CLIENTS} from './verdicts.js';

const SIZES = [40_000, 400_000];
const BRIEFLY = new StandardRetryPolicy({retries: 2, backoff: new ExponentialBackoff({base: 1, cap: 1})});

describe('Clients of a streamer whose upstream is bad', function suite() {
  this.timeout(60_000);
  const stage = useStage();
  let context: Context;
  beforeEach(() => { context = new Context({limits: {total: 64, perOrigin: 64}}); });
  afterEach(async () => { await context.close(); });

  /** Every client asks for a bad file of its own; then for the same one, when it has become good. */
  async function judge(bad: BadUpstream, names: readonly (keyof typeof CLIENTS)[]): Promise<number> {
    const {digest, script, mendable = false, framings = ['length', 'chunked']} = bad;
    let mended = 0;
    let seed = 0;
    for (const framing of framings) {
      for (const size of SIZES) {
        await Promise.all(names.map(async (name) => {
          // What is stored of one would be found for another by its digest.
          const good = patterned(size, ++seed);
          const path = `/${framing}-${size}-${name.replace(/\W/g, '-')}`;
          const options = {retry: mendable ? BRIEFLY : noRetry(), timeout: {read: 300}};
          stage.upstream.on(path, script(good, framing));
          stage.made.set(path, digest ? verified(good, options) : () => ({options}));
          const url = `http://127.0.0.1:${stage.port}${path}`;
          const got = await CLIENTS[name](stage.folder.path, url);
          if (mendable && got.well) {
            expect(got.body.equals(good), `${path} ended well with ${got.body.length} wrong bytes`).to.equal(true);
            mended++;
          } else {
            expect(got.well, `${path} ended well with ${got.body.length} bytes: ${got.told}`).to.equal(false);
          }
          stage.upstream.on(path, {body: good});
          const again = await CLIENTS[name](stage.folder.path, url);
          expect([again.well, again.body.equals(good)], `${path}, once it is good: ${again.told}`).to.deep.equal([true, true]);
        }));
      }
    }
    return mended;
  }

  for (const kept of [true, false]) {
    describe(kept ? 'with a store' : 'without a store', () => {
      beforeEach(async () => { await stage.start({context, ...kept ? {} : {store: null}}); });

      for (const bad of BAD_UPSTREAMS) {
        it(`never end well when ${bad.name}`, async () => {
          await judge(bad, ['curl', 'curl of HTTP/1.0', 'wget', 'node']);
        });
      }

      for (const bad of BAD_CONTINUATIONS) {
        it(`never end well with wrong bytes after a continuation that is ${bad.name}`, async () => {
          const mended = await judge(bad, ['curl', 'node']);
          if (bad.name.startsWith('supported')) expect(mended).to.equal(8);
        });
      }
    });
  }
});
