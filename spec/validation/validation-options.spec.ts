import {expect} from 'chai';
import {enforcement, truth} from '../../src/validation/validation-options.js';

describe('enforcement', () => {
  it('is on unless told otherwise, and undefined means the default', () => {
    expect(enforcement('X', {})).to.equal(true);
    expect(enforcement('X', {enforced: undefined})).to.equal(true);
    expect(enforcement('X', {enforced: false})).to.equal(false);
  });

  it('names the option that is wrong', () => {
    expect(() => enforcement('X', {enforced: 'no' as unknown as boolean}))
      .to.throw(TypeError, 'enforced: expected true or false, got "no"');
    expect(() => enforcement('X', {enforce: true} as object)).to.throw(TypeError, 'X: unknown option \'enforce\'');
    expect(() => enforcement('X', true as unknown as object)).to.throw(TypeError, 'X: expected an object with enforced, got boolean');
  });

  it('knows the options that are named', () => {
    expect(enforcement('X', {more: 1} as object, ['more'])).to.equal(true);
    expect(() => enforcement('X', {less: 1} as object, ['more']))
      .to.throw(TypeError, 'X: unknown option \'less\', expected one of enforced, more');
  });
});

describe('truth', () => {
  it('is the value, or the fallback when there is none', () => {
    expect([truth('x', true, false), truth('x', false, true), truth('x', undefined, true)]).to.deep.equal([true, false, true]);
  });

  it('takes nothing else', () => {
    for (const bad of [0, 1, 'true', null]) expect(() => truth('x', bad, true)).to.throw(TypeError, 'x: expected true or false');
  });
});
