import {expect} from 'chai';
import {chmod, truncate, unlink} from 'node:fs/promises';
import {PassThrough} from 'node:stream';
import {CachedDownload} from '../../src/compose/cached-download.js';
import type {CachedDownloadOptions} from '../../src/compose/cached-download-options.js';
import {ContentStore} from '../../src/compose/content-store.js';
import {DigestMismatch, ValidationError, WriterError} from '../../src/core/errors.js';
import {MirrorDelegate} from '../../src/delegate/mirror-delegate.js';
import {patterned} from '../../src/testing/bytes.js';
import {EventLog} from '../../src/testing/event-log.js';
import {FakeDownload} from '../../src/testing/fake-download.js';
import {faultOf} from '../../src/testing/fault-of.js';
import {FaultyDisk} from '../../src/testing/faulty-disk.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {DigestValidation} from '../../src/validation/digest-validation.js';
import {SizeValidation} from '../../src/validation/size-validation.js';
import {BufferWriter} from '../../src/writer/buffer-writer.js';
import {StreamWriter} from '../../src/writer/stream-writer.js';
import {alter, collect, digestOf, flipped} from './stores.js';

const BYTES = patterned(1_000_000);
const SHA256 = digestOf(BYTES);

describe('CachedDownload, when content is damaged', () => {
  const folder = useTempFolder();
  let store: ContentStore;
  let path: string;
  let sent: string[];
  let writer: BufferWriter;
  beforeEach(async () => {
    store = new ContentStore({folder: folder.path});
    ({path} = await store.put([BYTES]));
    sent = [];
    writer = new BufferWriter();
  });

  const cached = (options: Partial<CachedDownloadOptions> = {}): CachedDownload => new CachedDownload({
    download: new FakeDownload({script: [[BYTES]], log: sent}), store, writer,
    validations: [new DigestValidation('sha256', SHA256.hex)], ...options,
  });
  const asked = (): number => sent.filter((call) => call.startsWith('send')).length;

  const damages: readonly (readonly [string, string, (bytes: Buffer) => Uint8Array])[] = [
    ['a flipped bit', 'DIGEST_MISMATCH', (bytes) => flipped(bytes)],
    ['a cut', 'DIGEST_MISMATCH', (bytes) => bytes.subarray(0, 500_000)],
    ['nothing left', 'DIGEST_MISMATCH', () => Buffer.alloc(0)],
    ['one byte more', 'DIGEST_MISMATCH', (bytes) => Buffer.concat([bytes, Buffer.from('x')])],
  ];
  for (const [name, code, damage] of damages) {
    it(`drops ${name} and fetches once anew, at no cost, whatever the retries`, async () => {
      await alter(path, damage);
      const download = cached();
      const log = new EventLog(download);
      const result = await download.run();
      expect(writer.content().equals(BYTES)).to.equal(true);
      expect(result).to.have.property('from', 'source');
      expect(asked()).to.equal(1);
      expect(log.story.filter((line) => !line.startsWith('fetched'))).to.deep.equal(
        ['prepared', 'sent 1 @0', 'replied 1 200', `error 1 ${code}`, 'sent 2 @0', 'replied 2 200', 'succeeded fetched']);
      expect(await store.check(SHA256)).to.equal('good');
      expect(await cached({writer: new BufferWriter()}).run()).to.have.property('from', 'store');
    });

    it(`never shows ${name} to a writer that can't take bytes back`, async () => {
      await alter(path, damage);
      const stream = new PassThrough();
      const seen = collect(stream);
      const result = await cached({writer: new StreamWriter(stream)}).run();
      expect([result.from, result.attempts.length, asked()]).to.deep.equal(['source', 1, 1]);
      expect((await seen).equals(BYTES)).to.equal(true);
    });
  }

  it('knows a damaged size before a byte moves', async () => {
    await alter(path, (bytes) => bytes.subarray(1));
    const result = await cached({validations: [new DigestValidation('sha256', SHA256.hex), new SizeValidation(BYTES.length)]}).run();
    expect(result.attempts.map(({error}) => error?.code)).to.deep.equal(['SIZE_MISMATCH', undefined]);
    expect(asked()).to.equal(1);
  });

  for (const [name, harm] of [['cut', () => truncate(path, 300_000)], ['removed', () => unlink(path)]] as const) {
    it(`gives the right bytes when the content is ${name} in the middle of reading`, async () => {
      await chmod(path, 0o600);
      const download = cached();
      let harmed = false;
      download.register('fetched', async () => {
        if (!harmed) await harm();
        harmed = true;
      });
      await download.run();
      expect(writer.content().equals(BYTES)).to.equal(true);
      expect(asked()).to.equal(name === 'cut' ? 1 : 0);
    });
  }

  it('fetches what is removed between the look and the reading', async () => {
    const get = store.get.bind(store);
    store.get = async (digest) => {
      const content = await get(digest);
      if (asked() === 0) await unlink(path);
      return content;
    };
    expect(await cached().run()).to.have.property('from', 'source');
    expect(writer.content().equals(BYTES)).to.equal(true);
  });

  it('drops what the medium does not give back', async () => {
    const disk = new FaultyDisk();
    store = new ContentStore({folder: folder.path, disk});
    disk.fail('read', {code: 'EIO', at: 1});
    disk.fail('read', {code: 'EIO', at: 2});
    expect(await cached().run()).to.have.property('from', 'source');
    expect(writer.content().equals(BYTES)).to.equal(true);
  });

  it('fetches anew only once', async () => {
    const put = store.writer.bind(store);
    let fetched = 0;
    store.writer = (also) => {
      const made = put(also);
      const close = made.close.bind(made);
      made.close = async () => {
        const published = await close();
        fetched++;
        await alter(published.path ?? '', (bytes) => flipped(bytes));
        return published;
      };
      return made;
    };
    await alter(path, (bytes) => flipped(bytes));
    expect(await faultOf(cached().run())).to.be.instanceOf(DigestMismatch);
    expect(fetched).to.equal(1);
  });

  it('blames no mirror, and leaves good content alone when a validation refuses it', async () => {
    await alter(path, (bytes) => flipped(bytes));
    const download = cached();
    new MirrorDelegate({mirrors: ['http://only.example/']}).attach(download);
    expect((await download.run()).from).to.equal('source');

    const refusing = {apply: () => { throw new ValidationError('not what was meant'); }};
    const again = cached({writer: new BufferWriter(), validations: [new DigestValidation('sha256', SHA256.hex), refusing]});
    expect(await faultOf(again.run())).to.be.instanceOf(ValidationError);
    expect(asked()).to.equal(1);
    expect(await store.check(SHA256)).to.equal('good');
  });

  it('does not repair a fault of the writer', async () => {
    const broken = Object.assign(new BufferWriter(), {append: () => { throw new WriterError('the disk is full'); }});
    expect(await faultOf(cached({writer: broken}).run())).to.be.instanceOf(WriterError);
    expect(asked()).to.equal(0);
  });
});
