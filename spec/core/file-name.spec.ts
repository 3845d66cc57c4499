import {expect} from 'chai';
import fc from 'fast-check';
import {resolve, sep} from 'node:path';
import {UnsafeName} from '../../src/core/errors.js';
import {collisionKey, nameFromUrl, resolveUnder, safeFileName, truncateBytes} from '../../src/core/file-name.js';

/** Text in which dangerous pieces are likely. */
const nasty = fc.array(fc.oneof(
  fc.constantFrom('/', '\\', '..', '.', ' ', '%2f', '%2F', '%5c', '%2e', '%25', '%', '%00', '\0', '\n', 'nul', 'CON', 'C:', 'a', '.gz'),
  fc.constantFrom('\u202e', '\ud800', 'e\u0301', '%c3%a9', '%ff'),
  fc.string({unit: 'binary', maxLength: 4}), fc.string({unit: 'grapheme', maxLength: 4}), fc.constant('é'.repeat(90)),
), {maxLength: 12}).map((parts) => parts.join(''));

describe('safeFileName', () => {
  const table: Readonly<Record<string, string>> = {
    'report.pdf': 'report.pdf',
    'pkg_1:2.3-4_amd64.deb': 'pkg_1:2.3-4_amd64.deb',
    '/etc/passwd': 'passwd',
    '../../../etc/passwd': 'passwd',
    '..\\..\\boot.ini': 'boot.ini',
    '%2e%2e%2fevil.sh': 'evil.sh',
    '..%5C..%5Cevil.sh': 'evil.sh',
    'a%2Fb%5Cc.txt': 'c.txt',
    '%252e%252e%252fetc': '_2e_2e_2fetc',
    'na%C3%AFve.txt': 'naïve.txt',
    '100%.txt': '100%.txt',
    '%ff.txt': '_ff.txt',
    'nai\u0308ve.txt': 'naïve.txt',
    'e\u0001\u0301': 'é',
    '.htaccess': 'htaccess',
    '...hidden': 'hidden',
    ' . name . ': 'name',
    'trailing...': 'trailing',
    'evil\u202egnp.exe': 'evilgnp.exe',
    'a\r\nb\0c\u007f': 'abc',
    'lone\ud800surrogate': 'lonesurrogate',
    'C:evil.exe': 'evil.exe',
    '. C: D:evil.exe': 'evil.exe',
    'C:\\Windows\\evil.exe': 'evil.exe',
    'con': '_con',
    'NUL.txt': '_NUL.txt',
    'com1.tar.gz': '_com1.tar.gz',
    'LPT9 .log': '_LPT9 .log',
    'COM²': '_COM²',
    'CONIN$': '_CONIN$',
    'console.log': 'console.log',
    'com10.txt': 'com10.txt',
  };
  for (const [raw, safe] of Object.entries(table)) {
    it(`makes ${JSON.stringify(safe)} of ${JSON.stringify(raw)}`, () => { expect(safeFileName(raw)).to.equal(safe); });
  }

  it('does not decode what was decoded before', () => {
    expect(safeFileName('a%41%2Fb.txt', {decoded: true})).to.equal('a_41_2Fb.txt');
    expect(safeFileName('a%41%2Fb.txt', {decoded: false})).to.equal('b.txt');
  });

  it('throws when nothing is left, unless there is a fallback', () => {
    for (const raw of ['', '/', '..', '...', 'a/', ' . ', '\0', '%2e%2e', '%00', 'C:', 'folder\\']) {
      expect(() => safeFileName(raw), JSON.stringify(raw)).to.throw(UnsafeName, 'no file name can be made of');
      expect(safeFileName(raw, {fallback: 'index.html'})).to.equal('index.html');
    }
    expect(safeFileName('..', {fallback: '../x/y'})).to.equal('y');
    expect(() => safeFileName('..', {fallback: '..'})).to.throw(UnsafeName);
  });

  it('cuts to 255 bytes between characters and keeps the extension', () => {
    expect(safeFileName(`${'x'.repeat(300)}.txt`)).to.equal(`${'x'.repeat(251)}.txt`);
    expect(safeFileName(`${'é'.repeat(300)}.tar.gz`)).to.equal(`${'é'.repeat(124)}.tar.gz`);
    expect(safeFileName('😀'.repeat(100))).to.equal('😀'.repeat(63));
    expect(safeFileName(`a.${'x'.repeat(300)}`)).to.equal(`a.${'x'.repeat(253)}`);
    expect(safeFileName('x'.repeat(255))).to.equal('x'.repeat(255));
    expect(safeFileName(`${'x'.repeat(254)} y`)).to.equal('x'.repeat(254));
  });

  it('never leaves its folder, is never too long, and changes nothing the second time', () => {
    fc.assert(fc.property(nasty, (raw) => {
      const name = safeFileName(raw, {fallback: 'fallback'});
      expect(resolve('/root', name)).to.equal(`/root/${name}`);
      expect(name).not.to.match(/[/\\]|[\p{Cc}\p{Cs}]|^[\s.]|[\s.]$|^$|%[0-9a-f]{2}/iu);
      expect(Buffer.byteLength(name)).to.be.at.most(255);
      expect(name).to.equal(name.normalize('NFC'));
      expect(safeFileName(name)).to.equal(name);
      expect(resolveUnder('/root', name)).to.equal(`/root/${name}`);
    }), {numRuns: 3000});
  });
});

describe('nameFromUrl', () => {
  it('takes the end of the path, without query and fragment', () => {
    const names = [
      'https://h.example/a/b.tgz?x=/y.z#/f', 'https://h.example/a%2Fb%20c.tgz', 'https://h.example/%E6%BC%A2.txt',
      'ftp://h.example/pub/f', 'file:///x/y.z',
    ];
    expect(names.map((url) => nameFromUrl(url))).to.deep.equal(['b.tgz', 'b c.tgz', '漢.txt', 'f', 'y.z']);
    expect(nameFromUrl(new URL('https://h.example/x'))).to.equal('x');
  });

  it('throws where a path ends with no name, unless there is a fallback', () => {
    expect(() => nameFromUrl('https://h.example/')).to.throw(UnsafeName);
    expect(() => nameFromUrl('https://h.example/a/')).to.throw(UnsafeName);
    expect(nameFromUrl('https://h.example', {fallback: 'index.html'})).to.equal('index.html');
  });
});

describe('collisionKey', () => {
  it('is equal for names that a careless file system takes for one', () => {
    const pairs = [
      ['README', 'readme'], ['é', 'e\u0301'], ['É', 'e\u0301'], ['ΟΔΟΣ', 'οδος'], ['straße', 'STRASSE'], ['a/B', 'A/b'],
    ] as const;
    for (const [one, two] of pairs) expect(collisionKey(one)).to.equal(collisionKey(two));
    for (const [one, two] of [['a', 'b'], ['e', 'é'], ['a/b', 'ab']] as const) expect(collisionKey(one)).not.to.equal(collisionKey(two));
  });
});

describe('resolveUnder', () => {
  it('gives the path below the root', () => {
    expect(resolveUnder('/root', 'a/b.txt')).to.equal('/root/a/b.txt');
    expect(resolveUnder('/root/', './a//b.txt')).to.equal('/root/a/b.txt');
    expect(resolveUnder('/root', '..a/b..')).to.equal('/root/..a/b..');
    expect(resolveUnder('out', 'a')).to.equal(resolve('out', 'a'));
  });

  const refused: Readonly<Record<string, string>> = {
    '../a': 'it leaves its folder',
    'a/../../b': 'it leaves its folder',
    'a/..': 'it leaves its folder',
    'a\\..\\b': 'it leaves its folder',
    '/etc/hosts': 'it is absolute',
    '\\\\host\\share': 'it is absolute',
    'C:\\x': 'it begins with a drive letter',
    'c:x': 'it begins with a drive letter',
    'a\0b': 'it holds a NUL',
    '': 'it names no file',
    '.': 'it names no file',
    './/.': 'it names no file',
    'a/': 'it names no file',
    'a/.': 'it names no file',
  };
  for (const [path, why] of Object.entries(refused)) {
    it(`refuses ${JSON.stringify(path)}: ${why}`, () => { expect(() => resolveUnder('/root', path)).to.throw(UnsafeName, why); });
  }

  it('never gives a path that is not below the root', () => {
    fc.assert(fc.property(nasty, (path) => {
      try {
        expect(resolveUnder('/root', path).startsWith(`/root${sep}`)).to.equal(true);
      } catch (fault) {
        expect(fault).to.be.instanceOf(UnsafeName);
      }
    }), {numRuns: 2000});
  });
});

describe('truncateBytes', () => {
  it('cuts between characters', () => {
    expect(['abc', 'é', 'aé', '😀'].map((text) => truncateBytes(text, 2))).to.deep.equal(['ab', 'é', 'a', '']);
    expect(truncateBytes('abc', 3)).to.equal('abc');
  });
});
