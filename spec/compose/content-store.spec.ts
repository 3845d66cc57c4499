import {expect} from 'chai';
import {readFile, stat} from 'node:fs/promises';
import {ContentStore, type ContentStoreOptions} from '../../src/compose/content-store.js';
import {DigestMismatch, DownloadError} from '../../src/core/errors.js';
import {patterned, split} from '../../src/testing/bytes.js';
import {faultOf} from '../../src/testing/fault-of.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {bytesIn, collect, contentPath, digestOf} from './stores.js';

const BYTES = patterned(3 * 1024 * 1024 + 17);
const SHA256 = digestOf(BYTES);

describe('ContentStore', () => {
  const folder = useTempFolder();
  const make = (options: Partial<ContentStoreOptions> = {}): ContentStore => new ContentStore({folder: folder.join('store'), ...options});

  it('keeps bytes under their digest, and gives them back', async () => {
    const store = make();
    const content = await store.put(split(BYTES, 65_536));
    expect({digest: content.digest, size: content.size, path: content.path})
      .to.deep.equal({digest: SHA256, size: BYTES.length, path: contentPath(store, SHA256)});
    expect((await readFile(content.path)).equals(BYTES)).to.equal(true);
    expect((await bytesIn(store, SHA256))?.equals(BYTES)).to.equal(true);
    expect(await store.has(SHA256)).to.equal(true);
    expect((await stat(content.path)).mode & 0o222).to.equal(0);
  });

  it('leaves nothing but the content in its folder', async () => {
    const store = make();
    await store.put([BYTES]);
    const {hex} = SHA256;
    const names = (await folder.list()).filter((name) => !name.endsWith('/'));
    expect(names).to.deep.equal([`store/content-v1/sha256/${hex.slice(0, 2)}/${hex.slice(2, 4)}/${hex.slice(4)}`]);
  });

  it('makes nothing before something is put in, and has nothing then', async () => {
    const store = make();
    expect(await store.has(SHA256)).to.equal(false);
    expect(await store.get(SHA256)).to.equal(undefined);
    expect(await store.check(SHA256)).to.equal('absent');
    expect(await store.remove(SHA256)).to.equal(false);
    expect(await store.size()).to.deep.equal({entries: 0, bytes: 0});
    expect(await folder.list()).to.deep.equal([]);
  });

  it('keeps empty content, and takes bytes from asynchronous sources', async () => {
    const store = make();
    async function *none(): AsyncIterable<Uint8Array> { /* no bytes */ }
    const {digest, size} = await store.put(none());
    expect({digest, size}).to.deep.equal({digest: digestOf(Buffer.alloc(0)), size: 0});
    expect((await bytesIn(store, digest))?.length).to.equal(0);
  });

  it('finds content by other digests that it was put in with, in any spelling', async () => {
    const store = make();
    const [md5, sha512] = [digestOf(BYTES, 'md5'), digestOf(BYTES, 'sha512')];
    await store.put([BYTES], {digests: [{algorithm: 'MD5', hex: md5.hex.toUpperCase()}, sha512]});
    for (const digest of [md5, sha512, {algorithm: 'SHA-512', hex: Buffer.from(sha512.hex, 'hex').toString('base64')}]) {
      expect((await bytesIn(store, digest))?.equals(BYTES), digest.algorithm).to.equal(true);
    }
    expect(await readFile(contentPath(store, sha512, 'index-v1'), 'utf8')).to.equal(`sha256 ${SHA256.hex}\n`);
    expect(await store.size()).to.deep.equal({entries: 1, bytes: BYTES.length});
    expect(await store.has(digestOf(BYTES, 'sha1'))).to.equal(false);
  });

  it('may keep contents under another algorithm, and still finds what it kept before', async () => {
    await make().put([BYTES]);
    const store = make({algorithm: 'SHA3-256'});
    const other = patterned(1000, 7);
    const {digest} = await store.put([other]);
    expect(digest).to.deep.equal(digestOf(other, 'sha3-256'));
    expect((await bytesIn(store, digest))?.equals(other)).to.equal(true);
    expect((await bytesIn(store, SHA256))?.equals(BYTES)).to.equal(true);
    expect((await store.size()).entries).to.equal(2);
  });

  it('removes content, by any of its digests', async () => {
    const store = make();
    const sha512 = digestOf(BYTES, 'sha512');
    await store.put([BYTES], {digests: [sha512]});
    expect(await store.remove(sha512)).to.equal(true);
    expect([await store.has(SHA256), await store.has(sha512), await store.remove(SHA256)]).to.deep.equal([false, false, false]);
    expect((await folder.list()).filter((name) => !name.endsWith('/'))).to.deep.equal([]);
  });

  it('refuses bytes of another digest than demanded, and keeps nothing', async () => {
    const store = make();
    const error = await faultOf(store.put([patterned(100)], {digests: [SHA256]}));
    expect(error).to.be.instanceOf(DigestMismatch).with.property('expected', SHA256.hex);
    expect((await folder.list()).filter((name) => !name.endsWith('/'))).to.deep.equal([]);
  });

  it('keeps nothing of a source that throws or is cancelled, and says why', async () => {
    const store = make();
    const gone = new AbortController();
    async function *broken(): AsyncIterable<Uint8Array> {
      yield BYTES;
      throw new Error('the pipe burst');
    }
    async function *leaving(): AsyncIterable<Uint8Array> {
      yield BYTES;
      gone.abort();
      yield BYTES;
    }
    const thrown = await faultOf(store.put(broken()));
    expect(thrown).to.be.instanceOf(DownloadError).with.nested.property('cause.message', 'the pipe burst');
    expect(await faultOf(store.put(leaving(), {signal: gone.signal}))).to.have.property('code', 'CANCELLED');
    expect((await folder.list()).filter((name) => !name.endsWith('/'))).to.deep.equal([]);
  });

  it('lets many put the same content at once, and keeps one copy', async () => {
    const [one, other] = [make(), make()];
    const puts = Array.from({length: 40}, (_, at) => (at % 2 === 0 ? one : other).put(split(BYTES, 500_000)));
    for (const content of await Promise.all(puts)) expect(content.digest).to.deep.equal(SHA256);
    expect(await one.verify()).to.deep.equal({entries: 1, bytes: BYTES.length, damaged: [], pointers: 0, swept: 0});
    expect((await folder.list()).filter((name) => !name.endsWith('/'))).to.have.length(1);
  });

  it('goes on reading what is removed meanwhile', async () => {
    const store = make();
    const content = await store.put([BYTES]);
    const bytes = content.read()[Symbol.asyncIterator]();
    const first = await bytes.next();
    await store.remove(SHA256);
    const rest = await collect({[Symbol.asyncIterator]: () => bytes});
    expect(Buffer.concat([first.value as Uint8Array, rest]).equals(BYTES)).to.equal(true);
  });

  it('refuses wrong options and digests by name', async () => {
    expect(() => make({folder: ''})).to.throw(TypeError, 'folder');
    expect(() => make({algorithm: 'sha0'})).to.throw(RangeError, 'algorithm');
    expect(() => make({durability: 'some' as 'none'})).to.throw(TypeError, 'durability');
    expect(() => make({disk: {} as never})).to.throw(TypeError, 'disk');
    expect(() => make({clock: {} as never})).to.throw(TypeError, 'clock');
    expect(() => make({size: 1} as never)).to.throw(TypeError, 'size');
    const store = make();
    const refused = await store.has({algorithm: 'sha256', hex: 'ab'}).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(RangeError);
    expect(await store.prune({maxBytes: -1}).catch((error: unknown) => error)).to.be.instanceOf(RangeError);
  });
});
