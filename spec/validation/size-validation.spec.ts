import {expect} from 'chai';
import {SizeMismatch} from '../../src/core/errors.js';
import {SizeValidation} from '../../src/validation/size-validation.js';
import {verdict} from '../../src/testing/validation-calls.js';
import {validationContract} from '../../src/testing/validation-contract.js';

validationContract({describe, it}, {name: 'SizeValidation', make: (bytes, options) => new SizeValidation(bytes.byteLength, options)});

describe('SizeValidation', () => {
  it('shows the run the size it demands and what its acceptance proves', () => {
    expect(new SizeValidation(7)).to.include({size: 7, proof: 'size', enforced: true});
    expect(new SizeValidation(0).size).to.equal(0);
  });

  it('names both sizes when they differ', async () => {
    const error = await verdict(new SizeValidation(10), [Buffer.from('123'), Buffer.from('4')]);
    expect(error).to.be.instanceOf(SizeMismatch).and.include({expected: 10, actual: 4, code: 'SIZE_MISMATCH', class: 'source-bad'});
    expect((error as Error).message).to.equal('expected 10 bytes, got 4');
  });

  for (const bad of [-1, 1.5, Infinity, 2 ** 53]) {
    it(`refuses ${bad} bytes`, () => {
      expect(() => new SizeValidation(bad)).to.throw(RangeError, /^bytes: expected a whole number of at least 0, got /);
    });
  }

  it('refuses what is no number', () => {
    expect(() => new SizeValidation('10' as unknown as number))
      .to.throw(TypeError, 'bytes: expected a whole number of at least 0, got "10"');
    expect(() => new SizeValidation(NaN)).to.throw(TypeError, 'bytes: ');
  });

  it('refuses options that it does not know and an enforced that is no boolean', () => {
    expect(() => new SizeValidation(1, {force: true} as object)).to.throw(TypeError, 'SizeValidation: unknown option \'force\'');
    expect(() => new SizeValidation(1, {enforced: 0 as unknown as boolean})).to.throw(TypeError, 'enforced: expected true or false, got 0');
  });
});
