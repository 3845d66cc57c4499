import {expect} from 'chai';
import fc from 'fast-check';
import {MismatchError} from '../../src/core/errors.js';
import {validationContract} from '../../src/testing/validation-contract.js';
import {LfsPointerGuard} from '../../src/validation/lfs-pointer-guard.js';
import {behindReply, cutAt, refusalOf} from './guarded.js';

const pointer = Buffer.from(`version https://git-lfs.github.com/spec/v1\noid sha256:${'4d'.repeat(32)}\nsize 12345\n`);
const old = Buffer.from(`version https://hawser.github.com/spec/v1\noid sha256:${'4d'.repeat(32)}\nsize 12345\n`);
const LINE = 'version https://git-lfs.github.com/spec/';
const OLD_LINE = 'version https://hawser.github.com/spec/';

validationContract({describe, it}, {
  name: 'LfsPointerGuard', make: (_bytes, options) => behindReply(new LfsPointerGuard(options)),
  accepted: [Buffer.from('version 2 of the file'), Buffer.alloc(0), Buffer.from(LINE.slice(0, -1)), Buffer.from(` ${LINE}`)],
  refused: () => [pointer, old, Buffer.from(LINE)],
});

describe('LfsPointerGuard', () => {
  it('says what came instead of the file', () => {
    expect(refusalOf(new LfsPointerGuard(), [pointer])?.error).to.be.instanceOf(MismatchError).and.include({
      expected: 'the file itself', actual: 'a Git LFS pointer', class: 'source-bad',
      message: 'expected the file itself, got a Git LFS pointer to it',
    });
  });

  it('refuses with the byte that decides, whatever is behind it', () => {
    expect(refusalOf(new LfsPointerGuard(), cutAt(pointer, [...pointer.keys()]))?.at).to.equal(LINE.length);
    expect(refusalOf(new LfsPointerGuard(), cutAt(old, [...old.keys()]))?.at).to.equal(OLD_LINE.length);
  });

  it('gives the same verdict however the body is cut', () => {
    fc.assert(fc.property(fc.constantFrom(pointer, old), fc.nat(60), fc.array(fc.nat(60)), (body, length, cuts) => {
      const accepted = refusalOf(new LfsPointerGuard(), cutAt(body.subarray(0, length), cuts)) === undefined;
      expect(accepted).to.equal(length < (body === old ? OLD_LINE : LINE).length);
    }));
  });

  it('refuses options that it does not know', () => {
    expect(() => new LfsPointerGuard({x: 1} as object)).to.throw(TypeError, 'LfsPointerGuard: unknown option \'x\'');
  });
});
