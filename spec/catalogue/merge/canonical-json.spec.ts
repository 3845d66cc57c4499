import {expect} from 'chai';
import fc from 'fast-check';
import {canonicalJson} from '../../../src/catalogue/merge/canonical-json.js';
import {equalJson} from '../../../src/catalogue/merge/equal-json.js';
import {InvalidDocument} from '../../../src/catalogue/merge/invalid-document.js';
import type {Json} from '../../../src/catalogue/merge/json.js';
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

describe('canonicalJson', () => {
  it('writes the example of RFC 8785', () => {
    const text = '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],'
      + '"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}';
    expect(canonicalJson(JSON.parse(text) as Json)).to.equal(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
      + '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}');
  });

  it('sorts fields by UTF-16 code units, as RFC 8785 does', () => {
    const names = ['\u20ac', '\r', '\ufb33', '1', '\u{1f600}', '\u0080', '\u00f6'];
    const document = Object.fromEntries(names.map((name) => [name, 0]));
    expect(Object.keys(JSON.parse(canonicalJson({...document, 1: 0})) as object).sort()).to.deep.equal([...names].sort());
    expect(canonicalJson(document)).to.equal('{"\\r":0,"1":0,"\u0080":0,"ö":0,"€":0,"😀":0,"\ufb33":0}');
  });

  it('writes a number one way, however it came', () => {
    expect(canonicalJson(JSON.parse('[1.0, 1e0, 100e-2, -0, 0.10, 1e21]') as Json)).to.equal('[1,1,1,0,0.1,1e+21]');
  });

  it('refuses what JSON can\'t say', () => {
    for (const number of [NaN, Infinity, -Infinity]) expect(() => canonicalJson([number])).to.throw(InvalidDocument, 'not a finite number');
  });

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
