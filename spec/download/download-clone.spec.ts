import {expect} from 'chai';
import {Context} from '../../src/core/context.js';
import {Event} from '../../src/core/event.js';
import {DownloadMonitor} from '../../src/monitor/download-monitor.js';
import {DigestValidation} from '../../src/validation/digest-validation.js';
import {BufferWriter} from '../../src/writer/buffer-writer.js';
import type {DownloadOptions} from '../../src/download/download-options.js';
import {EventLog} from '../../src/testing/event-log.js';
import {FakeDownload, type FakeDownloadOptions} from '../../src/testing/fake-download.js';
import {RecordingWriter} from '../../src/testing/recording-writer.js';

describe('Download.clone', () => {
  let context: Context;
  beforeEach(() => { context = new Context({limits: {total: 1}}); });
  afterEach(() => context.close());

  it('has no handlers, validations, monitors, reply or attachment, and a BufferWriter of its own', async () => {
    const writer = new RecordingWriter();
    const log: string[] = [];
    const download = new FakeDownload({context, writer, attachment: 'mine', log, headers: {accept: 'text/plain'}});
    download.append(new DigestValidation('md5', '0'.repeat(32)));
    const monitor = new DownloadMonitor(download);
    const events = new EventLog(download);
    const clone = download.clone();
    expect({validations: clone.validations, reply: clone.reply, attachment: clone.attachment}).to.deep.equal(
      {validations: [], reply: undefined, attachment: undefined});
    expect(clone).to.be.instanceOf(FakeDownload);
    expect(clone.context).to.equal(context);
    expect(clone.writer).to.be.instanceOf(BufferWriter);
    const result = await clone.run();
    expect(clone.writer.text()).to.equal('hello');
    expect({facts: result.facts, monitor: monitor.facts().size, events: events.lines, calls: writer.calls}).to.deep.equal(
      {facts: {size: 5}, monitor: 0, events: [], calls: []});
    expect(log).to.deep.equal(['check()', 'send 1']);
  });

  it('calls neither prepare() nor onError(), so that prepare() may run one, without a deadlock', async () => {
    const log: string[] = [];
    const download = new FakeDownload({
      context, log, script: [['list']],
      hooks: {prepare: async (self) => { log.push(`cloned ${(await self.clone().run()).facts.size}`); }},
    });
    await download.run();
    expect(log).to.deep.equal(['check()', 'prepare()', 'check()', 'send 1', 'cloned 4', 'send 1']);
  });

  it('shares url and headers, origin by origin, and the name in the URL', async () => {
    const download = new FakeDownload({context, url: 'http://elmer:pw@h.example/file', headers: {'x-api-key': 'k'}});
    const clone = download.clone();
    expect(clone.url).to.equal('http://h.example/file');
    expect(clone.headers).to.deep.equal({'x-api-key': 'k'});
    clone.url = 'http://other.example/list';
    expect(clone.headers).to.deep.equal({});
    expect(download.url).to.equal('http://h.example/file');
    await clone.run();
    expect(clone.asked).to.deep.equal([{url: 'http://other.example/list', headers: {}}]);
    const user = (one: FakeDownload): unknown =>
      (one as unknown as {userFor(origin: string): {name: string}}).userFor('http://h.example').name;
    expect([user(download), user(clone)]).to.deep.equal(['elmer', 'elmer']);
  });

  it('follows a url and headers that were changed meanwhile', async () => {
    const download = new FakeDownload({context});
    download.register(Event.PREPARED, async () => {
      download.url = 'http://mirror.example/file';
      download.headers = {authorization: 'Bearer t'};
      const clone = download.clone();
      await clone.run();
      expect(clone.asked).to.deep.equal([{url: 'http://mirror.example/file', headers: {authorization: 'Bearer t'}}]);
    });
    await download.run();
    expect(download.asked).to.have.length(1);
  });

  it('runs again what has run, also when the run had a private Context', async () => {
    const download = new FakeDownload();
    await download.run();
    const clone = download.clone();
    expect((await clone.run()).outcome).to.equal('fetched');
  });

  it('forgets what the constructor of a subclass registers and appends', async () => {
    class Busy extends FakeDownload {
      told = 0;
      constructor(options: FakeDownloadOptions) {
        super(options);
        this.append(new DigestValidation('md5', '0'.repeat(32)));
        new DownloadMonitor(this);
        this.register(Event.SENT, () => { this.told++; });
      }
    }
    const clone = new Busy({context}).clone();
    expect((await clone.run()).facts).to.deep.equal({size: 5});
    expect(clone.told).to.equal(0);
  });

  it('hears handlers that were registered on the clone itself', async () => {
    const clone = new FakeDownload({context}).clone();
    const log = new EventLog(clone);
    await clone.run();
    expect(log.lines).to.deep.equal(['prepared', 'sent 1 @0', 'replied 1 200', 'fetched 1 @0+5', 'succeeded fetched']);
  });

  it('says what to do when a subclass cannot be made from its options alone', () => {
    class Odd extends FakeDownload {
      constructor(options: DownloadOptions, extra: {name: string}) {
        super({...options, attachment: extra.name});
      }
    }
    expect(() => new Odd({url: 'http://h/'}, {name: 'x'}).clone()).to.throw(TypeError, /^clone: Odd can't be made.*override clone\(\)$/);
  });
});
