import {expect} from 'chai';
import {ValidationError} from '../../src/core/errors.js';
import {parseMetalink} from '../../src/policy/metalink.js';
import {fileElement, hashElement, metalinkOf, urlElement} from './metalink-texts.js';

const SHA256 = 'ab'.repeat(32);
const SHA512 = 'cd'.repeat(64);
const SHA1 = 'ef'.repeat(20);

const only = (...elements: string[]): ReturnType<typeof parseMetalink>['files'][number] =>
  parseMetalink(metalinkOf(fileElement('a.iso', ...elements))).files[0]!;

describe('parseMetalink', () => {
  it('reads the example of RFC 5854', () => {
    const {files} = parseMetalink(`<?xml version="1.0" encoding="UTF-8"?>
      <metalink xmlns="urn:ietf:params:xml:ns:metalink">
        <published>2009-05-15T12:23:23Z</published>
        <file name="example.ext">
          <size>14471447</size>
          <identity>Example</identity><version>1.0</version><language>en</language>
          <description>A description of the example file.</description>
          <hash type="sha-256">${SHA256.toUpperCase()}</hash>
          <url location="DE" priority="1">ftp://ftp.example.com/example.ext</url>
          <url location="fr" priority="1">http://example.com/example.ext</url>
          <metaurl mediatype="torrent" priority="2">http://example.com/example.ext.torrent</metaurl>
        </file>
        <file name="dir/example2.ext"><size>0</size></file>
      </metalink>`);
    expect(files).to.deep.equal([
      {name: 'example.ext', path: 'example.ext', size: 14_471_447, hashes: [{algorithm: 'sha256', hex: SHA256}], pieces: undefined,
        urls: [{url: 'http://example.com/example.ext', priority: 1, location: 'fr'}]},
      {name: 'example2.ext', path: 'dir/example2.ext', size: 0, hashes: [], pieces: undefined, urls: []},
    ]);
  });

  it('reads pieces, and keeps those of the strongest algorithm', () => {
    const pieces = (type: string, ...hashes: string[]): string =>
      `<pieces length="4" type="${type}">${hashes.map((hash) => `<hash>${hash}</hash>`).join(' ')}</pieces>`;
    const {pieces: found} = only('<size>7</size>', pieces('sha-1', SHA1, SHA1), pieces('sha-256', SHA256, SHA256), pieces('tiger', 'x'));
    expect(found).to.deep.equal({length: 4, algorithm: 'sha256', hashes: [SHA256, SHA256]});
  });

  it('puts the strongest hash first and passes over those it doesn\'t know', () => {
    const {hashes} = only(hashElement('sha-1', SHA1), hashElement('whirlpool', 'zz'), hashElement('sha-512', SHA512),
      hashElement('sha-256', SHA256), '<hash>zz</hash>');
    expect(hashes.map(({algorithm}) => algorithm)).to.deep.equal(['sha512', 'sha256', 'sha1']);
  });

  it('takes http and https addresses without their logins, the lowest priority where none or a bad one is given', () => {
    const {urls} = only(...['file:///etc/passwd', 'ftp://f/', 'data:,x', 'nonsense', 'http://u:p@h/a?b=c#d'].map((url) => urlElement(url)),
      '<url priority="0">https://h/2</url>', '<url priority="x"><![CDATA[ https://h/3 ]]></url>');
    expect(urls).to.deep.equal(['http://h/a?b=c', 'https://h/2', 'https://h/3']
      .map((url) => ({url, priority: 999_999, location: undefined})));
  });

  it('passes over elements of other namespaces, with all below them', () => {
    const {size, urls} = only('<x:size xmlns:x="urn:x">5</x:size>',
      '<box xmlns="urn:x"><url xmlns="urn:ietf:params:xml:ns:metalink">http://h/</url></box>');
    expect({size, urls}).to.deep.equal({size: undefined, urls: []});
  });

  const refused: [string, string, RegExp][] = [
    ['an empty text', '', /not well-formed XML/],
    ['bad XML', '<metalink xmlns="urn:ietf:params:xml:ns:metalink"><file name="a"></metalink>', /not well-formed XML/],
    ['a page', '<!DOCTYPE html><html></html>', /document type declaration/],
    ['entities', '<!DOCTYPE m [<!ENTITY a "b">]><metalink xmlns="urn:ietf:params:xml:ns:metalink"/>', /document type declaration/],
    ['an undefined entity', metalinkOf('&lol;'), /not well-formed XML/],
    ['another encoding', metalinkOf().replace('UTF-8', 'ISO-8859-1'), /encoding is "ISO-8859-1", expected UTF-8/],
    ['no namespace', '<metalink/>', /root is no metalink element/],
    ['Metalink 3', '<metalink xmlns="http://www.metalinker.org/"/>', /root is no metalink element/],
    ['another root', '<file xmlns="urn:ietf:params:xml:ns:metalink" name="a"/>', /root is no metalink element/],
    ['a file without a name', metalinkOf('<file/>'), /a file has no name/],
    ['one name twice', metalinkOf(fileElement('a'), fileElement('a')), /two files of the name "a"/],
    ['a path that leaves its folder', metalinkOf(fileElement('../../etc/hosts')), /it leaves its folder/],
    ['an absolute path', metalinkOf(fileElement('/etc/hosts')), /it is absolute/],
    ['a name of dots', metalinkOf(fileElement('a/.. .')), /no file name can be made/],
    ['a size that is no number', metalinkOf(fileElement('a', '<size>-1</size>')), /has the size "-1", expected bytes/],
    ['a size that is no safe number', metalinkOf(fileElement('a', '<size>9007199254740993</size>')), /has the size/],
    ['two sizes', metalinkOf(fileElement('a', '<size>1</size><size>1</size>')), /has two sizes/],
    ['a size in parts', metalinkOf(fileElement('a', '<size>1<x xmlns="urn:x"/>2</size>')), /an element inside of metalink\/file\/size/],
    ['a short hash', metalinkOf(fileElement('a', hashElement('sha-256', 'abcd'))), /bad sha256 hash, expected 64 hex digits/],
    ['a hash that is no hex', metalinkOf(fileElement('a', hashElement('sha-256', 'x'.repeat(64)))), /bad sha256 hash/],
    ['two hashes', metalinkOf(fileElement('a', hashElement('sha-1', SHA1), hashElement('sha1', '00'.repeat(20)))), /has two sha1 hashes/],
    ['pieces without length', metalinkOf(fileElement('a', '<pieces type="sha-1"/>')), /pieces of the length undefined/],
    ['a bad piece', metalinkOf(fileElement('a', '<pieces type="sha-1" length="1"><hash>ab</hash></pieces>')),
      /bad sha1 piece hash, expected 40/],
    ['pieces missing', metalinkOf(fileElement('a', '<size>9</size>', `<pieces type="sha-1" length="4"><hash>${SHA1}</hash></pieces>`)),
      /has 1 piece hashes, expected 3/],
  ];
  for (const [name, text, message] of refused) {
    it(`refuses ${name}`, () => {
      expect(() => parseMetalink(text)).to.throw(ValidationError, message);
    });
  }

  const bounds: [string, () => string, () => string, RegExp][] = [
    ['10 MiB of text', () => spaces(10_485_760), () => spaces(10_485_761), /more than 10485760 characters/],
    ['16 levels', () => nested(16), () => nested(17), /deeper than 16 levels/],
    ['10,000 files', () => metalinkOf(...files(10_000)), () => metalinkOf(...files(10_001)), /more than 10000 files/],
    ['10,000 addresses', () => metalinkOf(fileElement('a', ...urls(9999)), fileElement('b', ...urls(1))),
      () => metalinkOf(fileElement('a', ...urls(10_000)), fileElement('b', ...urls(1))), /more than 10000 addresses/],
    ['1,000,000 piece hashes', () => pieces(1_000_000), () => pieces(1_000_001), /more than 1000000 piece hashes/],
  ];
  for (const [bound, within, beyond, message] of bounds) {
    it(`takes ${bound} and no more`, function test() {
      this.timeout(60_000);
      expect(() => parseMetalink(within())).to.not.throw();
      expect(() => parseMetalink(beyond())).to.throw(ValidationError, message);
    });
  }

  it('keeps the message short, however long the document\'s names are', () => {
    const name = 'x'.repeat(1_000_000);
    try {
      parseMetalink(`<${name}:a/>`);
      expect.fail('it was taken');
    } catch (error) {
      expect((error as Error).message.length).to.be.below(300);
    }
  });

  it('refuses what is no text', () => {
    expect(() => parseMetalink(Buffer.from('') as never)).to.throw(TypeError, 'metalink: expected the text of a document');
  });
});

function spaces(length: number): string {
  return metalinkOf(' '.repeat(length - metalinkOf().length));
}

function nested(levels: number): string {
  return metalinkOf('<x>'.repeat(levels - 1) + '</x>'.repeat(levels - 1));
}

function files(count: number): string[] {
  return Array.from({length: count}, (_, at) => fileElement(`f${at}`));
}

function urls(count: number): string[] {
  return Array.from({length: count}, () => urlElement('http://h/'));
}

function pieces(count: number): string {
  return metalinkOf(fileElement('a', `<pieces type="other" length="1">${'<hash/>'.repeat(count)}</pieces>`));
}
