import {createHash} from 'node:crypto';
import {expect} from 'chai';
import fc from 'fast-check';
import {strongestDigest} from '../../src/validation/digest-field.js';

const base64 = (algorithm: string): string => createHash(algorithm).update('x').digest('base64');
const hex = (algorithm: string): string => createHash(algorithm).update('x').digest('hex');
const sha256 = `sha-256=:${base64('sha256')}:`;
const sha512 = `sha-512=:${base64('sha512')}:`;

describe('strongestDigest', () => {
  it('reads the example of RFC 9530, B.1', () => {
    expect(strongestDigest('sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:'))
      .to.deep.equal({algorithm: 'sha256', hex: '44aff4ab2d7c3250525675a08f0cfa9591168cffe51791c5f5bbc417c15a6c38'});
  });

  it('takes sha-512 before sha-256, whatever the order', () => {
    for (const field of [`${sha256}, ${sha512}`, `${sha512},${sha256};x=1`]) {
      expect(strongestDigest(field)).to.deep.equal({algorithm: 'sha512', hex: hex('sha512')});
    }
  });

  it('passes over what it does not know', () => {
    expect(strongestDigest(`md5=:AAAA:, unixsum=12, ${sha256}, x=("a" b)`)).to.deep.equal({algorithm: 'sha256', hex: hex('sha256')});
    for (const field of ['', 'md5=:AAAA:', 'sha=:AAAA:', 'sha-512-256=:AAAA:']) expect(strongestDigest(field), field).to.equal(undefined);
  });

  const broken = ['sha-256', 'sha-256=', 'sha-256=::', 'sha-256=:AAAA:', `sha-256="${hex('sha256')}"`, `sha-256=${base64('sha256')}`,
    `sha-256=(:${base64('sha256')}:)`, `${sha256},`, `${sha256} x`, `SHA-256=:${base64('sha256')}:`, `sha-256=:${base64('sha512')}:`,
    `sha-256=:${base64('sha256')}`, `sha-256=:${'?'.repeat(44)}:`, `${sha256}, sha-512=:AAAA:`, `sha-512=1, ${sha256}`];
  for (const field of broken) {
    it(`gives nothing for the broken ${field.slice(0, 40)}`, () => { expect(strongestDigest(field)).to.equal(undefined); });
  }

  it('never throws, and gives a digest of the right length or nothing', () => {
    const pieces = fc.array(fc.oneof(fc.constantFrom('sha-256', 'sha-512', '=', ':', ',', ';', ' ', '"', '(', ')', sha256, sha512),
      fc.base64String({maxLength: 90}), fc.string({maxLength: 3})), {maxLength: 8}).map((parts) => parts.join(''));
    fc.assert(fc.property(pieces, (field) => {
      const found = strongestDigest(field);
      if (found !== undefined) expect(found.hex).to.match(found.algorithm === 'sha512' ? /^[0-9a-f]{128}$/ : /^[0-9a-f]{64}$/);
    }), {numRuns: 1000});
  });
});
