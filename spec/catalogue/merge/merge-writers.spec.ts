import {expect} from 'chai';
import fc from 'fast-check';
import type {Json} from '../../../src/core/json.js';
import {merge} from '../../../src/catalogue/merge/merge.js';
import {unordered} from './merge-laws.js';
import {factOf, POLICY} from './triples.js';

/** What one writer adds: something of a kind, named by a number that says all about it. */
type Addition = readonly [kind: 'fact' | 'mirror' | 'package' | 'field' | 'fact of a new locale', which: number];

const addition: fc.Arbitrary<Addition> =
  fc.tuple(fc.constantFrom('fact', 'mirror', 'package', 'field', 'fact of a new locale'), fc.nat(12));

function withAdded(document: Json, additions: readonly Addition[]): Json {
  const copy = structuredClone(document) as Record<string, Json>;
  const listAt = (parent: Record<string, Json>, name: string): Json[] => (parent[name] ??= []) as Json[];
  const put = (list: Json[], item: Json): unknown => list.some((other) => unordered(other) === unordered(item)) || list.push(item);
  for (const [kind, which] of additions) {
    if (kind === 'fact') put(listAt(copy, 'partials'), factOf(which, 0));
    if (kind === 'mirror') put(listAt(copy, 'mirrors'), {url: `m${which}`});
    if (kind === 'package') put(listAt(copy, 'packages'), {id: `p${which}`, partials: [factOf(which, 1)]});
    if (kind === 'field') copy[`f${which}`] = {made: which};
    if (kind === 'fact of a new locale') {
      put(listAt((copy[`locale ${which % 3}`] ??= {}) as Record<string, Json>, 'partials'), factOf(which, 0));
    }
  }
  return copy;
}

describe('merge of many writers', () => {
  const base = fc.array(addition, {maxLength: 6}).map((additions) => withAdded({}, additions));
  const writers = fc.array(fc.array(addition, {minLength: 1, maxLength: 5}), {minLength: 2, maxLength: 6});

  it('ends with the same whatever order they come in, with everything that they added', () => {
    let met = 0;
    fc.assert(fc.property(base, writers, fc.infiniteStream(fc.nat(99)), (ancestor, all, chances) => {
      const together = (order: readonly Addition[][]): Json => order.reduce<Json>((tip, additions) => {
        const {merged, conflicts} = merge(ancestor, tip, withAdded(ancestor, additions), POLICY);
        expect(conflicts).to.deep.equal([]);
        return merged!;
      }, ancestor);
      const shuffled = all.map((additions) => [chances.next().value!, additions] as const).sort(([one], [other]) => one - other);
      const expected = unordered(withAdded(ancestor, all.flat()));
      expect(unordered(together(all))).to.equal(expected);
      expect(unordered(together(shuffled.map(([, additions]) => additions)))).to.equal(expected);
      if (new Set(all.flat().map(String)).size < all.flat().length) met++;
    }), {numRuns: 300});
    expect(met, 'writers that added the same').to.be.above(50);
  });

  it('ends with all 1,600 facts of 16 writers that started from nothing', () => {
    let tip: Json | undefined;
    for (let writer = 0; writer < 16; writer++) {
      const incoming = {partials: Array.from({length: 100}, (_, index) => factOf(100 * writer + index, 0))};
      const {merged, conflicts} = merge(undefined, tip, incoming);
      expect(conflicts).to.deep.equal([]);
      tip = merged;
    }
    const names = (tip as Record<string, {from: string}[]>).partials!.map(({from}) => from);
    expect(names).to.deep.equal(Array.from({length: 1600}, (_, index) => `r${index}`));
  });
});
