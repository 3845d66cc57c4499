import {expect} from 'chai';
import fc from 'fast-check';
import {canonicalJson} from '../../../src/core/canonical-json.js';
import {equalJson} from '../../../src/catalogue/merge/equal-json.js';
import type {Json} from '../../../src/core/json.js';
import {readJson} from '../../../src/catalogue/merge/json-reader.js';

const name = fc.oneof(fc.constantFrom('a', 'b', 'é', '😀', 'constructor'), fc.string({unit: 'grapheme'}))
  .filter((text) => text !== '__proto__');

/** Any value that may be in a document, with few names and numbers, so that equal ones occur. */
const value = fc.letrec<{value: Json}>((tie) => ({
  value: fc.oneof({maxDepth: 4, withCrossShrink: true},
    fc.oneof(fc.constantFrom(null, true, 0, 1), fc.constantFrom('', 'a', '1', 'null'), fc.string({unit: 'grapheme'}), fc.maxSafeInteger(),
      fc.double({noNaN: true, noDefaultInfinity: true}).filter((number) => !Number.isInteger(number))),
    fc.array(tie('value'), {maxLength: 3}),
    fc.dictionary(name, tie('value'), {maxKeys: 4, noNullPrototype: true})),
})).value;

function turned(document: Json): Json {
  if (typeof document !== 'object' || document === null) return document;
  if (Array.isArray(document)) return (document as Json[]).map(turned);
  return Object.fromEntries(Object.entries(document).reverse().map(([name, field]) => [name, turned(field)]));
}

describe('canonicalJson of documents', () => {
  it('is one text for equal values, and another for others', () => {
    let equal = 0;
    fc.assert(fc.property(fc.tuple(value, value, fc.boolean()), ([one, other, same]) => {
      const second = same ? turned(one) : other;
      if (equalJson(one, second)) equal++;
      expect(canonicalJson(one) === canonicalJson(second)).to.equal(equalJson(one, second));
    }), {numRuns: 1000});
    expect(equal).to.be.within(300, 900);
  });

  it('reads back as the same value, whose text is the same again', () => {
    fc.assert(fc.property(value, (document) => {
      const text = canonicalJson(document);
      const back = readJson(text, {maxBytes: 1e6});
      expect(back).to.deep.equal(document);
      expect(canonicalJson(back)).to.equal(text);
    }), {numRuns: 500});
  });
});
