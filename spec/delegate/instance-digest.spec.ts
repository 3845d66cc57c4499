import {expect} from 'chai';
import fc from 'fast-check';
import {createHash} from 'node:crypto';
import {parseInstanceDigests} from '../../src/delegate/instance-digest.js';

const digest = (algorithm: string, text = 'bytes'): {algorithm: string; hex: string; base64: string} => {
  const bytes = createHash(algorithm).update(text).digest();
  return {algorithm, hex: bytes.toString('hex'), base64: bytes.toString('base64')};
};
const [SHA256, SHA512] = [digest('sha256'), digest('sha512')];

describe('parseInstanceDigests', () => {
  it('reads SHA-256 and SHA-512 in any case, strongest first', () => {
    expect(parseInstanceDigests(`sha-256=${SHA256.base64}, SHA-512=${SHA512.base64}`)).to.deep.equal(
      [SHA512, SHA256].map(({algorithm, hex}) => ({algorithm, hex})));
  });

  it('passes over other algorithms, broken values, and two that differ', () => {
    const other = digest('sha256', 'other').base64;
    for (const header of ['', 'MD5=x', `SHA=${digest('sha1').base64}`, `md5=${digest('md5').base64}, adler32=03da0195`, 'SHA-256=abc',
      'SHA-256=', `SHA-256=${SHA512.base64}`, `SHA-256=${SHA256.base64}, SHA-256=${other}`, `constructor=${SHA256.base64}`]) {
      expect(parseInstanceDigests(header), header).to.deep.equal([]);
    }
    expect(parseInstanceDigests(`SHA-256=${SHA256.base64}, SHA-256=${SHA256.base64}`)).to.have.length(1);
  });

  it('never throws', () => {
    const parts = fc.constantFrom('SHA-256', 'sha-512', '=', ',', ' ', SHA256.base64, '==', 'MD5');
    const header = fc.array(fc.oneof(parts, fc.string({unit: 'binary'}))).map((all) => all.join(''));
    fc.assert(fc.property(header, (text) => Array.isArray(parseInstanceDigests(text))), {numRuns: 1000});
  });
});
