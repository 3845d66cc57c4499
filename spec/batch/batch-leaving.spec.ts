import {expect} from 'chai';
import {Batch} from '../../src/batch/batch.js';
import {Context} from '../../src/core/context.js';
import {Cancelled} from '../../src/core/errors.js';
import {countAbortListeners} from '../support/left-open.js';
import {FakeDownload, fakes, quiet} from './fake-download.js';

/** An endless source that knows how often it was asked and whether it was ended. */
class Endless implements AsyncIterable<FakeDownload> {
  readonly given: FakeDownload[] = [];
  ended = 0;
  constructor(readonly hold = true) {}

  [Symbol.asyncIterator](): AsyncIterator<FakeDownload> {
    return {
      next: async () => {
        const download = new FakeDownload({hold: this.hold, attachment: String(this.given.length)});
        this.given.push(download);
        return {value: download, done: false};
      },
      return: async () => {
        this.ended++;
        return {value: undefined, done: true};
      },
    };
  }
}

describe('Batch (leaving)', () => {
  const ways: Record<string, (batch: Batch<FakeDownload>) => Promise<void>> = {
    'by break': async (batch) => { for await (const _plan of batch) break; },
    'by throw': async (batch) => {
      const thrown = new Error('enough');
      const caught = await (async () => { for await (const _plan of batch) throw thrown; })().catch((error: unknown) => error);
      expect(caught).to.equal(thrown);
    },
    'by return': async (batch) => {
      await (async () => { for await (const plan of batch) return plan; return undefined; })();
    },
    'by close() inside the loop': async (batch) => { for await (const _plan of batch) await batch.close(); },
    'by dispose': async (batch) => {
      await batch[Symbol.asyncIterator]().next();
      await batch[Symbol.asyncDispose]();
    },
  };
  for (const [name, leave] of Object.entries(ways)) {
    it(`${name}: cancels what runs, waits for it, ends the source, and pulls nothing more`, async () => {
      const source = new Endless();
      const batch = new Batch(source, {backlog: 4, concurrency: 2});
      setImmediate(() => { source.given[0]?.release(); });
      await leave(batch);
      const states = source.given.map(({state}) => state);
      expect(states.filter((state) => state !== 'done' && state !== 'failed')).to.deep.equal([]);
      expect(states.filter((state) => state === 'done')).to.have.length(1);
      const asked = source.given.length;
      await quiet();
      expect({asked: source.given.length, ended: source.ended}).to.deep.equal({asked, ended: 1});
    });
  }

  it('tells downloads that never started FAILED and nothing else', async () => {
    const downloads = fakes(4, {hold: true});
    const told: string[] = [];
    for (const name of ['prepared', 'sent', 'failed'] as const) downloads[3]?.register(name, () => { told.push(name); });
    const iterator = new Batch(downloads, {backlog: 4, concurrency: 1})[Symbol.asyncIterator]();
    void iterator.next();
    await quiet();
    await iterator.return?.();
    expect(told).to.deep.equal(['failed']);
  });

  it('does not wait on a pending pull, and tells what comes of it later FAILED', async () => {
    let give: (download: FakeDownload) => void = () => undefined;
    let ended = false;
    async function *source() {
      try {
        yield new FakeDownload();
        yield await new Promise<FakeDownload>((resolve) => { give = resolve; });
      } finally {
        ended = true;
      }
    }
    for await (const _plan of new Batch(source())) break;
    expect(ended).to.equal(false);
    const late = new FakeDownload();
    give(late);
    await quiet();
    expect({state: late.state, ended}).to.deep.equal({state: 'failed', ended: true});
  });

  it('ends a next() that waits', async () => {
    const iterator = new Batch(new Endless())[Symbol.asyncIterator]();
    const waiting = [iterator.next(), iterator.next()];
    await quiet();
    await iterator.return?.();
    expect(await Promise.all(waiting)).to.deep.equal([{value: undefined, done: true}, {value: undefined, done: true}]);
  });

  it('gives the source a signal that is aborted when the loop is left', async () => {
    let seen: AbortSignal | undefined;
    const batch = new Batch((signal) => {
      seen = signal;
      return new Endless(false);
    });
    for await (const _plan of batch) {
      expect(seen?.aborted).to.equal(false);
      break;
    }
    expect(seen?.aborted).to.equal(true);
    expect(seen?.reason).to.be.instanceOf(Cancelled);
  });

  it('hides what a source throws when it is ended', async () => {
    function *source() {
      try {
        yield* fakes(5);
      } finally {
        throw new Error('thrown in finally'); // eslint-disable-line no-unsafe-finally
      }
    }
    for await (const _plan of new Batch(source(), {backlog: 2})) break;
  });

  it('closes its own Context and leaves a given one open', async () => {
    const given = new Context();
    for (const context of [undefined, given]) {
      const source = new Endless(false);
      for await (const _plan of new Batch(source, {context})) break;
      expect(source.given[0]?.context?.closed).to.equal(context === undefined);
    }
  });

  it('may be closed twice, and before it began', async () => {
    const source = new Endless(false);
    const batch = new Batch(source);
    await batch.close();
    await batch.close();
    expect(() => batch[Symbol.asyncIterator]()).to.throw(TypeError, 'batch: it is closed');
    expect(source.given).to.have.length(0);
  });
});

describe('Batch (signal)', () => {
  it('cancels what runs and makes the iteration throw Cancelled, with the reason as cause', async () => {
    const controller = new AbortController();
    const source = new Endless();
    const iterator = new Batch(source, {backlog: 3, signal: controller.signal})[Symbol.asyncIterator]();
    const pending = iterator.next().catch((error: unknown) => error);
    await quiet();
    controller.abort(new Error('SIGINT'));
    const thrown = await pending;
    expect(thrown).to.be.instanceOf(Cancelled).with.property('message', 'the batch was cancelled');
    expect(((thrown as Cancelled).cause as Error).message).to.equal('SIGINT');
    expect({states: source.given.map(({state}) => state), ended: source.ended})
      .to.deep.equal({states: ['failed', 'failed', 'failed'], ended: 1});
    expect(await iterator.next()).to.deep.equal({value: undefined, done: true});
  });

  it('throws without asking the source when it is aborted already', async () => {
    const source = new Endless();
    const iterator = new Batch(source, {signal: AbortSignal.abort()})[Symbol.asyncIterator]();
    expect(await iterator.next().catch((error: unknown) => error)).to.be.instanceOf(Cancelled);
    expect(source.given).to.have.length(0);
  });

  it('is noticed while a plan is in the caller\'s hands', async () => {
    const controller = new AbortController();
    let caught: unknown;
    try {
      for await (const _plan of new Batch(new Endless(false), {signal: controller.signal})) controller.abort();
    } catch (thrown) {
      caught = thrown;
    }
    expect(caught).to.be.instanceOf(Cancelled);
  });

  it('keeps no listener behind', async () => {
    const {signal} = new AbortController();
    for await (const plan of new Batch(fakes(3), {signal})) {
      await plan.result();
      expect(countAbortListeners(signal)).to.equal(1);
    }
    expect(countAbortListeners(signal)).to.equal(0);
  });
});
