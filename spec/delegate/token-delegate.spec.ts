import {expect} from 'chai';
import {inspect} from 'node:util';
import {Context} from '../../src/core/context.js';
import {CredentialError, NotAuthorized} from '../../src/core/errors.js';
import {askRealm} from '../../src/delegate/realm.js';
import {TokenDelegate, type TokenDelegateOptions} from '../../src/delegate/token-delegate.js';
import {HttpDownload, type HttpDownloadOptions} from '../../src/download/http-download.js';
import type {Answer} from '../../src/testing/answer.js';
import {EventLog} from '../../src/testing/event-log.js';
import {TestClock} from '../../src/testing/test-clock.js';
import {startRegistry, type Registry} from './registry.js';

const challenge = (parameters: string): Answer => ({status: 401, headers: {'WWW-Authenticate': `Bearer ${parameters}`}});

describe('TokenDelegate', () => {
  let registry: Registry;
  let context: Context;
  let clock: TestClock;
  beforeEach(async () => {
    registry = await startRegistry();
    clock = new TestClock();
    context = new Context({clock});
  });
  afterEach(async () => {
    await context.close();
    await registry.server.close();
  });

  function make(path: string, options: TokenDelegateOptions = {}, more: Partial<HttpDownloadOptions> = {}): HttpDownload {
    const download = new HttpDownload({url: registry.server.url(path), context, retries: 0, ...more});
    new TokenDelegate(options).attach(download);
    return download;
  }

  async function faultOf(download: HttpDownload): Promise<unknown> {
    return download.run().then(() => 'no fault', (error: unknown) => error);
  }

  describe('with a challenge', () => {
    it('asks the realm with service and scope, and repeats the attempt uncharged', async () => {
      const download = make('/v2/library/blob');
      const log = new EventLog(download);
      await download.run();
      expect(log.story).to.deep.equal(['prepared', 'sent 1 @0', 'replied 1 401', 'error 1 NOT_AUTHORIZED', 'sent 2 @0', 'replied 2 200',
        'fetched 2 @0+24', 'succeeded fetched']);
      expect(registry.tokenRequests.map(({path}) => path)).to.deep.equal(['/token?service=local&scope=repository%3Alibrary%3Apull']);
    });

    it('sends several scopes one by one', async () => {
      registry.server.on('/v2/two/blob', ({headers}) => headers.authorization === 'Bearer token-1' ? {}
        : challenge(`realm="${registry.server.url('/token?account=a')}",scope="repository:a:pull  repository:b:pull"`));
      await make('/v2/two/blob').run();
      expect(registry.tokenRequests[0]?.path).to.equal('/token?account=a&scope=repository%3Aa%3Apull&scope=repository%3Ab%3Apull');
    });

    it('asks with the download\'s credentials, also beside the files, and never with the token that was refused', async () => {
      const user = {name: 'elmer', password: 'rabbit'};
      await make('/v2/library/one', {}, {user}).run();
      registry.token = 'token-2';
      await make('/v2/library/two', {}, {user}).run();
      const basic = `Basic ${Buffer.from('elmer:rabbit').toString('base64')}`;
      expect(registry.tokenRequests.map(({headers}) => headers.authorization)).to.deep.equal([basic, basic]);
    });

    it('takes access_token too (RFC 6749)', async () => {
      registry.grant = () => ({body: JSON.stringify({access_token: 'token-1', token_type: 'Bearer'})});
      await make('/v2/library/blob').run();
    });

    it('sends the known token at once the next time', async () => {
      await make('/v2/library/one').run();
      await make('/v2/library/two').run();
      expect(registry.server.requests.map(({path}) => path.replace(/\?.*/, ''))).to.deep.equal(
        ['/v2/library/one', '/token', '/v2/library/one', '/v2/library/two']);
    });

    it('asks for another scope when the guess was wrong', async () => {
      let generation = 1;
      registry.grant = ({path}) => ({body: JSON.stringify({token: `for ${path} ${generation}`.replace(/\W/g, '-')})});
      registry.server.on('*', (request) => {
        const scope = `repository:${request.path.split('/')[2] ?? ''}:pull`;
        const wanted = `for /token?service=local&scope=${encodeURIComponent(scope)} ${generation}`.replace(/\W/g, '-');
        return request.headers.authorization === `Bearer ${wanted}` ? {body: 'blob'}
          : challenge(`realm="${registry.server.url('/token')}",service="local",scope="${scope}"`);
      });
      for (const path of ['/v2/one/a', '/v2/other/a', '/v2/one/b', '/v2/other/b']) await make(path, {}, {retries: 1}).run();
      expect(registry.tokenRequests).to.have.length(2);
      // A wrong guess and then a token that is no longer good: the guess doesn't use up the one refresh.
      generation = 2;
      await make('/v2/one/c', {}, {retries: 1}).run();
      expect(registry.tokenRequests).to.have.length(3);
    });

    it('fails with CredentialError when the realm gives none, without showing what it answered', async () => {
      const secret = 'eyJhbGciOiJIUzI1NiJ9';
      for (const answer of [{body: secret}, {body: 'null'}, {body: '{}'}, {body: '{"token":"a b"}'}, {status: 500}, {status: 401}]) {
        registry.grant = () => answer;
        clock.autoAdvance = true;
        const fault = await faultOf(make('/v2/library/blob'));
        expect(fault).to.be.instanceOf(CredentialError).with.property('message').that.matches(/^no token for http:/);
        expect(JSON.stringify(fault) + inspect(fault, {depth: 5})).to.not.include(secret.slice(0, 6));
      }
    });

    it('refuses a realm on http for an origin on https', async () => {
      const download = make('/v2/library/blob');
      const {signal} = new AbortController();
      const fault = await askRealm(download, 'https://registry.example', {realm: registry.server.url('/token')}, signal)
        .catch((error: unknown) => error);
      expect(fault).to.be.instanceOf(CredentialError).with.property('message', 'the challenge names a realm without https');
      expect(registry.server.requests).to.have.length(0);
    });

    it('lets a 401 without a bearer challenge be', async () => {
      registry.server.on('/plain', {status: 401, headers: {'WWW-Authenticate': 'Basic realm="members"'}});
      expect(await faultOf(make('/plain'))).to.be.instanceOf(NotAuthorized);
      expect(registry.server.requests).to.have.length(1);
    });

    it('lets a 403 be', async () => {
      registry.server.on('/forbidden', {status: 403, headers: {'WWW-Authenticate': `Bearer realm="${registry.server.url('/token')}"`}});
      expect(await faultOf(make('/forbidden'))).to.be.instanceOf(NotAuthorized);
      expect(registry.server.requests).to.have.length(1);
    });
  });

  describe('with a provider', () => {
    it('asks it before the first attempt, so no 401 is needed', async () => {
      const asked: unknown[] = [];
      await make('/v2/library/blob', {provider: ({origin, challenge}) => {
        asked.push({origin, challenge});
        return 'token-1';
      }}).run();
      expect(asked).to.deep.equal([{origin: registry.server.origin, challenge: undefined}]);
      expect(registry.server.requests).to.have.length(1);
    });

    it('tells it the challenge after a 401', async () => {
      const scopes: (string | undefined)[] = [];
      await make('/v2/library/blob', {provider: ({challenge}) => {
        scopes.push(challenge?.scope);
        return challenge === undefined ? 'stale' : 'token-1';
      }}).run();
      expect(scopes).to.deep.equal([undefined, 'repository:library:pull']);
    });

    it('renews by the clock when expiresIn is over, and not before', async () => {
      let given = 0;
      const provider = () => ({token: `token-${++given}`, expiresIn: 60_000});
      for (const [wait, expected] of [[0, 1], [59_999, 1], [1, 2], [60_000, 3]] as const) {
        await clock.advance(wait);
        registry.token = `token-${expected}`;
        await make('/v2/library/blob', {provider}).run();
        expect(given).to.equal(expected);
      }
      expect(registry.server.requests.filter(({headers}) => headers.authorization !== undefined)).to.have.length(4);
    });

    it('renews what the realm gave by its expires_in, seconds', async () => {
      registry.grant = () => ({body: JSON.stringify({token: registry.token, expires_in: 300})});
      await make('/v2/library/one').run();
      await clock.advance(299_999);
      await make('/v2/library/two').run();
      expect(registry.tokenRequests).to.have.length(1);
      await clock.advance(1);
      registry.token = 'token-2';
      await make('/v2/library/three').run();
      expect(registry.tokenRequests).to.have.length(2);
      // Known to be over, so it was not even tried.
      expect(registry.server.requestsFor('/v2/library/three')).to.have.length(1);
    });

    const broken: [string, TokenDelegateOptions['provider'], RegExp][] = [
      ['throws', () => { throw new Error('vault is sealed'); }, /vault is sealed/],
      ['rejects', () => Promise.reject(new Error('vault is sealed')), /vault is sealed/],
      ['gives nothing', () => undefined as never, /expected a token/],
      ['gives no text', () => ({token: 5}) as never, /expected a token/],
      ['gives what no header can hold', () => 'two\r\nlines', /expected a token/],
      ['gives an expiresIn that is none', () => ({token: 'good', expiresIn: NaN}), /expected expiresIn/],
    ];
    for (const [how, provider, why] of broken) {
      it(`fails with CredentialError when it ${how}`, async () => {
        const fault = await faultOf(make('/v2/library/blob', {provider}));
        expect(fault).to.be.instanceOf(CredentialError).with.property('message').that.matches(why);
        expect(registry.server.requests).to.have.length(0);
      });
    }
  });
});
