import {expect} from 'chai';
import fc from 'fast-check';
import {parseLinks} from '../../src/delegate/link-header.js';

const BASE = 'http://h.example/pub/file?x=1';
const read = (header: string): unknown[] =>
  parseLinks(header, BASE).map(({url, rels, parameters}) => [url, rels.join(' '), Object.fromEntries(parameters)]);

describe('parseLinks', () => {
  it('reads the example of RFC 6249', () => {
    expect(read('<http://www2.example.com/example.ext>; rel=duplicate; pri=1; pref, '
      + '<ftp://ftp.example.com/example.ext>; rel=duplicate; pri=2, <http://example.com/example.ext.meta4>; rel=describedby; '
      + 'type="application/metalink4+xml"; title="a \\"b\\", c;d"')).to.deep.equal([
      ['http://www2.example.com/example.ext', 'duplicate', {pri: '1', pref: ''}],
      ['http://example.com/example.ext.meta4', 'describedby', {type: 'application/metalink4+xml', title: 'a "b", c;d'}],
    ]);
  });

  it('resolves relative addresses, and drops logins and fragments', () => {
    const header = '<other>;rel=a,</root>;rel=b,<//o.example/x>;rel=c,<http://u:p@l.example/y#z>;rel=d, <>;rel=e';
    expect(parseLinks(header, BASE).map(({url}) => url)).to.deep.equal(
      ['http://h.example/pub/other', 'http://h.example/root', 'http://o.example/x', 'http://l.example/y', 'http://h.example/pub/file?x=1']);
  });

  it('takes no other scheme, and no link of another resource', () => {
    expect(read('<file:///etc/hosts>; rel=duplicate, <data:,x>; rel=duplicate, <http://a/>; rel=duplicate; anchor="#part", '
      + '<http://b/>; rel=next')).to.deep.equal([['http://b/', 'next', {}]]);
  });

  it('takes names in any case, several relation types, the first of each parameter, and space anywhere', () => {
    expect(read(' , , <http://a/> ;  REL = "Next  Duplicate" ; rel=prev ; Pri=\t3 ;; pri = 4 ,'))
      .to.deep.equal([['http://a/', 'next duplicate', {pri: '3'}]]);
  });

  it('stops at a syntax error', () => {
    expect(read('nonsense')).to.deep.equal([]);
    expect(read('<http://a/>; rel=x, <http://b/; rel=y').length).to.equal(1);
    expect(read('<http://a/>; rel="x, <http://b/>; rel=y').length).to.equal(1);
    expect(read('<http://a/>; rel=x <http://b/>; rel=y').length).to.equal(1);
  });

  it('takes at most 100', () => {
    expect(read(Array.from({length: 150}, (_, at) => `<http://h${at}/>; rel=duplicate`).join(', '))).to.have.length(100);
  });

  it('reads back what was written', () => {
    const token = fc.stringMatching(/^[a-z][a-z0-9]{0,6}$/).filter((name) => name !== 'rel' && name !== 'anchor');
    const value = fc.stringMatching(/^[ -~]{0,12}$/);
    const parameters = fc.uniqueArray(fc.tuple(token, value), {selector: ([name]) => name});
    const link = fc.record({url: fc.webUrl().map((url) => new URL(url).href), rel: token, parameters});
    fc.assert(fc.property(fc.array(link, {maxLength: 5}), (links) => {
      const header = links.map((one) => [`<${one.url}>`, `rel=${one.rel}`,
        ...one.parameters.map(([name, text]) => `${name}="${text.replace(/["\\]/g, '\\$&')}"`)].join('; ')).join(', ');
      expect(parseLinks(header, BASE)).to.deep.equal(
        links.map((one) => ({url: one.url, rels: [one.rel], parameters: new Map(one.parameters)})));
    }));
  });

  it('never throws, and gives http and https addresses only', () => {
    const parts = fc.constantFrom('<', '>', ';', ',', '=', '"', '\\', ' ', 'rel', 'duplicate', 'http://h/', 'file:///', 'pri',
      '1', '\t', '//');
    const soup = fc.array(fc.oneof(parts, fc.string({unit: 'binary', maxLength: 4})), {maxLength: 40}).map((all) => all.join(''));
    fc.assert(fc.property(soup, (header) => parseLinks(header, BASE).every(({url}) => /^https?:\/\//.test(url))), {numRuns: 2000});
  });
});
