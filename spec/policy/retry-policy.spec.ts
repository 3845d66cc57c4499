import {expect} from 'chai';
import fc from 'fast-check';
import type {Fault, FaultClass} from '../../src/core/contract.js';
import {
  ConnectFailed, DigestMismatch, DownloadFailed, Interrupted, NotFound, ResumeRejected, SizeMismatch, Throttled, ValidationError,
  type DownloadError,
} from '../../src/core/errors.js';
import {noRetry, redo, StandardRetryPolicy} from '../../src/policy/retry-policy.js';

const NOW = Date.UTC(2026, 0, 1);
const fault = (error: DownloadError, rest: Partial<Fault> = {}): Fault =>
  ({error, class: error.class, attempt: 1, charged: 0, retries: 4, seen: () => 0, now: NOW, random: () => 0.5, ...rest});
const of = (faultClass: FaultClass): DownloadError => new DownloadFailed('made up', {class: faultClass});
const busy = (inMs: number): Throttled => new Throttled('busy', {status: 503}, {retryAt: NOW + inMs});

describe('StandardRetryPolicy', () => {
  const policy = new StandardRetryPolicy();

  it('backs off on transient and throttled faults, further with each charged repair', () => {
    for (const name of ['transient', 'throttled'] as const) {
      expect([0, 1, 2, 3].map((charged) => policy.decide(fault(of(name), {charged})))).to.deep.equal(
        [{delay: 500}, {delay: 1000}, {delay: 2000}, {delay: 4000}]);
    }
    expect(policy.retries).to.equal(4);
  });

  it('leaves fatal, local, cancelled and source-bad faults alone', () => {
    for (const name of ['fatal', 'local', 'cancelled', 'source-bad'] as const) {
      expect(policy.decide(fault(of(name))), name).to.equal(undefined);
    }
    expect(policy.decide(fault(new NotFound('404', {status: 404})))).to.equal(undefined);
    expect(policy.decide(fault(new ValidationError('no')))).to.equal(undefined);
  });

  it('starts over at once and uncharged after a refused continuation, once a source', () => {
    const rejected = new ResumeRejected('changed');
    expect(policy.decide(fault(rejected))).to.deep.equal({delay: 0, charged: false});
    expect(policy.decide(fault(rejected, {seen: (code) => code === 'RESUME_REJECTED' ? 1 : 0}))).to.equal(undefined);
  });

  it('asks past the caches, uncharged and once a source, after a mismatch', () => {
    for (const error of [new DigestMismatch('no', 'md5', 'a', 'b'), new SizeMismatch('no', 1, 2)]) {
      expect(policy.decide(fault(error)))
        .to.deep.equal({delay: 0, charged: false, headers: {'cache-control': 'no-cache', 'pragma': 'no-cache'}});
      expect(policy.decide(fault(error, {seen: (code) => code === error.code ? 1 : 0}))).to.equal(undefined);
    }
  });

  it('asks DNS once more, after a delay', () => {
    const lost = new ConnectFailed('no address', {code: 'DNS_FAILED', class: 'source-bad'});
    expect([policy.decide(fault(lost)), policy.decide(fault(lost, {seen: () => 1}))]).to.deep.equal([{delay: 500}, undefined]);
  });

  it('waits max(Retry-After, backoff) and up to a tenth more, at most 5 s, never less', () => {
    const chance = fc.double({min: 0, max: 1, noNaN: true});
    fc.assert(fc.property(fc.integer({min: -1000, max: 120_000}), fc.nat({max: 10}), chance, chance, (inMs, charged, first, second) => {
      const draws = [first, second];
      const delay = policy.decide(fault(busy(inMs), {charged, random: () => draws.shift() as number}))?.delay as number;
      const least = Math.max(inMs, Math.round(first * Math.min(30_000, 1000 * 2 ** charged)));
      return delay >= least && delay <= least + Math.min(5000, least / 10);
    }));
    const longest = policy.decide(fault(busy(120_000), {random: () => 1}));
    expect(longest).to.deep.equal({delay: 125_000});
  });

  it('spreads those who were told the same time', () => {
    const delays = [0, 0.5, 1].map((random) => policy.decide(fault(busy(10_000), {random: () => random}))?.delay);
    expect(delays).to.deep.equal([10_000, 10_500, 11_000]);
  });

  it('gives up at once when Retry-After is above maxRetryAfter', () => {
    expect(policy.decide(fault(busy(120_001)))).to.equal(undefined);
    expect(new StandardRetryPolicy({maxRetryAfter: 0}).decide(fault(busy(1)))).to.equal(undefined);
    expect(new StandardRetryPolicy({maxRetryAfter: 300_000}).decide(fault(busy(200_000)))).to.deep.equal({delay: 202_500});
  });

  it('refuses what makes no sense, naming it', () => {
    expect(() => new StandardRetryPolicy({retries: -1})).to.throw(RangeError, 'retry.retries');
    expect(() => new StandardRetryPolicy({maxRetryAfter: 1.5})).to.throw(RangeError, 'retry.maxRetryAfter');
    expect(() => new StandardRetryPolicy({retry: 1} as never)).to.throw(TypeError, "unknown option 'retry'");
    expect(() => new StandardRetryPolicy({backoff: 5 as never})).to.throw(TypeError, 'retry.backoff');
  });
});

describe('noRetry', () => {
  it('repeats nothing', () => {
    expect([noRetry().decide(fault(new Interrupted('cut', 1, 0))), noRetry().retries]).to.deep.equal([undefined, 0]);
  });
});

describe('redo', () => {
  const sleeps = (policy: ReturnType<typeof redo>, random = 0.5): unknown[] =>
    Array.from({length: policy.retries}, (_none, charged) => policy.decide(fault(of('transient'), {charged, random: () => random}))?.delay);

  it('sleeps exactly 60, 90, 135 and 202.5 s with (5, 60 s, ×1.5, jitter 0)', () => {
    for (const random of [0, 0.3, 1]) {
      expect(sleeps(redo(5, 60_000, 300_000, 1.5, 0), random)).to.deep.equal([60_000, 90_000, 135_000, 202_500]);
    }
  });

  it('makes 5 attempts with up to 1 s of jitter by default', () => {
    expect(sleeps(redo(), 0)).to.deep.equal([59_000, 88_500, 132_750, 199_125]);
    expect(sleeps(redo(), 1)).to.deep.equal([61_000, 91_500, 137_250, 205_875]);
  });

  it('repeats whatever another try could mend, and never wakes before Retry-After', () => {
    const policy = redo(5, 60_000, 300_000, 1.5, 0);
    expect((['transient', 'throttled', 'restart-free', 'source-bad', 'fatal', 'local', 'cancelled'] as const)
      .map((name) => policy.decide(fault(of(name)))?.delay))
      .to.deep.equal([60_000, 60_000, 60_000, 60_000, undefined, undefined, undefined]);
    expect([busy(90_000), busy(30_000)].map((error) => policy.decide(fault(error))?.delay)).to.deep.equal([90_000, 60_000]);
  });

  it('refuses attempts below 1 and jitter above sleepTime', () => {
    expect(() => redo(0)).to.throw(RangeError, 'redo.attempts');
    expect(() => redo(5, 1000, 2000, 1, 1001)).to.throw(RangeError, 'redo.jitter');
    expect(redo(1).retries).to.equal(0);
  });
});
