import {expect} from 'chai';
import {Context} from '../../src/core/context.js';
import {Event, type EventName} from '../../src/core/event.js';
import {Interrupted} from '../../src/core/errors.js';
import {FakeDownload} from '../../src/testing/fake-download.js';
import {RecordingWriter} from '../../src/testing/recording-writer.js';
import {TestClock} from '../../src/testing/test-clock.js';

const cut = (): Interrupted => new Interrupted('cut', 5, 2);
type Term = 'url' | 'headers' | 'retries' | 'writer' | 'context' | 'attachment';

describe('Terms', () => {
  let context: Context;
  beforeEach(() => { context = new Context({clock: new TestClock({autoAdvance: true})}); });
  afterEach(() => context.close());

  /** Which setters throw now. */
  const refused = (download: FakeDownload): string[] => {
    const values: Readonly<Record<Term, unknown>> = {
      url: download.url, headers: download.headers, retries: download.retries, writer: download.writer, context, attachment: 1,
    };
    return Object.entries(values).flatMap(([name, value]) => {
      try {
        (download as unknown as Record<string, unknown>)[name] = value;
        return [];
      } catch (error) {
        return error instanceof TypeError && error.message.startsWith(`${name}: `) ? [name] : [String(error)];
      }
    });
  };

  it('may be changed until the end of PREPARED, url, headers and retries also inside ERROR; setters throw otherwise', async () => {
    const all = ['url', 'headers', 'retries', 'writer', 'context', 'attachment'];
    const kept = ['writer', 'context', 'attachment'];
    const seen: Record<string, string[]> = {};
    const download = new FakeDownload({
      context, writer: new RecordingWriter(), script: [['he', cut()], ['hello']],
      hooks: {
        prepare: () => { seen['prepare()'] = refused(download); },
        onError: () => { seen['onError()'] = refused(download); },
      },
    });
    seen.new = refused(download);
    for (const name of Object.values(Event)) download.register(name, () => { seen[name] ??= refused(download); });
    await download.run();
    seen.over = refused(download);
    expect(seen).to.deep.equal({
      'new': [], 'prepare()': [], 'prepared': [], 'sent': all, 'replied': all, 'fetched': all, 'onError()': kept, 'error': kept,
      'succeeded': all, 'over': all,
    });
  });

  it('keeps originalUrl for ever, without userinfo and fragment', async () => {
    const download = new FakeDownload({context, url: 'http://u:p@h.example/a%2Fb?q=%7e#part'});
    download.register(Event.PREPARED, () => { download.url = 'http://mirror.example/'; });
    await download.run();
    expect([download.originalUrl, download.url]).to.deep.equal(['http://h.example/a%2Fb?q=%7e', 'http://mirror.example/']);
  });

  it('asks the url that is in force, from PREPARED and from ERROR on', async () => {
    const download = new FakeDownload({context, script: [cut(), ['hello']]});
    download.register(Event.PREPARED, () => { download.url = 'http://one.example/'; });
    download.register(Event.ERROR, (event) => {
      download.url = 'http://two.example/';
      event.repaired = true;
    });
    const {attempts} = await download.run();
    expect(attempts.map(({url}) => url)).to.deep.equal(['http://one.example/', 'http://two.example/']);
  });

  it('lets PREPARED replace writer, context and attachment', async () => {
    const writer = new RecordingWriter();
    const other = new Context();
    const download = new FakeDownload({context});
    download.register(Event.PREPARED, () => { Object.assign(download, {writer, context: other, attachment: 7}); });
    const {attachment} = await download.run();
    expect({attachment, text: writer.text, same: writer.start?.context === other})
      .to.deep.equal({attachment: 7, text: 'hello', same: true});
    await other.close();
  });

  it('checks what is set, naming it', () => {
    const download = new FakeDownload();
    expect(() => { download.url = 'nowhere'; }).to.throw(TypeError, 'url');
    expect(() => { download.retries = -1; }).to.throw(RangeError, 'retries');
    expect(() => { download.writer = {} as never; }).to.throw(TypeError, 'writer');
    expect(() => { download.headers = {host: 'x'}; }).to.throw(TypeError, "headers: 'host'");
    expect(() => { download.url = 'http://u:secret@'; }).to.throw(TypeError).with.property('message').not.include('secret');
  });

  it('binds headers to the origin in force when they were set: a mirror gets the public ones, going back gets them again', async () => {
    const download = new FakeDownload({
      context, retries: 3, script: [cut(), cut(), cut(), ['hello']], publicHeaders: ['X-Trace'],
      headers: {'Authorization': 'Bearer home', 'Accept': 'text/plain', 'x-trace': '1'},
    });
    const places = ['http://mirror.example/', 'https://h.example/file', 'http://h.example/other'];
    download.register(Event.ERROR, (event) => {
      download.url = places[event.attempt - 1] as string;
      if (event.attempt === 2) download.headers = {authorization: 'Bearer tls'};
      event.repaired = true;
    });
    await download.run();
    expect(download.asked).to.deep.equal([
      {url: 'http://h.example/file', headers: {'authorization': 'Bearer home', 'accept': 'text/plain', 'x-trace': '1'}},
      {url: 'http://mirror.example/', headers: {'accept': 'text/plain', 'x-trace': '1'}},
      {url: 'https://h.example/file', headers: {'accept': 'text/plain', 'x-trace': '1', 'authorization': 'Bearer tls'}},
      {url: 'http://h.example/other', headers: {'authorization': 'Bearer home', 'accept': 'text/plain', 'x-trace': '1'}},
    ]);
  });

  it('never leaks to another origin by `{...download.headers}`', async () => {
    const download = new FakeDownload({context, headers: {authorization: 'Bearer home', cookie: 'a=b'}, script: [cut(), ['hello']]});
    const spread = (): void => { download.headers = {...download.headers, 'x-seen': '1'}; };
    download.register(Event.PREPARED, () => {
      spread();
      download.url = 'http://mirror.example/';
      spread();
    });
    download.register(Event.ERROR, (event) => {
      download.url = 'http://third.example/';
      spread();
      event.repaired = true;
    });
    await download.run();
    expect(download.asked.map(({headers}) => headers)).to.deep.equal([{'x-seen': '1'}, {'x-seen': '1'}]);
  });

  const lateEvents: EventName[] = ['sent', 'succeeded'];
  for (const name of lateEvents) {
    it(`turns a setter used in ${name} into a fault of that handler`, async () => {
      const download = new FakeDownload({context});
      download.register(name, () => { download.url = 'http://mirror.example/'; });
      const outcome = await download.run().then(({warnings}) => warnings[0]?.message, (error: unknown) => (error as Error).message);
      expect(outcome).to.equal(`${name}: url: can only be changed until the end of PREPARED and inside ERROR`);
    });
  }
});
