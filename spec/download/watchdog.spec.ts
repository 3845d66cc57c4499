import {expect} from 'chai';
import {Context} from '../../src/core/context.js';
import type {TimeoutOptions} from '../../src/core/settings.js';
import {TimedOut} from '../../src/core/errors.js';
import {Event} from '../../src/core/event.js';
import type {Attempt} from '../../src/download/attempt.js';
import {GOVERNOR, Governor, type Permit} from '../../src/policy/governor.js';
import {noRetry} from '../../src/policy/retry-policy.js';
import {FakeDownload, silence, type FakeDownloadOptions, type Piece, type Play} from '../../src/testing/fake-download.js';
import {RecordingWriter} from '../../src/testing/recording-writer.js';
import {TestClock} from '../../src/testing/test-clock.js';

const HOUR = 3_600_000;

describe('Watchdog', () => {
  let context: Context;
  let clock: TestClock;
  beforeEach(() => {
    clock = new TestClock();
    context = new Context({clock});
  });
  afterEach(() => context.close());

  /** What the run came to, and when by the clock. */
  const outcome = async (timeout: TimeoutOptions, options: FakeDownloadOptions, limit = HOUR): Promise<string> => {
    const controller = new AbortController();
    const download = new FakeDownload({context, timeout, retry: noRetry(), ...options});
    let ended: string | undefined;
    const run = download.run(controller.signal)
      .then(() => 'done', (error: unknown) => error instanceof TimedOut ? error.phase : String(error))
      .then((how) => { ended ??= `${how} at ${clock.now()}`; });
    while (ended === undefined && clock.now() < limit) await clock.advance(100);
    const told = ended ?? `nothing by ${clock.now()}`;
    controller.abort();
    await run;
    expect({ticking: clock.ticking, pending: clock.pending, bodies: download.openBodies})
      .to.deep.equal({ticking: 0, pending: 0, bodies: 0});
    return told;
  };
  const waiting = (...phases: ('connect' | 'headers')[]): FakeDownloadOptions => ({
    script: [async (attempt) => {
      for (const phase of phases.slice(0, -1)) {
        attempt.waitFor(phase);
        await clock.wait(900, attempt.signal);
      }
      attempt.waitFor(phases.at(-1));
      return silence(attempt);
    }],
  });
  const later = (ms: number): Piece => (attempt) => clock.wait(ms, attempt.signal);

  it('ends an attempt that has no connection, no headers, or no next byte in time', async () => {
    const timeout = {connect: 1000, headers: 2000, read: 3000, lowSpeed: 0};
    expect(await outcome(timeout, waiting('connect'))).to.equal('connect at 1000');
    clock = new TestClock();
    context = new Context({clock});
    expect(await outcome(timeout, waiting('connect', 'headers'))).to.equal('headers at 2900');
  });

  it('counts the silence in a body from the last byte', async () => {
    const script = [{length: 9, chunks: ['a', later(2900), 'b', later(2900), 'c', silence]}];
    expect(await outcome({read: 3000, lowSpeed: 0}, {script})).to.equal('read at 8800');
  });

  it('has 30 s for connect, headers and silence by default', async () => {
    expect(await outcome({}, waiting('connect'))).to.equal('connect at 30000');
    const before = clock.now();
    expect(await outcome({}, waiting('headers'))).to.equal(`headers at ${before + 30_000}`);
    const again = clock.now();
    expect(await outcome({}, {script: [[silence]]})).to.equal(`read at ${again + 30_000}`);
  });

  it('turns a limit off by 0 or false', async () => {
    for (const off of [0, false] as const) {
      expect(await outcome({connect: off}, waiting('connect'), clock.now() + 100_000)).to.match(/^nothing/);
      expect(await outcome({headers: off}, waiting('headers'), clock.now() + 100_000)).to.match(/^nothing/);
      expect(await outcome({read: off, lowSpeed: off}, {script: [[silence]]}, clock.now() + 100_000)).to.match(/^nothing/);
      expect(await outcome({read: off, lowSpeed: off, deadline: off}, {script: [['a', silence]]}, clock.now() + 100_000))
        .to.match(/^nothing/);
    }
  });

  const trickle = (bytes: number, times: number): FakeDownloadOptions =>
    ({script: [Array.from({length: times}, () => [Buffer.alloc(bytes), later(1000)]).flat()]});

  it('ends a body that stays below lowSpeed for lowSpeedTime', async () => {
    const timeout = {lowSpeed: 1000, lowSpeedTime: 10_000};
    expect(await outcome(timeout, trickle(900, 60))).to.equal('lowSpeed at 10000');
    const before = clock.now();
    expect(await outcome(timeout, trickle(1000, 30))).to.equal(`done at ${before + 30_000}`);
  });

  it('judges the speed of each span by itself', async () => {
    const script = [[Buffer.alloc(1_000_000), ...Array.from({length: 40}, () => [later(1000), Buffer.alloc(1)]).flat()]];
    expect(await outcome({lowSpeed: 1000, lowSpeedTime: 10_000}, {script})).to.equal('lowSpeed at 20000');
  });

  it('pauses while the writer is slow: a slow client is not a slow server', async () => {
    const writer = new RecordingWriter({append: () => clock.wait(100_000)});
    expect(await outcome({read: 3000, lowSpeed: 1000, lowSpeedTime: 10_000}, {writer, script: [[Buffer.alloc(5000), Buffer.alloc(5000)]]}))
      .to.equal('done at 200000');
  });

  it('counts the time of the server alone while the writer is slow', async () => {
    const writer = new RecordingWriter({append: () => clock.wait(20_000)});
    const script = [[Buffer.alloc(500), later(9000), Buffer.alloc(500), silence]];
    expect(await outcome({lowSpeed: 1000, lowSpeedTime: 10_000}, {writer, script})).to.equal('lowSpeed at 50000');
  });

  it('pauses while a handler of REPLIED or FETCHED, or writer.open, is busy', async () => {
    const writer = new RecordingWriter({before: (call) => call === 'open' ? clock.wait(50_000) : undefined});
    const download = new FakeDownload({context, writer, timeout: {headers: 1000, read: 1000}, retry: noRetry(), script: [(attempt) => {
      attempt.waitFor('headers');
      return {chunks: ['hello']};
    }]});
    download.register(Event.REPLIED, () => clock.wait(50_000));
    download.register(Event.FETCHED, () => clock.wait(50_000));
    const run = download.run();
    await clock.advance(150_000);
    expect((await run).outcome).to.equal('fetched');
  });

  it('blames nobody while validations judge and the writer publishes', async () => {
    const writer = new RecordingWriter({before: (call) => call === 'close' ? clock.wait(100_000) : undefined});
    const options = {writer, validations: [{apply: () => clock.wait(100_000)}]};
    expect(await outcome({read: 1000, lowSpeed: 1000, lowSpeedTime: 1000}, options)).to.equal('done at 200000');
  });

  it('blames nobody while a permit is waited for', async () => {
    const tight = new Context({clock, limits: {total: 1}});
    const options = {context: tight, timeout: {headers: 1000}, script: [async (attempt: Attempt) => {
      attempt.waitFor('headers');
      await clock.wait(900, attempt.signal);
      return {};
    }]};
    const runs = [1, 2, 3].map(() => new FakeDownload(options).run());
    await clock.advance(5000);
    expect((await Promise.all(runs)).map(({outcome: how}) => how)).to.deep.equal(['fetched', 'fetched', 'fetched']);
    await tight.close();
  });

  it('blames nobody while the permit of another origin is waited for, nor while what was written is read again', async () => {
    const governor = context.share(GOVERNOR, () => new Governor(context.limits));
    const permits = Array.from({length: 6}, () => governor.take('http://busy', new AbortController().signal) as Permit);
    const hop = async (attempt: Attempt): Promise<Play> => {
      attempt.waitFor('headers');
      await attempt.moveTo('http://busy');
      attempt.waitFor('headers');
      return {body: false, framing: 'chunked'};
    };
    const writer = new RecordingWriter();
    writer.read = async function *() {
      await clock.wait(100_000);
      yield Buffer.from('hello');
    };
    const run = new FakeDownload({context, writer, timeout: {headers: 1000}, retry: noRetry(), script: [hop]}).run();
    await clock.advance(5000);
    for (const permit of permits) permit.release();
    await clock.advance(200_000);
    expect((await run).facts.size).to.equal(5);
  });

  it('shares one coarse timer among all attempts of a Context, which runs only while there are any', async () => {
    const downloads = [1, 2, 3].map(() => new FakeDownload({context, timeout: {deadline: HOUR}, script: [[silence]]}));
    const controller = new AbortController();
    const runs = downloads.map((download) => download.run(controller.signal).catch(() => undefined));
    await clock.advance(1000);
    expect(clock.ticking).to.equal(1);
    controller.abort();
    await Promise.all(runs);
    expect(clock.ticking).to.equal(0);
  });

  it('is repaired like any transient fault, except for the deadline', async () => {
    const download = new FakeDownload({context, timeout: {read: 1000}, script: [['he', silence], ['hello']]});
    const run = download.run();
    await clock.advance(10_000);
    expect((await run).attempts.map(({error}) => error?.code)).to.deep.equal(['TIMED_OUT', undefined]);
  });
});
