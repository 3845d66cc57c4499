import {inspect} from 'node:util';
import {expect} from 'chai';
import {authorization, Credentials, type CredentialEntry} from '../../src/core/credentials.js';

const token = (name: string): object => ({scheme: 'bearer', token: name});

describe('Credentials', () => {
  it('gives a user or a token for the origin that it was given for', () => {
    const credentials = new Credentials([
      {url: 'https://repo.example', user: {name: 'elmer', password: 'hunting'}},
      {url: 'https://api.example', token: 'abc'},
    ]);
    expect(credentials.for('https://repo.example', '/any/path')).to.deep.equal({scheme: 'basic', name: 'elmer', password: 'hunting'});
    expect(credentials.for('https://repo.example', '/')).to.have.property('scheme', 'basic');
    expect(credentials.for('https://api.example', '/x')).to.deep.equal(token('abc'));
  });

  it('gives nothing to another host, port, scheme, or a name that only begins or ends alike', () => {
    const credentials = new Credentials([{url: 'https://repo.example:8443/', token: 'abc'}, {url: 'https://plain.example', token: 'abc'}]);
    for (const origin of ['https://repo.example', 'https://repo.example:443', 'https://repo.example:84431', 'http://repo.example:8443',
      'https://xrepo.example:8443', 'https://repo.example:8443.evil.example', 'https://sub.repo.example:8443', 'http://plain.example',
      'https://plain.example.evil.example', 'https://plain.example:8443', 'null', '']) {
      expect(credentials.for(origin, '/'), origin).to.equal(undefined);
    }
    expect(credentials.for('https://repo.example:8443', '/')).to.deep.equal(token('abc'));
  });

  it('knows the default port and the case of a host', () => {
    const credentials = new Credentials([{url: 'HTTPS://Repo.Example:443/', token: 'abc'}]);
    expect(credentials.for('https://repo.example', '/')).to.deep.equal(token('abc'));
  });

  it('ends a path prefix at a slash', () => {
    const credentials = new Credentials([{url: 'http://h/a', token: 'abc'}, {url: 'http://h/folder/', token: 'def'}]);
    for (const path of ['/a', '/a/', '/a/b']) expect(credentials.for('http://h', path), path).to.deep.equal(token('abc'));
    for (const path of ['/ab', '/', '/A', '/b/a', '/folder', '/folderx/']) expect(credentials.for('http://h', path), path)
      .to.equal(undefined);
    expect(credentials.for('http://h', '/folder/x')).to.deep.equal(token('def'));
  });

  it('prefers the longest prefix, in whichever order they came', () => {
    const entries: CredentialEntry[] = [
      {url: 'http://h/', token: 'root'}, {url: 'http://h/a/b', token: 'ab'}, {url: 'http://h/a', token: 'a'},
    ];
    for (const order of [entries, entries.toReversed()]) {
      const credentials = new Credentials(order);
      const found = ['/a/b/c', '/a/b', '/a/bc', '/a', '/x'].map((path) => credentials.for('http://h', path));
      expect(found).to.deep.equal(['ab', 'ab', 'a', 'a', 'root'].map(token));
    }
  });

  it('keeps schemes apart that WHATWG gives no origin', () => {
    const credentials = new Credentials([{url: 'sftp://one.example', token: 'abc'}]);
    expect(credentials.for('sftp://one.example', '/x')).to.deep.equal(token('abc'));
    expect(credentials.for('sftp://two.example', '/x')).to.equal(undefined);
    expect(credentials.for('null', '/x')).to.equal(undefined);
    expect(() => new Credentials([{url: 'file:///etc', token: 'abc'}])).to.throw(TypeError, 'credentials.url: expected an origin');
  });

  it('refuses bad entries by name and shows no secret while doing so', () => {
    const add = (entry: object) => () => new Credentials([entry as CredentialEntry]);
    const secret = 's3cr3t';
    const cases: [object, string][] = [
      [{url: 'repo.example', token: secret}, 'credentials.url: expected an origin such as https://repo.example, got "repo.example"'],
      [{token: secret}, 'credentials.url: '],
      [{url: `elmer:${secret}@repo.example`, token: 'x'}, 'credentials.url: '],
      [{url: 'http://h'}, 'expected exactly one of user and token'],
      [{url: 'http://h', token: secret, user: {name: 'elmer', password: secret}}, 'expected exactly one of user and token'],
      [{url: 'http://h', token: `${secret} x`}, 'credentials.token: expected visible ASCII'],
      [{url: 'http://h', token: `${secret}\r\nX: y`}, 'credentials.token: expected visible ASCII'],
      [{url: 'http://h', token: ''}, 'credentials.token: '],
      [{url: 'http://h', token: 5}, 'credentials.token: '],
      [{url: 'http://h', tokne: secret}, 'credentials: unknown option \'tokne\''],
      [{url: 'http://h', user: {name: `elmer:${secret}`}}, 'user.name: '],
    ];
    for (const [entry, message] of cases) expect(add(entry), message).to.throw(TypeError, message).and.not.match(new RegExp(secret));
  });

  it('shows no secret', () => {
    const credentials = new Credentials([{url: 'http://h', token: 's3cr3t'}, {url: 'http://i', user: {name: 'elmer', password: 's3cr3t'}}]);
    expect(inspect(credentials, {showHidden: true, depth: 10}) + JSON.stringify(credentials)).not.to.include('s3cr3t');
  });
});

describe('authorization', () => {
  it('is the value of the header', () => {
    expect(authorization({scheme: 'bearer', token: 'abc'})).to.equal('Bearer abc');
    expect(authorization({scheme: 'basic', name: 'Aladdin', password: 'open sesame'})).to.equal('Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==');
    expect(authorization({scheme: 'basic', name: 'é', password: ''})).to.equal(`Basic ${Buffer.from('é:').toString('base64')}`);
  });
});
