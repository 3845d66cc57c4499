import {expect} from 'chai';
import {setFlagsFromString} from 'node:v8';
import {runInNewContext} from 'node:vm';
import {Batch} from '../../src/batch/batch.js';
import {Context} from '../../src/core/context.js';
import {countAbortListeners} from '../support/left-open.js';
import {FakeDownload} from './fake-download.js';

const COUNT = 100_000;
const MIB = 1024 * 1024;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function heap(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

describe('Batch (memory)', () => {
  it(`runs ${COUNT} downloads with a flat heap and flat listener counts`, async () => {
    const context = new Context();
    const {signal} = new AbortController();
    let inner: AbortSignal | undefined;
    const source = function *source(given: AbortSignal) {
      inner = given;
      for (let at = 0; at < COUNT; at++) yield new FakeDownload({url: `fake://host-${at % 50}/file-${at}`});
    };
    const samples: number[] = [];
    let listeners = 0;
    for await (const plan of new Batch(source, {context, signal, backlog: 50})) {
      await plan.result();
      if (plan.index % 10_000 !== 9_999) continue;
      samples.push(heap());
      listeners = Math.max(listeners, countAbortListeners(signal) + countAbortListeners(inner as AbortSignal));
    }
    expect(samples).to.have.length(COUNT / 10_000);
    expect(listeners).to.be.at.most(52);
    const growth = (samples.at(-1) as number) - (samples[0] as number);
    expect(growth, `heap: ${samples.map((bytes) => (bytes / MIB).toFixed(1)).join(' ')} MiB`).to.be.below(5 * MIB);
    await context.close();
  });
});
