import {expect} from 'chai';
import {canonicalJson} from '../../src/core/canonical-json.js';

describe('canonicalJson', () => {
  it('writes the example of RFC 8785', () => {
    const text = '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],'
      + '"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}';
    expect(canonicalJson(JSON.parse(text))).to.equal(
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
    expect(canonicalJson(JSON.parse('[1.0, 1e0, 100e-2, -0, 0.10, 1e21]'))).to.equal('[1,1,1,0,0.1,1e+21]');
  });

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
