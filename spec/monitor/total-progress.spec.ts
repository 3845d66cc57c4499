import {expect} from 'chai';
import {TotalProgress} from '../../src/monitor/total-progress.js';
import {TestClock} from '../../src/testing/test-clock.js';
import {Watched} from './watched.js';

function watchThree(expected?: number): {total: TotalProgress; clock: TestClock; downloads: [Watched, Watched, Watched]} {
  const clock = new TestClock();
  const total = new TotalProgress({clock, expected});
  const downloads: [Watched, Watched, Watched] = [new Watched(), new Watched(), new Watched()];
  for (const download of downloads) total.add(download);
  return {total, clock, downloads};
}

describe('TotalProgress', () => {
  it('adds up bytes, totals, speed and the time that is left', async () => {
    const {total, clock, downloads: [one, two, three]} = watchThree(3);
    for (const download of [one, two, three]) download.sent();
    one.replied(1000);
    two.replied(2000);
    three.replied(3000);
    await clock.advance(1000);
    one.fetched(1000, 0);
    two.fetched(500, 0);
    one.succeeded(1000);
    expect(total.progress()).to.deep.equal({
      items: {added: 3, running: 2, done: 1, failed: 0, expected: 3},
      bytes: 1500, total: 6000, percent: 25, speed: 1500, eta: 3000, rewinds: 0,
    });
  });

  it('goes by items, and guesses the time by the mean size, while sizes are missing', async () => {
    const {total, clock, downloads: [one, two]} = watchThree(10);
    one.sent();
    await clock.advance(1000);
    one.fetched(100, 0);
    one.succeeded(100);
    two.replied(300);
    expect(total.progress()).to.include({bytes: 100, total: undefined, percent: 10, speed: 100, eta: (200 * 10 - 100) * 10});
  });

  it('promises nothing while nobody knows how many there will be, until told', () => {
    const {total, downloads: [one, two, three]} = watchThree();
    one.replied(50);
    two.replied(50);
    one.fetched(50, 0);
    one.succeeded(50);
    expect(total.progress()).to.include({bytes: 50, total: undefined, percent: undefined, eta: undefined});
    total.expect(3);
    three.replied(100);
    expect(total.progress()).to.include({total: 200, percent: 25});
  });

  it('counts more than expected rather than passing 100 %', () => {
    const {total, downloads: [one, two]} = watchThree(1);
    one.succeeded(5);
    expect(total.progress().percent).to.be.closeTo(33.3, 0.1);
    two.failed();
    expect(total.progress().percent).to.be.closeTo(66.7, 0.1);
  });

  it('keeps the bytes of a failed download, and is done when every item is over', () => {
    const {total, downloads: [one, two, three]} = watchThree(3);
    one.replied(100);
    one.fetched(40, 0);
    one.failed();
    two.succeeded(60);
    three.succeeded(0);
    expect(total.progress()).to.deep.equal({
      items: {added: 3, running: 0, done: 2, failed: 1, expected: 3},
      bytes: 100, total: 100, percent: 100, speed: 80, eta: 0, rewinds: 0,
    });
  });

  it('counts rewinds of the running and the finished', () => {
    const {total, downloads: [one, two]} = watchThree();
    for (const download of [one, two]) {
      download.fetched(10, 0);
      download.sent(0);
    }
    one.failed();
    expect(total.progress()).to.include({rewinds: 2, bytes: 0});
  });

  it('lets a finished download go, and counts it again only as a new one', () => {
    const {total, downloads: [one]} = watchThree();
    one.succeeded(5);
    expect(one.heard).to.equal(false);
    total.remove(one);
    expect(total.progress().items).to.include({added: 3, done: 1});
    total.add(one);
    expect(total.progress().items).to.include({added: 4, running: 3, done: 1});
  });

  it('takes a removed download out, its bytes too, and ignores one that it does not have', () => {
    const {total, downloads: [one, two]} = watchThree();
    one.fetched(10, 0);
    two.fetched(5, 0);
    total.remove(one);
    total.remove(one);
    expect(one.heard).to.equal(false);
    one.fetched(10, 10);
    expect(total.progress()).to.deep.include({bytes: 5, items: {added: 2, running: 2, done: 0, failed: 0, expected: undefined}});
  });

  it('adds a download once while it runs', () => {
    const {total, downloads: [one]} = watchThree();
    total.add(one);
    one.fetched(10, 0);
    expect(total.progress()).to.deep.include({bytes: 10}).and.to.have.nested.property('items.added', 3);
  });

  it('tells changes after its sums are right', () => {
    const told: string[] = [];
    const total: TotalProgress = new TotalProgress({clock: new TestClock(), onProgress: (notice) => {
      told.push(`${notice} ${total.progress().bytes} ${total.progress().items.done}`);
    }});
    const download = new Watched();
    total.add(download);
    download.sent();
    download.fetched(7, 0);
    download.succeeded(7);
    expect(told).to.deep.equal(['changed 0 0', 'advanced 7 0', 'changed 7 1']);
  });

  it('is at nothing when there is nothing, and done when nothing is expected', () => {
    expect(new TotalProgress().progress()).to.include({bytes: 0, total: undefined, percent: undefined, eta: undefined});
    expect(new TotalProgress({expected: 0}).progress()).to.include({total: 0, percent: 100, eta: 0});
    expect(new TotalProgress({expected: 2}).progress()).to.include({total: undefined, percent: 0, eta: undefined});
  });

  it('refuses bad options by name', () => {
    expect(() => new TotalProgress({items: 3} as object)).to.throw(TypeError, 'TotalProgress: unknown option \'items\'');
    expect(() => new TotalProgress({expected: -1})).to.throw(RangeError, 'expected: ');
    expect(() => new TotalProgress({onProgress: 5 as unknown as () => void})).to.throw(TypeError, 'onProgress: ');
    expect(() => { new TotalProgress().expect(0.5); }).to.throw(RangeError, 'expected: ');
  });
});
