import {expect} from 'chai';
import fc from 'fast-check';
import {ExponentialBackoff, RedoBackoff} from '../../src/policy/backoff.js';

const chance = fc.double({min: 0, max: 1, noNaN: true});
const attempt = fc.nat({max: 2000});

describe('ExponentialBackoff', () => {
  it('never waits longer than the cap, nor less than nothing', () => {
    fc.assert(fc.property(fc.nat({max: 100_000}), fc.nat({max: 100_000}), attempt, chance, (base, cap, n, random) => {
      const delay = new ExponentialBackoff({base, cap}).delay(n, () => random);
      return delay >= 0 && delay <= cap && Number.isFinite(delay);
    }));
  });

  it('has full jitter: from 0 to min(cap, base·2ⁿ), in proportion to chance', () => {
    fc.assert(fc.property(fc.integer({min: 1, max: 10_000}), fc.nat({max: 30}), chance, (base, n, random) => {
      const backoff = new ExponentialBackoff({base, cap: 30_000});
      const most = Math.min(30_000, base * 2 ** n);
      return backoff.delay(n, () => 0) === 0 && backoff.delay(n, () => 1) === most
        && Math.abs(backoff.delay(n, () => random) - random * most) <= 0.5;
    }));
  });

  it('goes from 1 s to 30 s by default', () => {
    const backoff = new ExponentialBackoff();
    expect([0, 1, 2, 3, 4, 5, 6, 1e9].map((n) => backoff.delay(n, () => 1)))
      .to.deep.equal([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('refuses unknown keys and what is no whole number, and cannot be changed', () => {
    expect(() => new ExponentialBackoff({max: 5} as never)).to.throw(TypeError, "unknown option 'max'");
    expect(() => new ExponentialBackoff({base: -1})).to.throw(RangeError, 'backoff.base');
    expect(() => new ExponentialBackoff({cap: NaN})).to.throw(TypeError, 'backoff.cap');
    expect(new ExponentialBackoff()).to.satisfy(Object.isFrozen);
  });
});

describe('RedoBackoff', () => {
  const options = fc.record({
    sleepTime: fc.integer({min: 0, max: 100_000}), maxSleepTime: fc.integer({min: 0, max: 1_000_000}),
    sleepScale: fc.double({min: 0, max: 10, noNaN: true}), share: chance,
  }).map(({share, ...rest}) => ({...rest, jitter: rest.sleepTime * share}));

  it('never sleeps longer than the maximum, nor less than nothing', () => {
    fc.assert(fc.property(options, attempt, chance, (terms, n, random) => {
      const delay = new RedoBackoff(terms).delay(n, () => random);
      return delay >= 0 && delay <= terms.maxSleepTime * (1 + 1e-12);
    }));
  });

  it('is sleepTime·scaleⁿ ± jitter·scaleⁿ as long as that stays below the maximum', () => {
    fc.assert(fc.property(options, fc.nat({max: 20}), chance, (terms, n, random) => {
      const scale = terms.sleepScale ** n;
      fc.pre((terms.sleepTime + terms.jitter) * scale < terms.maxSleepTime);
      const expected = (terms.sleepTime + terms.jitter * (2 * random - 1)) * scale;
      return Math.abs(new RedoBackoff(terms).delay(n, () => random) - expected) <= 1e-6 * Math.max(1, expected);
    }));
  });

  it('keeps its jitter at the cap', () => {
    const backoff = new RedoBackoff({sleepTime: 60_000, maxSleepTime: 300_000, sleepScale: 1.5, jitter: 30_000});
    const late = [0, 0.5, 1].map((random) => backoff.delay(50, () => random));
    expect(late[2]).to.equal(300_000);
    expect(late.map((delay) => Math.round(delay / 1000))).to.deep.equal([100, 200, 300]);
  });

  it('refuses jitter above sleepTime, negative numbers and what is no number', () => {
    const good = {sleepTime: 10, maxSleepTime: 20, sleepScale: 2, jitter: 10};
    expect(() => new RedoBackoff({...good, jitter: 11})).to.throw(RangeError, 'redo.jitter: expected at most sleepTime (10), got 11');
    expect(() => new RedoBackoff({...good, sleepScale: -1})).to.throw(RangeError, 'redo.sleepScale');
    expect(() => new RedoBackoff({...good, sleepTime: Infinity})).to.throw(TypeError, 'redo.sleepTime');
    expect(() => new RedoBackoff({...good, maxSleepTime: '9' as never})).to.throw(TypeError, 'redo.maxSleepTime');
  });
});
