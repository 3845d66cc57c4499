import {expect} from 'chai';
import {createHash} from 'node:crypto';
import {writeFile} from 'node:fs/promises';
import {BatchJournal, type JournalItem} from '../../src/batch/batch-journal.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {HeapSamples, MIB} from '../support/heap-samples.js';

const ITEMS = 1_000_000;

describe('BatchJournal of a million items', function suite() {
  this.timeout(120_000);
  const folder = useTempFolder();
  const item = (at: number): JournalItem => ({url: `http://host/pool/package-${at}.tar.gz`, path: `/pool/package-${at}.tar.gz`});

  it('takes less than 40 MiB', async () => {
    const lines = ['{"jupiter":1,"kind":"batch-journal"}'];
    for (let at = 0; at < ITEMS; at++) {
      const {url, path} = item(at);
      const id = createHash('sha256').update(JSON.stringify([url, path, []])).digest('hex').slice(0, 32);
      lines.push(`{"id":"${id}","outcome":"fetched","size":${at}}`);
    }
    await writeFile(folder.join('journal'), `${lines.join('\n')}\n`);
    lines.length = 0;
    const held = new HeapSamples();
    held.take();
    const journal = await BatchJournal.open(folder.join('journal'));
    held.take();
    expect(journal.size).to.equal(ITEMS);
    await journal.close();
    expect(held.growth).to.be.below(40 * MIB);
  });
});
