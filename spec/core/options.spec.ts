import {expect} from 'chai';
import {duration, misuse, oneOf, onlyKeys, outOfRange, wholeNumber} from '../../src/core/options.js';

describe('misuse and outOfRange', () => {
  it('say which option, which value and what was expected', () => {
    expect(misuse('retries', 'x', 'a number')).to.be.instanceOf(TypeError).and
      .to.have.property('message', 'retries: expected a number, got "x"');
    expect(outOfRange('retries', -1, 'more')).to.be.instanceOf(RangeError).and
      .to.have.property('message', 'retries: expected more, got -1');
  });

  it('show no secret of the value', () => {
    expect(misuse('url', 'http://elmer:s3cr3t@h:x/', 'a URL').message).to.equal('url: expected a URL, got "http://***@h:x/"');
  });
});

describe('onlyKeys', () => {
  it('refuses unknown keys by name, even when they are undefined', () => {
    onlyKeys('group', {a: 1, b: undefined}, ['a', 'b', 'c']);
    expect(() => { onlyKeys('group', {a: 1, d: undefined}, ['a', 'b']); })
      .to.throw(TypeError, 'group: unknown option \'d\', expected one of a, b');
  });

  it('refuses what is no object without showing it', () => {
    for (const [value, type] of [['s3cr3t', 'string'], [null, 'null'], [undefined, 'undefined'], [5, 'number']] as const) {
      expect(() => { onlyKeys('group', value as unknown as object, ['a']); })
        .to.throw(TypeError, `group: expected an object with a, got ${type}`);
    }
  });
});

describe('wholeNumber', () => {
  it('gives back what is one', () => {
    expect([wholeNumber('n', 0, 0), wholeNumber('n', 5, 5), wholeNumber('n', Number.MAX_SAFE_INTEGER, 1)])
      .to.deep.equal([0, 5, 2 ** 53 - 1]);
  });

  for (const bad of [4, 5.5, Infinity, -Infinity, 2 ** 53]) {
    it(`refuses ${bad} where at least 5 is wanted`, () => {
      expect(() => wholeNumber('n', bad, 5)).to.throw(RangeError, `n: expected a whole number of at least 5, got ${bad}`);
    });
  }
  for (const bad of ['5', NaN, undefined, null, true, 5n]) {
    it(`refuses the ${typeof bad} ${String(bad)}`, () => {
      expect(() => wholeNumber('n', bad, 5)).to.throw(TypeError, 'n: expected a whole number of at least 5, got ');
    });
  }
});

describe('duration', () => {
  it('is the fallback for undefined, and 0 for 0, false and Infinity', () => {
    expect([undefined, 0, false, Infinity, 1.5].map((value) => duration('t', value, 7))).to.deep.equal([7, 0, 0, 0, 1.5]);
  });

  it('refuses the rest', () => {
    for (const bad of ['1', true, NaN, null, {}]) expect(() => duration('t', bad, 7))
      .to.throw(TypeError, 't: expected milliseconds, or false for none');
    expect(() => duration('t', -0.1, 7)).to.throw(RangeError, 't: expected milliseconds of at least 0, got -0.1');
  });
});

describe('oneOf', () => {
  it('gives the word or the fallback, and refuses others', () => {
    expect(oneOf('exists', 'skip', ['error', 'skip'], 'error')).to.equal('skip');
    expect(oneOf('exists', undefined, ['error', 'skip'], 'error')).to.equal('error');
    expect(() => oneOf('exists', 'Skip' as 'skip', ['error', 'skip'], 'error'))
      .to.throw(TypeError, 'exists: expected one of error, skip, got "Skip"');
    expect(() => oneOf('exists', null as unknown as 'skip', ['error', 'skip'], 'error')).to.throw(TypeError, 'got null');
  });
});
