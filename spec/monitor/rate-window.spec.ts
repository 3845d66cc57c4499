import {expect} from 'chai';
import fc from 'fast-check';
import {RateWindow} from '../../src/monitor/rate-window.js';

describe('RateWindow', () => {
  it('is 0 before anything came', () => {
    const rate = new RateWindow();
    expect(rate.rate(1000)).to.equal(0);
    rate.start(1000);
    expect(rate.rate(2000)).to.equal(0);
  });

  it('is the mean since the start while the window is not full', () => {
    const rate = new RateWindow(5000);
    rate.start(100_000);
    rate.add(1000, 101_000);
    expect(rate.rate(101_000)).to.equal(1000);
    rate.add(1000, 102_000);
    expect(rate.rate(104_000)).to.equal(500);
  });

  it('is careful at the very beginning: no burst of one chunk in one millisecond', () => {
    const rate = new RateWindow(5000);
    rate.start(7);
    rate.add(500, 8);
    expect(rate.rate(8)).to.equal(1000);
  });

  it('forgets what is older than the window', () => {
    const rate = new RateWindow(5000);
    rate.add(1_000_000, 0);
    for (let now = 1000; now <= 20_000; now += 100) rate.add(10, now);
    expect(rate.rate(20_000)).to.be.closeTo(100, 3);
    expect(rate.rate(24_999)).to.be.lessThan(10);
    expect(rate.rate(26_000)).to.equal(0);
    expect(rate.rate(9_000_000)).to.equal(0);
  });

  it('tells a steady rate within a tenth, whatever the time and the size of the chunks', () => {
    const [starts, steps, chunks] = [fc.nat(1e9), fc.integer({min: 1, max: 50}), fc.integer({min: 1, max: 100_000})];
    fc.assert(fc.property(starts, steps, chunks, (start, step, bytes) => {
      const rate = new RateWindow(5000);
      rate.start(start);
      let now = start;
      while (now < start + 8000) rate.add(bytes, now += step);
      expect(rate.rate(now) / (bytes * 1000 / step)).to.be.closeTo(1, 0.1);
    }), {numRuns: 30});
  });

  it('measures again after a long silence, and is not confused by a clock that stands', () => {
    const rate = new RateWindow(1000);
    rate.add(10, 0);
    rate.add(300, 1e7);
    rate.add(300, 1e7);
    expect(rate.rate(1e7)).to.be.closeTo(600, 100);
  });

  it('refuses a window that has no room for ten buckets', () => {
    expect(() => new RateWindow(9)).to.throw(RangeError, 'window: expected a whole number of at least 10, got 9');
    expect(() => new RateWindow('5s' as unknown as number)).to.throw(TypeError, 'window: ');
  });
});
