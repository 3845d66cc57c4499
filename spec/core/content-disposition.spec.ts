import {expect} from 'chai';
import fc from 'fast-check';
import {nameFromContentDisposition, nameFromReply} from '../../src/core/content-disposition.js';
import {safeFileName} from '../../src/core/file-name.js';

const latin1 = (text: string): string => Buffer.from(text).toString('latin1');

describe('nameFromContentDisposition', () => {
  const names: Readonly<Record<string, string>> = {
    'attachment; filename=example.html': 'example.html',
    'Attachment; Filename="EXAMPLE one.HTML"': 'EXAMPLE one.HTML',
    'inline;filename="a;b,c=d.txt"': 'a;b,c=d.txt',
    'x-other ; filename = "a.txt" ; size=5': 'a.txt',
    'attachment; filename=a.txt;': 'a.txt',
    'attachment;; filename=a.txt; ;': 'a.txt',
    'attachment; filename="quo\\"te\\d.txt"': 'quo"ted.txt',
    'attachment; filename="C:\\\\dir\\\\x.exe"': 'x.exe',
    'attachment; filename="/etc/passwd"': 'passwd',
    'attachment; filename="..%2f..%2fevil.sh"': 'evil.sh',
    'attachment; filename="na%C3%AFve.txt"': 'naïve.txt',
    'attachment; filename="nul.txt"': '_nul.txt',
    'attachment; filename=".bashrc"': 'bashrc',
    'attachment; filename="evil.txt\u0000.exe"': 'evil.txt.exe',
    'attachment; filename="na\u00efve.txt"': 'naïve.txt',
    [`attachment; filename="${latin1('漢字.txt')}"`]: '漢字.txt',
    'attachment; filename*=UTF-8\'\'na%C3%AFve.txt': 'naïve.txt',
    'attachment; filename*=utf-8\'de-AT\'%e2%82%ac%20rates.csv': '€ rates.csv',
    'attachment; filename*=iso-8859-1\'en\'%A3%20rates.csv': '£ rates.csv',
    'attachment; filename="EURO rates"; filename*=utf-8\'\'%e2%82%ac%20rates': '€ rates',
    'attachment; filename*=utf-8\'\'%e2%82%ac%20rates; filename="EURO rates"': '€ rates',
    'attachment; filename*=UTF-8\'\'..%2F..%5Cevil.sh': 'evil.sh',
    'attachment; filename*=UTF-8\'\'a%2541.txt': 'a_41.txt',
    'attachment; filename*=UTF-8\'\'%2e%2e; filename=good.txt': 'good.txt',
    'attachment; filename*=UTF-8\'\'%ff.txt; filename=good.txt': 'good.txt',
    'attachment; filename*=UTF-16\'\'a.txt; filename=good.txt': 'good.txt',
    'attachment; filename*="UTF-8\'\'a.txt"; filename=good.txt': 'good.txt',
    'attachment; filename*=UTF-8\'\'a%2.txt; filename=good.txt': 'good.txt',
    'attachment; filename*=a.txt; filename=good.txt': 'good.txt',
    'attachment; filename*=UTF-8\'\'; filename=good.txt': 'good.txt',
    'attachment; filename*0="a"; filename*1=".txt"; filename=good.txt': 'good.txt',
  };
  for (const [field, name] of Object.entries(names)) {
    it(`makes ${JSON.stringify(name)} of ${JSON.stringify(field)}`, () => { expect(nameFromContentDisposition(field)).to.equal(name); });
  }

  const nameless = ['', 'attachment', ';', '; filename=a.txt', 'filename=a.txt', '"attachment"; filename=a.txt', 'attachment; filename',
    'attachment; filename=', 'attachment; filename=a b.txt', 'attachment; filename="a.txt', 'attachment; filename="a"b',
    'attachment; filename="a\\"',
    'attachment filename=a.txt', 'attachment, filename=a.txt', 'attachment; filename=a.txt, attachment; filename=b.txt',
    'attachment; filename=a.txt; filename=b.txt', 'attachment; filename=a.txt; FILENAME=a.txt', 'attachment; filename=f\u00f6.txt',
    'attachment; filename*=UTF-8\'\'a; filename*=UTF-8\'\'b', 'attachment; filename=".."', 'attachment; filename="/"',
    'attachment; filename=""',
    'attachment; name=a.txt', 'attachment; filename=a.txt; x', 'attachment; =a', 'attachment; filename="a/"'];
  for (const field of nameless) {
    it(`gives no name for ${JSON.stringify(field)}`, () => { expect(nameFromContentDisposition(field)).to.equal(undefined); });
  }

  it('cuts to 255 bytes and keeps the extension', () => {
    expect(nameFromContentDisposition(`attachment; filename*=UTF-8''${'%C3%A9'.repeat(300)}.tar.gz`))
      .to.equal(`${'é'.repeat(124)}.tar.gz`);
  });

  it('takes no time over a long field', () => {
    const started = performance.now();
    for (const text of ['\\'.repeat(16_000), ' '.repeat(16_000), ';'.repeat(16_000), 'a=b;'.repeat(4000), '%'.repeat(16_000)]) {
      nameFromContentDisposition(`attachment; filename="${text}`);
      nameFromContentDisposition(`attachment; ${text}`);
      nameFromContentDisposition(`attachment; filename*=UTF-8''${text}`);
    }
    expect(performance.now() - started).to.be.below(2000);
  });

  const piece = fc.oneof(
    fc.constantFrom('attachment', ';', '; ', '=', '"', '\\', 'filename', 'filename*', 'UTF-8\'\'', 'iso-8859-1\'\'', ',', ' ', 'a', '.txt'),
    fc.constantFrom('%', '/', '..', '%2e', '%2f', '%5c', '%00', '%c3%a9', '%ff', '\u00c3\u00a9', '\u0000', 'CON', 'C:', '\u202e'),
    fc.string({unit: 'binary', maxLength: 3}));
  const text = fc.array(piece, {maxLength: 10}).map((parts) => parts.join(''));
  const field = fc.oneof(text, text.map((inner) => `attachment; ${inner}`), text.map((inner) => `attachment; filename="${inner}"`),
    text.map((inner) => `attachment; filename*=UTF-8''${inner}`));

  it('gives a safe name or none, whatever comes', () => {
    let found = 0;
    fc.assert(fc.property(field, (given) => {
      const name = nameFromContentDisposition(given);
      if (name === undefined) return;
      found++;
      expect(safeFileName(name)).to.equal(name);
      expect(name).not.to.match(/[/\\\p{Cc}]|^[\s.]|[\s.]$|^$/u);
      expect(Buffer.byteLength(name)).to.be.at.most(255);
    }), {numRuns: 3000});
    expect(found).to.be.greaterThan(300);
  });

  it('reads back what RFC 8187 writes, as the safe name of it', () => {
    fc.assert(fc.property(fc.string({unit: 'grapheme', maxLength: 40}), (name) => {
      const encoded = [...Buffer.from(name)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
      const expected = safeFileName(name, {decoded: true, fallback: 'none'});
      expect(nameFromContentDisposition(`attachment; filename*=UTF-8''${encoded}; filename=none`)).to.equal(expected);
    }));
  });
});

describe('nameFromReply', () => {
  it('asks the header', () => {
    expect(nameFromReply({headers: {'content-disposition': 'attachment; filename=a.txt'}})).to.equal('a.txt');
    expect(nameFromReply({headers: {'content-type': 'text/plain'}})).to.equal(undefined);
  });
});
