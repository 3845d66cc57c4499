import {expect} from 'chai';
import {appendFile, symlink} from 'node:fs/promises';
import {BatchJournal, type JournalItem} from '../../src/batch/batch-journal.js';
import {Cancelled, NotFound} from '../../src/core/errors.js';
import {FakeDownload} from '../../src/testing/fake-download.js';
import {faultOf} from '../../src/testing/fault-of.js';
import {FaultyDisk} from '../../src/testing/faulty-disk.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {FileWriter} from '../../src/writer/file-writer.js';

const HEADER = '{"jupiter":1,"kind":"batch-journal"}';

describe('BatchJournal', () => {
  const folder = useTempFolder();
  const path = (): string => folder.join('journal');
  const item = (name: string, more: Partial<JournalItem> = {}): JournalItem => ({url: `http://host/${name}`, path: folder.join(name), ...more});
  const within = async <T>(work: (journal: BatchJournal) => Promise<T>): Promise<T> => {
    const journal = await BatchJournal.open(path());
    try {
      return await work(journal);
    } finally {
      await journal.close();
    }
  };
  const isDone = (one: JournalItem): Promise<boolean> => within((journal) => journal.isDone(one));
  const lines = async (): Promise<string[]> => (await folder.read('journal')).toString().split('\n');

  it('remembers what was done, as long as the file has its size', async () => {
    await folder.write('a', 'four');
    await within(async (journal) => {
      expect(await journal.isDone(item('a'))).to.equal(false);
      await journal.record(item('a'), 'fetched', 4);
      expect(await journal.isDone(item('a'))).to.equal(true);
    });
    expect(await isDone(item('a'))).to.equal(true);
    await folder.write('a', 'other');
    expect(await isDone(item('a'))).to.equal(false);
    expect(await isDone(item('b'))).to.equal(false);
  });

  it('knows an item by its redacted address, its file and its digests', async () => {
    await folder.write('a', '');
    const digests = [{algorithm: 'md5', hex: '00'}, {algorithm: 'sha1', hex: '11'}];
    const signed = item('a', {url: 'http://elmer:geheim@host/a?sig=geheim', digests});
    await within((journal) => journal.record(signed, 'kept', 0));
    expect(await isDone({...signed, url: 'http://host/a?sig=another', digests: digests.toReversed()})).to.equal(true);
    expect(await isDone({...signed, url: 'http://host/b?sig=geheim'})).to.equal(false);
    expect(await isDone({...signed, path: folder.join('b')})).to.equal(false);
    expect(await isDone({...signed, digests: digests.slice(1)})).to.equal(false);
    expect((await lines()).join()).to.not.contain('geheim').and.not.contain('host');
  });

  it('follows downloads: done, failed, and cancelled, which is no end', async () => {
    await within(async (journal) => {
      for (const [name, script] of [['good', ['x']], ['bad', [new NotFound('gone', {status: 404})]], ['left', [new Cancelled()]]] as const) {
        const download = new FakeDownload({script: [[...script]], writer: new FileWriter(folder.join(name))});
        journal.follow(download, item(name));
        await download.run().catch(() => undefined);
      }
      expect(journal.size).to.equal(2);
      expect(await journal.isDone(item('good'))).to.equal(true);
      expect(await journal.isDone(item('bad'))).to.equal(false);
    });
    expect((await lines()).map((line) => line.replace(/"id":"[0-9a-f]{32}"/, 'ID')))
      .to.deep.equal([HEADER, '{ID,"outcome":"fetched","size":1}', '{ID,"outcome":"failed"}', '']);
  });

  it('a failure after a success is what counts', async () => {
    await folder.write('a', '');
    await within(async (journal) => {
      await journal.record(item('a'), 'fetched', 0);
      await journal.record(item('a'), 'failed');
    });
    expect(await isDone(item('a'))).to.equal(false);
  });

  it('overwrites a line that was broken off, whatever its bytes are', async () => {
    for (const torn of ['{"id":"0123', '\0'.repeat(5000), '{"id":']) {
      await within(() => Promise.resolve());
      await appendFile(path(), torn);
      await folder.write('a', '');
      await within((journal) => journal.record(item('a'), 'fetched', 0));
      expect((await lines()).at(-2), torn).to.match(/^\{"id":"[0-9a-f]{32}","outcome":"fetched","size":0\}$/);
      expect(await isDone(item('a')), torn).to.equal(true);
    }
  });

  it('begins again where not even its first line was written', async () => {
    await folder.write('journal', HEADER.slice(0, 9));
    await within(() => Promise.resolve());
    expect(await lines()).to.deep.equal([HEADER, '']);
  });

  it('refuses a file that is something else, and leaves it as it is', async () => {
    const others = {list: 'http://host/a\n', long: 'x'.repeat(10_000), newer: `${HEADER.replace('1', '2')}\n`, word: 'x'};
    for (const [name, text] of Object.entries(others)) {
      const file = await folder.write(name, text);
      const thrown = await BatchJournal.open(file).catch((error: unknown) => error);
      expect(thrown, name).to.be.an.instanceOf(TypeError).with.property('message').that.contains('expected the journal of a batch');
      expect((await folder.read(name)).toString(), name).to.equal(text);
    }
    await symlink(folder.join('list'), path());
    expect(await BatchJournal.open(path()).catch((error: unknown) => error)).to.be.an.instanceOf(TypeError);
    expect(await folder.list()).to.deep.equal(['journal', 'list', 'long', 'newer', 'word']);
  });

  it('is one process\'s at a time', async () => {
    await within(async () => {
      expect((await faultOf(BatchJournal.open(path())))?.message)
        .to.equal(`the journal ${path()} is in use by process ${process.pid}, which runs`);
    });
    await within(() => Promise.resolve());
    expect(await folder.list()).to.deep.equal(['journal']);
  });

  it('has one sync for all that ended while the last one ran', async () => {
    const disk = new FaultyDisk();
    const journal = await BatchJournal.open(path(), {disk});
    const before = disk.log.length;
    await Promise.all(Array.from({length: 50}, (_, at) => journal.record(item(String(at)), 'fetched', 1)));
    expect(disk.log.slice(before).filter((line) => line.startsWith('sync ')).length).to.be.within(1, 2);
    await journal.close();
  });

  it('says when a record could not be written, and writes nothing after it', async () => {
    const disk = new FaultyDisk();
    const journal = await BatchJournal.open(path(), {disk});
    disk.fail('write', {code: 'ENOSPC', path: /journal$/, bytes: 5});
    expect(await faultOf(journal.record(item('a'), 'fetched', 1))).to.include({code: 'WRITER_FAILED'});
    disk.heal();
    await faultOf(journal.record(item('b'), 'fetched', 1));
    expect((await faultOf(journal.close()))?.message).to.contain('no space left');
    expect((await lines()).length).to.equal(2);
    expect(await folder.list()).to.deep.equal(['journal']);
  });

  it('refuses options that it doesn\'t know', async () => {
    const thrown = await BatchJournal.open(path(), {folder: 'x'} as never).catch((error: unknown) => error);
    expect(thrown).to.be.an.instanceOf(TypeError);
  });
});
