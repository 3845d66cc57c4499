import {expect} from 'chai';
import type {Monitor, SequenceStart, Validation} from '../../src/core/contract.js';
import {Interrupted, SizeMismatch, TooLarge, ValidationError, type DownloadError} from '../../src/core/errors.js';
import {Claims} from '../../src/core/claims.js';
import {ByteSequence, isProven, refuseAnnounced, type Judges} from '../../src/download/byte-sequence.js';
import {DigestValidation} from '../../src/validation/digest-validation.js';
import {SizeValidation} from '../../src/validation/size-validation.js';

const judges = (validations: Validation[] = [], rest: Partial<Judges> = {}): Judges =>
  ({validations, monitors: [], maxBytes: undefined, url: 'http://h.example/f', claims: new Claims(), ...rest});
const thrownBy = (act: () => unknown): unknown => {
  try {
    return act();
  } catch (error) {
    return error;
  }
};

describe('ByteSequence', () => {
  it('begins validations and monitors anew, and hashes for all of them once', () => {
    const begun: SequenceStart[] = [];
    const monitor: Monitor = {begin: (start) => {
      start.digests.request('md5');
      begun.push(start);
    }};
    const validation = new DigestValidation('md5', '5d41402abc4b2a76b9719d911017c592');
    const shared = judges([validation], {monitors: [monitor]});
    const first = new ByteSequence(shared, undefined);
    first.update(Buffer.from('half of something else'));
    const second = new ByteSequence(shared, undefined);
    second.update(Buffer.from('hel'));
    second.update(Buffer.from('lo'));
    expect(second.apply([])).to.equal(undefined);
    expect(second.facts).to.deep.equal({size: 5, md5: '5d41402abc4b2a76b9719d911017c592'});
    expect(begun.map(({offset}) => offset)).to.deep.equal([0, 0]);
    expect(begun[0]?.digests).to.not.equal(begun[1]?.digests);
    expect([first.hashes, new ByteSequence(judges(), undefined).hashes]).to.deep.equal([true, false]);
  });

  it('admits up to the smallest of maxBytes and the sizes demanded', () => {
    const sized = new ByteSequence(judges([new SizeValidation(5)], {maxBytes: 9}), undefined);
    sized.admit(5);
    const mismatch = thrownBy(() => { sized.admit(6); });
    expect(mismatch).to.be.instanceOf(SizeMismatch).and.include({expected: 5, actual: 6});
    const bounded = new ByteSequence(judges([], {maxBytes: 3}), undefined);
    bounded.update(Buffer.from('abc'));
    const large = thrownBy(() => { bounded.admit(1); });
    const message = 'expected at most 3 bytes (maxBytes), got at least 4: http://h.example/f';
    expect(large).to.be.instanceOf(TooLarge).and.include({limit: 3, message});
    new ByteSequence(judges([new SizeValidation(5, {enforced: false})]), undefined).admit(100);
    expect(thrownBy(() => { new ByteSequence(judges([], {maxBytes: 0}), undefined).admit(1); })).to.be.instanceOf(TooLarge);
  });

  it('refuses an announced length that is not the size demanded, or above maxBytes', () => {
    const sized = judges([new SizeValidation(5)]);
    refuseAnnounced(sized, 5);
    expect(thrownBy(() => { refuseAnnounced(sized, 4); })).to.be.instanceOf(SizeMismatch).and.include({expected: 5, actual: 4});
    refuseAnnounced(judges([], {maxBytes: 5}), 5);
    expect(thrownBy(() => { refuseAnnounced(judges([], {maxBytes: 5}), 6); })).to.be.instanceOf(TooLarge);
    refuseAnnounced(judges([new SizeValidation(5, {enforced: false})]), 6);
  });

  for (const stage of ['begin', 'update', 'apply'] as const) {
    it(`turns what a validation throws in ${stage} into a ValidationError, or into a warning when it is not enforced`, async () => {
      const faulty = (enforced: boolean): Validation => {
        const validation: Validation = {enforced, update: () => undefined, apply: () => undefined};
        validation[stage] = () => { throw new RangeError('a bug'); };
        return validation;
      };
      const run = async (validation: Validation): Promise<DownloadError[]> => {
        const warnings: DownloadError[] = [];
        const sequence = new ByteSequence(judges([validation]), undefined);
        sequence.update(Buffer.from('hello'));
        sequence.update(Buffer.from('hello'));
        await sequence.apply(warnings);
        return warnings;
      };
      const error = await run(faulty(true)).catch((thrown: unknown) => thrown);
      expect(error)
        .to.be.instanceOf(ValidationError).and.include({code: 'VALIDATION_FAILED', class: 'source-bad', url: 'http://h.example/f'});
      const warnings = await run(faulty(false));
      expect(warnings.map(({message}) => message)).to.deep.equal(['a validation failed: a bug']);
    });
  }

  it('applies one validation after the other, promises or not, and stops at the first that refuses', async () => {
    const order: string[] = [];
    const asks = (name: string, verdict: () => void | Promise<void>): Validation => ({apply: () => {
      order.push(name);
      return verdict();
    }});
    const turn = (): Promise<void> => new Promise((resolve) => { setImmediate(() => { order.push('turn'); resolve(); }); });
    const refuse = (): never => { throw new Interrupted('mine', 1, 0); };
    const warning: Validation = {enforced: false, apply: () => Promise.reject(new Error('only a warning'))};
    const warnings: DownloadError[] = [];
    const validations = [asks('first', turn), warning, asks('second', () => undefined), asks('third', refuse), asks('no', turn)];
    const sequence = new ByteSequence(judges(validations), undefined);
    const error = await Promise.resolve(sequence.apply(warnings)).catch((thrown: unknown) => thrown);
    expect({order, code: (error as DownloadError).code}).to.deep.equal({order: ['first', 'turn', 'second', 'third'], code: 'INTERRUPTED'});
  });

  it('knows which enforced validations prove the whole body', () => {
    const digest = new DigestValidation('md5', '0'.repeat(32));
    const size = new SizeValidation(5);
    expect([
      isProven([], ['size', 'digest']), isProven([size], ['size', 'digest']), isProven([size], ['digest']), isProven([digest], ['digest']),
      isProven([new DigestValidation('md5', '0'.repeat(32), {enforced: false})], ['digest']),
      isProven([{apply: () => undefined}], ['digest']),
    ]).to.deep.equal([false, true, false, true, false, false]);
  });
});
