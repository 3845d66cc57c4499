import {inspect} from 'node:util';
import {expect} from 'chai';
import {Secret} from '../../src/core/secret.js';
import {isPem, liftUser, Proxy, SSL, Timeout, User} from '../../src/core/settings.js';

const SECRET = 's3cr3t';
const PEM = `-----BEGIN PRIVATE KEY-----\n${SECRET}\n-----END PRIVATE KEY-----\n`;

/** [what is given, the class of the error, what its message says] */
type Bad = readonly [unknown, ErrorConstructor, string];

function refuses(make: (options: never) => unknown, cases: readonly Bad[]): void {
  for (const [given, kind, message] of cases) {
    it(`refuses ${inspect(given, {breakLength: Infinity}).slice(0, 70)}`, () => {
      expect(() => make(given as never)).to.throw(kind, message).and.not.match(new RegExp(SECRET));
    });
  }
}

function shownBy(value: unknown): string {
  return inspect(value, {showHidden: true, depth: 10}) + JSON.stringify(value) + String(value);
}

describe('User', () => {
  it('keeps name and password, is frozen and can be made from another', () => {
    const user = new User({name: 'elmer', password: SECRET});
    expect([user.name, user.password.reveal()]).to.deep.equal(['elmer', SECRET]);
    expect(new User(user).password.reveal()).to.equal(SECRET);
    expect(new User({name: 'elmer'}).password.reveal()).to.equal('');
    expect(Object.isFrozen(user)).to.equal(true);
  });

  it('shows no password', () => { expect(shownBy(new User({name: 'elmer', password: SECRET})))
    .to.include('elmer').and.not.include(SECRET); });

  refuses((options) => new User(options), [
    [undefined, TypeError, 'user: expected an object with name, password, got undefined'],
    [`elmer:${SECRET}`, TypeError, 'user: expected an object with name, password, got string'],
    [{}, TypeError, 'user.name: expected a text, got undefined'],
    [{name: 5}, TypeError, 'user.name: expected a text, got 5'],
    [{name: `elmer:${SECRET}`}, TypeError, 'user.name: expected a text without a colon (RFC 7617)'],
    [{name: 'elmer', password: 5}, TypeError, 'user.password: expected a text, got "number"'],
    [{name: 'elmer', pasword: SECRET}, TypeError, 'user: unknown option \'pasword\''],
  ]);
});

describe('SSL', () => {
  it('verifies and trusts the system by default', () => {
    expect(Object.assign({}, new SSL())).to.deep.equal({
      caCertificate: undefined, replaceSystemAuthorities: false, clientCertificate: undefined, clientKey: undefined, validation: true,
    });
    expect(new SSL({validation: undefined}).validation).to.equal(true);
    expect(new SSL({validation: false}).validation).to.equal(false);
  });

  it('keeps paths as they are and hides a key that is PEM itself', () => {
    const byPath = new SSL({clientCertificate: '/c.pem', clientKey: '/k.pem', caCertificate: '/ca.pem', replaceSystemAuthorities: true});
    expect(byPath).to.include({clientCertificate: '/c.pem', clientKey: '/k.pem', caCertificate: '/ca.pem', replaceSystemAuthorities: true});
    for (const key of [PEM, Buffer.from(PEM)]) {
      const ssl = new SSL({clientCertificate: '/c.pem', clientKey: key});
      expect(ssl.clientKey).to.be.instanceOf(Secret);
      expect((new SSL(ssl).clientKey as Secret).reveal()).to.equal(PEM);
      expect(shownBy(ssl)).to.include('/c.pem').and.not.include(SECRET);
    }
  });

  it('shows no key that stands in one file with its certificate', () => {
    for (const both of [PEM, Buffer.from(PEM)]) {
      const ssl = new SSL({clientCertificate: both, caCertificate: both});
      expect(ssl.clientCertificate).to.equal(both);
      expect(shownBy({ssl})).not.to.include(SECRET).and.not.include(String(Buffer.from(SECRET)[0]) + ',').and.not.include('73 33 63');
    }
  });

  refuses((options) => new SSL(options), [
    [null, TypeError, 'ssl: expected an object with caCertificate'],
    [PEM, TypeError, 'ssl: expected an object with caCertificate'],
    [{caCertificate: 5}, TypeError, 'ssl.caCertificate: expected a path, or PEM text or bytes, got 5'],
    [{caCertificate: ''}, TypeError, 'ssl.caCertificate: expected a path'],
    [{clientCertificate: Buffer.from([0x30, 0x82])}, TypeError,
      'ssl.clientCertificate: expected a path, or PEM text or bytes, got a Buffer'],
    [{clientCertificate: 'c', clientKey: Buffer.from(SECRET)}, TypeError,
      'ssl.clientKey: expected a path, or PEM text or bytes, got "object"'],
    [{clientCertificate: 'c', clientKey: {pem: PEM}}, TypeError, 'ssl.clientKey: expected a path'],
    [{clientKey: PEM}, TypeError, 'ssl.clientKey: expected ssl.clientCertificate beside it'],
    [{replaceSystemAuthorities: true}, TypeError, 'ssl.replaceSystemAuthorities: expected ssl.caCertificate beside it'],
    [{replaceSystemAuthorities: 1, caCertificate: 'c'}, TypeError, 'ssl.replaceSystemAuthorities: expected true or false, got 1'],
    [{validation: 'no'}, TypeError, 'ssl.validation: expected true or false, got "no"'],
    [{validate: false}, TypeError, 'ssl: unknown option \'validate\''],
  ]);
});

describe('Timeout', () => {
  it('has defaults, which undefined means too', () => {
    const defaults = {connect: 30_000, headers: 30_000, read: 30_000, lowSpeed: 1024, lowSpeedTime: 30_000, deadline: 0};
    expect(Object.assign({}, new Timeout())).to.deep.equal(defaults);
    expect(Object.assign({}, new Timeout({connect: undefined, lowSpeed: undefined, deadline: undefined}))).to.deep.equal(defaults);
  });

  it('is turned off by 0, false or Infinity, and survives being made from another', () => {
    const off = new Timeout({connect: 0, headers: false, read: Infinity, lowSpeed: false, deadline: false});
    expect(off).to.include({connect: 0, headers: 0, read: 0, lowSpeed: 0, deadline: 0});
    expect(new Timeout(off)).to.deep.equal(off);
    expect(new Timeout({lowSpeed: 0}).lowSpeed).to.equal(0);
  });

  refuses((options) => new Timeout(options), [
    [null, TypeError, 'timeout: expected an object such as {read: 15_000}, got null'],
    [15_000, TypeError, 'timeout: expected an object such as {read: 15_000}, got 15000'],
    [{connect: '10'}, TypeError, 'timeout.connect: expected milliseconds, or false for none, got "10"'],
    [{headers: true}, TypeError, 'timeout.headers: expected milliseconds, or false for none, got true'],
    [{read: -1}, RangeError, 'timeout.read: expected milliseconds of at least 0, got -1'],
    [{deadline: NaN}, TypeError, 'timeout.deadline: expected milliseconds'],
    [{lowSpeed: 0.5}, RangeError, 'timeout.lowSpeed: expected a whole number of at least 0, got 0.5'],
    [{lowSpeedTime: 0}, RangeError, 'timeout.lowSpeedTime: expected a whole number of at least 1, got 0'],
    [{conect: 1}, TypeError, 'timeout: unknown option \'conect\''],
  ]);
});

describe('Proxy', () => {
  it('lifts name and password out of its URL, percent-decoded', () => {
    const proxy = new Proxy(`http://el%6Der:${SECRET}%3A%2F%40@gateway.example:3128/`);
    expect(proxy.url).to.equal('http://gateway.example:3128');
    expect([proxy.user?.name, proxy.user?.password.reveal()]).to.deep.equal(['elmer', `${SECRET}:/@`]);
    expect(shownBy(proxy)).not.to.include(SECRET);
  });

  it('prefers a user given beside the URL, and needs none', () => {
    const proxy = new Proxy({url: 'https://a:b@gateway.example', user: {name: 'elmer', password: SECRET}});
    expect([proxy.url, proxy.user?.name]).to.deep.equal(['https://gateway.example', 'elmer']);
    expect(new Proxy(proxy).user?.password.reveal()).to.equal(SECRET);
    expect(new Proxy('http://gateway.example').user).to.equal(undefined);
  });

  refuses((options) => new Proxy(options), [
    [undefined, TypeError, 'proxy: expected an object with url, user, got undefined'],
    ['gateway', TypeError, 'proxyUrl: expected a URL such as http://gateway.example:3128, got "gateway"'],
    [{url: 5}, TypeError, 'proxyUrl: expected a URL'],
    [`elmer:${SECRET}@gateway:3128`, TypeError, 'proxyUrl: expected scheme http or https, got "***@gateway:3128"'],
    [`http://elmer:${SECRET}@gateway:port`, TypeError,
      'proxyUrl: expected a URL such as http://gateway.example:3128, got "http://***@gateway:port"'],
    [`socks5://elmer:${SECRET}@gateway:1080`, TypeError, 'proxyUrl: expected scheme http or https, got "socks5://gateway:1080"'],
    [`http://a%3A${SECRET}@gateway`, TypeError, 'user.name: '],
    [{url: 'http://gateway', password: SECRET}, TypeError, 'proxy: unknown option \'password\''],
    [{url: 'http://gateway', user: {}}, TypeError, 'user.name: '],
  ]);
});

describe('liftUser', () => {
  it('gives nothing where there is nothing, and keeps what cannot be decoded', () => {
    expect(liftUser(new URL('http://h/'))).to.equal(undefined);
    expect(liftUser(new URL('http://elmer@h/'))?.name).to.equal('elmer');
    expect(liftUser(new URL('http://elmer:100%@h/'))?.password.reveal()).to.equal('100%');
  });
});

describe('isPem', () => {
  it('tells PEM from a path', () => {
    expect([isPem(PEM), isPem(`text before\n${PEM}`), isPem('/etc/ssl/key.pem')]).to.deep.equal([true, true, false]);
  });
});
