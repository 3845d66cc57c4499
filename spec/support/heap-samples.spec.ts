import {expect} from 'chai';
import {HeapSamples, MIB} from './heap-samples.js';

/** More than 32 MiB each. */
const THINGS: Readonly<Record<string, () => unknown>> = {
  'objects': () => Array.from({length: 1_000_000}, (_, at) => ({at})),
  'buffers': () => [Buffer.alloc(20 * MIB), Buffer.alloc(20 * MIB)],
};

describe('HeapSamples', () => {
  for (const [what, make] of Object.entries(THINGS)) {
    it(`sees ${what} that are held, and none that are garbage`, () => {
      const held = new HeapSamples();
      const kept = [make()];
      kept.pop();
      held.take();
      kept.push(make());
      held.take();
      expect(held.growth, held.toString()).to.be.above(24 * MIB);
      kept.pop();
      held.take();
      expect(Math.abs(held.growth), held.toString()).to.be.below(8 * MIB);
      expect(held.count).to.equal(3);
      expect(held.toString()).to.match(/^held: \d+\.\d \d+\.\d \d+\.\d MiB$/);
    });
  }
});
