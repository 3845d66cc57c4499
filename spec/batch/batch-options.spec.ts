import {expect} from 'chai';
import {Batch} from '../../src/batch/batch.js';
import {fakes} from './fake-download.js';

describe('Batch (options)', () => {
  const bad: [object, typeof TypeError | typeof RangeError, string][] = [
    [{backlog: 0}, RangeError, 'batch.backlog: expected a whole number of at least 1, got 0'],
    [{backlog: 1.5}, RangeError, 'batch.backlog: expected a whole number of at least 1, got 1.5'],
    [{backlog: '3'}, TypeError, 'batch.backlog: expected a whole number of at least 1, got "3"'],
    [{concurrency: 0}, RangeError, 'batch.concurrency: expected a whole number of at least 1, got 0'],
    [{order: 'random'}, TypeError, 'batch.order: expected one of completion, input, got "random"'],
    [{context: {}}, TypeError, 'batch.context: expected a Context, got an Object'],
    [{signal: 'stop'}, TypeError, 'batch.signal: expected an AbortSignal, got "stop"'],
    [{backlogs: 3}, TypeError, 'batch: unknown option \'backlogs\''],
  ];
  for (const [options, kind, message] of bad) {
    it(`refuses ${JSON.stringify(options)}`, () => {
      expect(() => new Batch([], options)).to.throw(kind, message);
    });
  }

  it('refuses what is no source', () => {
    for (const source of [undefined, null, 5, 'https://repo.example/', {}]) {
      expect(() => new Batch(source as never)).to.throw(TypeError, 'downloads: expected an iterable of downloads');
    }
  });

  it('runs once', async () => {
    const batch = new Batch(fakes(1));
    for await (const plan of batch) await plan.result();
    expect(() => batch[Symbol.asyncIterator]()).to.throw(TypeError, 'batch: it runs once; make another one');
  });
});
