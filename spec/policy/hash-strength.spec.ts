import {expect} from 'chai';
import {byStrength, hashName, hashStrength, isStrong} from '../../src/policy/hash-strength.js';

describe('hash strength', () => {
  it('knows the names of the registry, dashed or not, in any case', () => {
    expect(['sha-256', 'SHA256', ' Sha-512 ', 'sha-1', 'md5', 'sha-384'].map(hashName))
      .to.deep.equal(['sha256', 'sha256', 'sha512', 'sha1', 'md5', 'sha384']);
  });

  it('passes over what it doesn\'t know', () => {
    expect(['', 'md2', 'sha-3', 'crc32', 'constructor', 'sha--256'].map(hashName)).to.deep.equal(Array(6).fill(undefined));
    expect(['crc32', 'toString'].map(hashStrength)).to.deep.equal([0, 0]);
  });

  it('takes md5 and sha1 for weak and puts the strongest first', () => {
    expect(['md5', 'sha1', 'sha224', 'sha256', 'blake'].map(isStrong)).to.deep.equal([false, false, true, true, false]);
    const digests = ['md5', 'sha512', 'sha1', 'sha256'].map((algorithm) => ({algorithm, hex: ''}));
    expect(byStrength(digests).map(({algorithm}) => algorithm)).to.deep.equal(['sha512', 'sha256', 'sha1', 'md5']);
  });
});
