import {expect} from 'chai';
import {Context} from '../../src/core/context.js';
import type {ContextView, Reply} from '../../src/core/contract.js';
import {Event, type FetchedEvent, type PreparedEvent} from '../../src/core/event.js';
import {DigestMismatch, Interrupted, NotFound, WriterError} from '../../src/core/errors.js';
import type {Attempt} from '../../src/download/attempt.js';
import {Download} from '../../src/download/download.js';
import {DownloadMonitor} from '../../src/monitor/download-monitor.js';
import {GOVERNOR} from '../../src/policy/governor.js';
import {DigestValidation} from '../../src/validation/digest-validation.js';
import {type BufferWriter} from '../../src/writer/buffer-writer.js';
import {EventLog} from '../../src/testing/event-log.js';
import {FakeDownload} from '../../src/testing/fake-download.js';
import {faultOf} from '../../src/testing/fault-of.js';
import {RecordingWriter} from '../../src/testing/recording-writer.js';
import {TestClock} from '../../src/testing/test-clock.js';
import {Timeline} from '../support/timeline.js';

const cut = (): Interrupted => new Interrupted('cut', 5, 2);

describe('Download', () => {
  let context: Context;
  let clock: TestClock;
  let timeline: Timeline;
  beforeEach(() => {
    clock = new TestClock({autoAdvance: true});
    context = new Context({clock, random: () => 0.5});
    timeline = new Timeline();
  });
  afterEach(() => context.close());

  it('tells a run in the order promised: prepare, PREPARED, writer, SENT, REPLIED, open, FETCHED, apply, close, SUCCEEDED', async () => {
    const download = new FakeDownload({context, log: timeline.lines, writer: timeline.writer(), script: [['he', 'llo']]});
    download.append(timeline.validation());
    download.observe(timeline.monitor());
    timeline.watch(download);
    const result = await download.run();
    expect(timeline.lines).to.deep.equal([
      'check()', 'prepare()', 'PREPARED', 'writer.prepare', 'SENT 1', 'send 1', 'REPLIED 1 200', 'writer.open',
      'monitor @0', 'begin @0',
      'append 2', 'update 2', 'FETCHED @0+2', 'append 3', 'update 3', 'FETCHED @2+3',
      'apply', 'writer.close', 'SUCCEEDED fetched',
    ]);
    expect(result.outcome).to.equal('fetched');
    expect(download.openBodies).to.equal(0);
  });

  it('tells a fault through onError and ERROR, waits, and begins again at byte 0 with a fresh byte sequence', async () => {
    const download = new FakeDownload({context, log: timeline.lines, writer: timeline.writer(), script: [['he', cut()], ['hello']]});
    download.append(timeline.validation());
    timeline.watch(download);
    await download.run();
    expect(timeline.lines.slice(4)).to.deep.equal([
      'SENT 1', 'send 1', 'REPLIED 1 200', 'writer.open', 'begin @0', 'append 2', 'update 2', 'FETCHED @0+2',
      'onError()', 'ERROR 1 INTERRUPTED',
      'SENT 2', 'send 2', 'REPLIED 2 200', 'writer.rewind', 'begin @0', 'append 5', 'update 5', 'FETCHED @0+5',
      'apply', 'writer.close', 'SUCCEEDED fetched',
    ]);
    expect(clock.waits).to.deep.equal([500]);
  });

  it('tells FAILED exactly once, last, after the writer discarded', async () => {
    const download = new FakeDownload({context, writer: timeline.writer(), retries: 0, script: [['he', cut()]]});
    timeline.watch(download);
    const error = await faultOf(download.run());
    expect(timeline.lines).to.deep.equal([
      'PREPARED', 'writer.prepare', 'SENT 1', 'REPLIED 1 200', 'writer.open', 'append 2', 'FETCHED @0+2', 'ERROR 1 INTERRUPTED',
      'writer.discard', 'FAILED INTERRUPTED',
    ]);
    expect(error.download).to.equal(download);
  });

  it('tells REPLIED, status and headers, before ERROR when the reply is not the file', async () => {
    const script = [{status: 404, headers: {server: 'x'}, fault: new NotFound('no such file', {status: 404})}];
    const download = new FakeDownload({context, writer: timeline.writer(), script});
    timeline.watch(download);
    await faultOf(download.run());
    expect(timeline.lines).to.deep.equal([
      'PREPARED', 'writer.prepare', 'SENT 1', 'REPLIED 1 404', 'ERROR 1 NOT_FOUND', 'writer.discard', 'FAILED NOT_FOUND',
    ]);
  });

  it('sends a validation failure through ERROR like any other fault', async () => {
    const download = new FakeDownload({context, writer: timeline.writer(), script: [['wrong'], ['right']]});
    let verdicts = 0;
    download.append(timeline.validation(() => {
      if (++verdicts === 1) throw new DigestMismatch('sha256: wrong', 'sha256', 'a', 'b');
    }));
    timeline.watch(download);
    await download.run();
    expect(timeline.lines.filter((line) => /^[A-Z]|apply|writer/.test(line))).to.deep.equal([
      'PREPARED', 'writer.prepare', 'SENT 1', 'REPLIED 1 200', 'writer.open', 'FETCHED @0+5', 'apply', 'ERROR 1 DIGEST_MISMATCH',
      'SENT 2', 'REPLIED 2 200', 'writer.rewind', 'FETCHED @0+5', 'apply', 'writer.close', 'SUCCEEDED fetched',
    ]);
  });

  it('gives the permit back before ERROR is told, before a delay, and before SUCCEEDED', async () => {
    const download = new FakeDownload({context, script: [['he', cut()], ['hello']]});
    const held: string[] = [];
    for (const name of Object.values(Event)) {
      download.register(name, () => { held.push(`${name} ${context.get(GOVERNOR)?.running ?? 0}`); });
    }
    const {wait} = clock;
    clock.wait = (ms, signal) => {
      held.push(`delay ${context.get(GOVERNOR)?.running ?? 0}`);
      return wait.call(clock, ms, signal);
    };
    await download.run();
    expect(held).to.deep.equal([
      'prepared 0', 'sent 1', 'replied 1', 'fetched 1', 'error 0', 'delay 0', 'sent 1', 'replied 1', 'fetched 1', 'succeeded 0',
    ]);
  });

  it('tells FETCHED with the chunk, where it stands and the whole', async () => {
    const download = new FakeDownload({context, script: [['he', '', 'llo'], {}]});
    const told: Partial<FetchedEvent>[] = [];
    download.register(Event.FETCHED, ({attempt, buffer, offset, total}) => { told.push({attempt, buffer, offset, total}); });
    await download.run();
    expect(told).to.deep.equal([
      {attempt: 1, buffer: Buffer.from('he'), offset: 0, total: 5}, {attempt: 1, buffer: Buffer.from('llo'), offset: 2, total: 5},
    ]);
  });

  it('ends with kept when PREPARED settles the run: nothing is sent and the writer is left alone', async () => {
    const download = new FakeDownload({context, log: timeline.lines, writer: timeline.writer()});
    download.register(Event.PREPARED, (event: PreparedEvent) => { event.settle({path: '/there', facts: {size: 7}}); });
    timeline.watch(download);
    const {outcome, path, facts, attempts} = await download.run();
    expect(timeline.lines).to.deep.equal(['check()', 'prepare()', 'PREPARED', 'SUCCEEDED kept']);
    expect({outcome, path, facts, attempts}).to.deep.equal({outcome: 'kept', path: '/there', facts: {size: 7}, attempts: []});
  });

  it('tells the facts, the reply, the attempts, the attachment and where it was published', async () => {
    const writer = new RecordingWriter({published: {path: '/out', durability: 'full'}});
    const address = 'http://u:p@h.example/f?token=x';
    const download = new FakeDownload({context, writer, attachment: {id: 7}, url: address, script: [cut(), ['hello']]});
    const monitor = new DownloadMonitor(download, {digests: ['md5']});
    download.append(new DigestValidation('sha1', 'aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d'));
    const result = await download.run();
    expect(result).to.deep.include({
      outcome: 'fetched', url: 'http://h.example/f?token=***', path: '/out', durability: 'full', attachment: {id: 7}, warnings: [],
      facts: {size: 5, md5: '5d41402abc4b2a76b9719d911017c592', sha1: 'aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d'},
    });
    expect(monitor.facts()).to.deep.equal({size: 5, md5: '5d41402abc4b2a76b9719d911017c592'});
    const url = 'http://h.example/f?token=***';
    expect(result.attempts).to.deep.equal([
      {
        attempt: 1, url, offset: 0, bytes: 0, duration: 0, status: undefined, delay: 500,
        error: {code: 'INTERRUPTED', class: 'transient', message: 'cut'},
      },
      {attempt: 2, url, offset: 0, bytes: 5, duration: 0, status: 200, error: undefined, delay: undefined},
    ]);
    expect(result.reply?.status).to.equal(200);
  });

  it('gives facts of a reply without body by what it announced, and hashes nothing', async () => {
    const download = new FakeDownload({context, bodiless: true, script: [{body: false, framing: 'none', length: 12}]});
    const monitor = new DownloadMonitor(download);
    expect((await download.run()).facts).to.deep.equal({size: 12});
    expect(monitor.facts()).to.deep.equal({size: 12});
  });

  it('refuses, before anything is sent, a validation of bytes where a reply has none', async () => {
    const download = new FakeDownload({context, bodiless: true, validations: [new DigestValidation('md5', '0'.repeat(32))]});
    const {message} = await faultOf(download.run());
    expect(message).to.match(/a HEAD reply has no bytes to validate/);
    expect(download.asked).to.deep.equal([]);
  });

  it('warns of what a validation refuses that is not enforced, and of what the writer says', async () => {
    const writer = Object.assign(new RecordingWriter(), {warnings: [new WriterError('kept its old name too')]});
    const validations = [new DigestValidation('md5', '0'.repeat(32), {enforced: false})];
    const {outcome, warnings} = await new FakeDownload({context, writer, validations}).run();
    expect({outcome, codes: warnings.map(({code}) => code)})
      .to.deep.equal({outcome: 'fetched', codes: ['DIGEST_MISMATCH', 'WRITER_FAILED']});
  });

  it('ends what the protocol has open when an attempt fails: its signal is aborted and its body returned', async () => {
    let [returned, aborted] = [0, false];
    class Odd extends Download {
      protected override send(attempt: Attempt): Promise<Reply> {
        attempt.signal.addEventListener('abort', () => { aborted = true; });
        const body = {
          next: () => Promise.reject(new Error('expected not to be read')),
          return: () => Promise.resolve({done: true as const, value: returned++}),
          [Symbol.asyncIterator]() { return this; },
        };
        const {url} = attempt;
        return Promise.resolve({status: 200, headers: {}, url, hops: [], validators: {}, length: 9, offset: 0, framing: 'length', body});
      }
    }
    expect((await faultOf(new Odd({url: 'http://h/', context, maxBytes: 5}).run())).code).to.equal('TOO_LARGE');
    expect({returned, aborted}).to.deep.equal({returned: 1, aborted: true});
  });

  it('leaves the fault of a download inside PREPARED as it was, its attempts too', async () => {
    const download = new FakeDownload({context});
    let inner: FakeDownload | undefined;
    const log = new EventLog(download);
    download.register(Event.PREPARED, async () => {
      inner = new FakeDownload({context, retries: 0, script: [cut()]});
      await inner.run();
    });
    const error = await faultOf(download.run());
    expect([error.download, error.attempts.length, log.of('failed')[0]?.attempts]).to.deep.equal([inner, 1, []]);
  });

  it('writes into a BufferWriter of at most 16 MiB when there is no writer', async () => {
    const small = new FakeDownload({context});
    await small.run();
    expect((small.writer as BufferWriter).text()).to.equal('hello');
    const piece = Buffer.alloc(1024 * 1024);
    const announced = new FakeDownload({context, script: [{chunks: ['x'], length: 16 * 1024 * 1024 + 1}]});
    const streamed = new FakeDownload({context, script: [{framing: 'chunked', chunks: Array.from({length: 17}, () => piece)}]});
    const exact = new FakeDownload({context, script: [{framing: 'chunked', chunks: Array.from({length: 16}, () => piece)}]});
    expect((await faultOf(announced.run())).code).to.equal('TOO_LARGE');
    expect((await faultOf(streamed.run())).code).to.equal('TOO_LARGE');
    expect((await exact.run()).facts).to.deep.equal({size: 16 * 1024 * 1024});
  });

  it('throws at a second run', async () => {
    const download = new FakeDownload({context});
    await download.run();
    const again = await download.run().catch((error: unknown) => error);
    expect(again).to.be.instanceOf(TypeError).with.property('message', 'run: a download runs once; use clone() to run it again');
  });

  it('makes a private Context for the run and closes it, and leaves one that was given open', async () => {
    const alone = new FakeDownload();
    let own: ContextView | undefined;
    alone.register(Event.PREPARED, () => { own = alone.context; });
    await alone.run();
    await new FakeDownload({context}).run();
    expect([own?.closed, context.closed]).to.deep.equal([true, false]);
  });

  it('fails with FAILED alone when its Context is closed already', async () => {
    await context.close();
    const download = new FakeDownload({context, timeout: {deadline: 1000}});
    timeline.watch(download);
    const controller = new AbortController();
    expect((await faultOf(download.run(controller.signal))).code).to.equal('CANCELLED');
    expect(timeline.lines).to.deep.equal(['FAILED CANCELLED']);
  });
});
