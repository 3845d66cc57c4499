import {expect} from 'chai';
import {spawn, type ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {watch} from 'node:fs/promises';
import {fileURLToPath} from 'node:url';
import {ContentStore} from '../../src/compose/content-store.js';
import {patterned} from '../../src/testing/bytes.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {TestClock} from '../../src/testing/test-clock.js';
import {bytesIn, digestOf} from './stores.js';

const SCRIPT = fileURLToPath(new URL('putting.ts', import.meta.url));
const DAY = 24 * 60 * 60 * 1000;

describe('ContentStore, used by several processes', function suite() {
  this.timeout(60_000);
  const folder = useTempFolder();
  const children = new Set<ChildProcess>();
  afterEach(() => { for (const child of children) child.kill('SIGKILL'); });

  /** A process that puts contents in; resolves when it has put in each once. */
  async function putting(...args: readonly string[]): Promise<{child: ChildProcess; end: Promise<unknown[]>}> {
    const child = spawn(process.execPath, ['--import', 'tsx', SCRIPT, folder.path, ...args], {stdio: ['ignore', 'pipe', 'inherit']});
    children.add(child);
    const end = once(child, 'exit');
    void end.then(() => children.delete(child));
    await once(child.stdout, 'data');
    return {child, end};
  }

  /** Waits until so many more files are about to be moved to their places. */
  async function finished(count: number): Promise<void> {
    let seen = 0;
    for await (const {filename} of watch(folder.join('tmp'))) if (filename?.startsWith('.') === false && ++seen === count) return;
  }

  it('takes the same contents from two at once, and keeps one copy of each', async () => {
    const both = await Promise.all([putting('none', '3'), putting('none', '3')]);
    for (const {end} of both) expect(await end).to.deep.equal([0, null]);
    const store = new ContentStore({folder: folder.path});
    const bytes = Array.from({length: 20}, (_, seed) => seed * 50_000 + 1).reduce((sum, size) => sum + size);
    expect(await store.verify()).to.deep.equal({entries: 20, bytes, damaged: [], pointers: 0, swept: 0});
    expect((await bytesIn(store, digestOf(patterned(100_001, 2), 'sha512')))?.length).to.equal(100_001);
    expect((await folder.list()).filter((name) => /^tmp\/./.test(name))).to.deep.equal([]);
  });

  it('never has damaged content after kill -9, and sweeps what was left a day later', async () => {
    let left = 0;
    for (let n = 0; n < 3 || (left === 0 && n < 30); n++) {
      const {child, end} = await putting('none');
      await finished(1 + 5 * n);
      child.kill('SIGKILL');
      expect(await end).to.deep.equal([null, 'SIGKILL']);
      const store = new ContentStore({folder: folder.path});
      expect(await store.verify()).to.deep.include({damaged: [], pointers: 0, swept: 0});
      left = (await folder.list()).filter((name) => /^tmp\/./.test(name)).length;
    }
    expect(left).to.be.above(0);
    const later = new ContentStore({folder: folder.path, clock: new TestClock({time: Date.now() + DAY + 60_000})});
    await later.put([Buffer.from('the first write of another day')]);
    expect((await folder.list()).filter((name) => /^tmp\/./.test(name))).to.deep.equal([]);
    expect(await later.check(digestOf(Buffer.from('the first write of another day')))).to.equal('good');
  });
});
