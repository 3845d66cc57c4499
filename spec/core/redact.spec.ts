import {expect} from 'chai';
import fc from 'fast-check';
import {escapeControls, redactHeaders, redactText, redactUrl, show} from '../../src/core/redact.js';

/** A planted secret: letters and digits that occur nowhere else. */
const planted = fc.stringMatching(/^[a-z0-9]{4,30}$/).map((text) => `zq${text}qz`);
const secretName = fc.constantFrom('token', 'access_token', 'sig', 'Signature', 'X-Amz-Signature', 'X-Amz-Credential',
  'X-Amz-Security-Token', 'password', 'PASSWD', 'api_key', 'apikey', 'secret', 'client_secret', 'sessionid', 'auth', 'jwt', 'code', 'hmac',
  '%74oken', 'Key-Pair-Id');
const plainName = fc.constantFrom('page', 'v', 'file', 'name', 'arch');
/** What may stand before and behind a secret. (Behind a slash it would be the path of another, readable URL.) */
const odd = fc.constantFrom('', ':', '@', '%', '%2F', ';', '+', '=', '~', '!', '\'', '"');

describe('redactUrl', () => {
  const cases: Readonly<Record<string, string>> = {
    'https://elmer:hunting@repo.example/a/b?page=2#top': 'https://repo.example/a/b?page=2',
    'https://elmer@repo.example/': 'https://repo.example/',
    'https://h/@scope/pkg/-/pkg-1.0.0.tgz': 'https://h/@scope/pkg/-/pkg-1.0.0.tgz',
    'https://h/x?X-Amz-Signature=abc&X-Amz-Date=2026&v=1': 'https://h/x?X-Amz-Signature=***&X-Amz-Date=2026&v=1',
    'https://h/x?a=1;token=xyz;b=2': 'https://h/x?a=1;token=***;b=2',
    'https://h/x?a=0123456789012345678901234567890123': 'https://h/x?a=***',
    'https://h/x?0123456789012345678901234567890123': 'https://h/x?***',
    'https://h/x?u=https%3A%2F%2Fa%3Ab%40c': 'https://h/x?u=***',
    'https://h/x?pw=a&user_pin=b&otp=c&SID=d&otp2=e': 'https://h/x?pw=***&user_pin=***&otp=***&SID=***&otp2=***',
    'https://h/x?pinned=a&opinion=b&side=c': 'https://h/x?pinned=a&opinion=b&side=c',
    'https://h/x?': 'https://h/x?',
    'ftp://anonymous:a@h/x': 'ftp://h/x',
    'file:///a/node_modules/@scope/x': 'file:///a/node_modules/@scope/x',
    'elmer:hunting@repo.example:80': '***@repo.example:80',
    'http://elmer:hun/ting@host:port/x?a=1': 'http://***@host:port/x?***',
    'http://elmer:hun@ting@host:port#x': 'http://***@host:port?***',
    'no url at all': 'no url at all',
  };
  for (const [url, shown] of Object.entries(cases)) {
    it(`shows ${url} as ${shown}`, () => { expect(redactUrl(url)).to.equal(shown); });
  }

  it('takes a URL object and leaves it as it is', () => {
    const url = new URL('https://elmer:hunting@h/?token=x');
    expect([redactUrl(url), url.password]).to.deep.equal(['https://h/?token=***', 'hunting']);
  });

  it('lets no secret of a userinfo through, whatever stands around it and however broken the URL is', () => {
    const host = fc.constantFrom('h', 'h:80', 'h:port', '[::1', 'h h', '');
    fc.assert(fc.property(planted, odd, odd, host, fc.boolean(), (secret, before, behind, at, name) => {
      const url = `https://elmer${name ? secret : ''}:${before}${secret}${behind}@${at}/x`;
      expect(redactUrl(url)).not.to.include(secret);
      expect(show(url)).not.to.include(secret);
    }), {numRuns: 500});
  });

  it('lets no value of a parameter with a telling name through', () => {
    const [and, address] = [fc.constantFrom('&', ';'), fc.constantFrom('https://h/x', '/x', 'https://h:port/x')];
    fc.assert(fc.property(planted, secretName, plainName, and, address, (secret, name, other, between, start) => {
      for (const query of [`${name}=${secret}`, `${other}=1${between}${name}=${secret}`, `${name}=${secret}${between}${other}=1`]) {
        expect(redactUrl(`${start}?${query}`)).not.to.include(secret);
      }
    }), {numRuns: 500});
  });

  it('changes nothing that it made itself', () => {
    fc.assert(fc.property(fc.webUrl({withQueryParameters: true, withFragments: true}), (url) => {
      expect(redactUrl(redactUrl(url))).to.equal(redactUrl(url));
    }));
  });
});

describe('redactText', () => {
  const cases: Readonly<Record<string, string>> = {
    'GET https://elmer:hunting@h/x?sig=abc failed': 'GET https://h/x?sig=*** failed',
    'sent Authorization: Bearer abc.def-ghi': 'sent Authorization: ***',
    'proxy-authorization : Basic QWxhZGRpbg==\nHost: h': 'proxy-authorization : ***\nHost: h',
    'with bearer abc:def, twice': 'with bearer ***, twice',
    'Negotiate YIIabc=': 'Negotiate ***',
    'Digest username="elmer", response="abc"': 'Digest ***',
    'Set-Cookie: id=abc; path=/\nX: y': 'Set-Cookie: ***\nX: y',
    'X-Api-Key: abc': 'X-Api-Key: ***',
    'token=abc&page=1': 'token=***&page=1',
    'at /x?page=1&X-Amz-Signature=abc': 'at /x?page=1&X-Amz-Signature=***',
    '{"access_token": "a b c", "expires": 3}': '{"access_token": "***", "expires": 3}',
    'client_secret=\'a b\'': 'client_secret=\'***\'',
    '"password":"a\\"b", x': '"password":"***", x',
    // Prose stays readable.
    'sha256 digest mismatch': 'sha256 digest mismatch',
    'basic authentication is wanted': 'basic authentication is wanted',
    'credentials.token: expected visible ASCII characters': 'credentials.token: expected visible ASCII characters',
    'the design=good, signal=SIGTERM': 'the design=good, signal=SIGTERM',
    'connect ECONNREFUSED 127.0.0.1:80': 'connect ECONNREFUSED 127.0.0.1:80',
  };
  for (const [text, shown] of Object.entries(cases)) {
    it(`shows ${JSON.stringify(text)} as ${JSON.stringify(shown)}`, () => { expect(redactText(text)).to.equal(shown); });
  }

  it('lets no secret through in a URL, a header or a field, and no second pass changes more', () => {
    const place = fc.constantFrom<(secret: string, name: string) => string>(
      (secret) => `https://elmer:${secret}@h/x`, (secret, name) => `http://h/x?a=1&${name}=${secret}`,
      (secret) => `Authorization: Bearer ${secret}`, (secret) => `authorization: ${secret}`, (secret) => `Cookie: sid=${secret}`,
      (secret) => `x-auth-token:${secret}`, (secret) => `basic ${secret}==`, (secret) => `{"token":"${secret}"}`,
      (secret) => `password=${secret}`);
    const prose = fc.constantFrom('', 'failed: ', 'while asking ', '(', 'a@b.c ', 'x:y ');
    fc.assert(fc.property(planted, secretName, place, prose, prose, (secret, name, put, before, behind) => {
      const shown = redactText(`${before}${put(secret, name)} ${behind}`);
      expect(shown).not.to.include(secret);
      expect(redactText(shown)).to.equal(shown);
    }), {numRuns: 500});
  });

  it('is quick with a long text that a server made to be slow', () => {
    const start = process.cpuUsage();
    const units = ['a.', 'x-', 'token', ':@', 'x-key', '"', 'http://', 'bearer ', 'sig"'];
    for (const unit of units) redactText(unit.repeat(32_768 / unit.length));
    expect(process.cpuUsage(start).user / 1000).to.be.lessThan(1500);
  });
});

describe('redactHeaders', () => {
  it('hides every header with a telling name and the secrets in the others', () => {
    const secret = ['authorization', 'Proxy-Authorization', 'cookie', 'set-cookie', 'x-api-key', 'x-auth', 'x-auth-token', 'private-token',
      'x-amz-security-token', 'x-session-id', 'x-access-key', 'x-jwt-assertion', 'x-password'];
    const headers = Object.fromEntries(secret.map((name) => [name, 'abc']));
    expect(redactHeaders(headers)).to.deep.equal(Object.fromEntries(secret.map((name) => [name, '***'])));
  });

  it('leaves the others readable', () => {
    const headers = {'accept': '*/*', 'content-type': 'text/plain', 'www-authenticate': 'Basic realm="x"', 'etag': '"abc"'};
    expect(redactHeaders(headers)).to.deep.equal(headers);
    expect(redactHeaders({location: 'https://a:b@h/?sig=1'})).to.deep.equal({location: 'https://h/?sig=***'});
  });
});

describe('show', () => {
  it('is short, says the type of objects and never their content', () => {
    expect(show('x')).to.equal('"x"');
    expect(show('x'.repeat(500))).to.have.length(122).and.match(/\.\.\."$/);
    const values: unknown[] = [5, true, undefined, null, [1], {password: 'x'}, () => 1, Object.create(null), 5n, new URL('http://a:b@h')];
    expect(values.map(show))
      .to.deep.equal(['5', 'true', 'undefined', 'null', 'an Array', 'an Object', 'a function', 'an object', '5n', 'a URL']);
  });

  it('redacts before it cuts', () => {
    fc.assert(fc.property(planted, fc.nat(200), (secret, pad) => {
      expect(show(`https://elmer:${'x'.repeat(pad)}${secret}${'x'.repeat(200)}@h/`)).not.to.include(secret);
    }));
  });
});

describe('escapeControls', () => {
  it('makes a text harmless for a terminal and keeps tabs and line ends', () => {
    expect(escapeControls('\u001b[31mred\u0007\r\n\tx\u0000\u009b\u202e\u2028é€😀'))
      .to.equal('\\u001b[31mred\\u0007\\u000d\n\tx\\u0000\\u009b\\u202e\\u2028é€😀');
  });

  it('leaves nothing that a terminal obeys', () => {
    fc.assert(fc.property(fc.string({unit: 'binary'}), (text) => {
      expect(escapeControls(text)).not.to.match(/[^\P{Cc}\n\t]/u);
    }));
  });
});
