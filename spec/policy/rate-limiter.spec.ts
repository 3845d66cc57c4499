import {expect} from 'chai';
import fc from 'fast-check';
import {RateLimiter} from '../../src/policy/rate-limiter.js';
import {TestClock} from '../../src/testing/test-clock.js';
import {countAbortListeners} from '../support/left-open.js';
import {settled} from './governing.js';

describe('RateLimiter', () => {
  let clock: TestClock;
  let signal: AbortSignal;
  beforeEach(() => {
    clock = new TestClock();
    ({signal} = new AbortController());
  });

  /** Takes chunk after chunk; tells when each one passed. */
  const pass = async (limiter: RateLimiter, chunks: readonly number[], passed: number[]): Promise<void> => {
    for (const bytes of chunks) {
      await limiter.take(bytes, signal);
      passed.push(clock.now());
    }
  };

  it('lets everything pass at once, without a promise or a timer, when there is no limit', () => {
    for (const limit of [undefined, 0]) {
      const limiter = new RateLimiter(clock, limit);
      expect([limiter.take(1e12, signal), limiter.take(1, signal)]).to.deep.equal([undefined, undefined]);
      expect([limiter.limit, clock.pending]).to.deep.equal([undefined, 0]);
    }
  });

  it('spaces chunks by their sizes, also when they are larger than a second\'s worth', async () => {
    const limiter = new RateLimiter(clock, 1000);
    const passed: number[] = [];
    const all = pass(limiter, [500, 5000, 100, 100, 1], passed);
    await clock.advance(10_000);
    await all;
    expect(passed).to.deep.equal([0, 500, 5500, 5600, 5700]);
    expect(clock.pending).to.equal(0);
  });

  it('makes up for at most a tenth of a second that was not used', async () => {
    const limiter = new RateLimiter(clock, 1000);
    await clock.advance(60_000);
    const passed: number[] = [];
    const all = pass(limiter, [50, 50, 1, 100, 1], passed);
    await clock.advance(1000);
    await all;
    expect(passed.map((at) => at - 60_000)).to.deep.equal([0, 0, 0, 1, 101]);
  });

  it('serves first come, first served', async () => {
    const limiter = new RateLimiter(clock, 1000);
    const order: string[] = [];
    for (const [name, bytes] of [['big', 3000], ['small', 1], ['smaller', 1]] as const) {
      void Promise.resolve(limiter.take(bytes, signal)).then(() => { order.push(`${name} ${clock.now()}`); });
    }
    expect(limiter.waiting).to.equal(2);
    await clock.advance(5000);
    expect(order).to.deep.equal(['big 0', 'small 3000', 'smaller 3001']);
  });

  it('lets nobody past those who wait, even at the moment when the debt is paid', async () => {
    const limiter = new RateLimiter(clock, 1000);
    void limiter.take(1000, signal);
    const order: string[] = [];
    const take = async (name: string): Promise<void> => {
      await limiter.take(10, signal);
      order.push(name);
    };
    void clock.wait(1000).then(() => take('late'));
    void take('early');
    await clock.advance(2000);
    expect(order).to.deep.equal(['early', 'late']);
  });

  it('takes a new limit at once, also for those who wait', async () => {
    const limiter = new RateLimiter(clock, 10);
    const passed: number[] = [];
    void pass(limiter, [1000, 1000, 1000, 1000, 1], passed);
    await clock.advance(50_000);
    expect(passed).to.deep.equal([0]);
    limiter.limit = 1000;
    await clock.advance(500);
    expect(passed).to.deep.equal([0, 50_500]);
    limiter.limit = 100;
    await clock.advance(2000);
    limiter.limit = undefined;
    await settled();
    expect([passed, limiter.waiting, clock.pending]).to.deep.equal([[0, 50_500, 52_500, 52_500, 52_500], 0, 0]);
    limiter.limit = 1000;
    await settled();
    expect(limiter.take(1, signal)).to.equal(undefined);
  });

  it('refuses what is no limit', () => {
    const limiter = new RateLimiter(clock, 5);
    expect(() => { limiter.limit = -1; }).to.throw(RangeError, 'limit: expected a whole number of at least 0, got -1');
    expect(() => new RateLimiter(clock, '1' as never)).to.throw(TypeError, 'limit: ');
    expect(limiter.limit).to.equal(5);
  });

  it('leaves no listener and no timer when a wait is aborted, and doesn\'t charge for it', async () => {
    const limiter = new RateLimiter(clock, 1000);
    const controller = new AbortController();
    void limiter.take(1000, signal);
    const waits = [1, 2].map(() => Promise.resolve(limiter.take(50_000, controller.signal)).catch((error: unknown) => error));
    const later = Promise.resolve(limiter.take(1, signal));
    controller.abort(new Error('enough'));
    expect((await Promise.all(waits)).map((error) => (error as Error).message)).to.deep.equal(['enough', 'enough']);
    expect([countAbortListeners(controller.signal), limiter.waiting, clock.pending]).to.deep.equal([0, 1, 1]);
    await clock.advance(1000);
    await later;
    expect([limiter.waiting, clock.pending, countAbortListeners(signal)]).to.deep.equal([0, 0, 0]);
    const last = new AbortController();
    await clock.advance(1000);
    void limiter.take(100_000, signal);
    const only = Promise.resolve(limiter.take(1, last.signal)).catch(() => undefined);
    last.abort();
    await only;
    expect([limiter.waiting, clock.pending]).to.deep.equal([0, 0]);
    const refused = await Promise.resolve(limiter.take(1, controller.signal)).catch((error: unknown) => (error as Error).message);
    expect(refused).to.equal('enough');
  });

  it('never lets more pass in any span than the limit, a tenth of a second and the last chunk allow', async () => {
    const chunk = fc.integer({min: 1, max: 5000});
    await fc.assert(fc.asyncProperty(fc.array(fc.array(chunk, {maxLength: 10}), {maxLength: 5}), fc.integer({min: 500, max: 20_000}),
      async (takers, limit) => {
        clock = new TestClock();
        const limiter = new RateLimiter(clock, limit);
        const log: {at: number; bytes: number}[] = [];
        let open = takers.length;
        for (const chunks of takers) {
          void (async () => {
            for (const bytes of chunks) {
              await limiter.take(bytes, signal);
              log.push({at: clock.now(), bytes});
            }
            open--;
          })();
        }
        await clock.advance(1_000_000);
        expect([open, clock.pending]).to.deep.equal([0, 0]);
        log.forEach((from, first) => {
          let sum = 0;
          for (const {at, bytes} of log.slice(first)) {
            expect(sum, `bytes before the one at ${at}`).to.be.at.most(limit * (at - from.at + 100) / 1000 + 1e-6);
            sum += bytes;
          }
        });
      }), {numRuns: 50});
  });
});
