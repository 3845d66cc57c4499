import {expect} from 'chai';
import {MismatchError} from '../../src/core/errors.js';
import {validationContract} from '../../src/testing/validation-contract.js';
import {EmptyGuard} from '../../src/validation/empty-guard.js';
import {refusalOf, replyOf} from './guarded.js';

validationContract({describe, it}, {
  name: 'EmptyGuard', make: (_bytes, options) => new EmptyGuard(options),
  accepted: [Buffer.from('some bytes'), Buffer.from('x')], refused: () => [Buffer.alloc(0)],
});

describe('EmptyGuard', () => {
  const none = [Buffer.alloc(0)];

  it('refuses an announced empty body before it comes', () => {
    const refusal = refusalOf(new EmptyGuard(), none, replyOf({}, {length: 0}));
    expect(refusal?.at).to.equal('begin');
    expect(refusal?.error).to.be.instanceOf(MismatchError)
      .and.include({expected: 'at least 1 byte', actual: '0 bytes', class: 'source-bad'});
  });

  it('refuses one of unknown length, and one without a reply, at the end', () => {
    expect(refusalOf(new EmptyGuard(), none, replyOf({}))?.at).to.equal('apply');
    expect(refusalOf(new EmptyGuard(), [])?.at).to.equal('apply');
  });

  it('accepts one byte, and a rest of no bytes behind those that were had', () => {
    expect(refusalOf(new EmptyGuard(), [Buffer.from('x')], replyOf({}, {length: 1}))).to.equal(undefined);
    expect(refusalOf(new EmptyGuard(), [Buffer.from('x')], replyOf({}, {length: 0, offset: 1}))).to.equal(undefined);
  });

  it('says no when its reply was refused and it is asked all the same', () => {
    const guard = new EmptyGuard();
    expect(refusalOf(guard, [Buffer.from('x')])).to.equal(undefined);
    expect(refusalOf(guard, none, replyOf({}, {length: 0}))).not.to.equal(undefined);
    expect(() => { guard.apply(); }).to.throw('before any bytes were begun');
  });

  it('refuses options that it does not know', () => {
    expect(() => new EmptyGuard({least: 1} as object)).to.throw(TypeError, 'EmptyGuard: unknown option \'least\'');
  });
});
