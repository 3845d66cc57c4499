import {expect} from 'chai';
import {ConnectFailed} from '../../src/core/errors.js';
import type {Source} from '../../src/policy/mirror-list.js';
import {orderMirrors} from '../../src/policy/mirror-order.js';
import {MirrorScore} from '../../src/policy/mirror-score.js';
import {TestClock} from '../../src/testing/test-clock.js';

interface Mirror {
  readonly name: string;
  readonly source: Omit<Source, 'url'>;
  readonly score: MirrorScore;
}

describe('orderMirrors', () => {
  let clock: TestClock;
  beforeEach(() => { clock = new TestClock(); });

  const mirror = (name: string, source: Omit<Source, 'url'> = {}): Mirror => ({name, source, score: new MirrorScore(clock)});
  const order = (mirrors: readonly Mirror[], random = (): number => { throw new Error('not asked for'); }): string =>
    orderMirrors(mirrors, random).map(({name}) => name).join('');

  async function measure({score}: Mirror, firstByte: number, bytes: number, ms: number): Promise<void> {
    const visit = score.visit();
    await clock.advance(firstByte);
    visit.replied();
    visit.succeeded(bytes, firstByte + ms);
  }

  function failed(one: Mirror, times: number): Mirror {
    for (let at = 0; at < times; at++) one.score.visit().failed(new ConnectFailed('refused'));
    return one;
  }

  it('keeps the order of the list while nothing is known', () => {
    expect(order([mirror('a'), mirror('b'), mirror('c')])).to.equal('abc');
  });

  it('asks by priority, then by preference, whatever is known of them', () => {
    const mirrors = [mirror('a'), mirror('b', {priority: 2}), mirror('c', {priority: 1}),
      mirror('d', {priority: 2, preference: 1}), mirror('e')];
    expect(order(mirrors)).to.equal('cdbae');
    failed(mirrors[2]!, 1);
    expect(order(mirrors)).to.equal('cdbae');
  });

  it('asks good and untried ones before those that failed, and those that are out last', () => {
    const good = mirror('g');
    good.score.visit().succeeded(1, 1);
    expect(order([failed(mirror('o'), 4), failed(mirror('b'), 1), mirror('u'), good])).to.equal('ugbo');
  });

  it('asks the faster one first, by latency and throughput', async () => {
    const [a, b, c] = [mirror('a'), mirror('b'), mirror('c')];
    await measure(a, 10, 1_000_000, 10_000);
    await measure(b, 10, 1_000_000, 1000);
    await measure(c, 500, 1_000_000, 1000);
    expect(order([a, b, c])).to.equal('bca');
  });

  it('takes one that was never measured for as good as the best, so that each is tried', async () => {
    const [fast, slow] = [mirror('f'), mirror('s')];
    await measure(fast, 10, 1_000_000, 1000);
    await measure(slow, 10, 1_000_000, 9000);
    expect(order([slow, mirror('u'), fast])).to.equal('ufs');
    expect(order([fast, mirror('u'), slow])).to.equal('fus');
  });

  it('spreads by what is running', () => {
    const [a, b] = [mirror('a'), mirror('b')];
    const asked = Array.from({length: 6}, () => {
      const [first] = orderMirrors([a, b], () => 0);
      first?.score.visit();
      return first?.name;
    });
    expect(asked.join('')).to.equal('ababab');
  });

  it('draws by weight where there are weights', () => {
    const mirrors = [mirror('a', {weight: 3}), mirror('b')];
    let seed = 0;
    const random = (): number => (seed = (seed * 16_807 + 12_345) % 2_147_483_647) / 2_147_483_647;
    const firsts = Array.from({length: 4000}, () => order(mirrors, random)[0]);
    expect(firsts.filter((name) => name === 'a').length).to.be.within(2850, 3150);
  });
});
