import {expect} from 'chai';
import {createHash} from 'node:crypto';
import {checksumsFor, parseChecksums} from '../../src/batch/checksum-file.js';

const hex = (algorithm: string, text = 'x'): string => createHash(algorithm).update(text).digest('hex');
const SHA256 = hex('sha256');

describe('parseChecksums', () => {
  const names = (text: string): string[] => parseChecksums(text).map(({name}) => name);

  it('reads the lines of sha256sum, text and binary, with folders and a leading ./', () => {
    expect(parseChecksums(`${SHA256}  a b.txt\r\n\n# a comment\n${SHA256.toUpperCase()} *./pool/b.deb\n`)).to.deep.equal([
      {algorithm: 'sha256', hex: SHA256, name: 'a b.txt', line: 1}, {algorithm: 'sha256', hex: SHA256, name: 'pool/b.deb', line: 4}]);
  });

  it('knows md5, sha1, sha224, sha256, sha384 and sha512 by their length', () => {
    const algorithms = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'];
    expect(parseChecksums(algorithms.map((one) => `${hex(one)}  ${one}\n`).join(''))
      .map(({algorithm}) => algorithm)).to.deep.equal(algorithms);
  });

  it('takes the algorithm that the caller names, for b2sum', () => {
    expect(parseChecksums(`${hex('blake2b512')}  a`, {algorithm: 'blake2b512'})[0]?.algorithm).to.equal('blake2b512');
    expect(() => parseChecksums('', {algorithm: 'rot13'})).to.throw(RangeError, 'rot13');
  });

  it('reads --tag and BSD lines, and those of openssl dgst', () => {
    expect(parseChecksums(`SHA256 (a (1).iso) = ${SHA256}\nSHA2-256(b.iso)= ${SHA256}\nMD5 (c) = ${hex('md5')}\n`)
      .map(({algorithm, name}) => [algorithm, name]))
      .to.deep.equal([['sha256', 'a (1).iso'], ['sha256', 'b.iso'], ['md5', 'c']]);
  });

  it('takes back the escapes of marked lines, and only of them', () => {
    expect(names(`\\${SHA256}  a\\\\b\\nc\n${SHA256}  a\\nb\n\\SHA256 (d\\\\e) = ${SHA256}\n`)).to.deep.equal(['a\\b\nc', 'a\\nb', 'd\\e']);
  });

  it('reads a digest alone', () => {
    expect(parseChecksums(` ${SHA256} \n`)).to.deep.equal([{algorithm: 'sha256', hex: SHA256, name: '', line: 1}]);
  });

  it('skips the armour of a clear-signed text', () => {
    const text = `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n# Fedora\n${SHA256}  a\n`
      + '-----BEGIN PGP SIGNATURE-----\n\niQIzBAEB\n-----END PGP SIGNATURE-----\n';
    expect(names(text)).to.deep.equal(['a']);
  });

  it('refuses what is none, with the line', () => {
    expect(() => parseChecksums(`${SHA256}  a\n<html>`)).to.throw(TypeError, /^line 2: checksum: expected .*<hex> {2}name/);
    expect(() => parseChecksums(`${SHA256.slice(1)}  a`)).to.throw(TypeError, /^line 1: .*got 63/);
    expect(() => parseChecksums(`SHA256 (a) = ${hex('md5')}`)).to.throw(TypeError, /^line 1: .*sha256 digest of 64 hex/);
    expect(() => parseChecksums(`ROT13 (a) = ${SHA256}`)).to.throw(TypeError, /^line 1: .*ROT13/);
  });
});

describe('checksumsFor', () => {
  const entries = parseChecksums(`${SHA256}  a\n${hex('sha256', 'y')}  pool/a\n${hex('sha512')}  dir/b\n${hex('md5')}  dir/b\n`);

  it('prefers the exact name to an ending', () => {
    expect(checksumsFor(entries, 'a')).to.deep.equal([{algorithm: 'sha256', hex: SHA256}]);
  });

  it('finds an entry with folders where the path ends in it, with all its algorithms', () => {
    for (const path of ['dir/b', '/dir/b', 'x/dir/b']) {
      expect(checksumsFor(entries, path).map(({algorithm}) => algorithm)).to.deep.equal(['sha512', 'md5']);
    }
    for (const path of ['b', 'other/b', 'subdir/b', 'dir/b/c']) expect(() => checksumsFor(entries, path), path).to.throw(RangeError, 'expected an entry');
  });

  it('finds an entry without folders by the last part of the path, unless one with more folders fits', () => {
    expect(checksumsFor(entries, 'x/y/a')).to.deep.equal([{algorithm: 'sha256', hex: SHA256}]);
    expect(checksumsFor(entries, 'x/pool/a')).to.deep.equal([{algorithm: 'sha256', hex: hex('sha256', 'y')}]);
  });

  it('takes a digest alone for any file', () => {
    expect(checksumsFor(parseChecksums(SHA256), 'whatever.iso')).to.deep.equal([{algorithm: 'sha256', hex: SHA256}]);
  });

  it('refuses a file that is not named, and two digests that differ', () => {
    expect(() => checksumsFor(entries, 'c')).to.throw(RangeError, 'expected an entry for "c", got 4 of other files');
    expect(() => checksumsFor(parseChecksums(`${SHA256}  a\n${hex('sha256', 'y')}  a\n`), 'd/a')).to.throw(RangeError,
      'got two (lines 1 and 2)');
  });
});
