import {expect} from 'chai';
import {ProxyRules} from '../../src/factory/proxy-rules.js';

const GATEWAY = 'http://gateway.example:3128';

function isDirect(no: string, url: string): boolean {
  return new ProxyRules({all: GATEWAY, no}).for(url) === undefined;
}

describe('ProxyRules', () => {
  it('chooses by scheme, then falls back', () => {
    const rules = new ProxyRules({http: 'http://one.example:1', all: 'https://all.example'});
    expect(rules.for('http://a.example/x')?.url).to.equal('http://one.example:1');
    expect(rules.for(new URL('https://a.example/x'))?.url).to.equal('https://all.example');
    expect(new ProxyRules({https: GATEWAY}).for('http://a.example/')).to.equal(undefined);
    expect(new ProxyRules().for('http://a.example/')).to.equal(undefined);
  });

  it('takes a host and port without a scheme, and lifts credentials out', () => {
    const proxy = new ProxyRules({all: 'elmer:geheim@gateway.example:3128'}).for('http://a.example/');
    expect(proxy?.url).to.equal(GATEWAY);
    expect(proxy?.user?.password.reveal()).to.equal('geheim');
  });

  const cases: readonly (readonly [no: string, direct: readonly string[], proxied: readonly string[]])[] = [
    ['*', ['http://a.example/', 'https://[::1]/'], []],
    ['', [], ['http://a.example/']],
    ['example.com', ['http://example.com/', 'http://a.b.example.com/', 'http://EXAMPLE.com./'],
      ['http://notexample.com/', 'http://example.com.evil/']],
    ['.example.com', ['http://example.com/', 'http://a.example.com/'], ['http://notexample.com/']],
    ['*.example.com', ['http://a.example.com/'], ['http://b.example/']],
    ['localhost, b.example  c.example', ['http://localhost:81/', 'http://b.example/', 'http://c.example/'], ['http://a.example/']],
    ['a.example:8080', ['http://a.example:8080/', 'http://x.a.example:8080/'], ['http://a.example/', 'https://a.example/']],
    ['a.example:443', ['https://a.example/'], ['http://a.example/']],
    ['10.0.0.0/8', ['http://10.1.2.3/', 'http://10.255.0.1:81/'], ['http://11.0.0.1/', 'http://10.example/']],
    ['192.168.1.7', ['http://192.168.1.7/'], ['http://192.168.1.70/', 'http://192.168.1.6/']],
    ['192.168.1.7:81', ['http://192.168.1.7:81/'], ['http://192.168.1.7/']],
    ['fd00::/8', ['http://[fd12::1]/'], ['http://[fe80::1]/', 'http://10.0.0.1/']],
    ['::1', ['http://[0:0:0:0:0:0:0:1]/'], ['http://[::2]/']],
    ['[::1]:81', ['http://[::1]:81/'], ['http://[::1]/']],
    ['10.0.0.0/99, 10.0.0.0/x', [], ['http://10.0.0.0/']],
  ];
  for (const [no, direct, proxied] of cases) {
    it(`asks directly as no = '${no}' says`, () => {
      expect(direct.filter((url) => !isDirect(no, url))).to.deep.equal([]);
      expect(proxied.filter((url) => isDirect(no, url))).to.deep.equal([]);
    });
  }

  it('refuses a bad proxy, another scheme and unknown options, without showing credentials', () => {
    expect(() => new ProxyRules({https: 'socks5://elmer:geheim@h'})).to.throw(TypeError,
      /^proxy\.https: expected scheme http or https/).with.property('message').not.contain('geheim');
    expect(() => new ProxyRules({all: 'http://'})).to.throw(TypeError, /^proxy\.all: expected a URL/);
    expect(() => new ProxyRules({ftp: GATEWAY} as object)).to.throw(TypeError, "unknown option 'ftp'");
    expect(() => new ProxyRules({all: GATEWAY}).for('x')).to.throw(TypeError, 'url: expected an absolute URL');
  });
});
