import {expect} from 'chai';
import {npmPath, npmSegments} from '../../../src/streamer/importers/npm-path.js';

describe('npmPath', () => {
  it('reads documents and tarballs, scopes in both spellings', () => {
    expect(npmPath('/ms')).to.deep.equal({name: 'ms'});
    expect(npmPath('/JSONStream')).to.deep.equal({name: 'JSONStream'});
    for (const path of ['/@types/node', '/@types%2fnode', '/@types%2Fnode', '/%40types%2fnode', '/%40types/node']) {
      expect(npmPath(path), path).to.deep.equal({name: '@types/node'});
    }
    expect(npmPath('/ms/-/ms-2.1.3.tgz')).to.deep.equal({name: 'ms', file: 'ms-2.1.3.tgz'});
    for (const path of ['/@types/node/-/node-1.0.0.tgz', '/@types%2fnode/-/node-1.0.0.tgz', '/@types/node/-/@types/node-1.0.0.tgz']) {
      expect(npmPath(path), path).to.deep.equal({name: '@types/node', file: 'node-1.0.0.tgz'});
    }
    expect(npmPath('/a/-/a-1.0.0%2bbuild.tgz')).to.deep.equal({name: 'a', file: 'a-1.0.0+build.tgz'});
  });

  for (const path of ['/', '/-/v1/search', '/-/npm/v1/security/advisories/bulk', '/-/user/org.couchdb.user:x', '/-/whoami', '/-/ping', '/-',
    '/ms/latest', '/ms/2.1.3', '/ms/-/', '/ms/-/a/b.tgz', '/@types', '/@types%2f', '/@/node', '/ms/', '/.hidden', '/_all_docs',
    '/a%2fb', '/@a%2fb%2fc', '/@a%2f..', '/@..%2fb', '/ms/-/..', '/ms/-/%2e%2e', '/@a/b/-/c/b-1.tgz']) {
    it(`finds nothing at ${path}`, () => {
      expect(npmPath(path)).to.equal(undefined);
    });
  }
});

describe('npmSegments', () => {
  it('spells a package as npm asks for it', () => {
    expect(npmSegments({name: '@types/node'})).to.deep.equal(['@types%2fnode']);
    expect(npmSegments({name: '@types/node', file: 'node-1.0.0+b.tgz'})).to.deep.equal(['@types', 'node', '-', 'node-1.0.0%2Bb.tgz']);
  });
});
