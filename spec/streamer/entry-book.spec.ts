import {expect} from 'chai';
import {utimes} from 'node:fs/promises';
import {join} from 'node:path';
import {ContentStore} from '../../src/compose/content-store.js';
import {SystemClock} from '../../src/core/clock.js';
import {EntryBook} from '../../src/streamer/entry-book.js';
import {StreamShelf} from '../../src/streamer/stream-shelf.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';

const DAY = 86_400;

describe('EntryBook', () => {
  const folder = useTempFolder();

  it('sweeps entries whose content is gone, and parts that a killed process left, once they are a day old', async () => {
    const shelf = new StreamShelf(new ContentStore({folder: folder.path, durability: 'none'}), new SystemClock());
    const book = new EntryBook(shelf);
    await book.put({format: 1, key: '/a', digest: {algorithm: 'sha256', hex: 'ab'.repeat(32)}, size: 1, headers: {}, received: 0, age: 0});
    const [inside = ''] = (await folder.list()).filter((name) => /^streamer-v1\/..\/$/.test(name));
    const parts = await Promise.all([0, 2].map(async (days) => {
      const path = await folder.write(join(inside, `.name.json.${'0'.repeat(11)}${days}.part`), '{');
      const time = Date.now() / 1000 - days * DAY;
      await utimes(path, time, time);
      return path;
    }));
    expect(await folder.list()).to.have.length(5);
    await book.sweep();
    expect((await folder.list()).filter((name) => !name.endsWith('/')).map((name) => folder.join(name))).to.deep.equal([parts[0]]);
  });
});
