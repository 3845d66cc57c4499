import {expect} from 'chai';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {stat, writeFile} from 'node:fs/promises';
import {setTimeout as sleep} from 'node:timers/promises';
import {patterned} from '../../src/testing/bytes.js';
import {fileAnswer} from '../../src/testing/file-answer.js';
import {curl, type Curled, type CurlOptions} from './curl.js';
import {useStage, verified} from './stage.js';

const SIZE = 3_000_000;
const EARLIER = 'Wed, 31 Dec 2014 00:00:00 GMT';
const MODIFIED = 'Thu, 01 Jan 2015 00:00:00 GMT';
const LATER = 'Fri, 02 Jan 2015 00:00:00 GMT';
const MODES = ['cold', 'warm', 'without a store', 'without a digest'] as const;

describe('curl and a streamer', () => {
  const stage = useStage();
  const content = patterned(SIZE);
  const url = (): string => `http://127.0.0.1:${stage.port}/file`;
  const run = (args: readonly string[], options?: CurlOptions): Promise<Curled> => curl(stage.folder.path, url(), args, options);

  for (const mode of MODES) {
    describe(mode, () => {
      beforeEach(async () => {
        stage.upstream.on('/file', fileAnswer(content, {validator: {etag: '"1"', lastModified: MODIFIED}}));
        if (mode !== 'without a digest') stage.made.set('/file', verified(content));
        await stage.start(mode === 'without a store' ? {store: null} : {});
        if (mode === 'warm') await stage.get('/file');
      });

      it('sends a whole file', async () => {
        const got = await run(['-f']);
        expect([got.code, got.status, got.body.equals(content)], got.told).to.deep.equal([0, 200, true]);
        expect(stage.upstream.requests).to.have.length(1);
      });

      for (const [range, from, to] of [
        ['0-0', 0, 1], ['0-99999', 0, 100_000], ['1000000-1999999', 1_000_000, 2_000_000], ['2999999-', SIZE - 1, SIZE],
        ['2900000-4000000', 2_900_000, SIZE], ['-70000', SIZE - 70_000, SIZE], ['-9000000', 0, SIZE],
      ] as const) {
        it(`sends -r ${range}`, async () => {
          const got = await run(['-f', '-r', range]);
          expect([got.code, got.status, got.body.equals(content.subarray(from, to))], got.told).to.deep.equal([0, 206, true]);
          expect(got.headers['content-range']).to.equal(`bytes ${from}-${to - 1}/${SIZE}`);
        });
      }

      it('refuses a range beyond the end with the size', async () => {
        const got = await run(['-f', '-r', '3000000-']);
        expect([got.code, got.status, got.headers['content-range'], got.body.length]).to.deep.equal([22, 416, `bytes */${SIZE}`, 0]);
      });

      it('sends the whole when several ranges are asked for', async () => {
        const got = await run(['-f', '-r', '0-9,20-29']);
        expect([got.code, got.status, got.body.equals(content)]).to.deep.equal([0, 200, true]);
      });

      it('goes on with -C - where a client was cut', async () => {
        for (const had of [1, 1_234_567, SIZE - 1]) {
          await writeFile(stage.folder.join('part'), content.subarray(0, had));
          const got = await run(['-f', '-C', '-'], {into: 'part'});
          expect([got.code, got.status, got.body.equals(content)], `${had}: ${got.told}`).to.deep.equal([0, 206, true]);
        }
      });

      it('leaves a file alone that -C - finds whole', async () => {
        await writeFile(stage.folder.join('part'), content);
        const got = await run(['-C', '-'], {into: 'part'});
        expect([got.status, got.body.equals(content)], got.told).to.deep.equal([416, true]);
      });

      it('answers -I like a GET, without a body', async () => {
        const [head, whole] = [await run(['-I']), await run([])];
        expect([head.code, head.status]).to.deep.equal([0, 200]);
        const {'cache-status': _status, date: _date, age: _age, ...told} = whole.headers;
        expect(head.headers).to.include(told);
        expect(told).to.include({'content-length': String(SIZE), etag: '"1"', 'last-modified': MODIFIED, 'accept-ranges': 'bytes'});
      });

      it('sends the plain bytes to --compressed', async () => {
        const got = await run(['-f', '--compressed']);
        expect([got.code, got.body.equals(content), got.headers['content-encoding']]).to.deep.equal([0, true, undefined]);
        expect(stage.upstream.requests[0]?.headers['accept-encoding']).to.equal('identity');
      });

      it('lets --etag-compare and -z spare the body, and sends it when it is another one', async () => {
        expect((await run(['-f', '--etag-save', 'tag'])).code).to.equal(0);
        for (const args of [['--etag-compare', 'tag'], ['-H', 'If-None-Match: "1"'], ['-z', MODIFIED], ['-z', LATER]]) {
          const got = await run(['-f', ...args]);
          expect([got.code, got.status, got.body.length], args.join(' ')).to.deep.equal([0, 304, 0]);
        }
        await writeFile(stage.folder.join('old'), '"0"\n');
        for (const args of [['--etag-compare', 'old'], ['-H', 'If-None-Match: "0"'], ['-z', EARLIER]]) {
          const got = await run(['-f', ...args]);
          expect([got.code, got.status, got.body.equals(content)], args.join(' ')).to.deep.equal([0, 200, true]);
        }
      });

      it('sends a part only to the version that -C - had', async () => {
        await writeFile(stage.folder.join('part'), content.subarray(0, 1000));
        const same = await run(['-r', '1000-', '-H', 'If-Range: "1"']);
        const other = await run(['-r', '1000-', '-H', 'If-Range: "0"']);
        expect([same.status, same.body.equals(content.subarray(1000))]).to.deep.equal([206, true]);
        expect([other.status, other.body.equals(content)]).to.deep.equal([200, true]);
      });

      it('speaks HTTP/1.0 too', async () => {
        const got = await run(['-f', '-0']);
        expect([got.code, got.status, got.body.equals(content)]).to.deep.equal([0, 200, true]);
      });
    });
  }

  for (const kept of [true, false]) {
    it(`brings a client to the end that is killed in the middle and goes on, ${kept ? 'with a store' : 'without'}`, async () => {
      const whole = fileAnswer(content, {validator: {etag: '"1"'}});
      const halting = fileAnswer(content, {validator: {etag: '"1"'}, stallAt: 1_000_000});
      stage.upstream.on('/file', (request) => (request.nth === 1 ? halting : whole)(request));
      stage.made.set('/file', verified(content));
      await stage.start(kept ? {} : {store: null});
      const into = stage.folder.join('part');
      const first = spawn('curl', ['-q', '-sS', '--noproxy', '*', '-o', into, url()], {stdio: 'ignore'});
      const ended = once(first, 'close');
      // It gets all but what is held back, and writes that in blocks.
      while (((await stat(into).catch(() => undefined))?.size ?? 0) < 900_000) await sleep(2);
      first.kill('SIGKILL');
      await ended;
      const got = await run(['-f', '-C', '-'], {into: 'part'});
      expect([got.code, got.status, got.body.equals(content)], got.told).to.deep.equal([0, 206, true]);
    });
  }
});
