import {expect} from 'chai';
import {decodedSegments, pathSegments} from '../../../src/streamer/importers/request-path.js';

describe('pathSegments', () => {
  it('gives one spelling to what means the same', () => {
    expect(pathSegments('/pool/m/a%2bb%7e1%3a2.deb')).to.deep.equal(['pool', 'm', 'a%2Bb~1%3A2.deb']);
    expect(pathSegments('/%61/%41')).to.deep.equal(['a', 'A']);
    expect(pathSegments('/folder/')).to.deep.equal(['folder', '']);
    expect(pathSegments('/')).to.deep.equal(['']);
  });

  for (const path of ['', 'a', '//host/a', '/a//b', '/..', '/a/../b', '/a/%2e%2E/b', '/a/.%2e', '/./a', '/a%2fb', '/a%2Fb', '/a%5cb', '/a\\b', '/a%00',
    '/a%0d%0ab', '/a b', '/a?b', '/a#b', '/a%', '/a%2', '/a%zz', '/ä', 'http://other.example/a']) {
    it(`refuses ${JSON.stringify(path)}`, () => {
      expect(pathSegments(path)).to.equal(undefined);
    });
  }
});

describe('decodedSegments', () => {
  it('decodes names, and refuses what is not UTF-8', () => {
    expect(decodedSegments(['a%3Ab', 'c%C3%A9'])).to.deep.equal(['a:b', 'cé']);
    expect(decodedSegments(['a%FF'])).to.equal(undefined);
  });
});
