import {expect} from 'chai';
import {readFile} from 'node:fs/promises';
import {ContentStore} from '../../src/compose/content-store.js';
import {Cancelled} from '../../src/core/errors.js';
import {DigestSet} from '../../src/monitor/digest-set.js';
import {patterned} from '../../src/testing/bytes.js';
import {faultOf} from '../../src/testing/fault-of.js';
import {FaultyDisk} from '../../src/testing/faulty-disk.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {feedWriter} from '../../src/testing/writer-calls.js';
import {writerContract} from '../../src/testing/writer-contract.js';
import {digestOf} from './stores.js';

describe('ContentWriter', () => {
  const folder = useTempFolder();
  let count = 0;

  writerContract({describe, it}, () => {
    const disk = new FaultyDisk();
    const store = `store-${++count}`;
    const writer = new ContentStore({folder: folder.join(store), disk}).writer();
    const files = async (): Promise<string[]> => (await folder.list()).filter((name) => name.startsWith(`${store}/`) && !name.endsWith('/'));
    return {
      writer,
      published: async () => writer.content && readFile(writer.content.path),
      leftovers: async () => (await files()).filter((name) => folder.join(name) !== writer.content?.path),
      breakClose: () => { disk.fail('rename', {code: 'ENOSPC'}); },
    };
  }, {breakable: true});

  it('takes the digests of the sequence that it observes, and reads nothing again', async () => {
    const disk = new FaultyDisk();
    const writer = new ContentStore({folder: folder.path, disk}).writer(['SHA-512', 'sha256']);
    const digests = new DigestSet();
    writer.begin({digests, offset: 0});
    expect(digests.algorithms).to.deep.equal(['sha256', 'sha512']);
    digests.update(patterned(500));
    await feedWriter(writer, [patterned(500)]);
    const published = await writer.close();
    expect(writer.content?.key).to.deep.equal(digestOf(patterned(500)));
    expect(published).to.deep.equal({path: writer.content?.path, durability: 'file'});
    const contents = disk.records.filter(({call, paths}) => call === 'read' && !paths[0]?.includes('index-v1'));
    expect(contents).to.deep.equal([]);
  });

  it('publishes nothing when its bytes are not those that were hashed', async () => {
    const writer = new ContentStore({folder: folder.path}).writer();
    const digests = new DigestSet();
    writer.begin({digests, offset: 0});
    digests.update(patterned(499));
    await feedWriter(writer, [patterned(500)]);
    const error = await faultOf(writer.close());
    expect(error).to.have.property('code', 'WRITER_FAILED');
    await writer.discard({error});
    expect((await folder.list()).filter((name) => !name.endsWith('/'))).to.deep.equal([]);
  });

  it('puts in what is being put in its place when it is discarded: it is whole', async () => {
    for (let n = 0; n < 5; n++) {
      const writer = new ContentStore({folder: folder.path}).writer();
      await feedWriter(writer, [patterned(500, n)]);
      const closing = writer.close();
      await writer.discard({error: new Cancelled()});
      await closing;
      expect((await readFile(writer.content?.path ?? '')).equals(patterned(500, n))).to.equal(true);
    }
  });

  it('keeps what is in its place when it is discarded afterwards', async () => {
    const writer = new ContentStore({folder: folder.path}).writer();
    await feedWriter(writer, [patterned(500)]);
    await writer.close();
    await writer.discard({error: new Cancelled()});
    expect((await readFile(writer.content?.path ?? '')).equals(patterned(500))).to.equal(true);
  });
});
