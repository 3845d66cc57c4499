import {expect} from 'chai';
import {proxyRulesOf} from '../../src/cli/proxy-environment.js';

describe('proxyRulesOf', () => {
  it('looks at lower case first, then at upper case', () => {
    const rules = proxyRulesOf({http_proxy: 'http://lower.example', HTTP_PROXY: 'http://upper.example', HTTPS_PROXY: 'upper.example:3128'});
    expect(rules.for('http://a.example')?.url).to.equal('http://lower.example');
    expect(rules.for('https://a.example')?.url).to.equal('http://upper.example:3128');
  });

  it('honours no_proxy and all_proxy; an empty value means none', () => {
    const rules = proxyRulesOf({all_proxy: 'http://all.example', https_proxy: '', NO_PROXY: '.local,10.0.0.0/8'});
    expect(rules.for('https://a.example')?.url).to.equal('http://all.example');
    expect(rules.for('https://a.local')).to.equal(undefined);
    expect(rules.for('http://10.1.1.1')).to.equal(undefined);
    expect(proxyRulesOf({http_proxy: '', HTTP_PROXY: 'http://upper.example'}).for('http://a.example')).to.equal(undefined);
  });

  it('does not believe HTTP_PROXY inside a CGI program', () => {
    expect(proxyRulesOf({HTTP_PROXY: 'http://evil.example', REQUEST_METHOD: 'GET'}).for('http://a.example')).to.equal(undefined);
    const rules = proxyRulesOf({http_proxy: 'http://good.example', REQUEST_METHOD: 'GET'});
    expect(rules.for('http://a.example')?.url).to.equal('http://good.example');
  });

  it('names the variable that is wrong', () => {
    expect(() => proxyRulesOf({HTTPS_PROXY: 'socks5://elmer:geheim@h'}))
      .to.throw(TypeError, 'environment variable HTTPS_PROXY: expected scheme http or https')
      .with.property('message').not.contain('geheim');
    expect(() => proxyRulesOf({all_proxy: '%%%'})).to.throw(TypeError, 'environment variable all_proxy: expected a URL');
  });
});
