import {expect} from 'chai';
import {enforcement} from '../../src/validation/validation-options.js';

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
});
