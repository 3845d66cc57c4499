import {expect} from 'chai';
import {Batch, type BatchOptions} from '../../src/batch/batch.js';
import {Context} from '../../src/core/context.js';
import type {RateLimiter} from '../../src/policy/rate-limiter.js';
import {TestClock} from '../../src/testing/test-clock.js';
import {SizeValidation} from '../../src/validation/size-validation.js';
import {FakeDownload, fakes, quiet} from './fake-download.js';

describe('Batch (fairness, budget, bandwidth)', () => {
  const states = (downloads: readonly FakeDownload[]): string => downloads.map(({state}) => state.charAt(0)).join('');
  const drain = async (batch: Batch<FakeDownload>): Promise<number[]> => {
    const order: number[] = [];
    for await (const plan of batch) order.push(plan.index);
    return order;
  };

  it('doesn\'t let a slow host starve the rest of its window', async () => {
    const slow = fakes(4, {url: 'fake://slow/file', hold: true});
    const quick = fakes(4, {url: 'fake://quick/file'});
    const context = new Context({limits: {perOrigin: 1}});
    // Only the first two of the slow host may take a place: one runs, one waits for the host's permit.
    const order = drain(new Batch([...slow, ...quick], {backlog: 8, concurrency: 2, context}));
    await quiet();
    expect([states(slow), states(quick)]).to.deep.equal(['snnn', 'dddd']);
    for (const download of slow) {
      download.release();
      await quiet();
    }
    expect((await order).slice(0, 4)).to.have.members([4, 5, 6, 7]);
    await context.close();
  });

  it('keeps the sizes of what runs within the byte budget', async () => {
    const downloads = Array.from({length: 6}, () => new FakeDownload({hold: true, validations: [new SizeValidation(5)]}));
    const order = drain(new Batch(downloads, {byteBudget: 12}));
    const seen: string[] = [];
    for (const download of downloads) {
      await quiet();
      seen.push(states(downloads));
      download.release();
    }
    expect(seen).to.deep.equal(['ssnnnn', 'dssnnn', 'ddssnn', 'dddssn', 'ddddss', 'ddddds']);
    expect(await order).to.deep.equal([0, 1, 2, 3, 4, 5]);
  });

  it('tells those that wait for the budget that they failed when it is left', async () => {
    const downloads = Array.from({length: 4}, () => new FakeDownload({hold: true, validations: [new SizeValidation(5)]}));
    const batch = new Batch(downloads, {byteBudget: 5});
    void batch[Symbol.asyncIterator]().next();
    await quiet();
    await batch.close();
    expect(states(downloads)).to.equal('ffff');
  });

  it('gives every download its bandwidth, which may be changed while it runs', async () => {
    const given: RateLimiter[] = [];
    const clock = new TestClock();
    const context = new Context({clock});
    const downloads = fakes(3);
    for (const download of downloads) Object.assign(download, {throttle: (limiter: RateLimiter) => { given.push(limiter); }});
    const batch = new Batch(downloads, {bandwidth: 1000, context});
    expect(batch.bandwidth).to.equal(1000);
    await drain(batch);
    expect([given.length, new Set(given).size, given[0]?.limit]).to.deep.equal([3, 1, 1000]);
    const {signal} = new AbortController();
    void given[0]?.take(5000, signal);
    const waits = given[0]?.take(1, signal);
    batch.bandwidth = 0;
    await waits;
    expect([batch.bandwidth, clock.pending]).to.deep.equal([0, 0]);
    await context.close();
  });

  const bad: [BatchOptions, typeof TypeError | typeof RangeError, string][] = [
    [{bandwidth: -1}, RangeError, 'batch.bandwidth: expected a whole number of at least 0, got -1'],
    [{byteBudget: 0}, RangeError, 'batch.byteBudget: expected a whole number of at least 1, got 0'],
    [{byteBudget: '1' as never}, TypeError, 'batch.byteBudget: expected a whole number of at least 1, got "1"'],
  ];
  for (const [options, kind, message] of bad) {
    it(`refuses ${JSON.stringify(options)}`, () => {
      expect(() => new Batch([], options)).to.throw(kind, message);
    });
  }

  it('refuses a wrong bandwidth later, too', () => {
    const batch = new Batch([]);
    expect(() => { batch.bandwidth = NaN; }).to.throw(TypeError, 'batch.bandwidth: ');
  });
});
