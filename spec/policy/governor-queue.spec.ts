import {expect} from 'chai';
import {ConnectFailed, type DownloadError} from '../../src/core/errors.js';
import type {Limits} from '../../src/core/limits.js';
import {StandardRetryPolicy} from '../../src/policy/retry-policy.js';
import {Governing} from './governing.js';

/** A server that can't be reached from `from` to `to`, ms; an answer takes 50 ms, a refusal 5. */
interface Site {
  readonly from: number;
  readonly to: number;
}

interface Story {
  readonly done: number;
  readonly failed: string[];
  /** When each request was made, ms. */
  readonly requests: number[];
  readonly end: number;
}

/** Fetches items as a batch of so many at once does: permit, request, and the retry policy when that failed. */
async function fetchAll(items: number, atOnce: number, site: Site, limits: Partial<Limits> = {}): Promise<Story> {
  let seed = 1;
  const random = (): number => (seed = seed * 16_807 % 2_147_483_647) / 2_147_483_647;
  const world = new Governing(limits, random);
  const {clock, governor, signal} = world;
  const policy = new StandardRetryPolicy();
  const story: {done: number; failed: string[]; requests: number[]} = {done: 0, failed: [], requests: []};
  let [left, end, open] = [items, 0, atOnce];
  const request = async (): Promise<void> => {
    const permit = await governor.take('a', signal);
    story.requests.push(clock.now());
    const down = clock.now() >= site.from && clock.now() < site.to;
    await clock.wait(down ? 5 : 50);
    const error = down ? new ConnectFailed('no reply (ECONNREFUSED)') : undefined;
    permit.release({error});
    if (error !== undefined) throw error;
  };
  const item = async (): Promise<void> => {
    for (let charged = 0; ; charged++) {
      try {
        await request();
        story.done++;
        end = clock.now();
        return;
      } catch (thrown) {
        const error = thrown as DownloadError;
        const retry = policy.decide({error, class: error.class, attempt: charged + 1, charged, retries: 4, seen: () => 0,
          now: clock.time(), random});
        if (retry === undefined || charged >= 4) {
          story.failed.push(error.code);
          return;
        }
        await clock.wait(retry.delay);
      }
    }
  };
  for (let worker = 0; worker < atOnce; worker++) void (async () => { while (left-- > 0) await item(); open--; })();
  while (open > 0) await clock.advance(1000);
  expect([governor.running, governor.waiting, clock.pending]).to.deep.equal([0, 0, 0]);
  return {...story, end};
}

/** The most requests within any second of a span. */
function peak(requests: readonly number[], {from, to}: Site): number {
  const inside = requests.filter((at) => at >= from && at < to);
  return Math.max(0, ...inside.map((at, first) => inside.slice(first).filter((other) => other < at + 1000).length));
}

describe('Governor (1,000 queued items)', () => {
  const outage: Site = {from: 2000, to: 32_000};

  for (const atOnce of [16, 1000]) {
    it(`sees an outage of 30 s through, ${atOnce} alive at once: all finish, few requests are made meanwhile`, async () => {
      const {done, failed, requests, end} = await fetchAll(1000, atOnce, outage);
      expect({done, failed}).to.deep.equal({done: 1000, failed: []});
      const during = requests.filter((at) => at >= outage.from && at < outage.to);
      // Six run when it begins, four begin before the fifth fault opens the breaker; the rest are probes.
      expect(during.length, 'requests in the outage').to.be.at.most(6 + 4 + 8);
      expect(peak(requests, {from: outage.from + 100, to: outage.to}), 'a second').to.be.at.most(3);
      // 1,000 items of 50 ms, six at once, are 8.35 s; the outage is 30 s, the last probe comes at most 30 s later.
      expect(end).to.be.below(32_000 + 30_000 + 8350);
    }).timeout(20_000);
  }

  it('would lose items and hammer the origin without the breaker', async () => {
    const {failed, requests} = await fetchAll(1000, 16, outage, {outageFaults: 0});
    expect(failed.length).to.be.above(10);
    expect(peak(requests, {from: outage.from + 100, to: outage.to})).to.be.above(5);
  }).timeout(20_000);

  it('ends all items of an origin that never comes back, soon after maxOutage', async () => {
    const {done, failed, requests} = await fetchAll(1000, 16, {from: 0, to: Infinity});
    expect({done, failed: failed.length}).to.deep.equal({done: 0, failed: 1000});
    expect(requests.length).to.be.below(30);
  }).timeout(20_000);
});
