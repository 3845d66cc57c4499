import {expect} from 'chai';
import {AllowedHosts} from '../../src/core/allowed-hosts.js';
import {Context} from '../../src/core/context.js';
import {PolicyRefused} from '../../src/core/errors.js';
import {NarrowedContext} from '../../src/core/narrowed-context.js';

describe('AllowedHosts', () => {
  const hosts = new AllowedHosts('hosts', ['Mirror.example', 'other.example:8443', '*.cdn.example', '[::1]:80', '10.0.0.1']);

  for (const origin of [
    'https://mirror.example', 'http://mirror.example:8080', 'https://other.example:8443', 'https://a.cdn.example', 'http://a.b.cdn.example:81',
    'http://[::1]', 'ftp://10.0.0.1', 'file://',
  ]) {
    it(`allows ${origin}`, () => {
      expect(hosts.allows(origin)).to.equal(true);
    });
  }

  for (const origin of [
    'https://other.example', 'https://other.example:8444', 'https://cdn.example', 'https://evilcdn.example', 'https://mirror.example.evil.example',
    'https://xmirror.example', 'http://[::1]:81', 'http://10.0.0.10',
  ]) {
    it(`refuses ${origin}`, () => {
      expect(hosts.allows(origin)).to.equal(false);
      expect(() => { hosts.check(origin, origin); }).to.throw(PolicyRefused, 'the host is not one of those allowed');
    });
  }

  for (const entry of ['https://mirror.example', 'mirror.example/path', '', '*', '*.', 'a b', 'user@mirror.example', 7]) {
    it(`refuses the entry ${JSON.stringify(entry)}`, () => {
      expect(() => new AllowedHosts('hosts', [entry as string])).to.throw(TypeError, /^hosts: expected hosts such as mirror\.example/);
    });
  }

  it('narrows a Context for some, and shares all else with it', () => {
    const context = new Context({hosts: ['a.example', 'b.example']});
    const narrowed = new NarrowedContext(context, new AllowedHosts('upstreams', ['b.example', 'c.example']));
    const refused = (view: Pick<NarrowedContext, 'mayAsk'>): string[] => ['a', 'b', 'c'].filter((name) => {
      try {
        view.mayAsk(`https://${name}.example`, '');
        return false;
      } catch {
        return true;
      }
    });
    expect(refused(context)).to.deep.equal(['c']);
    expect(refused(narrowed)).to.deep.equal(['a', 'c']);
    expect(narrowed.limits).to.equal(context.limits);
  });
});
