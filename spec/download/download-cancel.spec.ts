import {expect} from 'chai';
import {Context} from '../../src/core/context.js';
import {Event, type EventName} from '../../src/core/event.js';
import {Cancelled, Interrupted, TimedOut} from '../../src/core/errors.js';
import {GOVERNOR, Governor} from '../../src/policy/governor.js';
import {countAbortListeners} from '../support/left-open.js';
import {EventLog} from '../../src/testing/event-log.js';
import {FakeDownload, silence, type FakeDownloadOptions} from '../../src/testing/fake-download.js';
import {faultOf} from '../../src/testing/fault-of.js';
import {RecordingWriter, type RecordingWriterOptions} from '../../src/testing/recording-writer.js';
import {TestClock} from '../../src/testing/test-clock.js';

/** Never settles: the cancel must end the wait. */
const forever = new Promise<never>(() => undefined);
const turn = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });

/** One moment at which a run is cancelled. */
interface Cut {
  readonly options?: (cancel: () => void) => FakeDownloadOptions;
  readonly writer?: (cancel: () => void) => RecordingWriterOptions;
  readonly handler?: EventName;
  readonly events: string[];
  readonly calls: string[];
  /** How often the protocol was asked, where it matters. */
  readonly asked?: number;
}

const toSent = ['prepared', 'sent 1 @0'];
const toReplied = [...toSent, 'replied 1 200'];
const toFetched = [...toReplied, 'fetched 1 @0+5'];
const end = ['error 1 CANCELLED', 'failed CANCELLED'];
const written = ['prepare', 'open 5', 'append 5'];

const MOMENTS: Readonly<Record<string, Cut>> = {
  'in prepare()': {options: (cancel) => ({hooks: {prepare: () => { cancel(); return forever; }}}), events: ['failed CANCELLED'], calls: []},
  'in PREPARED': {handler: 'prepared', events: ['prepared', 'failed CANCELLED'], calls: []},
  'in writer.prepare': {
    writer: (cancel) => ({before: (call) => { if (call === 'prepare') { cancel(); return forever; } }}),
    events: ['prepared', 'failed CANCELLED'], calls: ['prepare'],
  },
  'in SENT': {handler: 'sent', events: [...toSent, ...end], calls: ['prepare']},
  'in SENT, by a handler that does not wait': {
    options: (cancel) => ({hooks: {prepare: (download) => { download.register(Event.SENT, () => { cancel(); }); }}}),
    events: [...toSent, ...end], calls: ['prepare'], asked: 0,
  },
  'while sending': {
    options: (cancel) => ({script: [(attempt) => { setImmediate(cancel); return silence(attempt); }]}),
    events: [...toSent, ...end], calls: ['prepare'],
  },
  'in REPLIED': {handler: 'replied', events: [...toReplied, ...end], calls: ['prepare']},
  'in writer.open': {
    writer: (cancel) => ({before: (call) => { if (call === 'open') { cancel(); return forever; } }}),
    events: [...toReplied, ...end], calls: ['prepare', 'open 5'],
  },
  'in the middle of a body': {
    options: (cancel) => ({script: [['hello', (attempt) => { setImmediate(cancel); return silence(attempt); }]]}),
    events: [...toFetched, ...end], calls: written,
  },
  'in a body that does not heed the signal': {
    options: (cancel) => ({script: [['hello', () => { cancel(); }, 'more', 'and more']], maxBytes: 20}),
    events: [...toFetched, ...end], calls: ['prepare', 'open 17', 'append 5'],
  },
  'while an append is pending': {
    writer: (cancel) => ({append: () => { cancel(); return forever; }}),
    events: [...toReplied, ...end], calls: written,
  },
  'in FETCHED': {handler: 'fetched', events: [...toFetched, ...end], calls: written},
  'during apply': {
    options: (cancel) => ({validations: [{apply: () => { cancel(); return forever; }}]}),
    events: [...toFetched, ...end], calls: written,
  },
  'in a validation that answers at once': {
    options: (cancel) => ({validations: [{apply: () => { cancel(); }}]}), events: [...toFetched, ...end], calls: written,
  },
  'during close': {
    writer: (cancel) => ({before: (call) => { if (call === 'close') { cancel(); return forever; } }}),
    events: [...toFetched, ...end], calls: [...written, 'close', 'discard CANCELLED'],
  },
  'in ERROR': {
    options: () => ({script: [[new Interrupted('cut', 5, 0)]]}), handler: 'error',
    events: [...toReplied, 'error 1 INTERRUPTED', 'failed CANCELLED'], calls: ['prepare', 'open 0'],
  },
  'in onError()': {
    options: (cancel) => ({script: [new Interrupted('cut', 5, 0)], hooks: {onError: () => { cancel(); return forever; }}}),
    events: [...toSent, 'failed CANCELLED'], calls: ['prepare'],
  },
  'in a delay': {
    options: (cancel) => ({script: [() => { setImmediate(() => { setImmediate(cancel); }); throw new Interrupted('cut', 5, 0); }]}),
    events: [...toSent, 'error 1 INTERRUPTED', 'failed CANCELLED'], calls: ['prepare'],
  },
};

describe('Download: cancel', () => {
  let context: Context;
  let clock: TestClock;
  let controller: AbortController;
  beforeEach(() => {
    clock = new TestClock();
    context = new Context({clock, random: () => 0.5, limits: {total: 1}});
    controller = new AbortController();
  });
  afterEach(() => context.close());

  /** Everything that could be left open. */
  const leftOpen = (download: FakeDownload): object => ({
    listeners: countAbortListeners(controller.signal), own: countAbortListeners(download.signal), bodies: download.openBodies,
    permits: context.get(GOVERNOR)?.running ?? 0, waiting: context.get(GOVERNOR)?.waiting ?? 0, timers: clock.pending, ticks: clock.ticking,
  });
  const nothing = {listeners: 0, own: 0, bodies: 0, permits: 0, waiting: 0, timers: 0, ticks: 0};

  for (const [name, moment] of Object.entries(MOMENTS)) {
    it(`${name}: discards, tells FAILED once and last, throws Cancelled, leaves nothing open`, async () => {
      const cancel = (): void => { controller.abort(new Error('enough')); };
      const writer = new RecordingWriter(moment.writer?.(cancel));
      const download = new FakeDownload({context, writer, timeout: {deadline: 60_000}, ...moment.options?.(cancel)});
      const log = new EventLog(download);
      if (moment.handler !== undefined) download.register(moment.handler, () => { cancel(); return forever; });
      download.register(Event.FETCHED, () => undefined);
      const error = await faultOf(download.run(controller.signal));
      expect(error).to.be.instanceOf(Cancelled);
      expect(error.message).to.equal('cancelled: http://h.example/file');
      expect(error.cause).to.include({message: 'enough'});
      expect({events: log.lines, calls: writer.calls})
        .to.deep.equal({events: moment.events, calls: [...moment.calls, 'discard CANCELLED']});
      expect(leftOpen(download)).to.deep.equal(nothing);
      if (moment.asked !== undefined) expect(download.asked).to.have.length(moment.asked);
    });
  }

  it('before the run: FAILED alone', async () => {
    controller.abort();
    const writer = new RecordingWriter();
    const download = new FakeDownload({context, writer, timeout: {deadline: 60_000}});
    const log = new EventLog(download);
    expect(await faultOf(download.run(controller.signal))).to.be.instanceOf(Cancelled);
    expect(log.lines).to.deep.equal(['failed CANCELLED']);
    expect(writer.calls).to.deep.equal(['discard CANCELLED']);
    expect(leftOpen(download)).to.deep.equal(nothing);
  });

  it('while waiting for a permit', async () => {
    const governor = context.share(GOVERNOR, () => new Governor(context.limits));
    const permit = await governor.take('http://other', new AbortController().signal);
    const download = new FakeDownload({context, writer: new RecordingWriter()});
    const log = new EventLog(download);
    const run = faultOf(download.run(controller.signal));
    while (governor.waiting === 0) await turn();
    controller.abort();
    expect(await run).to.be.instanceOf(Cancelled);
    expect(log.lines).to.deep.equal(['prepared', 'error 1 CANCELLED', 'failed CANCELLED']);
    permit.release();
    expect(leftOpen(download)).to.deep.equal(nothing);
  });

  it('tells nothing after FAILED, even when the round that it cut short goes on', async () => {
    const download = new FakeDownload({context});
    const told: string[] = [];
    let late: () => void = () => undefined;
    download.register(Event.REPLIED, () => {
      controller.abort();
      return new Promise((resolve) => { late = resolve; });
    });
    for (const name of Object.values(Event)) download.register(name, () => { told.push(name); });
    await faultOf(download.run(controller.signal));
    late();
    await turn();
    expect(told).to.deep.equal(['prepared', 'sent', 'error', 'failed']);
  });

  it('is repaired by nobody', async () => {
    const download = new FakeDownload({context, script: [['hello', () => { controller.abort(); }, 'more']]});
    const seen: boolean[] = [];
    download.register(Event.ERROR, (event) => {
      seen.push(event.repairable);
      event.repaired = true;
    });
    const error = await faultOf(download.run(controller.signal));
    expect({seen, attempts: error.attempts.length, asked: download.asked.length}).to.deep.equal({seen: [false], attempts: 1, asked: 1});
  });

  it('counts what was published when the cancel came too late to stop the writer', async () => {
    const writer = new RecordingWriter({published: {path: '/out'}, before: async (call) => {
      if (call === 'close') controller.abort();
      await turn();
    }});
    const download = new FakeDownload({context, writer});
    const log = new EventLog(download);
    const {outcome, path} = await download.run(controller.signal);
    expect({outcome, path, last: log.lines.at(-1)}).to.deep.equal({outcome: 'fetched', path: '/out', last: 'succeeded fetched'});
  });

  it('gives every run on one signal a Cancelled of its own', async () => {
    const downloads = [1, 2].map(() => new FakeDownload({script: [silence]}));
    const runs = downloads.map((download) => faultOf(download.run(controller.signal)));
    controller.abort(new Cancelled('the batch was left'));
    const errors = await Promise.all(runs);
    expect(errors.map(({download}) => download)).to.deep.equal(downloads);
    expect(errors.map(({message}) => message)).to.deep.equal(Array(2).fill('the batch was left: http://h.example/file'));
  });

  it('leaves no listener on the signal after a success either', async () => {
    const download = new FakeDownload({context, timeout: {deadline: 60_000}});
    await download.run(controller.signal);
    expect(leftOpen(download)).to.deep.equal(nothing);
  });

  it('ends with TimedOut at the deadline, delays included, and nobody repairs that', async () => {
    const writer = new RecordingWriter();
    const script = [new Interrupted('cut', 5, 0), ['he', silence]];
    const download = new FakeDownload({context, writer, timeout: {deadline: 2000, read: 0}, script});
    const log = new EventLog(download);
    download.register(Event.ERROR, (event) => { event.repaired = event.attempt > 1; });
    const run = faultOf(download.run(controller.signal));
    await clock.advance(5000);
    const error = await run;
    expect(error).to.be.instanceOf(TimedOut).with.property('phase', 'deadline');
    expect(log.lines).to.deep.equal([
      'prepared', 'sent 1 @0', 'error 1 INTERRUPTED', 'sent 2 @0', 'replied 2 200', 'fetched 2 @0+2', 'error 2 TIMED_OUT',
      'failed TIMED_OUT',
    ]);
    expect(error.attempts[1]?.duration).to.equal(1500);
    expect(writer.calls.at(-1)).to.equal('discard TIMED_OUT');
    expect(leftOpen(download)).to.deep.equal(nothing);
  });
});
