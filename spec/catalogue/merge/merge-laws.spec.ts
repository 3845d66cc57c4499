import {expect} from 'chai';
import fc from 'fast-check';
import {Coverage} from './coverage.js';
import {checkLaws} from './merge-laws.js';
import {triple} from './triples.js';

describe('merge, laws', () => {
  it('holds every law, whatever two writers do to one document', () => {
    fc.assert(fc.property(triple, checkLaws), {numRuns: 500});
  });

  it('is shown triples that take every way through the rules', () => {
    const coverage = new Coverage();
    for (const one of fc.sample(triple, {numRuns: 2000, seed: 1})) coverage.add(one);
    expect(coverage.below(5)).to.deep.equal([]);
  });
});
