import {expect} from 'chai';
import {mkdir, stat, unlink, utimes, writeFile} from 'node:fs/promises';
import {dirname} from 'node:path';
import {ContentStore} from '../../src/compose/content-store.js';
import type {StoredContent} from '../../src/compose/stored-content.js';
import {patterned} from '../../src/testing/bytes.js';
import {faultOf} from '../../src/testing/fault-of.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {TestClock} from '../../src/testing/test-clock.js';
import {alter, bytesIn, contentPath, digestOf, flipped} from './stores.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe('ContentStore, upkeep', () => {
  const folder = useTempFolder();
  let clock: TestClock;
  let store: ContentStore;
  beforeEach(() => {
    clock = new TestClock({time: Date.now()});
    store = new ContentStore({folder: folder.path, clock});
  });

  /** Contents of 100, 101, 102 … bytes, last used that many hours ago. */
  async function fill(...ages: readonly number[]): Promise<StoredContent[]> {
    const contents: StoredContent[] = [];
    for (const [at, age] of ages.entries()) {
      const content = await store.put([patterned(100 + at, at)], {digests: [digestOf(patterned(100 + at, at), 'sha512')]});
      await utimes(content.path, 0, (clock.time() - age * HOUR) / 1000);
      contents.push(content);
    }
    return contents;
  }
  const present = (contents: readonly StoredContent[]): Promise<boolean[]> => Promise.all(contents.map(({key}) => store.has(key)));

  it('prunes what was not used for the longest time, no more than needed, and its pointers', async () => {
    const contents = await fill(5, 9, 1, 7);
    expect(await store.size()).to.deep.equal({entries: 4, bytes: 406});
    expect(await store.prune({maxBytes: 406})).to.deep.equal({removed: 0, freed: 0, entries: 4, bytes: 406});
    expect(await store.prune({maxBytes: 300})).to.deep.equal({removed: 2, freed: 204, entries: 2, bytes: 202});
    expect(await present(contents)).to.deep.equal([true, false, true, false]);
    expect((await folder.list()).filter((name) => /^index-v1.*\w{60}$/.test(name))).to.have.length(2);
    expect(await store.prune({maxBytes: 0})).to.deep.equal({removed: 2, freed: 202, entries: 0, bytes: 0});
    expect((await folder.list()).filter((name) => !name.endsWith('/'))).to.deep.equal([]);
  });

  it('takes reading for use, to the hour', async () => {
    const contents = await fill(5, 9);
    const [young, old] = contents as [StoredContent, StoredContent];
    await bytesIn(store, old.key);
    expect((await stat(old.path)).mtimeMs).to.be.closeTo(clock.time(), 5);
    const before = (await stat(old.path)).mtimeMs;
    await clock.advance(HOUR / 2);
    await bytesIn(store, old.key);
    expect((await stat(old.path)).mtimeMs).to.equal(before);
    await store.prune({maxBytes: 101});
    expect(await present([young, old])).to.deep.equal([false, true]);
  });

  it('never prunes what is being read here', async () => {
    const [content, other] = await fill(9, 1) as [StoredContent, StoredContent];
    const reading = content.read()[Symbol.asyncIterator]();
    await reading.next();
    expect(await store.prune({maxBytes: 0})).to.deep.equal({removed: 1, freed: 101, entries: 1, bytes: 100});
    expect(await present([content, other])).to.deep.equal([true, false]);
    await reading.return?.();
    expect((await store.prune({maxBytes: 0})).removed).to.equal(1);
  });

  it('verifies everything: removes what is damaged, points nowhere or lies, and keeps the rest', async () => {
    const [damaged, gone, lying, good] = await fill(1, 1, 1, 1) as [StoredContent, StoredContent, StoredContent, StoredContent];
    await alter(damaged.path, (bytes) => flipped(bytes));
    await unlink(gone.path);
    await alter(contentPath(store, digestOf(patterned(102, 2), 'sha512'), 'index-v1'), () => Buffer.from(`sha256 ${good.key.hex}\n`));
    expect(await store.verify()).to.deep.equal({entries: 2, bytes: 205, damaged: [damaged.key], pointers: 3, swept: 0});
    expect(await present([damaged, gone, lying, good])).to.deep.equal([false, false, true, true]);
    expect(await store.verify()).to.deep.equal({entries: 2, bytes: 205, damaged: [], pointers: 0, swept: 0});
  });

  it('leaves alone what it did not make', async () => {
    const [content] = await fill(1) as [StoredContent];
    const foreign = [`${content.path}.bak`, folder.join('content-v1', 'README'), folder.join('content-v1', 'sha256', 'zz', 'file'), folder.join('notes')];
    for (const path of foreign) {
      await mkdir(dirname(path), {recursive: true});
      await writeFile(path, 'mine');
    }
    await store.verify();
    await store.prune({maxBytes: 0});
    for (const path of foreign) expect((await stat(path)).size).to.equal(4);
  });

  it('sweeps, before the first write, what was left behind a day ago, and nothing younger', async () => {
    await mkdir(folder.join('tmp'));
    const [old, young] = [folder.join('tmp', 'old'), folder.join('tmp', 'young')];
    for (const path of [old, young]) await writeFile(path, 'x');
    await utimes(old, 0, (clock.time() - DAY - HOUR) / 1000);
    await utimes(young, 0, (clock.time() - DAY + HOUR) / 1000);
    await store.has(digestOf(Buffer.from('x')));
    expect((await stat(old)).size).to.equal(1);
    await fill(1);
    expect((await folder.list()).filter((name) => name.startsWith('tmp/'))).to.deep.equal(['tmp/', 'tmp/young']);
    await clock.advance(2 * HOUR);
    expect((await store.verify()).swept).to.equal(1);
    expect(await store.sweep()).to.equal(0);
  });

  it('stops a walk when it is told to', async () => {
    await fill(1, 2, 3);
    const signal = AbortSignal.abort();
    for (const walk of ['verify', 'size', 'prune'] as const) {
      expect(await faultOf(store[walk]({maxBytes: 0, signal}))).to.have.property('code', 'CANCELLED');
    }
    expect((await store.size()).entries).to.equal(3);
  });
});
