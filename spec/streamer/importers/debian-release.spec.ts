import {expect} from 'chai';
import {ProtocolError} from '../../../src/core/errors.js';
import {DebianRelease} from '../../../src/streamer/importers/debian-release.js';

const HEX = 'a'.repeat(64);
const releaseOf = (lines: readonly string[], head = ''): DebianRelease => new DebianRelease([head, 'SHA256:', ...lines].join('\n'), 'stable');
const names = (...paths: readonly string[]): string[] => paths.map((path) => ` ${HEX} 5 ${path}`);

describe('DebianRelease', () => {
  it('reads the section SHA256 and no other', () => {
    const text = ['-----BEGIN PGP SIGNED MESSAGE-----', 'Hash: SHA256', '', 'Acquire-By-Hash: yes', 'MD5Sum:', ` ${'b'.repeat(32)} 1 main/md5`,
      'SHA256:', ` ${HEX.toUpperCase()}      42 main/a.gz`, ` ${'b'.repeat(63)} 1 main/short`, ` ${HEX} 7 contrib/b`,
      'SHA512:', ` ${HEX} 9 main/other`, '-----BEGIN PGP SIGNATURE-----', '', 'x'].join('\r\n');
    const {files, byHash} = new DebianRelease(text, 'stable');
    expect([...files]).to.deep.equal([['main/a.gz', {hex: HEX, size: 42}], ['contrib/b', {hex: HEX, size: 7}]]);
    expect(byHash).to.equal(true);
  });

  it('has nothing by hash unless it says so', () => {
    expect(releaseOf(names('main/a')).byHash).to.equal(false);
    expect(releaseOf(names('main/a'), 'Acquire-By-Hash: no').byHash).to.equal(false);
  });

  it('refuses a text that names no SHA-256', () => {
    for (const text of ['', '<html>', 'SHA256:\n', `MD5Sum:\n ${HEX} 1 a`]) expect(() => new DebianRelease(text, 'stable')).to.throw(ProtocolError, 'stable');
  });

  it('knows the lists that can be read, those of the pool\'s component first', () => {
    const release = releaseOf(names('contrib/binary-amd64/Packages', 'contrib/binary-amd64/Packages.gz', 'main/binary-amd64/Packages.xz',
      'main/binary-amd64/Packages', 'main/binary-amd64/Packages.bz2', 'main/binary-arm64/Packages.gz',
      'main/debian-installer/binary-amd64/Packages.gz', 'main/binary-amd64/Release'));
    expect(release.packageLists('amd64', 'pool/main/a/a/a_1_amd64.deb')).to.deep.equal([
      'main/binary-amd64/Packages.xz', 'contrib/binary-amd64/Packages.gz',
    ]);
    expect(release.packageLists('amd64', 'pool/main/a/a/a_1_amd64.udeb')).to.deep.equal(['main/debian-installer/binary-amd64/Packages.gz']);
    expect(release.packageLists('mips', 'pool/main/a/a/a_1_mips.deb')).to.deep.equal([]);
  });

  it('knows the lists of sources that can be read, those of the pool\'s component first', () => {
    const release = releaseOf(names('contrib/source/Sources.gz', 'main/source/Sources.xz', 'main/source/Sources',
      'main/source/Sources.diff/Index', 'non-free/source/Sources', 'non-free/source/Sources.gz', 'main/source/Release', 'main/Contents-source.gz'));
    expect(release.sourceLists('pool/main/a/a/a_1.dsc')).to.deep.equal([
      'main/source/Sources.xz', 'contrib/source/Sources.gz', 'non-free/source/Sources.gz',
    ]);
    expect(releaseOf(names('main/binary-amd64/Packages.gz')).sourceLists('pool/main/a/a/a_1.dsc')).to.deep.equal([]);
  });
});
