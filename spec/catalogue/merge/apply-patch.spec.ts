import {expect} from 'chai';
import fc from 'fast-check';
import {applyPatch} from '../../../src/catalogue/merge/apply-patch.js';
import {InvalidDocument} from '../../../src/catalogue/merge/invalid-document.js';
import {InvalidPatch} from '../../../src/catalogue/merge/invalid-patch.js';
import type {Json} from '../../../src/core/json.js';
import {freeze} from './merge-laws.js';

describe('applyPatch with a merge patch (RFC 7396)', () => {
  const appendixA: readonly [string, string, string][] = [
    ['{"a":"b"}', '{"a":"c"}', '{"a":"c"}'], ['{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'], ['{"a":"b"}', '{"a":null}', '{}'],
    ['{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'], ['{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'],
    ['{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'],
    ['{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'], ['{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'],
    ['{"e":null}', '{"a":1}', '{"e":null,"a":1}'], ['[1,2]', '{"a":"b","c":null}', '{"a":"b"}'],
    ['{}', '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'], ['{"a":1}', '{}', '{"a":1}'],
    ['{"a":[null]}', '{"b":[null]}', '{"a":[null],"b":[null]}'],
  ];
  for (const [document, patch, patched] of appendixA) {
    it(`makes ${patched} of ${document} by ${patch}`, () => {
      expect(applyPatch(JSON.parse(document) as Json, JSON.parse(patch) as Json)).to.deep.equal(JSON.parse(patched));
    });
  }

  it('keeps to own fields', () => {
    expect(applyPatch({}, {constructor: {a: 1}, toString: null})).to.deep.equal({constructor: {a: 1}});
    expect(() => applyPatch({}, JSON.parse('{"__proto__": {"polluted": 1}}') as Json)).to.throw(InvalidDocument, '__proto__');
  });

  it('refuses a patch that is neither', () => {
    for (const patch of [null, 1, 'a', true]) {
      expect(() => applyPatch({}, patch)).to.throw(InvalidPatch, 'expected a list of operations').with.property('index', undefined);
    }
  });

  it('leaves document and patch as they are, and the same patch again changes nothing', () => {
    const value = fc.jsonValue({maxDepth: 3})
      .filter((one) => !/__proto__|\d{16}|e\+/.test(JSON.stringify(one))) as fc.Arbitrary<Json>;
    const patches = fc.dictionary(fc.constantFrom('a', 'b', 'c'), value, {noNullPrototype: true});
    fc.assert(fc.property(fc.oneof(patches, value), patches, (document, patch) => {
      const before = JSON.stringify([document, patch]);
      for (const one of [document, patch]) freeze(one);
      const patched = applyPatch(document, patch);
      expect(JSON.stringify([document, patch])).to.equal(before);
      expect(applyPatch(patched, patch)).to.deep.equal(patched);
    }), {numRuns: 300});
  });
});
