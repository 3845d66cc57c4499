import {expect} from 'chai';
import {Batch} from '../../src/batch/batch.js';
import {Context} from '../../src/core/context.js';
import {GOVERNOR} from '../../src/policy/governor.js';
import {FakeDownload, quiet} from './fake-download.js';

function *held(host: string, count: number, made: FakeDownload[]): Generator<FakeDownload> {
  for (let at = 0; at < count; at++) {
    const download = new FakeDownload({url: `fake://${host}/${at}`, hold: true});
    made.push(download);
    yield download;
  }
}

const sent = (downloads: FakeDownload[]): number => downloads.filter(({state}) => state === 'sent').length;

describe('Batch (permits)', () => {
  it('shares the permits of one Context with another batch: never more than the limits in all and per origin', async () => {
    const context = new Context({limits: {total: 5, perOrigin: 3}});
    const [one, other]: [FakeDownload[], FakeDownload[]] = [[], []];
    const sources = [held('same', 10, one), held('same', 5, other), held('else', 9, other)];
    const batches = sources.map((source) => new Batch(source, {context}));
    const counts = batches.map(async (batch) => {
      let done = 0;
      for await (const plan of batch) {
        await plan.result();
        done++;
      }
      return done;
    });
    const all = (): FakeDownload[] => [...one, ...other];
    for (let left = 24; left > 0; left--) {
      await quiet();
      const running = all().filter(({state}) => state === 'sent');
      const same = running.filter(({url}) => url.startsWith('fake://same')).length;
      expect(running.length).to.be.at.most(5);
      expect(same).to.be.at.most(3);
      expect(context.get(GOVERNOR)?.running).to.equal(running.length);
      if (left > 10) expect(running.length).to.equal(5);
      running[0]?.release();
    }
    expect(await Promise.all(counts)).to.deep.equal([10, 5, 9]);
    expect(context.get(GOVERNOR)).to.include({running: 0, waiting: 0});
    await context.close();
  });

  it('gives the permits of a left batch to the other', async () => {
    const context = new Context({limits: {total: 2}});
    const [one, other]: [FakeDownload[], FakeDownload[]] = [[], []];
    const first = new Batch(held('one', 5, one), {context});
    const second = new Batch(held('other', 5, other), {context});
    const iterators = [first[Symbol.asyncIterator](), second[Symbol.asyncIterator]()];
    void iterators[0]?.next();
    await quiet();
    void iterators[1]?.next();
    await quiet();
    expect([sent(one), sent(other)]).to.deep.equal([2, 0]);
    await first.close();
    await quiet();
    expect([sent(one), sent(other)]).to.deep.equal([0, 2]);
    await second.close();
    expect(context.get(GOVERNOR)).to.include({running: 0, waiting: 0});
    await context.close();
  });
});
