import {expect} from 'chai';
import {z} from 'zod';
import {UnknownSetting} from '../../../src/preferences/preferences-errors.js';
import {downloadRegistry} from '../../../src/preferences/registry/download-registry.js';
import {Registry} from '../../../src/preferences/registry/registry.js';
import {Timeout} from '../../../src/core/settings.js';

const own = {name: 'x.own', type: z.boolean(), default: false, summary: 'a spec'};

describe('downloadRegistry', () => {
  it('has a setting for each option of a Remote that can be stored', () => {
    const options = new Set(downloadRegistry().settings.map(({option}) => option?.split('.')[0]));
    // A name and a URL make the remote; a policy and a source of credentials are code.
    for (const option of ['user', 'token', 'headers', 'publicHeaders', 'ssl', 'proxyUrl', 'timeout', 'retry', 'retries', 'maxBytes',
      'maxRedirects', 'mirrors', 'digests']) {
      expect(options, option).to.include(option);
    }
  });

  it('has the defaults of Timeout', () => {
    const registry = downloadRegistry();
    const timeouts = registry.settings.filter(({option}) => option?.startsWith('timeout.') === true);
    const timeout = Object.fromEntries(Object.entries(new Timeout()));
    expect(Object.fromEntries(timeouts.map((setting) => [setting.option?.slice(8), JSON.parse(setting.default)]))).to.deep.equal(timeout);
  });

  it('fails closed for what protects, and shows no secret', () => {
    const {settings} = downloadRegistry();
    for (const {name, protective, exposure} of settings) {
      const protects = /^(?:tls|proxy|auth|headers|hosts)\b/.test(name);
      expect(protective, name).to.equal(protects);
      if (/password|token|key|^headers$/.test(name)) expect(exposure, name).to.equal('secret');
      if (protects) expect(exposure, name).not.to.equal('public');
    }
  });

  it('lists the members of its groups, each a setting that can be global', () => {
    const {groups} = downloadRegistry();
    expect([...groups.keys()]).to.deep.equal(['proxy', 'tls', 'auth', 'timeout', 'retry', 'limits', 'file']);
    for (const members of groups.values()) expect(members.every(({globalisable}) => globalisable)).to.be.true;
  });

  it('refuses values that a download would refuse', () => {
    const registry = downloadRegistry();
    for (const [name, value] of [
      ['proxy.url', 'socks5://host'], ['proxy.url', 'http://host/path'], ['proxy.user', 'a:b'], ['hosts', ['http://a']],
        ['digests', ['sha-nonsense']],
      ['headers', {'X-Upper': {env: 'A'}}], ['headers', {a: 'plain'}], ['headers.public', ['authorization']],
        ['tls.ca', '/-----BEGIN CERTIFICATE-----'], ['tls.ca', 'ca.pem'], ['tls.key', {file: 'key.pem'}], ['proxy.url', 'http://u:p/w@h'],
      ['tls.key', {file: 'a', env: 'B'}], ['auth.token', {env: 'A', origin: 'https://a/path'}], ['mirrors', ['ftp://a']],
        ['file.mode', 0o1000],
      ['retry.count', 1.5], ['segments', 65]] as const) {
      expect(() => registry.get(name).encode(value), `${name} ${JSON.stringify(value)}`).to.throw().with.property('code', 'INVALID_VALUE');
    }
    for (const [name, value] of [
      ['proxy.url', 'https://gateway.example:3128'], ['hosts', ['*.a.example', 'b:8080']], ['digests', ['SHA-512']],
        ['headers', {'x-key': {env: 'KEY'}}],
      ['auth.token', {file: '/run/token', origin: 'https://a.example'}], ['tls.key', {sealed: 'abc'}], ['size.max', 0],
        ['size.max', null]] as const) {
      expect(registry.get(name).encode(value), name).to.be.a('string');
    }
  });
});

describe('Registry', () => {
  it('takes settings of plugins under x. only', () => {
    const registry = downloadRegistry().with({settings: [own], groups: {'x.group': ['x.own', 'retry.count']}});
    expect([registry.get('x.own').default, registry.select('x.group').map(({name}) => name), registry.select('x.own').length])
      .to.deep.equal(['false', ['x.own', 'retry.count'], 1]);
    expect(() => registry.with({settings: [own]})).to.throw(TypeError, 'x.own is declared twice');
    expect(() => registry.with({settings: [], groups: {'x.group': ['x.own']}})).to.throw(TypeError, 'declared twice');
    expect(() => registry.with({settings: [{...own, name: 'own'}]})).to.throw(TypeError, 'begin with x.');
    expect(() => registry.with({settings: [], groups: {proxy: ['hosts']}})).to.throw(TypeError, 'begin with x.');
  });

  it('has groups of listed members only, never of those that share a beginning', () => {
    const registry = new Registry({settings: [own, {...own, name: 'x.own.more'}], groups: {'x.g': ['x.own']}});
    expect(registry.select('x.g').map(({name}) => name)).to.deep.equal(['x.own']);
    expect(() => registry.select('x')).to.throw(UnknownSetting);
    expect(() => new Registry({settings: [own], groups: {g: ['x.*']}})).to.throw(TypeError, 'no setting "x.*"');
    expect(() => new Registry({settings: [own], groups: {g: []}})).to.throw(TypeError);
    expect(() => new Registry({settings: [own], groups: {'x.own': ['x.own']}})).to.throw(TypeError, 'no setting has');
  });

  it('names settings that it does not have', () => {
    expect(() => downloadRegistry().get('constructor')).to.throw(UnknownSetting).with.property('code', 'UNKNOWN_SETTING');
    expect(downloadRegistry().find('nope')).to.equal(undefined);
  });
});
