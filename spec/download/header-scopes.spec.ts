import {expect} from 'chai';
import {HeaderScopes} from '../../src/download/header-scopes.js';

const HERE = 'https://h.example';
const THERE = 'https://there.example';

describe('HeaderScopes', () => {
  it('refuses to make credentials public', () => {
    for (const name of ['authorization', 'Cookie', 'Proxy-Authorization']) {
      expect(() => new HeaderScopes([name]), name).to.throw(TypeError, `publicHeaders: expected no header that carries credentials, got "${name}"`);
    }
  });

  it('shows an origin its own headers, and another only those that say nothing about who asks, and the declared', () => {
    const scopes = new HeaderScopes(['X-Trace']);
    const open = {'accept': 'a', 'accept-language': 'l', 'user-agent': 'u', 'cache-control': 'c', 'pragma': 'p', 'x-trace': 't'};
    scopes.set(HERE, {...open, 'cookie': 's', 'authorization': 's', 'x-api-key': 's', 'referer': 's'});
    expect(scopes.for(THERE)).to.deep.equal(open);
    expect(scopes.for(HERE)).to.deep.equal({...open, 'cookie': 's', 'authorization': 's', 'x-api-key': 's', 'referer': 's'});
  });

  it('takes another port or scheme for another origin', () => {
    const scopes = new HeaderScopes([]);
    scopes.set(HERE, {cookie: 's'});
    expect([scopes.for('http://h.example'), scopes.for('https://h.example:444')]).to.deep.equal([{}, {}]);
  });

  it('lets the own headers of an origin win over the public ones of others', () => {
    const scopes = new HeaderScopes([]);
    scopes.set(HERE, {accept: 'here'});
    scopes.set(THERE, {accept: 'there'});
    expect([scopes.for(HERE), scopes.for(THERE)]).to.deep.equal([{accept: 'here'}, {accept: 'there'}]);
  });

  it('replaces what an origin had, and takes names in any case', () => {
    const scopes = new HeaderScopes([]);
    scopes.set(HERE, {'X-One': '1'});
    scopes.set(HERE, {'X-Two': '2'});
    expect(scopes.for(HERE)).to.deep.equal({'x-two': '2'});
  });

  it('refuses names that the framework writes, what is no header name, and control characters, never showing the value', () => {
    const scopes = new HeaderScopes([]);
    const owned = ['Host', 'range', 'If-Range', 'Accept-Encoding', 'Proxy-Authorization', 'Transfer-Encoding', 'Content-Length', 'TE'];
    for (const name of owned) {
      expect(() => { scopes.set(HERE, {[name]: 'hidden'}); }, name)
        .to.throw(TypeError, `headers: '${name.toLowerCase()}' is written by the framework`);
    }
    for (const name of ['', 'a b', 'a:b', 'ä', 'a\r\nb']) {
      expect(() => { scopes.set(HERE, {[name]: 'hidden'}); }).to.throw(TypeError, 'a header name');
    }
    for (const value of ['hidden\r\nx: y', 'hidden\0', 'hidden\u0100', 'hidden\u007f']) {
      expect(() => { scopes.set(HERE, {'x-y': value}); }).to.throw(TypeError, /^headers\.x-y: (?!.*hidden)/);
    }
    expect(() => { scopes.set(HERE, {'x-y': 7} as never); }).to.throw(TypeError, 'headers.x-y');
    expect(() => { scopes.set(HERE, null as never); }).to.throw(TypeError, 'headers');
    scopes.set(HERE, {'x-y': 'tab\tand é are fine'});
  });

  it('takes over the scopes of another, and shows no secret as JSON', () => {
    const scopes = new HeaderScopes([]);
    scopes.set(HERE, {cookie: 'planted', accept: 'a'});
    const copy = new HeaderScopes([]);
    copy.inherit(scopes);
    scopes.set(HERE, {});
    expect(copy.for(HERE)).to.deep.equal({cookie: 'planted', accept: 'a'});
    expect(JSON.stringify(copy)).to.equal('{"https://h.example":{"cookie":"***","accept":"a"}}');
  });
});
