import {expect} from 'chai';
import {utimes} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {ContentStore} from '../../src/compose/content-store.js';
import type {Durability} from '../../src/core/contract.js';
import {WriterError} from '../../src/core/errors.js';
import {patterned, split} from '../../src/testing/bytes.js';
import {faultOf} from '../../src/testing/fault-of.js';
import {FaultyDisk, type DiskCall} from '../../src/testing/faulty-disk.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {CrashDisk} from '../support/crash-disk.js';
import {leftAt, type Left} from '../support/power-cut.js';
import {bytesIn, contentPath, digestOf} from './stores.js';

const LARGE = patterned(3 * 1024 * 1024);
const SHA512 = digestOf(LARGE, 'sha512');

describe('ContentStore, when the disk fails', () => {
  const folder = useTempFolder();
  const files = async (): Promise<string[]> => (await folder.list()).filter((name) => !name.endsWith('/'));

  const faults: readonly (readonly [DiskCall, string, number])[] = [
    ['makeFolder', 'EROFS', 1], ['create', 'ENOSPC', 1], ['write', 'ENOSPC', 1], ['write', 'EDQUOT', 2], ['chmod', 'EPERM', 1],
    ['sync', 'EIO', 1], ['close', 'EIO', 1], ['rename', 'ENOSPC', 1], ['rename', 'EACCES', 2],
  ];
  for (const [call, code, at] of faults) {
    it(`says ${code} of ${call} (${at}), leaves nothing, and works when it is healed`, async () => {
      const disk = new FaultyDisk();
      const store = new ContentStore({folder: folder.join('store'), disk});
      disk.fail(call, {code, at, bytes: 1000});
      const error = await faultOf(store.put(split(LARGE, 300_000), {digests: [SHA512]}));
      expect(error).to.be.instanceOf(WriterError).with.property('class', 'local');
      expect(error.message).to.contain(code);
      expect(await files()).to.deep.equal([]);
      expect(disk.openFiles).to.equal(0);
      disk.heal();
      await store.put([LARGE], {digests: [SHA512]});
      expect((await bytesIn(store, SHA512))?.equals(LARGE)).to.equal(true);
    });
  }

  it('keeps content whose pointer could not be written: it is whole', async () => {
    const disk = new FaultyDisk();
    const store = new ContentStore({folder: folder.path, disk});
    disk.fail('rename', {code: 'ENOSPC', at: 4});
    expect(await faultOf(store.put([LARGE], {digests: [SHA512]}))).to.be.instanceOf(WriterError);
    expect(await store.check(digestOf(LARGE))).to.equal('good');
    expect(await store.has(SHA512)).to.equal(false);
    expect(await files()).to.have.length(1);
  });

  it('puts in what it can when stale files can\'t be swept', async () => {
    const disk = new FaultyDisk();
    const store = new ContentStore({folder: folder.path, disk});
    await store.put([Buffer.from('first')]);
    await utimes(await folder.write(join('tmp', 'stale'), 'x'), 0, 0);
    const other = new ContentStore({folder: folder.path, disk: disk.fail('unlink', {code: 'EPERM'})});
    expect((await other.put([LARGE])).size).to.equal(LARGE.length);
  });

  it('gives what it has from a disk that can\'t be written to', async () => {
    const disk = new FaultyDisk();
    const store = new ContentStore({folder: folder.path, disk});
    await store.put([LARGE]);
    for (const call of ['create', 'rename', 'unlink', 'makeFolder', 'checkWritable'] as const) disk.fail(call, {code: 'EROFS'});
    expect((await bytesIn(store, digestOf(LARGE)))?.equals(LARGE)).to.equal(true);
  });

  describe('by a power cut', () => {
    const TEXT = 'content';
    const digest = digestOf(Buffer.from(TEXT));
    /** What a cut may leave under the content's name, after any step and after the last one. */
    async function cuts(durability: Durability): Promise<Left> {
      const disk = new CrashDisk({'/d': undefined});
      const store = new ContentStore({folder: '/d/s', disk, durability});
      await store.put([Buffer.from(TEXT)]);
      return leftAt(disk, contentPath(store, digest));
    }

    it('has the whole content or none, with durability file', async () => {
      expect(await cuts('file')).to.deep.equal({any: [TEXT, undefined], end: [TEXT, undefined]});
    });

    it('has the whole content as soon as it was put in, with durability full', async () => {
      expect(await cuts('full')).to.deep.equal({any: [TEXT, undefined], end: [TEXT]});
    });

    it('may have a name without bytes, with durability none, and finds out when it reads', async () => {
      expect((await cuts('none')).any).to.deep.equal(['', '\0'.repeat(TEXT.length), 'con', TEXT, undefined]);
    });
  });

  it('syncs as much as it was told to', async () => {
    for (const [durability, synced] of [['none', []], ['file', ['sync']], ['full', ['sync', 'syncFolder']]] as const) {
      const disk = new FaultyDisk();
      await new ContentStore({folder: folder.join(durability), disk, durability}).put([LARGE]);
      expect([...new Set(disk.records.map(({call}) => call).filter((call) => call.startsWith('sync')))]).to.deep.equal(synced);
      if (durability === 'full') {
        const folders = disk.records.filter(({call}) => call === 'syncFolder').map(({paths}) => paths[0]);
        expect(folders).to.include(dirname(contentPath({folder: folder.join(durability)}, digestOf(LARGE))));
      }
    }
  });
});
