import {expect} from 'chai';
import {checkSources, fileAt, inOrder, mirrorOf, parseMirrorList} from '../../src/policy/mirror-list.js';

const urls = (text: string): string[] => parseMirrorList(text).map(({url}) => url);

describe('parseMirrorList', () => {
  it('reads a URL a line; blank lines, comments, line ends and a byte order mark do not count', () => {
    const list = '\uFEFFhttp://one.example/\r\n\n  https://two.example/pub/  \n# http://no.example/\n\thttps://three.example/{path}\n';
    expect(urls(list)).to.deep.equal([
      'http://one.example/', 'https://two.example/pub/', 'https://three.example/{path}',
    ]);
  });

  it('takes http and https alone, so that a list cannot point at local files', () => {
    const bad = ['file:///etc/passwd', 'ftp://f.example/', 'data:,x', 'javascript:alert(1)', 'relative/path', '//half.example/', 'http://'];
    expect(urls([...bad, 'http://ok.example/'].join('\n'))).to.deep.equal(['http://ok.example/']);
  });

  it('skips lines with a space in them: what stands behind it is no part of a URL', () => {
    expect(urls('http://a.example/ # nearby\nhttp://b.example/pub dir/\nhttp://c.example/')).to.deep.equal(['http://c.example/']);
  });

  it('is empty for an empty list, and takes at most 10,000 lines', () => {
    expect(urls('')).to.deep.equal([]);
    expect(urls('# nothing\n\n')).to.deep.equal([]);
    expect(urls('http://a.example/\n'.repeat(10_001))).to.have.length(10_000);
  });
});

describe('checkSources', () => {
  it('takes texts and sources, and refuses another scheme, naming the entry and no secret', () => {
    expect(checkSources(['http://a/', {url: 'https://b/', priority: 1}]))
      .to.deep.equal([{url: 'http://a/'}, {url: 'https://b/', priority: 1}]);
    expect(() => checkSources(['http://a/', 'file:///etc/passwd'])).to.throw(TypeError, 'mirrors[1]');
    expect(() => checkSources([{url: 7 as never}])).to.throw(TypeError, 'mirrors[0]');
    expect(() => checkSources([null as never])).to.throw(TypeError, 'mirrors[0]');
    expect(() => checkSources(['ftp://u:hidden@h/'])).to.throw(TypeError, /^(?!.*hidden)/);
  });

  const bad: [object, ErrorConstructor, string][] = [
    [{priority: '1'}, TypeError, 'mirrors[0].priority'], [{preference: NaN}, TypeError, 'mirrors[0].preference'],
    [{weight: 0}, RangeError, 'mirrors[0].weight'], [{location: 7}, TypeError, 'mirrors[0].location'],
    [{rank: 1}, TypeError, 'mirrors[0]: unknown option \'rank\''],
  ];
  for (const [options, type, message] of bad) {
    it(`refuses ${JSON.stringify(options)}`, () => {
      expect(() => checkSources([{url: 'http://a/', ...options}])).to.throw(type, message);
    });
  }
});

describe('inOrder', () => {
  it('puts the lowest priority number first, keeps the order among equals, and those without a number last', () => {
    const sources = [{url: 'a'}, {url: 'b', priority: 2}, {url: 'c', priority: 1}, {url: 'd'}, {url: 'e', priority: 2}];
    expect(inOrder(sources).map(({url}) => url).join('')).to.equal('cbead');
    expect(sources[0]?.url).to.equal('a');
  });

  it('puts the highest preference first within a priority', () => {
    const sources = [{url: 'a', preference: -1}, {url: 'b'}, {url: 'c', preference: 2}, {url: 'd', priority: 5}];
    expect(inOrder(sources).map(({url}) => url).join('')).to.equal('dcba');
  });
});

describe('fileAt', () => {
  it('appends to a folder, fills a template, and takes anything else for the file itself', () => {
    expect([
      fileAt({url: 'http://m/pub/'}, 'a/b%20c.tgz?x=1'), fileAt({url: 'http://m/{path}?mirror={path}'}, 'a.tgz'),
      fileAt({url: 'http://m/a.tgz'}, 'b.tgz'),
    ]).to.deep.equal(['http://m/pub/a/b%20c.tgz?x=1', 'http://m/a.tgz?mirror=a.tgz', 'http://m/a.tgz']);
  });

  it('takes nothing in a path for a pattern', () => {
    expect(fileAt({url: 'http://m/{path}'}, 'a$&b$1')).to.equal('http://m/a$&b$1');
  });
});

describe('mirrorOf', () => {
  it('is one name for all files of a folder or a template, without login, query and fragment', () => {
    const urls = ['http://u:p@M.example:80/pub/', 'http://m.example/pub/a.iso?x=1#y',
      'http://m.example/{path}?k={path}', 'http://m.example'];
    expect(urls.map(mirrorOf)).to.deep.equal(
      ['http://m.example/pub/', 'http://m.example/pub/', 'http://m.example/%7Bpath%7D?k={path}', 'http://m.example/']);
  });
});
