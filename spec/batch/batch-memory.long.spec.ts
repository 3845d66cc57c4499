import {expect} from 'chai';
import {Batch} from '../../src/batch/batch.js';
import {Context} from '../../src/core/context.js';
import {HeapSamples, MIB} from '../support/heap-samples.js';
import {countAbortListeners} from '../support/left-open.js';
import {FakeDownload} from './fake-download.js';

const COUNT = 100_000;

describe('Batch (memory)', () => {
  it(`runs ${COUNT} downloads with a flat heap and flat listener counts`, async () => {
    const context = new Context();
    const {signal} = new AbortController();
    let inner: AbortSignal | undefined;
    const source = function *source(given: AbortSignal) {
      inner = given;
      for (let at = 0; at < COUNT; at++) yield new FakeDownload({url: `fake://host-${at % 50}/file-${at}`});
    };
    const held = new HeapSamples();
    let listeners = 0;
    for await (const plan of new Batch(source, {context, signal, backlog: 50})) {
      await plan.result();
      if (plan.index % 10_000 !== 9_999) continue;
      held.take();
      listeners = Math.max(listeners, countAbortListeners(signal) + countAbortListeners(inner as AbortSignal));
    }
    expect(held.count).to.equal(COUNT / 10_000);
    expect(listeners).to.be.at.most(52);
    expect(held.growth, held.toString()).to.be.below(5 * MIB);
    await context.close();
  });
});
