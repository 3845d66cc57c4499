import {expect} from 'chai';
import {checkJson} from '../../../src/catalogue/merge/check-json.js';
import {InvalidDocument} from '../../../src/catalogue/merge/invalid-document.js';

const refusal = (value: unknown, maxDepth?: number): string => {
  try {
    checkJson(value, maxDepth);
    return 'taken';
  } catch (error) {
    if (error instanceof InvalidDocument) return `${error.path}: ${error.reason}`;
    throw error;
  }
};

describe('checkJson', () => {
  it('takes what readJson gives', () => {
    const document: unknown = JSON.parse('{"a": [1, -0.5, true, null, "", "😀"], "constructor": {"prototype": {}}, "": []}');
    expect(refusal(document)).to.equal('taken');
    expect(refusal(Object.assign(Object.create(null) as object, {a: 1}))).to.equal('taken');
    expect(refusal(Number.MAX_SAFE_INTEGER)).to.equal('taken');
  });

  const cyclic: {self?: unknown} = {};
  cyclic.self = [cyclic];
  const refused: readonly [string, unknown, string][] = [
    ['undefined', undefined, ': undefined is not JSON'],
    ['a field that is undefined', {a: {b: undefined}}, '/a/b: undefined is not JSON'],
    // eslint-disable-next-line no-sparse-arrays
    ['a hole', [1, , 2], '/1: undefined is not JSON'],
    ['a function', {toJSON: (): number => 1}, '/toJSON: function is not JSON'],
    ['a symbol', [Symbol('x')], '/0: symbol is not JSON'],
    ['a bigint', {'a/b': 1n}, '/a~1b: bigint is not JSON'],
    ['a date', {at: new Date(0)}, '/at: not a plain object'],
    ['a map', new Map(), ': not a plain object'],
    ['bytes', [Buffer.from('a')], '/0: not a plain object'],
    ['an object with another prototype', Object.create({a: 1}), ': not a plain object'],
    ['__proto__', JSON.parse('[{"__proto__": 1}]'), '/0: a field must not be named __proto__'],
    ['NaN', [NaN], '/0: not a finite number'],
    ['Infinity', -Infinity, ': not a finite number'],
    ['a whole number that is not exact', {n: 2 ** 53}, '/n: a whole number beyond 2^53 - 1; write it as a text'],
    ['a lone surrogate', {a: '\ud800x'}, '/a: the text has a lone surrogate'],
    ['a lone surrogate in a name', {a: {'\udc00': 1}}, '/a: the name of a field has a lone surrogate'],
    ['a cycle', cyclic, `${'/self/0'.repeat(32)}: deeper than 64 lists and objects inside each other`],
  ];
  for (const [what, value, reason] of refused) {
    it(`refuses ${what}`, () => expect(refusal(value)).to.equal(reason));
  }

  it('stops at 64 lists and objects inside each other, or where it is told', () => {
    const nested = (depth: number): unknown => Array.from({length: depth}).reduce<unknown>((inside) => [inside], 1);
    expect(refusal(nested(64))).to.equal('taken');
    expect(refusal(nested(65))).to.contain('deeper than 64');
    expect(refusal([[]], 1)).to.equal('/0: deeper than 1 lists and objects inside each other');
  });
});
