import {expect} from 'chai';
import {inspect} from 'node:util';
import {Remote, type RemoteOptions} from '../../src/factory/remote.js';

const url = 'https://repo.example/a/';

describe('Remote', () => {
  it('is frozen, all the way down', () => {
    const headers = {'x-a': '1'};
    const mirrors = [{url: 'https://mirror.example/', priority: 1}];
    const remote = new Remote({
      url, headers, mirrors, publicHeaders: ['x-a'], timeout: {read: 5}, ssl: {validation: false}, proxyUrl: 'http://proxy.example',
    });
    headers['x-a'] = '2';
    mirrors[0] = {url: 'https://evil.example/', priority: 0};
    expect(remote.headers).to.deep.equal({'x-a': '1'});
    expect(remote.mirrors).to.deep.equal([{url: 'https://mirror.example/', priority: 1}]);
    const {ssl, proxy, timeout, digests, publicHeaders} = remote;
    for (const part of [remote, remote.headers, remote.mirrors, remote.mirrors[0], publicHeaders, digests, timeout, ssl, proxy]) {
      expect(Object.isFrozen(part)).to.equal(true);
    }
  });

  it('is named after its origin when it has no name', () => {
    expect(new Remote({url}).name).to.equal('https://repo.example');
    expect(new Remote({url, name: 'main'}).name).to.equal('main');
  });

  it('shows no secret', () => {
    const remote = new Remote({
      url: 'https://elmer:sekret-1@repo.example/?token=sekret-2', headers: {authorization: 'Bearer sekret-3', accept: 'text/html'},
      ssl: {clientCertificate: '-----BEGIN CERTIFICATE-----sekret-4', clientKey: '-----BEGIN PRIVATE KEY-----sekret-5'},
      proxyUrl: 'http://gate:sekret-6@proxy.example', mirrors: ['https://mirror.example/?key=sekret-7'],
    });
    const shown = JSON.stringify(remote) + inspect(remote, {depth: 10}) + inspect({remote}, {depth: 10});
    expect(shown).to.include('repo.example').and.include('text/html').and.not.include('sekret');
  });

  it('gives its TLS settings to its origin, and authorities without a client certificate to the rest', () => {
    const ssl = {caCertificate: '/ca.pem', clientCertificate: '/c.pem', validation: false, replaceSystemAuthorities: true};
    const remote = new Remote({url, ssl});
    expect(remote.sslFor('https://repo.example')).to.equal(remote.ssl);
    const elsewhere = remote.sslFor('https://other.example');
    expect(elsewhere).to.deep.include({...ssl, clientCertificate: undefined, validation: true});
    // The same object each time: certificates are read once for each.
    expect(remote.sslFor('https://third.example')).to.equal(elsewhere);
    expect(new Remote({url, ssl: {validation: false}}).sslFor('https://other.example')).to.equal(undefined);
  });

  const bad: [Partial<Record<keyof RemoteOptions | 'uri', unknown>>, string][] = [
    [{url: 'repo.example'}, 'remote.url: expected an absolute URL, got "repo.example"'],
    [{name: 5}, 'remote.name: expected a text, got 5'],
    [{user: {name: 'elmer', pass: 'x'}}, 'user: unknown option \'pass\''],
    [{token: 'two words'}, 'credentials.token: expected visible ASCII'],
    [{token: 'x', user: {name: 'elmer'}}, 'remote: expected user or token, got both'],
    [{credentials: {}}, 'remote.credentials: expected a CredentialSource'],
    [{headers: {'bad name': 'x'}}, 'headers: expected a header name'],
    [{headers: {'x-a': 'two\nlines'}}, 'headers.x-a: expected a value without control characters'],
    [{publicHeaders: 'x-a'}, 'remote.publicHeaders: expected a list of names, got "x-a"'],
    [{ssl: {ca: '/ca.pem'}}, 'ssl: unknown option \'ca\''],
    [{proxyUrl: 'socks://proxy.example'}, 'proxyUrl: expected scheme http or https'],
    [{timeout: {idle: 5}}, 'timeout: unknown option \'idle\''],
    [{retry: {}}, 'remote.retry: expected a RetryPolicy'],
    [{retries: -1}, 'remote.retries: expected a whole number of at least 0, got -1'],
    [{maxBytes: 1.5}, 'remote.maxBytes: expected a whole number of at least 0, got 1.5'],
    [{maxRedirects: '3'}, 'remote.maxRedirects: expected a whole number of at least 0, got "3"'],
    [{mirrors: 'https://mirror.example/'}, 'remote.mirrors: expected a list of URLs'],
    [{mirrors: ['ftp://mirror.example/']}, 'mirrors[0]: expected an http or https URL'],
    [{digests: ['sha-3000']}, 'remote.digests: expected digests that node\'s crypto knows, such as sha256, got "sha-3000"'],
    [{digests: 'sha256'}, 'remote.digests: expected a list of names'],
    [{uri: url}, 'remote: unknown option \'uri\''],
  ];
  for (const [options, message] of bad) {
    it(`refuses ${JSON.stringify(options)}`, () => {
      expect(() => new Remote({url, ...options} as never))
        .to.throw(Error, message).with.property('name').that.matches(/^(?:Type|Range)Error$/);
    });
  }
});
