import {expect} from 'chai';
import {canonicalJson} from '../../src/core/canonical-json.js';

describe('canonicalJson', () => {
  it('gives equal values one text, whatever the order of their fields', () => {
    expect(canonicalJson({b: [1.0, -0, 1e21], a: {d: null, c: 'é\u2028"'}})).to.equal('{"a":{"c":"é\u2028\\"","d":null},"b":[1,0,1e+21]}');
    expect(canonicalJson({a: 1, 'ü': 2, '😀': 3, '\ufb33': 4})).to.equal('{"a":1,"ü":2,"😀":3,"\ufb33":4}');
    expect(canonicalJson(JSON.parse('{"__proto__":{"x":1}}'))).to.equal('{"__proto__":{"x":1}}');
  });

  it('can be read back to the same value', () => {
    for (const value of [null, false, 0, '', '\0', '\ud800', [], {}, [[{a: [0.1]}]]]) expect(JSON.parse(canonicalJson(value))).to.deep.equal(value);
  });

  it('refuses what JSON can not say', () => {
    const circle: unknown[] = [];
    circle.push(circle);
    // eslint-disable-next-line no-sparse-arrays
    for (const value of [undefined, NaN, -Infinity, 1n, () => 1, Symbol('a'), new Date(0), new Map(), {a: undefined}, [, 1], {[Symbol('a')]: 1}, circle]) {
      expect(() => canonicalJson(value)).to.throw(TypeError);
    }
  });
});
