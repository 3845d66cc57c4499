import {createHash} from 'node:crypto';
import {expect} from 'chai';
import {DigestSet} from '../../src/monitor/digest-set.js';

const hexOf = (algorithm: string, text: string): string => createHash(algorithm).update(text).digest('hex');

describe('DigestSet', () => {
  it('knows size and digests at any time without ending', () => {
    const digests = new DigestSet();
    digests.request('sha256');
    expect(digests.hex('sha256')).to.equal(hexOf('sha256', ''));
    digests.update(Buffer.from('ab'));
    expect([digests.size, digests.hex('sha256')]).to.deep.equal([2, hexOf('sha256', 'ab')]);
    digests.update(Buffer.from('c'));
    expect([digests.size, digests.hex('SHA-256')]).to.deep.equal([3, hexOf('sha256', 'abc')]);
    digests.finish();
    digests.finish();
    expect([digests.size, digests.hex('sha_256')]).to.deep.equal([3, hexOf('sha256', 'abc')]);
  });

  it('makes each algorithm once, whoever asks by whichever name', () => {
    const digests = new DigestSet();
    for (const name of ['sha256', 'SHA-256', 'md5', 'sha512/256', 'SHA_512_256']) digests.request(name);
    expect(digests.algorithms).to.deep.equal(['sha256', 'md5', 'sha512-256']);
    digests.finish();
    expect(digests.algorithms).to.deep.equal(['sha256', 'md5', 'sha512-256']);
  });

  it('counts without hashing when nothing is requested', () => {
    const digests = new DigestSet();
    digests.update(Buffer.from('abc'));
    digests.finish();
    expect(digests.facts()).to.deep.equal({size: 3});
  });

  it('gives frozen facts of what was requested', () => {
    const digests = new DigestSet();
    digests.request('md5');
    digests.update(Buffer.from('x'));
    const early = digests.facts();
    digests.update(Buffer.from('y'));
    expect(early).to.deep.equal({size: 1, md5: hexOf('md5', 'x')}).and.to.satisfy(Object.isFrozen);
    expect(digests.facts()).to.deep.equal({size: 2, md5: hexOf('md5', 'xy')});
  });

  it('gives the digests of an empty sequence', () => {
    const digests = new DigestSet();
    digests.request('sha1');
    digests.finish();
    expect(digests.facts()).to.deep.equal({size: 0, sha1: hexOf('sha1', '')});
  });

  it('refuses a new algorithm after the first byte, not one that is there', () => {
    const digests = new DigestSet();
    digests.request('sha256');
    digests.update(Buffer.from('x'));
    digests.request('SHA-256');
    expect(() => { digests.request('md5'); }).to.throw(TypeError, 'algorithm: expected to be requested before the first byte, got "md5"');
    digests.finish();
    digests.request('sha256');
    expect(() => { digests.request('md5'); }).to.throw(TypeError, 'algorithm: ');
  });

  it('refuses unknown algorithms, digests that nobody requested, and bytes after the end', () => {
    const digests = new DigestSet();
    expect(() => { digests.request('sha257'); }).to.throw(RangeError, 'algorithm: ');
    expect(() => digests.hex('sha256')).to.throw(TypeError, 'algorithm: expected one that was requested');
    digests.finish();
    expect(() => { digests.update(Buffer.from('x')); }).to.throw(TypeError, 'chunk: expected none after finish()');
  });
});
