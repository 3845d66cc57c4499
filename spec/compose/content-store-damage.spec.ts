import {expect} from 'chai';
import {truncate, unlink, writeFile, chmod} from 'node:fs/promises';
import {ContentStore} from '../../src/compose/content-store.js';
import {DigestMismatch, Interrupted, WriterError} from '../../src/core/errors.js';
import {patterned} from '../../src/testing/bytes.js';
import {faultOf} from '../../src/testing/fault-of.js';
import {FaultyDisk} from '../../src/testing/faulty-disk.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {alter, bytesIn, collect, contentPath, digestOf, flipped} from './stores.js';

const BYTES = patterned(1_000_000);
const SHA256 = digestOf(BYTES);
const SHA512 = digestOf(BYTES, 'sha512');

describe('ContentStore, when content is damaged', () => {
  const folder = useTempFolder();
  let store: ContentStore;
  let path: string;
  beforeEach(async () => {
    store = new ContentStore({folder: folder.path});
    ({path} = await store.put([BYTES], {digests: [SHA512]}));
  });

  const damages: readonly (readonly [string, (bytes: Buffer) => Uint8Array])[] = [
    ['a flipped bit', (bytes) => flipped(bytes)],
    ['a flipped bit at the very end', (bytes) => flipped(bytes, bytes.length - 1)],
    ['a cut', (bytes) => bytes.subarray(0, -1)],
    ['nothing left', () => Buffer.alloc(0)],
    ['one byte more', (bytes) => Buffer.concat([bytes, Buffer.from('x')])],
  ];
  for (const [name, damage] of damages) {
    for (const digest of [SHA256, SHA512]) {
      it(`finds ${name} when it is read by ${digest.algorithm}, removes it, and takes it anew`, async () => {
        await alter(path, damage);
        const error = await faultOf(bytesIn(store, digest));
        expect(error).to.be.instanceOf(DigestMismatch);
        expect(error.class).to.equal('restart-free');
        expect(await store.has(SHA256)).to.equal(false);
        expect(await store.has(SHA512)).to.equal(false);
        await store.put([BYTES], {digests: [SHA512]});
        expect((await bytesIn(store, digest))?.equals(BYTES)).to.equal(true);
      });
    }

    it(`finds ${name} by check`, async () => {
      expect(await store.check(SHA256)).to.equal('good');
      await alter(path, damage);
      expect(await store.check(SHA256)).to.equal('damaged');
      expect(await store.check(SHA256)).to.equal('absent');
    });

    it(`heals ${name} by putting the bytes in again`, async () => {
      await alter(path, damage);
      await store.put([BYTES]);
      expect(await store.check(SHA256)).to.equal('good');
    });
  }

  it('finds a cut that comes while it is read', async () => {
    const content = await store.get(SHA256);
    const reading = content?.read()[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
    await reading.next();
    await chmod(path, 0o600);
    await truncate(path, 500_000);
    expect(await faultOf(collect({[Symbol.asyncIterator]: () => reading}))).to.be.instanceOf(DigestMismatch);
    expect(await store.has(SHA256)).to.equal(false);
  });

  it('says that content is gone when it was removed before the first byte was read', async () => {
    const content = await store.get(SHA256);
    await unlink(path);
    const error = await faultOf(collect(content?.read() as AsyncIterable<Uint8Array>));
    expect(error).to.be.instanceOf(WriterError).with.property('message').that.contains('ENOENT');
  });

  it('removes content that the medium does not give back', async () => {
    const disk = new FaultyDisk();
    const broken = new ContentStore({folder: folder.path, disk});
    const content = await broken.get(SHA256);
    disk.fail('read', {code: 'EIO'});
    const error = await faultOf(collect(content?.read() as AsyncIterable<Uint8Array>));
    expect(error).to.be.instanceOf(Interrupted).with.property('class', 'restart-free');
    expect(await broken.has(SHA256)).to.equal(false);
  });

  it('leaves content alone that may not be read', async () => {
    const disk = new FaultyDisk();
    const closed = new ContentStore({folder: folder.path, disk});
    disk.fail('read', {code: 'EACCES', path: /content-v1/});
    expect(await faultOf(bytesIn(closed, SHA256))).to.be.instanceOf(WriterError).with.property('class', 'local');
    expect(await faultOf(closed.check(SHA256))).to.be.instanceOf(WriterError);
    expect(await store.has(SHA256)).to.equal(true);
  });

  it('believes no pointer: one that leads to other bytes is removed, and they stay', async () => {
    const other = await store.put([patterned(10)]);
    const pointer = contentPath(store, SHA512, 'index-v1');
    await alter(pointer, () => Buffer.from(`sha256 ${other.key.hex}\n`));
    expect(await faultOf(bytesIn(store, SHA512))).to.be.instanceOf(DigestMismatch);
    expect(await store.has(SHA512)).to.equal(false);
    expect(await store.check(other.key)).to.equal('good');
    expect(await store.check(SHA256)).to.equal('good');
  });

  for (const [name, text] of [['cut', 'sha256 abc'], ['empty', ''], ['foreign', 'see above\n'], ['huge', 'x'.repeat(10_000)],
    ['of an unknown algorithm', `sha0 ${'a'.repeat(40)}\n`], ['out of the store', 'sha256 ../../../etc/passwd\n']] as const) {
    it(`takes a pointer that is ${name} for none, and replaces it`, async () => {
      const pointer = contentPath(store, SHA512, 'index-v1');
      await chmod(pointer, 0o600);
      await writeFile(pointer, text);
      expect(await store.get(SHA512)).to.equal(undefined);
      await store.put([BYTES], {digests: [SHA512]});
      expect((await bytesIn(store, SHA512))?.equals(BYTES)).to.equal(true);
    });
  }
});
