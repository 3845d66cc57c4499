import {expect} from 'chai';
import type {Change, ChangesOptions} from '../../../src/catalogue/contract.js';
import {ChangeFeed} from '../../../src/catalogue/server/change-feed.js';
import {TestClock} from '../../../src/testing/index.js';

/** A feed of so many changes; every third is of the release `r3`. */
class Log {
  readonly asked: ChangesOptions[] = [];
  length = 0;
  failing = false;
  /** Called once the answer is made, before it arrives. */
  afterRead: (() => void) | undefined;

  async changes(options: ChangesOptions = {}): Promise<Change[]> {
    this.asked.push(options);
    if (this.failing) throw new Error('away');
    const {after = 0, limit = 100, name} = options;
    const rows = Array.from({length: this.length}, (_, at) => ({seq: at + 1, name: (at + 1) % 3 === 0 ? 'r3' : 'r1'} as Change));
    const found = rows.filter((row) => row.seq > after && (name === undefined || row.name === name)).slice(0, limit);
    this.afterRead?.();
    return found;
  }
}

describe('ChangeFeed', () => {
  const make = (): {log: Log; clock: TestClock; feed: ChangeFeed} => {
    const [log, clock] = [new Log(), new TestClock()];
    return {log, clock, feed: new ChangeFeed(log, clock, 500)};
  };

  /** Collects what is told until the signal ends it. */
  function collect(feed: ChangeFeed, after = 0, name?: string): {seen: number[]; stop: () => Promise<void>} {
    const controller = new AbortController();
    const seen: number[] = [];
    const running = (async () => {
      for await (const changes of feed.follow(after, name, controller.signal)) seen.push(...changes.map(({seq}) => seq));
    })();
    return {seen, stop: async () => {
      controller.abort();
      await running;
    }};
  }

  it('finds the last place by a few lookups', async () => {
    const {log, feed} = make();
    for (const length of [0, 1, 2, 3, 4, 7, 8, 9, 100, 1000, 15_001]) {
      log.length = length;
      log.asked.length = 0;
      expect(await feed.last()).to.equal(length);
      expect(log.asked.length).to.be.lessThan(32);
    }
  });

  it('tells all that is there, and then what comes, in order and once', async () => {
    const {log, feed, clock} = make();
    log.length = 250;
    const {seen, stop} = collect(feed, 40);
    await clock.advance(0);
    expect(seen).to.deep.equal(Array.from({length: 210}, (_, at) => at + 41));
    log.length = 252;
    await clock.advance(499);
    expect(seen.at(-1)).to.equal(250);
    await clock.advance(1);
    await clock.advance(0);
    expect(seen.slice(-3)).to.deep.equal([250, 251, 252]);
    log.length = 253;
    feed.wake();
    await clock.advance(0);
    expect(seen.at(-1)).to.equal(253);
    await stop();
    expect(clock.ticking).to.equal(0);
  });

  it('tells those of one release, and goes on behind them', async () => {
    const {log, feed, clock} = make();
    log.length = 10;
    const {seen, stop} = collect(feed, 0, 'r3');
    for (const length of [10, 12, 13, 15]) {
      log.length = length;
      await clock.advance(500);
      await clock.advance(0);
    }
    expect(seen).to.deep.equal([3, 6, 9, 12, 15]);
    log.length = 17;
    await clock.advance(500);
    log.asked.length = 0;
    await clock.advance(5000);
    expect(log.asked, 'changes of others are looked at once').to.have.length(10);
    await stop();
  });

  it('asks once for all who wait, and not at all when nobody does', async () => {
    const {log, feed, clock} = make();
    log.length = 5;
    const followers = Array.from({length: 20}, () => collect(feed));
    await clock.advance(0);
    log.asked.length = 0;
    await clock.advance(5000);
    expect(log.asked).to.have.length(10);
    log.length = 6;
    await clock.advance(500);
    await clock.advance(0);
    for (const {seen} of followers) expect(seen).to.deep.equal([1, 2, 3, 4, 5, 6]);
    await Promise.all(followers.map(({stop}) => stop()));
    log.asked.length = 0;
    await clock.advance(5000);
    expect(log.asked).to.have.length(0);
  });

  it('misses nothing that is written while it reads', async () => {
    const {log, feed, clock} = make();
    log.afterRead = () => {
      log.afterRead = undefined;
      log.length = 1;
      feed.wake();
    };
    const {seen, stop} = collect(feed);
    await clock.advance(0);
    await clock.advance(0);
    expect(seen).to.deep.equal([1]);
    await stop();
  });

  it('goes on after a look that failed', async () => {
    const {log, feed, clock} = make();
    const {seen, stop} = collect(feed);
    await clock.advance(0);
    log.failing = true;
    await clock.advance(1500);
    log.failing = false;
    log.length = 1;
    await clock.advance(500);
    await clock.advance(0);
    expect(seen).to.deep.equal([1]);
    await stop();
  });
});
