import {expect} from 'chai';
import {Context} from '../../src/core/context.js';
import {ConnectFailed, NotFound, Throttled, type DownloadError} from '../../src/core/errors.js';
import {MirrorTour, type Place} from '../../src/delegate/mirror-tour.js';
import {governorOf} from '../../src/policy/governor.js';
import {MIRROR_SCORES, MirrorScores, type MirrorScore} from '../../src/policy/mirror-score.js';
import {TestClock} from '../../src/testing/test-clock.js';

describe('MirrorTour', () => {
  let clock: TestClock;
  let context: Context;
  beforeEach(() => {
    clock = new TestClock();
    context = new Context({clock, random: () => 0.5});
  });
  afterEach(() => context.close());

  const tour = (...places: (string | Place)[]): MirrorTour =>
    new MirrorTour(places.map((place) => typeof place === 'string' ? {url: `http://${place}/f`} : place), context);
  const score = (host: string): MirrorScore => context.share(MIRROR_SCORES, () => new MirrorScores(clock)).of(`http://${host}/`);
  const refused = (): DownloadError => new ConnectFailed('refused');
  const missing = (): DownloadError => new NotFound('missing', {status: 404});

  function fail(host: string, times: number): void {
    for (let at = 0; at < times; at++) score(host).visit().failed(refused());
  }

  /** The hosts asked until there is none, each answering with its fault; `+` where a new round began. */
  function walk(one: MirrorTour, faultOf: (host: string) => DownloadError, most = 9): string {
    let way = '';
    for (let at = 0; at < most; at++) {
      const stop = one.next();
      if (stop === undefined) break;
      const {host} = new URL(stop.url);
      way += (stop.newRound ? '+' : '') + host;
      one.failed(stop.url, faultOf(host));
    }
    return way;
  }

  it('asks each once, then those that failed in passing', () => {
    expect(walk(tour('a', 'b', 'c'), (host) => host === 'b' ? refused() : missing(), 5)).to.equal('abc+b+b');
  });

  it('leaves a mirror that is out to the second round, and readmits it there', () => {
    fail('a', 4);
    expect(walk(tour('a', 'b', 'c'), missing)).to.equal('bc+a');
  });

  it('keeps mirrors that are out when there are no others', () => {
    fail('a', 4);
    fail('b', 4);
    expect(walk(tour('a', 'b'), missing)).to.equal('ab');
  });

  it('asks one that failed after those that did not, and returns to the best after a miss', () => {
    fail('a', 1);
    score('c').visit().succeeded(1, 1);
    expect(walk(tour('a', 'b', 'c'), missing)).to.equal('bca');
    expect(walk(tour('a', 'b', 'c'), missing)).to.equal('bca');
  });

  it('learns on the way: one that failed elsewhere meanwhile is asked later', () => {
    const one = tour('a', 'b', 'c');
    expect(one.next()?.url).to.equal('http://a/f');
    fail('b', 1);
    expect(one.next()?.url).to.equal('http://c/f');
  });

  it('counts visits for the mirror of the place', () => {
    const one = tour({url: 'http://m/pool/x/f', mirror: 'http://a/'}, 'b');
    one.visit('http://m/pool/x/f#there');
    expect([score('a').running, score('b').running, one.visit('http://elsewhere/f')]).to.deep.equal([1, 0, undefined]);
  });

  it('waits for a mirror as long as it asked, asks the freer one first, and gives up on one that wants hours', () => {
    const waits = new Map([['a', 60_000], ['b', 10_000], ['c', 7_200_000]]);
    const one = tour('a', 'b', 'c');
    const way = walk(one, (host) => new Throttled('wait', {status: 503}, {retryAt: clock.time() + (waits.get(host) ?? 0)}), 3);
    const next = [one.next(), one.next()];
    expect(way).to.equal('abc');
    expect(next).to.deep.equal([{url: 'http://b/f', wait: 10_000, newRound: true}, {url: 'http://a/f', wait: 60_000, newRound: false}]);
  });

  it('passes by a mirror whose origin the governor keeps closed, whatever its priority', async () => {
    const permit = await governorOf(context).take('http://a', new AbortController().signal);
    permit.release({error: new Throttled('wait', {status: 429}, {retryAt: clock.time() + 60_000})});
    const places = [{url: 'http://a/f', priority: 1}, {url: 'http://b/f', priority: 2}];
    expect(walk(tour(...places), missing)).to.equal('ba');
    await clock.advance(60_000);
    expect(walk(tour(...places), missing)).to.equal('ab');
  });

  it('begins behind a place that was asked already', () => {
    const one = tour('own', 'b');
    one.failed('http://own/f', missing());
    expect({way: walk(one, missing), errors: one.errors.length}).to.deep.equal({way: 'b', errors: 2});
  });
});
