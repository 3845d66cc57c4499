import {expect} from 'chai';
import {readFile} from 'node:fs/promises';
import {CachedDownload} from '../../src/compose/cached-download.js';
import type {CachedDownloadOptions} from '../../src/compose/cached-download-options.js';
import {ContentStore} from '../../src/compose/content-store.js';
import {Context} from '../../src/core/context.js';
import {DigestMismatch, DownloadFailed, NotFound, PolicyRefused, SizeMismatch, ValidationError} from '../../src/core/errors.js';
import {HttpDownload} from '../../src/download/http-download.js';
import {DownloadMonitor} from '../../src/monitor/download-monitor.js';
import {patterned} from '../../src/testing/bytes.js';
import {downloadContract} from '../../src/testing/download-contract.js';
import {EventLog} from '../../src/testing/event-log.js';
import {FakeDownload, type FakeDownloadOptions} from '../../src/testing/fake-download.js';
import {faultOf} from '../../src/testing/fault-of.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {DigestValidation} from '../../src/validation/digest-validation.js';
import {SizeValidation} from '../../src/validation/size-validation.js';
import {BufferWriter} from '../../src/writer/buffer-writer.js';
import {FileWriter} from '../../src/writer/file-writer.js';
import {digestOf} from './stores.js';

const BYTES = patterned(300_000);
const SHA256 = digestOf(BYTES);
const proof = (algorithm = 'sha256'): DigestValidation => new DigestValidation(algorithm, digestOf(BYTES, algorithm).hex);

describe('CachedDownload', () => {
  const folder = useTempFolder();
  let store: ContentStore;
  let sent: string[];
  beforeEach(() => {
    store = new ContentStore({folder: folder.join('store')});
    sent = [];
  });

  const source = (options: FakeDownloadOptions = {}): FakeDownload => new FakeDownload({script: [[BYTES]], log: sent, ...options});
  const cached = (options: Partial<CachedDownloadOptions> = {}): CachedDownload =>
    new CachedDownload({download: source(), store, validations: [proof()], ...options});
  const files = async (): Promise<string[]> => (await folder.list()).filter((name) => !name.endsWith('/'));
  const asked = (): number => sent.filter((call) => call.startsWith('send')).length;

  it('fetches into the store at the first time, and takes from it at the second', async () => {
    for (const [from, times] of [['source', 1], ['store', 1]] as const) {
      const path = folder.join(`from-${from}`);
      const result = await cached({writer: new FileWriter(path)}).run();
      expect(result).to.deep.include({outcome: 'fetched', from, path, durability: 'full', facts: {size: BYTES.length, sha256: SHA256.hex}});
      expect((await readFile(path)).equals(BYTES)).to.equal(true);
      expect(asked()).to.equal(times);
      expect(result.reply?.hops).to.have.length(from === 'source' ? 1 : 0);
      expect(result.upstream?.facts).to.deep.equal(from === 'source' ? result.facts : undefined);
    }
    expect(await store.check(SHA256)).to.equal('good');
    expect((await files()).filter((name) => name.startsWith('store/tmp'))).to.deep.equal([]);
  });

  it('tells the events of every download, monitors too', async () => {
    for (const from of ['source', 'store']) {
      const download = cached();
      const log = new EventLog(download);
      const monitor = new DownloadMonitor(download, {digests: ['md5']});
      await download.run();
      expect(log.story, from).to.deep.equal(['prepared', 'sent 1 @0', 'replied 1 200', 'fetched 1 @0+300000', 'succeeded fetched']);
      expect(monitor.facts()).to.deep.equal({size: BYTES.length, md5: digestOf(BYTES, 'md5').hex});
    }
  });

  it('finds content by a digest of another algorithm, and by any one of several', async () => {
    await cached({validations: [proof('sha512')]}).run();
    const several = new DigestValidation('sha512', ['0'.repeat(128), digestOf(BYTES, 'sha512').hex]);
    for (const validations of [[proof('sha512')], [proof()], [several]]) {
      expect(await cached({validations}).run()).to.have.property('from', 'store');
    }
    expect(asked()).to.equal(1);
  });

  it('relies on no digest that can be forged, unless it is told to', async () => {
    for (const algorithm of ['md5', 'sha1']) {
      const validations = (): DigestValidation[] => [proof(algorithm)];
      expect(await cached({validations: validations()}).run()).to.have.property('from', 'source');
      expect(await files()).to.deep.equal([]);
      await cached({validations: validations(), weakDigests: true}).run();
      expect(await cached({validations: validations(), weakDigests: true}).run()).to.have.property('from', 'store');
      await store.prune({maxBytes: 0});
    }
  });

  it('keeps nothing, and takes nothing from the store, without an enforced digest', async () => {
    await store.put([BYTES]);
    const only = await files();
    const loose = new DigestValidation('sha256', SHA256.hex, {enforced: false});
    for (const validations of [[], [loose], [new SizeValidation(BYTES.length)]]) {
      const writer = new BufferWriter();
      expect(await cached({validations, writer}).run()).to.deep.include({from: 'source', outcome: 'fetched'});
      expect(writer.content().equals(BYTES)).to.equal(true);
    }
    expect(asked()).to.equal(3);
    expect(await files()).to.deep.equal(only);
  });

  it('runs all validations of the caller over what comes from the store', async () => {
    await store.put([BYTES]);
    const refusing = {apply: () => { throw new ValidationError('not what was meant'); }};
    for (const [validation, kind] of [[new SizeValidation(1), SizeMismatch], [new DigestValidation('md5', 'a'.repeat(32)), DigestMismatch],
      [refusing, ValidationError]] as const) {
      const error = await faultOf(cached({validations: [proof(), validation], writer: new FileWriter(folder.join('file'))}).run());
      expect(error).to.be.instanceOf(kind);
    }
    expect(asked()).to.equal(0);
    expect(await store.check(SHA256)).to.equal('good');
    expect((await files()).filter((name) => name.startsWith('file'))).to.deep.equal([]);
  });

  it('refuses wrong bytes at the source, keeps nothing of them, and lets its policy try again', async () => {
    const wrong = await faultOf(cached({download: source({script: [['wrong']]})}).run());
    expect(wrong).to.be.instanceOf(DigestMismatch);
    expect(await files()).to.deep.equal([]);
    const size = cached({download: source({script: [['wrong']], retries: 0}), validations: [proof(), new SizeValidation(BYTES.length)]});
    expect(await faultOf(size.run())).to.be.instanceOf(SizeMismatch);
    const again = await cached({download: source({script: [['wrong'], [BYTES]]})}).run();
    expect([again.attempts.length, again.upstream?.attempts.length]).to.deep.equal([1, 2]);
  });

  it('asks nothing when it is offline', async () => {
    expect(await faultOf(cached({offline: true}).run())).to.be.instanceOf(PolicyRefused);
    expect(await faultOf(cached({offline: true, validations: []}).run())).to.be.instanceOf(PolicyRefused);
    await store.put([BYTES]);
    expect(await cached({offline: true}).run()).to.have.property('from', 'store');
    expect(sent).to.deep.equal([]);
  });

  it('leaves to the writer whether what is at the target stays', async () => {
    const path = await folder.write('file', BYTES);
    const result = await cached({writer: new FileWriter(path, {exists: 'skip-if-same'})}).run();
    expect(result).to.deep.include({outcome: 'kept', from: undefined, upstream: undefined});
    expect(asked()).to.equal(0);
  });

  it('fails with the fault of the source, and its attempts', async () => {
    const download = source({script: [new NotFound('gone', {status: 404})]});
    const error = await faultOf(cached({download}).run());
    expect(error).to.be.instanceOf(NotFound);
    expect(error.attempts).to.have.length(1);
  });

  it('refuses a source that settles without bytes', async () => {
    for (const validations of [[proof()], []]) {
      const download = source();
      download.register('prepared', ({settle}) => { settle({facts: {size: 0}}); });
      expect(await faultOf(cached({download, validations}).run())).to.be.instanceOf(DownloadFailed).with.property('message').that.contains('kept');
    }
  });

  it('takes no permit of its own', async () => {
    await using context = new Context({limits: {total: 1, perOrigin: 1}});
    const downloads = Array.from({length: 5}, (_, at) => {
      const bytes = patterned(100, at);
      return cached({context, download: source({script: [[bytes]]}), validations: [new DigestValidation('sha256', digestOf(bytes).hex)]});
    });
    for (const {from} of await Promise.all(downloads.map((download) => download.run()))) expect(from).to.equal('source');
  });

  it('refuses wrong options by name', () => {
    expect(() => cached({download: {} as never})).to.throw(TypeError, 'download');
    expect(() => cached({store: {} as never})).to.throw(TypeError, 'store');
    expect(() => cached({offline: 1 as never})).to.throw(TypeError, 'offline');
    expect(() => cached({weakDigests: 'md5' as never})).to.throw(TypeError, 'weakDigests');
    expect(() => cached({online: true} as never)).to.throw(TypeError, 'online');
    expect(() => new CachedDownload(undefined as never)).to.throw(TypeError, 'options');
    expect(() => cached({download: new HttpDownload({url: 'http://h.example/', method: 'HEAD'})})).to.throw(TypeError, 'HEAD');
  });

  for (const [name, put] of [['CachedDownload that passes on', false], ['CachedDownload that has the bytes', true]] as const) {
    downloadContract({describe, it}, {
      name,
      faults: put ? [] : ['missing'],
      make: async ({bytes, fault}, options) => {
        if (put) await store.put([Buffer.from(bytes)]);
        const {validations = [], ...rest} = options;
        const script = [fault === 'missing' ? new NotFound('there is none', {status: 404}) : [Buffer.from(bytes)]];
        const demanded = put ? [new DigestValidation('sha256', digestOf(bytes).hex)] : [];
        return new CachedDownload({...rest, store, download: source({script}), validations: [...validations, ...demanded]});
      },
      leftovers: async () => (await files()).filter((file) => file.includes('tmp')),
    });
  }
});
