import {expect} from 'chai';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {stat} from 'node:fs/promises';
import {connect, type Socket} from 'node:net';
import {setTimeout as sleep} from 'node:timers/promises';
import {patterned} from '../../src/testing/bytes.js';
import {fileAnswer} from '../../src/testing/file-answer.js';
import {curl} from './curl.js';
import {useServing, type Serving} from './serving.js';
import {useStage, verified} from './stage.js';

const MIB = 1024 * 1024;
const SIZE = 160 * MIB;
/** Each with 64 KiB/s. */
const SLOW = 10;
/** What the machine's sockets take in, for a client that reads slowly: 4 MiB at the one end, a few more at the other. */
const IN_SOCKETS = 24 * MIB;

describe('Slow clients of a streamer', function suite() {
  this.timeout(300_000);
  const content = patterned(SIZE);

  describe('jupiter serve', () => {
    const stage = useServing();

    it('hold nobody else up, and take no memory', async () => {
      stage.upstream.on('*', fileAnswer(content));
      const serving = await stage.start();
      // What the work itself takes, with nobody slow.
      const base = await most(serving, () => rush(serving, stage.folder.path, ['first', 'second', 'first', 'third']));
      const children = Array.from({length: SLOW}, (_, n) => {
        const into = stage.folder.join(`slow-${n}`);
        const args = ['-q', '-sS', '--noproxy', '*', '--limit-rate', '64k', '-o', into, `${serving.url}/cold`];
        const child = spawn('curl', args, {stdio: 'ignore'});
        return {into, child, ended: once(child, 'close')};
      });
      try {
        const peak = await most(serving, async () => {
          await rush(serving, stage.folder.path, ['cold', 'other', 'cold', 'first']);
          await sleep(5000);
        });
        const asked = ['cold', 'first', 'other', 'second', 'third'].map((name) => `/base/${name}`);
        expect(stage.upstream.requests.map(({path}) => path).sort()).to.deep.equal(asked);
        for (const {into, child} of children) {
          expect(child.exitCode).to.equal(null);
          expect((await stat(into)).size).to.be.within(1, SIZE / 4);
        }
        expect(Math.round((peak - base) / MIB), 'MiB more than without them').to.be.below(40);
      } finally {
        for (const {child} of children) child.kill('SIGKILL');
        await Promise.all(children.map(({ended}) => ended));
      }
      expect(await serving.calm()).to.equal(0);
    });
  });

  describe('without a store', () => {
    const stage = useStage();

    it('slow their own upstream, and nobody else\'s', async () => {
      stage.upstream.on('/file', {body: content});
      stage.made.set('/file', verified(content));
      await stage.start({store: null});
      const slow: Socket[] = [];
      for (let n = 0; n < 3; n++) {
        const socket = connect(stage.port, '127.0.0.1');
        socket.write('GET /file HTTP/1.1\r\nHost: h\r\n\r\n');
        await once(socket, 'readable');
        slow.push(socket);
      }
      for (let n = 0; n < 100; n++) {
        for (const socket of slow) socket.read(1024);
        await sleep(10);
      }
      expect(stage.upstream.bodyBytes).to.be.below(slow.length * IN_SOCKETS);
      const before = stage.upstream.bodyBytes;
      expect((await stage.get('/file')).body.equals(content)).to.equal(true);
      expect(stage.upstream.bodyBytes - before).to.be.below(SIZE + MIB);
      for (const socket of slow) socket.destroy();
      await stage.upstream.when(() => stage.upstream.open <= 1);
    });
  });

  /** Two quick clients for each name, one name after another. */
  async function rush(serving: Serving, folder: string, names: readonly string[]): Promise<void> {
    for (const name of names) {
      const both = [0, 1].map((n) => curl(folder, `${serving.url}/${name}`, ['-f'], {into: `quick-${n}`, patience: 60}));
      for (const got of await Promise.all(both)) {
        expect([got.code, got.body.equals(content)], got.told).to.deep.equal([0, true]);
      }
    }
  }

  /** The most memory that was held meanwhile, bytes. */
  async function most(serving: Serving, work: () => Promise<void>): Promise<number> {
    let peak = 0;
    const timer = setInterval(() => { peak = Math.max(peak, serving.resident); }, 20);
    try {
      await work();
    } finally {
      clearInterval(timer);
    }
    return peak;
  }
});
