import {expect} from 'chai';
import {InvalidFact} from '../../src/catalogue/catalogue-errors.js';
import {checkFact} from '../../src/catalogue/fact-check.js';

const EXPECTED = 'expected a sha512 digest of 128 hex or 88 base64 characters (64 bytes)';

describe('checkFact', () => {
  const messageOf = (digest: unknown, hashFunction = 'sha512'): string => {
    try {
      checkFact({path: '/a', kind: 'complete', key: 'k', digest, size: 1}, 0, hashFunction);
      return 'no fault';
    } catch (error) {
      expect(error).to.be.instanceOf(InvalidFact).with.property('pointer', '/0/digest');
      return (error as InvalidFact).message;
    }
  };

  it('says of which hash function a digest may be, when it is not the release\'s', () => {
    expect(messageOf('ab'.repeat(32))).to.equal(`fact 0: digest: ${EXPECTED}, got 64 characters: a sha256? The release has sha512`);
    expect(messageOf('ab'.repeat(20))).to.match(/got 40 characters: a sha1\? The release has sha512$/);
    expect(messageOf('ab'.repeat(64), 'sha256')).to.match(/got 128 characters: a sha512\? The release has sha256$/);
    expect(messageOf('ab'.repeat(64))).to.equal('no fault');
  });

  it('says only how long it is, when it is of none', () => {
    expect(messageOf('zz')).to.equal(`fact 0: digest: ${EXPECTED}, got 2 characters`);
    expect(messageOf(undefined)).to.equal(`fact 0: digest: ${EXPECTED}, got undefined`);
  });
});
