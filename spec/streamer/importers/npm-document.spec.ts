import {expect} from 'chai';
import {ProtocolError} from '../../../src/core/errors.js';
import {NpmDocument, type NpmHome} from '../../../src/streamer/importers/npm-document.js';
import {hexOf, integrityOf, ORIGIN} from './asking.js';

const HOME: NpmHome = {origin: 'https://registry.example', hosts: new Set(['registry.example', 'files.example'])};
const dist = (tarball: string, more: object = {integrity: integrityOf('bytes')}): object => ({tarball, ...more});
const documentOf = (versions: Record<string, object>, more: object = {}, name = '@s/pkg'): NpmDocument =>
  new NpmDocument(Buffer.from(JSON.stringify({name, versions, ...more})), name, HOME);

describe('NpmDocument', () => {
  it('points the registry\'s own tarballs back and keeps everything else', () => {
    const own = 'https://registry.example/@s/pkg/-/pkg-1.0.0.tgz';
    const elsewhere = 'https://cdn.example/pkg-2.0.0.tgz';
    const more = {'dist-tags': {latest: '2.0.0'}, modified: 'x', 'é': [1, null, {tarball: own}]};
    const document = documentOf({
      '1.0.0': {name: '@s/pkg', bin: {a: 'b'}, dist: dist(own, {integrity: integrityOf('bytes'), signatures: [{keyid: 'k'}]})},
      '2.0.0': {dist: dist(elsewhere)},
    }, more);
    expect(JSON.parse(document.pointingTo(ORIGIN).toString())).to.deep.equal({
      name: '@s/pkg', ...more, versions: {
        '1.0.0': {name: '@s/pkg', bin: {a: 'b'},
          dist: {tarball: `${ORIGIN}/@s/pkg/-/pkg-1.0.0.tgz`, integrity: integrityOf('bytes'), signatures: [{keyid: 'k'}]}},
        '2.0.0': {dist: dist(elsewhere)},
      },
    });
    expect([...document.package.files.keys()]).to.deep.equal(['pkg-1.0.0.tgz']);
  });

  it('asks upstream\'s host as upstream itself is asked, and its other hosts as they say', () => {
    const document = documentOf({
      '1.0.0': {dist: dist('http://registry.example/deep/pkg-1.0.0.tgz?x=1#y')},
      '2.0.0': {dist: dist('http://files.example/download/@s/pkg/2.0.0/0a1b2c')},
    });
    expect([...document.package.files].map(([file, {url}]) => [file, url])).to.deep.equal([
      ['pkg-1.0.0.tgz', 'https://registry.example/deep/pkg-1.0.0.tgz?x=1'], ['0a1b2c', 'http://files.example/download/@s/pkg/2.0.0/0a1b2c'],
    ]);
    expect(document.pointingTo(ORIGIN).toString()).to.include(`${ORIGIN}/@s/pkg/-/0a1b2c`);
  });

  it('gives every version a file name of its own', () => {
    const document = documentOf({
      '1.0.0': {dist: dist('https://registry.example/a/package.tgz')}, '2.0.0': {dist: dist('https://registry.example/b/package.tgz')},
      '3.0.0': {dist: dist('https://registry.example/c/%2e%2e%2f')},
    });
    expect([...document.package.files.keys()]).to.deep.equal(['package.tgz', 'pkg-2.0.0.tgz', 'pkg-3.0.0.tgz']);
  });

  it('takes integrity before shasum, and says when neither can be relied on', () => {
    const url = (version: string): string => `https://registry.example/pkg-${version}.tgz`;
    const shasum = hexOf('sha1', 'bytes');
    const document = documentOf({
      '1.0.0': {dist: dist(url('1.0.0'), {integrity: integrityOf('bytes'), shasum})}, '2.0.0': {dist: dist(url('2.0.0'), {shasum})},
      '3.0.0': {dist: dist(url('3.0.0'), {})}, '4.0.0': {dist: dist(url('4.0.0'), {integrity: 'sha512-broken', shasum})},
      '5.0.0': {dist: dist(url('5.0.0'), {integrity: `sha1-${Buffer.from(shasum, 'hex').toString('base64')} ${integrityOf('bytes')} ${integrityOf('more')}`})},
    });
    const told = [...document.package.files.values()].map(({digests, fault}) =>
      [digests.map(({algorithm, hex}) => `${algorithm} ${hex.slice(0, 8)}`), fault === undefined]);
    const sha512 = (text: string): string => `sha512 ${hexOf('sha512', text).slice(0, 8)}`;
    expect(told).to.deep.equal([
      [[sha512('bytes')], true], [[`sha1 ${shasum.slice(0, 8)}`], true], [[], true], [[], false], [[sha512('bytes'), sha512('more')], true],
    ]);
  });

  it('leaves addresses alone that are none, or hold a password', () => {
    const versions = {
      '1.0.0': {dist: {tarball: 7}}, '2.0.0': {dist: dist('file:///etc/passwd')}, '3.0.0': {dist: dist('https://u:p@registry.example/a.tgz')},
      '4.0.0': {}, '5.0.0': {dist: dist('https://registry.example:8443/a.tgz')},
    };
    const document = documentOf(versions);
    expect(document.package.files.size).to.equal(0);
    expect((JSON.parse(document.pointingTo(ORIGIN).toString()) as {versions: unknown}).versions).to.deep.equal(versions);
  });

  it('knows a package that was taken back', () => {
    expect(new NpmDocument(Buffer.from('{"name":"a","time":{"unpublished":{}}}'), 'a', HOME).package.files.size).to.equal(0);
  });

  for (const [what, body] of Object.entries({
    'no JSON': '<html>', 'nothing': '', 'no object': '[]', 'null': 'null', 'another package': '{"name":"b","versions":{}}',
    'versions that are a list': '{"name":"a","versions":[]}', 'a version that is none': '{"name":"a","versions":{"1.0.0":7}}',
  })) {
    it(`refuses ${what}`, () => {
      expect(() => new NpmDocument(Buffer.from(body), 'a', HOME)).to.throw(ProtocolError, 'the metadata of a');
    });
  }
});
