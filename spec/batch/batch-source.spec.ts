import {expect} from 'chai';
import {Batch} from '../../src/batch/batch.js';
import type {Plan} from '../../src/batch/plan.js';
import {Context} from '../../src/core/context.js';
import {DownloadFailed, type DownloadError} from '../../src/core/errors.js';
import {FakeDownload, fakes, quiet} from './fake-download.js';

async function collect(batch: Batch<FakeDownload>): Promise<{plans: Plan<FakeDownload>[]; thrown: unknown}> {
  const plans: Plan<FakeDownload>[] = [];
  try {
    for await (const plan of batch) plans.push(plan);
    return {plans, thrown: undefined};
  } catch (thrown) {
    return {plans, thrown};
  }
}

describe('Batch (sources)', () => {
  const sources: Record<string, () => ConstructorParameters<typeof Batch<FakeDownload>>[0]> = {
    'an array': () => fakes(3),
    'a generator': () => (function *source() { yield* fakes(3); })(),
    'an async generator': () => (async function *source() { yield* fakes(3); })(),
    'a function that gives an array': () => () => fakes(3),
    'an async generator function': () => async function *source() { yield* fakes(3); },
  };
  for (const [name, source] of Object.entries(sources)) {
    it(`takes ${name}`, async () => {
      const {plans, thrown} = await collect(new Batch(source()));
      expect(thrown).to.equal(undefined);
      expect(plans.map(({download}) => download.attachment)).to.have.members(['0', '1', '2']);
    });
  }

  it('is over at once when there are none', async () => {
    expect(await collect(new Batch<FakeDownload>([]))).to.deep.equal({plans: [], thrown: undefined});
  });

  it('rejects with what the source threw after the plans that it yielded', async () => {
    const broken = new Error('the database is gone');
    for (const backlog of [1, 2, 16]) {
      async function *source() {
        yield* fakes(3);
        throw broken;
      }
      const {plans, thrown} = await collect(new Batch(source(), {backlog}));
      expect(plans.map(({index}) => index)).to.have.members([0, 1, 2]);
      expect(thrown).to.equal(broken);
    }
  });

  it('is over after it told what the source threw', async () => {
    const iterator = new Batch<FakeDownload>(() => { throw new Error('no source'); })[Symbol.asyncIterator]();
    const thrown = await iterator.next().catch((error: unknown) => error);
    expect((thrown as Error).message).to.equal('no source');
    expect(await iterator.next()).to.deep.equal({value: undefined, done: true});
  });

  it('refuses something else than a download after the plans before it, and ends the source', async () => {
    let ended = false;
    function *source() {
      try {
        yield new FakeDownload();
        yield 'https://repo.example/file' as unknown as FakeDownload;
        yield new FakeDownload();
      } finally {
        ended = true;
      }
    }
    const {plans, thrown} = await collect(new Batch(source()));
    expect({plans: plans.length, ended}).to.deep.equal({plans: 1, ended: true});
    expect(thrown).to.be.instanceOf(TypeError).with.property('message').that.matches(/^downloads: expected a Download from the source/);
  });

  it('refuses a function that gives no iterable', async () => {
    const {thrown} = await collect(new Batch<FakeDownload>((() => 5) as never));
    expect(thrown).to.be.instanceOf(TypeError).with.property('message',
      'downloads: expected an iterable of downloads from the function, got 5');
  });

  it('gives a failed plan for a download that is yielded twice', async () => {
    const download = new FakeDownload();
    const {plans, thrown} = await collect(new Batch([download, download]));
    expect(thrown).to.equal(undefined);
    expect(plans.map(({error}) => error?.code)).to.have.members([undefined, 'DOWNLOAD_FAILED']);
    const failed = plans.find(({error}) => error !== undefined)?.error;
    expect(failed?.message).to.match(/can't run: run: a download runs once/);
    expect(failed?.download).to.equal(download);
  });

  it('never rejects for a download that failed, and tells nobody about a plan that nobody asks', async () => {
    const unhandled: unknown[] = [];
    const listener = (reason: unknown): void => { unhandled.push(reason); };
    process.on('unhandledRejection', listener);
    try {
      const fault = new DownloadFailed('gone');
      const {plans, thrown} = await collect(new Batch([...fakes(2), ...fakes(3, {fault})]));
      await quiet();
      expect(thrown).to.equal(undefined);
      expect(plans.filter(({error}) => error === fault)).to.have.length(3);
      expect(unhandled).to.deep.equal([]);
    } finally {
      process.off('unhandledRejection', listener);
    }
  });

  it('gives its Context to the downloads that have none', async () => {
    const [shared, own] = [new Context(), new Context()];
    const downloads = [new FakeDownload(), new FakeDownload({context: own})];
    await collect(new Batch(downloads, {context: shared}));
    expect(downloads.map(({context}) => context)).to.deep.equal([shared, own]);
    expect([shared.closed, own.closed]).to.deep.equal([false, false]);
  });

  it('makes one Context for all when none is given, and closes it at the end', async () => {
    const downloads = fakes(3);
    await collect(new Batch(downloads));
    const contexts = new Set(downloads.map(({context}) => context));
    expect([...contexts].map((context) => context?.closed)).to.deep.equal([true]);
  });
});

describe('Plan', () => {
  it('gives the result, again and again, with the attachment', async () => {
    const {plans: [plan]} = await collect(new Batch(fakes(1)));
    expect(plan?.error).to.equal(undefined);
    const [one, other] = [await plan?.result(), await plan?.result()];
    expect(one).to.equal(other);
    expect({outcome: one?.outcome, attachment: one?.attachment, size: one?.facts.size})
      .to.deep.equal({outcome: 'fetched', attachment: '0', size: 5});
  });

  it('rejects with the fault, again and again', async () => {
    const fault = new DownloadFailed('gone');
    const {plans: [plan]} = await collect(new Batch(fakes(1, {fault})));
    const caught: (DownloadError | undefined)[] = [];
    for (let time = 0; time < 2; time++) await plan?.result().catch((error: unknown) => { caught.push(error as DownloadError); });
    expect(caught).to.deep.equal([fault, fault]);
  });
});
