import {expect} from 'chai';
import fc from 'fast-check';
import {formatPointer} from '../../../src/catalogue/merge/json-pointer.js';
import {nameOf, partsPath, pointerOf, releasePath} from '../../../src/catalogue/server/url-names.js';

describe('addresses of releases and parts', () => {
  it('read as one would write them by hand', () => {
    expect(releasePath('Firefox-60.0-build2')).to.equal('/releases/Firefox-60.0-build2');
    expect(partsPath('r1', '/linux-x64/de')).to.equal('/releases/r1/parts/linux-x64/de');
    expect(partsPath('a/b', '/~1x/..')).to.equal('/releases/a~1b/parts/~1x/~2~2');
    expect(partsPath('.')).to.equal('/releases/~2/parts');
  });

  it('lead back to the names, whatever is in them, also through a client that tidies up', () => {
    const name = fc.oneof(fc.string({unit: 'binary'}), fc.constantFrom('.', '..', '~', '~0', '~1', '~2', '~2~2', '/', '%2F', '%'));
    fc.assert(fc.property(name.filter((text) => text !== ''), fc.array(name, {minLength: 1, maxLength: 4}), (release, tokens) => {
      const address = partsPath(release, formatPointer(tokens));
      const tidied = new URL(address, 'http://localhost').pathname;
      const [, segment = '', rest = ''] = /^\/releases\/([^/]+)\/parts\/(.*)$/s.exec(tidied) ?? [];
      expect(nameOf(decodeURIComponent(segment))).to.equal(release);
      expect(pointerOf(rest.split('/').map(decodeURIComponent).join('/'))).to.equal(formatPointer(tokens));
    }), {numRuns: 2000, seed: 20261123});
  });

  it('take a name whose ~ was left as it is', () => {
    expect(nameOf('a~b')).to.equal('a~b');
  });

  it('refuse half of a character', () => {
    expect(() => releasePath('\ud800')).to.throw(URIError);
  });
});
