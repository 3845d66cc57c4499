import {expect} from 'chai';
import fc from 'fast-check';
import {ProgressMonitor, timeLeft, type Progress} from '../../src/monitor/progress-monitor.js';
import {TestClock} from '../../src/testing/test-clock.js';
import {Watched} from './watched.js';

describe('ProgressMonitor', () => {
  it('knows bytes, total, percent, speed and the time that is left', async () => {
    const download = new Watched();
    const clock = new TestClock();
    const monitor = new ProgressMonitor(download, {clock});
    expect(monitor.progress())
      .to.deep.equal({bytes: 0, total: undefined, percent: undefined, speed: 0, eta: undefined, state: 'waiting', rewinds: 0});
    download.sent();
    download.replied(8000);
    await clock.advance(1000);
    download.fetched(1000, 0);
    await clock.advance(1000);
    download.fetched(1000, 1000);
    expect(monitor.progress()).to.deep.equal({bytes: 2000, total: 8000, percent: 25, speed: 1000, eta: 6000, state: 'fetching', rewinds: 0})
      .and.to.satisfy(Object.isFrozen);
    download.succeeded(8000);
    expect(monitor.progress()).to.include({bytes: 8000, percent: 100, eta: 0, state: 'succeeded'});
  });

  it('works without a known total', async () => {
    const download = new Watched();
    const clock = new TestClock();
    const monitor = new ProgressMonitor(download, {clock});
    download.sent();
    download.replied();
    await clock.advance(2000);
    download.fetched(500, 0);
    expect(monitor.progress()).to.include({bytes: 500, total: undefined, percent: undefined, speed: 250, eta: undefined});
    download.succeeded(500);
    expect(monitor.progress()).to.include({bytes: 500, total: 500, percent: 100, eta: 0});
  });

  it('measures speed over the last 5 s, or the window given', async () => {
    for (const [window, after] of [[undefined, 4000], [1000, 900]] as const) {
      const download = new Watched();
      const clock = new TestClock();
      const monitor = new ProgressMonitor(download, {clock, window});
      download.sent();
      download.fetched(1_000_000, 0);
      await clock.advance(after);
      expect(monitor.progress().speed).to.equal(1_000_000_000 / after);
      await clock.advance(after);
      expect(monitor.progress().speed).to.equal(0);
    }
  });

  it('counts in the speed what came twice', async () => {
    const download = new Watched();
    const clock = new TestClock();
    const monitor = new ProgressMonitor(download, {clock});
    download.sent();
    download.fetched(1000, 0);
    download.erred();
    download.sent();
    await clock.advance(1000);
    download.fetched(500, 0);
    expect(monitor.progress()).to.include({bytes: 500, speed: 1500, rewinds: 1});
  });

  it('never goes back without a rewind, nor beyond 100 %, whatever happens', () => {
    const step = fc.oneof(
      fc.record({kind: fc.constant('sent' as const), offset: fc.nat(50)}),
      fc.record({kind: fc.constant('replied' as const), offset: fc.nat(50), length: fc.option(fc.nat(80), {nil: undefined})}),
      fc.record({kind: fc.constant('fetched' as const), bytes: fc.integer({min: 1, max: 40}), offset: fc.nat(50)}),
      fc.record({kind: fc.constant('erred' as const)}),
    );
    fc.assert(fc.property(fc.array(step, {maxLength: 30}), (steps) => {
      const download = new Watched();
      const told: {progress: Progress; notice: string}[] = [];
      const onProgress = (progress: Progress, notice: string): void => { told.push({progress, notice}); };
      const monitor = new ProgressMonitor(download, {clock: new TestClock(), onProgress});
      let last = monitor.progress();
      for (const one of steps) {
        if (one.kind === 'sent') download.sent(one.offset);
        else if (one.kind === 'replied') download.replied(one.length, one.offset);
        else if (one.kind === 'fetched') download.fetched(one.bytes, one.offset);
        else download.erred();
      }
      for (const {progress, notice} of told) {
        expect(progress.rewinds - last.rewinds).to.equal(notice === 'rewound' ? 1 : 0);
        if (notice === 'rewound') expect(progress.bytes).to.be.lessThan(last.bytes);
        else expect(progress.bytes).to.be.at.least(last.bytes);
        expect(progress.percent ?? 0).to.be.within(0, 100);
        last = progress;
      }
    }));
  });

  it('tells each change with what it was', () => {
    const download = new Watched();
    const told: string[] = [];
    new ProgressMonitor(download, {onProgress: ({bytes, state}, notice) => { told.push(`${notice} ${bytes} ${state}`); }});
    download.sent();
    download.fetched(5, 0);
    download.erred();
    download.sent();
    download.failed();
    expect(told).to.deep.equal(['changed 0 sent', 'advanced 5 sent', 'changed 5 waiting', 'rewound 0 waiting',
      'changed 0 sent', 'changed 0 failed']);
  });

  it('watches no longer after detach', () => {
    const download = new Watched();
    const monitor = new ProgressMonitor(download);
    monitor.detach();
    download.sent();
    expect([download.heard, monitor.progress().state]).to.deep.equal([false, 'waiting']);
  });

  it('refuses bad options by name', () => {
    const make = (options: object) => () => new ProgressMonitor(new Watched(), options);
    expect(make({interval: 1})).to.throw(TypeError, 'ProgressMonitor: unknown option \'interval\'');
    expect(make({onProgress: 1})).to.throw(TypeError, 'onProgress: expected a function, got 1');
    expect(make({window: 0})).to.throw(RangeError, 'window: ');
  });
});

describe('timeLeft', () => {
  it('is undefined while it cannot be said, and never negative', () => {
    expect(timeLeft(1, undefined, 5)).to.equal(undefined);
    expect(timeLeft(1, 10, 0)).to.equal(undefined);
    expect(timeLeft(10, 10, 0)).to.equal(0);
    expect(timeLeft(11, 10, 5)).to.equal(0);
    expect(timeLeft(0, 10, 5)).to.equal(2000);
  });
});
