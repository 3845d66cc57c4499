import {expect} from 'chai';
import fc from 'fast-check';
import {Coverage} from './coverage.js';
import {checkLaws} from './merge-laws.js';
import {triple} from './triples.js';

const TRIPLES = 20_000;
const SEEDS = [1400141, 20171115, 42];

describe('merge, laws at length', () => {
  for (const seed of SEEDS) {
    it(`holds every law for ${TRIPLES} triples of seed ${seed}`, () => {
      const coverage = new Coverage();
      fc.assert(fc.property(triple, (one) => {
        coverage.add(one);
        checkLaws(one);
      }), {numRuns: TRIPLES, seed});
      expect(coverage.below(60)).to.deep.equal([]);
    });
  }
});
