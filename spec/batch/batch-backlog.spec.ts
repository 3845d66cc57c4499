import {expect} from 'chai';
import {Batch} from '../../src/batch/batch.js';
import {FakeDownload, fakes, quiet} from './fake-download.js';

/** Gives held downloads and counts how many were asked for. */
class Source implements Iterable<FakeDownload> {
  readonly given: FakeDownload[] = [];
  constructor(readonly count = Infinity, readonly hold = true) {}

  *[Symbol.iterator](): Iterator<FakeDownload> {
    while (this.given.length < this.count) {
      const download = new FakeDownload({hold: this.hold, attachment: String(this.given.length)});
      this.given.push(download);
      yield download;
    }
  }

  get running(): number {
    return this.given.filter(({state}) => state === 'sent').length;
  }

  releaseAll(): void {
    for (const download of this.given) download.release();
  }
}

describe('Batch (backlog, concurrency, order)', () => {
  it('pulls nothing before the first next()', async () => {
    const source = new Source();
    const batch = new Batch(source);
    const iterator = batch[Symbol.asyncIterator]();
    await quiet();
    expect(source.given).to.have.length(0);
    await iterator.return?.();
  });

  it('pulls up to the backlog and no further while nothing is done', async () => {
    const source = new Source();
    const iterator = new Batch(source, {backlog: 3})[Symbol.asyncIterator]();
    const first = iterator.next();
    await quiet();
    expect(source.given).to.have.length(3);
    await iterator.return?.();
    expect(await first).to.deep.equal({value: undefined, done: true});
  });

  it('has a backlog of 16 when nothing is said', async () => {
    const source = new Source();
    const iterator = new Batch(source)[Symbol.asyncIterator]();
    void iterator.next();
    await quiet();
    expect(source.given).to.have.length(16);
    await iterator.return?.();
  });

  it('counts the one yielded until the next next()', async () => {
    const source = new Source();
    const iterator = new Batch(source, {backlog: 3})[Symbol.asyncIterator]();
    const pending = iterator.next();
    await quiet();
    source.releaseAll();
    await pending;
    await quiet();
    // One is in our hands, two are finished.
    expect(source.given.map(({state}) => state)).to.deep.equal(['done', 'done', 'done']);
    await iterator.next();
    await quiet();
    expect(source.given).to.have.length(4);
    await iterator.return?.();
  });

  it('pulls one at a time', async () => {
    let pulling = 0;
    let most = 0;
    async function *slowly() {
      for (let at = 0; at < 8; at++) {
        most = Math.max(most, ++pulling);
        await quiet();
        pulling--;
        yield new FakeDownload();
      }
    }
    // An iterator without a generator's own queue would be entered twice.
    const generator = slowly();
    let entered = 0;
    const source = {[Symbol.asyncIterator]: () => ({
      next: async () => {
        most = Math.max(most, ++entered);
        const step = await generator.next();
        entered--;
        return step;
      },
    })};
    let count = 0;
    for await (const plan of new Batch(source, {backlog: 5})) {
      await plan.result();
      count++;
    }
    expect({count, most}).to.deep.equal({count: 8, most: 1});
  });

  it('runs as many at once as the concurrency says and keeps the rest queued', async () => {
    const source = new Source(9);
    const iterator = new Batch(source, {backlog: 6, concurrency: 2})[Symbol.asyncIterator]();
    const pending = iterator.next();
    await quiet();
    expect({given: source.given.length, running: source.running}).to.deep.equal({given: 6, running: 2});
    source.given[0]?.release();
    await pending;
    await quiet();
    expect({given: source.given.length, running: source.running}).to.deep.equal({given: 6, running: 2});
    await iterator.return?.();
  });

  it('never runs more than the backlog, whatever the concurrency says', async () => {
    const source = new Source();
    const iterator = new Batch(source, {backlog: 2, concurrency: 50})[Symbol.asyncIterator]();
    void iterator.next();
    await quiet();
    expect(source.given).to.have.length(2);
    await iterator.return?.();
  });

  it('gives what is ready first', async () => {
    const downloads = fakes(3, {hold: true});
    const iterator = new Batch(downloads)[Symbol.asyncIterator]();
    const order: (string | undefined)[] = [];
    for (const at of [2, 0, 1]) {
      const pending = iterator.next();
      await quiet();
      downloads[at]?.release();
      order.push((await pending).value?.download.attachment);
    }
    expect(order).to.deep.equal(['2', '0', '1']);
    expect(await iterator.next()).to.deep.equal({value: undefined, done: true});
  });

  it('keeps the order of the source on request, and the index tells the place in either case', async () => {
    const downloads = fakes(7, {hold: true});
    const iterator = new Batch(downloads, {order: 'input', backlog: 3})[Symbol.asyncIterator]();
    const indexes: number[] = [];
    for (;;) {
      const pending = iterator.next();
      await quiet();
      // The last of those that run is done first.
      const running = downloads.filter(({state}) => state === 'sent').reverse();
      for (const download of running) {
        download.release();
        await quiet();
      }
      const {value, done} = await pending;
      if (done === true) break;
      indexes.push(value.index);
    }
    expect(indexes).to.deep.equal([0, 1, 2, 3, 4, 5, 6]);
  });

  it('works with a backlog of 1: one at a time', async () => {
    let alive = 0;
    let most = 0;
    function *source() {
      for (let at = 0; at < 5; at++) {
        most = Math.max(most, ++alive);
        yield new FakeDownload();
      }
    }
    for await (const plan of new Batch(source(), {backlog: 1})) {
      await plan.result();
      await quiet();
      alive--;
    }
    expect(most).to.equal(1);
  });

  it('answers concurrent calls of next() in turn, each with a plan of its own', async () => {
    const source = new Source(3, false);
    const iterator = new Batch(source, {backlog: 2})[Symbol.asyncIterator]();
    const steps = await Promise.all([iterator.next(), iterator.next(), iterator.next(), iterator.next(), iterator.next()]);
    expect(steps.map(({value}) => value?.download.attachment)).to.deep.equal(['0', '1', '2', undefined, undefined]);
    expect(steps.map(({done}) => done)).to.deep.equal([false, false, false, true, true]);
  });
});
