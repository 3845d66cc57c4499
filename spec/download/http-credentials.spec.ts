import {expect} from 'chai';
import {inspect} from 'node:util';
import {Credentials} from '../../src/core/credentials.js';
import {ScriptedServer, type RecordedRequest} from '../../src/testing/scripted-server.js';
import {HttpDownload} from '../../src/download/http-download.js';
import {fetched, loopback} from './fetching.js';

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

/** Every header but the connection's own. */
function headersOf(request: RecordedRequest | undefined): Record<string, string> {
  const {host, connection, ...headers} = request?.headers ?? {};
  return headers;
}

describe('HttpDownload: credentials and headers', () => {
  let home: ScriptedServer;
  let other: ScriptedServer;
  beforeEach(async () => {
    home = (await ScriptedServer.start()).on('*', {body: 'hello'});
    other = (await ScriptedServer.start()).on('*', {body: 'other'});
  });
  afterEach(async () => {
    await home.close();
    await other.close();
  });

  const sent = (): string | undefined => home.requests.at(-1)?.headers.authorization;

  it('asks with these headers and no others', async () => {
    await fetched({url: home.url('/a?b=1')});
    const {method, path, rawHeaders} = home.requests[0]!;
    expect([method, path]).to.deep.equal(['GET', '/a?b=1']);
    expect(rawHeaders.map(([name, value]) => `${name.toLowerCase()}: ${value}`).sort()).to.deep.equal([
      'accept-encoding: identity', 'accept: */*', 'connection: keep-alive', `host: 127.0.0.1:${home.port}`,
      `user-agent: ${home.requests[0]!.headers['user-agent'] ?? ''}`,
    ]);
    expect(home.requests[0]!.headers['user-agent']).to.match(/^jupiter/i);
  });

  it('sends a user as basic authentication, UTF-8', async () => {
    await fetched({url: home.url('/a'), user: {name: 'elmer', password: 'fudd'}});
    expect(sent()).to.equal(basic('elmer:fudd'));
    await fetched({url: home.url('/a'), user: {name: 'élmer', password: 'pä:ß€'}});
    expect(sent()).to.equal(basic('élmer:pä:ß€'));
    await fetched({url: home.url('/a'), user: {name: 'elmer'}});
    expect(sent()).to.equal(basic('elmer:'));
  });

  it('lifts the userinfo of a URL, percent-decoded, and shows it nowhere', async () => {
    const url = home.url('/a').replace('://', '://el%40mer:p%3Ass%2Fw%C3%B6rd@');
    const one = await fetched({url});
    expect(sent()).to.equal(basic('el@mer:p:ss/wörd'));
    expect(one.download.url).to.equal(home.url('/a'));
    expect(inspect([one.download, one.result], {depth: 9}) + JSON.stringify(one.result)).to.not.match(/wörd|w%C3%B6rd|ZWxAbWVy/);
  });

  it('sends a token as Bearer, only where it is for', async () => {
    const user = {name: 'elmer', password: 'x'};
    const credentials = new Credentials([{url: home.url('/private'), token: 'token-1'}, {url: home.origin, user}]);
    await fetched({url: home.url('/private/a'), credentials});
    expect(sent()).to.equal('Bearer token-1');
    await fetched({url: home.url('/privateer'), credentials});
    expect(sent()).to.equal(basic('elmer:x'));
    await fetched({url: other.url('/private/a'), credentials});
    expect(headersOf(other.requests[0])).to.not.have.property('authorization');
  });

  it('prefers the URL\'s user to the option, and a header of the caller\'s to both', async () => {
    await fetched({url: home.url('/a').replace('://', '://url:1@'), user: {name: 'option', password: '2'}});
    expect(sent()).to.equal(basic('url:1'));
    await fetched({url: home.url('/a'), user: {name: 'option', password: '2'}, headers: {Authorization: 'Custom 3'}});
    expect(sent()).to.equal('Custom 3');
  });

  for (const name of ['X-Amz-Signature', 'x-goog-signature', 'sig', 'Signature']) {
    it(`sends no Authorization with a URL signed by ${name}`, async () => {
      const options = {user: {name: 'elmer', password: 'x'}, headers: {authorization: 'Custom 3', 'x-tag': '1'}};
      await fetched({url: home.url(`/a?b=1&${name}=abc`), ...options});
      expect(headersOf(home.requests[0])).to.not.have.property('authorization');
      expect(headersOf(home.requests[0])).to.include({'x-tag': '1'});
      await fetched({url: home.url(`/a?b=${name}`), ...options});
      expect(sent()).to.equal('Custom 3');
    });
  }

  it('takes nothing private to another origin, and gives it back at home', async () => {
    home.on('/a', {status: 302, headers: {'Location': other.url('/b'), 'Set-Cookie': 'from=home'}});
    other.on('/b', {status: 307, headers: {Location: home.url('/c')}});
    const one = await fetched({
      url: home.url('/a'), user: {name: 'elmer', password: 'secret'},
      headers: {
        'Cookie': 'id=1', 'X-Secret': '2', 'X-Public': '3', 'Accept': 'text/plain', 'Accept-Language': 'de', 'Cache-Control': 'no-cache',
        'User-Agent': 'me',
      },
      publicHeaders: ['X-Public'],
    });
    expect(one.text).to.equal('hello');
    const open = {
      'accept': 'text/plain', 'accept-encoding': 'identity', 'accept-language': 'de', 'cache-control': 'no-cache', 'user-agent': 'me',
      'x-public': '3',
    };
    const own = {...open, 'authorization': basic('elmer:secret'), 'cookie': 'id=1', 'x-secret': '2'};
    expect([headersOf(home.requests[0]), headersOf(other.requests[0]), headersOf(home.requests[1])]).to.deep.equal([own, open, own]);
  });

  it('asks the credentials again at each hop', async () => {
    home.on('/a', {status: 302, headers: {Location: other.url('/b')}});
    const asked: string[][] = [];
    const credentials = {
      for(origin: string, path: string) {
        asked.push([origin, path]);
        return {scheme: 'bearer' as const, token: `for${path.replace('/', '-')}`};
      },
    };
    await fetched({url: home.url('/a'), credentials});
    expect(asked).to.deep.equal([[home.origin, '/a'], [other.origin, '/b']]);
    expect([sent(), other.requests[0]?.headers.authorization]).to.deep.equal(['Bearer for-a', 'Bearer for-b']);
  });

  it('tells a name from an address: another host on the same machine is another origin', async () => {
    home.on('/a', {status: 302, headers: {Location: `http://localhost:${home.port}/b`}});
    await fetched({url: home.url('/a'), user: {name: 'elmer', password: 'x'}, settings: {dnsLookup: loopback as never}});
    expect(home.requests.map(({headers}) => headers.authorization)).to.deep.equal([basic('elmer:x'), undefined]);
  });

  it('takes no user of the original URL to a url that was set later', async () => {
    class Moved extends HttpDownload {
      protected override prepare(): void { this.url = other.url('/b'); }
    }
    const url = home.url('/a').replace('://', '://elmer:x@');
    await new Moved({url, user: {name: 'elmer', password: 'y'}, headers: {'x-secret': '1'}}).run();
    expect(headersOf(other.requests[0])).to.have.all.keys('accept', 'accept-encoding', 'user-agent');
  });
});
