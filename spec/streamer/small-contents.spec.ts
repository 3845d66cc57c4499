import {expect} from 'chai';
import {chmod, stat, truncate, unlink, utimes, writeFile} from 'node:fs/promises';
import {ContentStore} from '../../src/compose/content-store.js';
import type {Entry} from '../../src/streamer/entry-book.js';
import {LARGEST_SMALL, SmallContents} from '../../src/streamer/small-contents.js';
import {StreamShelf} from '../../src/streamer/stream-shelf.js';
import {patterned} from '../../src/testing/bytes.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {TestClock} from '../../src/testing/test-clock.js';

const SIZE = 20_000;
const HOUR = 3_600_000;

describe('SmallContents', () => {
  const folder = useTempFolder();
  let clock: TestClock;
  let store: ContentStore;
  let small: SmallContents;
  beforeEach(() => {
    clock = new TestClock({time: Date.now() + 2 * HOUR});
    store = new ContentStore({folder: folder.path});
    small = new SmallContents(new StreamShelf(store, clock), clock, 5 * SIZE);
  });

  const put = async (content: Buffer): Promise<{readonly entry: Entry; readonly path: string}> => {
    const {key: digest, path, size} = await store.put([Buffer.from(content)]);
    await chmod(path, 0o600);
    return {entry: {format: 1, key: 'key', digest, size, headers: {}, received: 0, age: 0}, path};
  };
  const warmed = async (content: Buffer): Promise<{readonly entry: Entry; readonly path: string}> => {
    const made = await put(content);
    for (let n = 0; n < 2; n++) await small.get(made.entry);
    return made;
  };
  /** Gets each of six once, which is more than fits. */
  const walk = async (all: readonly Entry[]): Promise<void> => { for (const entry of all) await small.get(entry); };

  for (const size of [0, 1, SIZE, LARGEST_SMALL]) {
    it(`gives ${size} bytes, from the disk and from memory`, async () => {
      const content = patterned(size);
      const {entry} = await put(content);
      for (let n = 0; n < 3; n++) expect((await small.get(entry))?.equals(content)).to.equal(true);
    });
  }

  it('leaves alone what is large', async () => {
    const {entry} = await put(patterned(LARGEST_SMALL + 1));
    expect(await small.get(entry)).to.equal(undefined);
  });

  it('keeps what was asked for twice, whatever becomes of the file', async () => {
    const content = patterned(SIZE);
    const {entry, path} = await warmed(content);
    await truncate(path, 10);
    expect((await small.get(entry))?.equals(content)).to.equal(true);
  });

  it('keeps nothing of a walk over more than fits, and what it had stays', async () => {
    const content = patterned(SIZE);
    const {entry, path} = await warmed(content);
    const others = await Promise.all([1, 2, 3, 4, 5, 6].map((seed) => put(patterned(SIZE, seed))));
    for (let n = 0; n < 3; n++) await walk(others.map((other) => other.entry));
    for (const one of [path, ...others.map((other) => other.path)]) await truncate(one, 10);
    expect((await small.get(entry))?.equals(content)).to.equal(true);
    for (const other of others) expect(await small.get(other.entry)).to.equal(undefined);
  });

  for (const [name, damage] of [
    ['cut', (path: string) => truncate(path, 10)], ['longer', (path: string) => truncate(path, SIZE + 1)], ['gone', unlink],
  ] as const) {
    it(`gives nothing when the file is ${name}, also when it was seen a moment ago`, async () => {
      const {entry, path} = await put(patterned(SIZE));
      await small.get(entry);
      await damage(path);
      expect(await small.get(entry)).to.equal(undefined);
    });
  }

  it('removes what is damaged instead of keeping it', async () => {
    const {entry, path} = await put(patterned(SIZE));
    await small.get(entry);
    await writeFile(path, patterned(SIZE, 1));
    expect(await small.get(entry)).to.equal(undefined);
    expect(await store.has(entry.digest)).to.equal(false);
  });

  it('notices after ten seconds that a file which it has in memory was removed', async () => {
    const {entry, path} = await warmed(patterned(SIZE));
    await unlink(path);
    await clock.advance(9999);
    expect(await small.get(entry)).to.not.equal(undefined);
    await clock.advance(1);
    expect(await small.get(entry)).to.equal(undefined);
  });

  it('lets the disk know that it is used while it is in memory, so that it is not pruned', async () => {
    const {entry, path} = await warmed(patterned(SIZE));
    const old = (clock.time() - 3 * HOUR) / 1000;
    await utimes(path, old, old);
    await clock.advance(10_000);
    await small.get(entry);
    expect((await stat(path)).mtimeMs).to.be.closeTo(clock.time(), 1000);
  });
});
