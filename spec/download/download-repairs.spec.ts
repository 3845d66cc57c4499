import {expect} from 'chai';
import {Context} from '../../src/core/context.js';
import type {Fault, RetryPolicy} from '../../src/core/contract.js';
import {Event, type ErrorEvent} from '../../src/core/event.js';
import {DigestMismatch, Interrupted, NotAuthorized, NotFound, Throttled, type TooLarge, WriterError} from '../../src/core/errors.js';
import {noRetry, redo} from '../../src/policy/retry-policy.js';
import {DigestValidation} from '../../src/validation/digest-validation.js';
import {BufferWriter} from '../../src/writer/buffer-writer.js';
import {EventLog} from '../../src/testing/event-log.js';
import {FakeDownload, type Scene} from '../../src/testing/fake-download.js';
import {faultOf} from '../../src/testing/fault-of.js';
import {RecordingWriter} from '../../src/testing/recording-writer.js';
import {TestClock} from '../../src/testing/test-clock.js';

const cut = (): Interrupted => new Interrupted('cut', 5, 2);
const cuts: Scene[] = [() => { throw cut(); }];

describe('Download: repairs', () => {
  let context: Context;
  let clock: TestClock;
  beforeEach(() => {
    clock = new TestClock({autoAdvance: true});
    context = new Context({clock, random: () => 0.5});
  });
  afterEach(() => context.close());

  it('bounds charged repairs by retries, whether the policy or a handler asks', async () => {
    const byPolicy = new FakeDownload({context, retries: 2, script: cuts});
    const byHandler = new FakeDownload({context, retries: 2, script: cuts});
    const left: number[] = [];
    byHandler.register(Event.ERROR, (event) => {
      left.push(event.left);
      event.repaired = true;
    });
    const errors = [await faultOf(byPolicy.run()), await faultOf(byHandler.run())];
    expect(errors.map(({attempts}) => attempts.length)).to.deep.equal([3, 3]);
    expect(left).to.deep.equal([2, 1, 0]);
  });

  it('backs off by the policy: full jitter, doubling', async () => {
    await faultOf(new FakeDownload({context, script: cuts}).run());
    expect(clock.waits).to.deep.equal([500, 1000, 2000, 4000]);
  });

  it('waits as long as the handler that repaired says, else as long as the policy says', async () => {
    const download = new FakeDownload({context, script: cuts, retries: 3});
    const told: number[] = [];
    download.register(Event.ERROR, (event) => {
      told.push(event.backoff);
      if (event.attempt === 1) Object.assign(event, {repaired: true, delay: 77});
      if (event.attempt === 2) Object.assign(event, {repaired: true});
      if (event.attempt === 3) event.delay = 88;
    });
    const error = await faultOf(download.run());
    expect(clock.waits).to.deep.equal([77, 2000]);
    expect(told).to.deep.equal([500, 1000, 2000, 4000]);
    expect(error.attempts.map(({delay}) => delay)).to.deep.equal([77, 0, 2000, undefined]);
  });

  it('lets the policy decide last, with what the handlers changed', async () => {
    const seen: string[] = [];
    const policy: RetryPolicy = {
      retries: 0,
      decide: ({charged, retries}: Fault) => {
        seen.push(`${charged} of ${retries}`);
        return charged < retries ? {delay: 0} : undefined;
      },
    };
    const download = new FakeDownload({context, retry: policy, script: [cut(), ['hello']]});
    download.register(Event.ERROR, () => { download.retries = 1; });
    expect((await download.run()).attempts).to.have.length(2);
    expect(seen).to.deep.equal(['0 of 0', '0 of 1']);
  });

  it('repeats a mismatch once on the same source, uncharged and past the caches, and then no more', async () => {
    const digest = new DigestValidation('md5', '5d41402abc4b2a76b9719d911017c592');
    const download = new FakeDownload({context, retries: 0, validations: [digest], script: [['wrong']]});
    const error = await faultOf(download.run());
    expect(error).to.be.instanceOf(DigestMismatch);
    expect(error.url).to.equal('http://h.example/file');
    expect(download.asked.map(({headers}) => headers)).to.deep.equal([{}, {'cache-control': 'no-cache', pragma: 'no-cache'}]);
    expect(clock.waits).to.deep.equal([]);
  });

  it('repeats a mismatch once per source', async () => {
    const digest = new DigestValidation('md5', '5d41402abc4b2a76b9719d911017c592');
    const download = new FakeDownload({context, retries: 1, validations: [digest], script: [['wrong']]});
    download.register(Event.ERROR, (event) => {
      if (event.attempt !== 2) return;
      download.url = 'http://other.example/file';
      event.repaired = true;
    });
    await faultOf(download.run());
    expect(download.asked.map(({url, headers}) => `${url} ${headers['cache-control'] ?? '-'}`)).to.deep.equal([
      'http://h.example/file -', 'http://h.example/file no-cache', 'http://other.example/file -', 'http://other.example/file no-cache',
    ]);
  });

  it('does not charge one credential refresh an origin', async () => {
    const refused = (): never => { throw new NotAuthorized('401', {status: 401}); };
    const download = new FakeDownload({context, retries: 0, script: [refused]});
    download.register(Event.ERROR, (event) => { Object.assign(event, {repaired: true, refreshed: true}); });
    expect((await faultOf(download.run())).attempts).to.have.length(2);
  });

  it('charges what a policy calls uncharged from the second time on', async () => {
    const policy: RetryPolicy = {retries: 3, decide: () => ({delay: 0, charged: false})};
    expect((await faultOf(new FakeDownload({context, retry: policy, script: cuts}).run())).attempts).to.have.length(1 + 1 + 3);
  });

  it('ends after 1,000 attempts, whatever retries says', async () => {
    const download = new FakeDownload({context, retries: 5000, script: cuts});
    download.register(Event.ERROR, (event) => { event.repaired = true; });
    expect((await faultOf(download.run())).attempts).to.have.length(1000);
  });

  it('repeats nothing with noRetry, and goes by the redo sequence with redo', async () => {
    expect((await faultOf(new FakeDownload({context, retry: noRetry(), script: cuts}).run())).attempts).to.have.length(1);
    await faultOf(new FakeDownload({context, retry: redo(5, 60_000, 300_000, 1.5, 0), script: cuts}).run());
    expect(clock.waits).to.deep.equal([60_000, 90_000, 135_000, 202_500]);
  });

  it('never repairs a fault of this machine, even when a handler sets repaired', async () => {
    const writer = new RecordingWriter({append: () => { throw Object.assign(new Error('no space left'), {code: 'ENOSPC'}); }});
    const download = new FakeDownload({context, writer});
    const log = new EventLog(download);
    const repairable: boolean[] = [];
    download.register(Event.ERROR, (event) => {
      repairable.push(event.repairable);
      event.repaired = true;
    });
    const error = await faultOf(download.run());
    expect(log.lines).to.deep.equal(['prepared', 'sent 1 @0', 'replied 1 200', 'error 1 WRITER_FAILED', 'failed WRITER_FAILED']);
    expect(repairable).to.deep.equal([false]);
    expect(error).to.be.instanceOf(WriterError);
    expect((error.cause as {code?: string}).code).to.equal('ENOSPC');
  });

  it('restarts only while the floor of the writer is 0', async () => {
    const repair = (event: ErrorEvent): void => { event.repaired = true; };
    const spilled = new FakeDownload({context, writer: new RecordingWriter({rewindable: false}), script: [['he', cut()], ['hello']]});
    const script = [{length: 5, chunks: [cut()]}, ['hello']];
    const writer = new RecordingWriter();
    const dry = new FakeDownload({context, writer, script});
    const [spilledLog, dryLog] = [new EventLog(spilled), new EventLog(dry)];
    for (const download of [spilled, dry]) download.register(Event.ERROR, repair);
    await faultOf(spilled.run());
    await dry.run();
    expect(spilledLog.lines.slice(3)).to.deep.equal(['fetched 1 @0+2', 'error 1 INTERRUPTED', 'failed INTERRUPTED']);
    expect(dryLog.lines.slice(3))
      .to.deep.equal(['error 1 INTERRUPTED', 'sent 2 @0', 'replied 2 200', 'fetched 2 @0+5', 'succeeded fetched']);
    expect(writer.calls).to.deep.equal(['prepare', 'open 5', 'append 5', 'close']);
  });

  it('needs both a floor of 0 and a way back, once a byte was accepted', async () => {
    const stuck = [new RecordingWriter(), new RecordingWriter({rewindable: false})];
    Object.defineProperty(stuck[0], 'floor', {value: 1});
    Object.defineProperty(stuck[1], 'floor', {value: 0});
    for (const writer of stuck) {
      const error = await faultOf(new FakeDownload({context, writer, script: [['he', cut()], ['hello']]}).run());
      expect({code: error.code, calls: writer.calls}).to.deep.equal({
        code: 'INTERRUPTED', calls: ['prepare', 'open 2', 'append 2', 'discard INTERRUPTED'],
      });
    }
  });

  it('opens the writer at the first acceptable reply and not again', async () => {
    const writer = new RecordingWriter();
    const notFound: Scene = {status: 404, fault: new NotFound('404', {status: 404})};
    const download = new FakeDownload({context, writer, retries: 2, script: [notFound, ['he', cut()], ['hello']]});
    download.register(Event.ERROR, (event) => { event.repaired = true; });
    await download.run();
    expect(writer.calls).to.deep.equal(['prepare', 'open 2', 'append 2', 'rewind 0', 'append 5', 'close']);
  });

  it('asks open again when it refused the first reply and another source is tried', async () => {
    const writer = new BufferWriter({limit: 5});
    const download = new FakeDownload({context, writer, script: [['too large'], ['too large'], ['hello']], retries: 2});
    const errors: string[] = [];
    download.register(Event.ERROR, (event) => {
      errors.push((event.error as TooLarge).message);
      event.repaired = true;
    });
    await download.run();
    expect(errors).to.deep.equal(Array(2).fill('9 bytes are announced, expected at most 5 (the limit of BufferWriter)'));
  });

  it('carries the latest error, with every attempt and the delays between', async () => {
    const script: Scene[] = [cut(), new Throttled('busy', {status: 503}), {status: 404, fault: new NotFound('gone', {status: 404})}];
    const download = new FakeDownload({context, script});
    const log = new EventLog(download);
    const error = await faultOf(download.run());
    expect(error).to.be.instanceOf(NotFound);
    expect(log.of('error').map((event) => event.error.code)).to.deep.equal(['INTERRUPTED', 'THROTTLED', 'NOT_FOUND']);
    expect(error.attempts.map((one) => `${one.attempt} ${one.status ?? '-'} ${one.error?.code ?? '-'} ${one.delay ?? '-'}`)).to.deep.equal([
      '1 - INTERRUPTED 500', '2 - THROTTLED 1000', '3 404 NOT_FOUND -',
    ]);
    expect(log.of('failed')[0]?.attempts).to.deep.equal(error.attempts);
  });

  it('gives up at once, with retryAt, when the wait would outlast the deadline', async () => {
    const busy = new Throttled('busy', {status: 503}, {retryAt: clock.time() + 90_000});
    const download = new FakeDownload({context, timeout: {deadline: 60_000}, script: [busy]});
    const error = await faultOf(download.run());
    expect({code: error.code, retryAt: error.retryAt, waits: clock.waits})
      .to.deep.equal({code: 'THROTTLED', retryAt: busy.retryAt, waits: []});
  });
});
