import {expect} from 'chai';
import {fileAnswer, inTurn, patterned} from '../../src/testing/index.js';
import {useStage, verified, type Got} from './stage.js';

const SIZE = 300_000;
const CONTENT = patterned(SIZE);

describe('Streamer: parts of what is not stored', () => {
  const stage = useStage();
  const ranges = (): (string | undefined)[] => stage.upstream.requests.filter(({method}) => method === 'GET').map(({headers}) => headers.range);
  const partOf = ({status, whole, headers, body}: Got): unknown => [status, whole, headers['content-range'], body.length];

  for (const store of [undefined, null]) {
    describe(store === null ? 'without a store' : 'with a store', () => {
      const start = (): Promise<unknown> => stage.start(store === null ? {store} : {});

      for (const [range, from, to, asked] of [
        ['bytes=200000-200009', 200_000, 200_010, 'bytes=200000-200009'], ['bytes=299990-', 299_990, SIZE, 'bytes=299990-'],
        ['bytes=-10', 299_990, SIZE, 'bytes=299990-'], ['bytes=100000-999999', 100_000, SIZE, 'bytes=100000-999999'],
      ] as const) {
        for (const conduct of ['supported', 'ignored'] as const) {
          it(`asks for ${range} alone, of a source with ranges ${conduct}`, async () => {
            stage.upstream.on('/file', fileAnswer(CONTENT, {range: conduct}));
            await start();
            const got = await stage.get('/file', {range});
            expect(partOf(got)).to.deep.equal([206, true, `bytes ${from}-${to - 1}/${SIZE}`, to - from]);
            expect(got.body.equals(CONTENT.subarray(from, to))).to.equal(true);
            expect(ranges().at(-1)).to.equal(asked);
          });
        }
      }

      it('answers 416 with the size', async () => {
        stage.upstream.on('/file', fileAnswer(CONTENT));
        await start();
        for (const range of ['bytes=300000-', 'bytes=-0']) {
          const got = await stage.get('/file', {range});
          expect([got.status, got.headers['content-range']], range).to.deep.equal([416, `bytes */${SIZE}`]);
        }
      });

      it('sends the whole when its size is not told', async () => {
        stage.upstream.on('/file', fileAnswer(CONTENT, {range: 'ignored', framing: 'chunked'}));
        await start();
        const got = await stage.get('/file', {range: 'bytes=10-19'});
        expect([got.status, got.whole, got.body.equals(CONTENT)]).to.deep.equal([200, true, true]);
      });

      it('asks for the whole with If-Range, and of what is judged', async () => {
        const known = patterned(SIZE, 5);
        stage.upstream.on('/file', fileAnswer(CONTENT)).on('/known', fileAnswer(known));
        stage.made.set('/known', verified(known));
        await start();
        expect(partOf(await stage.get('/file', {range: 'bytes=10-19', 'if-range': '"other"'}))).to.deep.equal([200, true, undefined, SIZE]);
        expect((await stage.get('/known', {range: 'bytes=10-19'})).status).to.equal(206);
        expect(ranges()).to.deep.equal([undefined, undefined]);
      });

      it('goes on after a cut, and resets when the rest is of another version', async () => {
        for (const [second, whole] of [[CONTENT, true], [patterned(SIZE, 3), false]] as const) {
          const first = fileAnswer(CONTENT, {cutAt: 150_000, cut: 'end'});
          stage.upstream.on('/file', inTurn(first, fileAnswer(second)));
          stage.made.set('/file', () => ({options: {retry: undefined}}));
          await start();
          stage.clock.autoAdvance = true;
          const got = await stage.get('/file', {range: 'bytes=10000-'});
          expect(got.whole, `whole ${whole}`).to.equal(whole);
          if (whole) expect(got.body.equals(CONTENT.subarray(10_000))).to.equal(true);
          else expect(CONTENT.subarray(10_000).subarray(0, got.body.length).equals(got.body)).to.equal(true);
        }
      });

      it('says that nobody judged the bytes, and keeps none', async () => {
        stage.upstream.on('/file', fileAnswer(CONTENT));
        await start();
        const got = await stage.get('/file', {range: 'bytes=5-9'});
        expect(got.headers['cache-status']).to.equal('jupiter; fwd=miss; detail=unverified');
        expect((await stage.folder.list()).filter((name) => /[0-9a-f]{60}/.test(name))).to.deep.equal([]);
      });
    });
  }

  it('reads along with a transfer that is under way instead', async () => {
    let open: () => void = () => undefined;
    const held = new Promise<void>((resolve) => { open = resolve; });
    stage.upstream.on('/file', fileAnswer(CONTENT, {holdBody: held}));
    await stage.start();
    const whole = stage.get('/file');
    await stage.upstream.when(() => stage.upstream.requests.length === 1);
    const part = stage.get('/file', {range: 'bytes=10-19'});
    open();
    expect((await whole).body.equals(CONTENT)).to.equal(true);
    expect(partOf(await part)).to.deep.equal([206, true, `bytes 10-19/${SIZE}`, 10]);
    expect(ranges()).to.deep.equal([undefined]);
  });

  it('asks for a head once for all who want it at once', async () => {
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => { open = resolve; });
    stage.upstream.on('/file', async () => {
      await gate;
      return {body: CONTENT};
    });
    let asked = 0;
    stage.made.set('/file', () => {
      asked++;
      return {};
    });
    await stage.start({store: null});
    const heads = Array.from({length: 20}, () => stage.get('/file', {}, 'HEAD'));
    await stage.upstream.when(() => stage.upstream.requests.length === 1);
    while (asked < heads.length) await new Promise((resolve) => { setImmediate(resolve); });
    setImmediate(open);
    for (const got of await Promise.all(heads)) expect([got.status, got.headers['content-length']]).to.deep.equal([200, String(SIZE)]);
    expect(stage.upstream.requests).to.have.length(1);
  });
});
