import {inspect} from 'node:util';
import {expect} from 'chai';
import {Credentials} from '../../src/core/credentials.js';
import {DownloadError} from '../../src/core/errors.js';
import {Event} from '../../src/core/event.js';
import {LogDelegate} from '../../src/delegate/log-delegate.js';
import {MirrorDelegate} from '../../src/delegate/mirror-delegate.js';
import {TokenDelegate} from '../../src/delegate/token-delegate.js';
import {HttpDownload, type HttpDownloadOptions} from '../../src/download/http-download.js';
import {DigestValidation} from '../../src/validation/digest-validation.js';
import {certificates} from '../support/certificates.js';
import {ProxyServer} from '../support/proxy-server.js';
import {ScriptedServer} from '../../src/testing/scripted-server.js';
import {useWire} from '../support/wire.js';

/** Every secret is another word, so that a leak tells where it came from. All are short and plain: none is hidden by its looks. */
const SECRETS = {
  urlUser: 'planteduser', urlPassword: 'plantedurl', query: 'plantedsig', fragment: 'plantedfragment', authorization: 'plantedauth',
  apiKey: 'plantedkey', custom: 'plantedcustom', cookie: 'plantedcookie', userPassword: 'plantedpass', token: 'plantedtoken',
  provided: 'plantedprovided', proxyPassword: 'plantedproxy', setCookie: 'plantedjar', location: 'plantedlocation',
  locationPassword: 'plantedhop', errorBody: 'plantedbody', challenge: 'plantedchallenge', mirror: 'plantedmirror', reason: 'plantedreason',
} as const;

/** What of a text must never be shown: the words, and their base64 as it stands in an Authorization. */
const HIDDEN = Object.entries(SECRETS).flatMap(([name, word]) =>
  [word, ...[0, 1, 2].map((shift) => base64Core(word, shift))].map((hidden) => ({name, hidden})));

/** The characters that base64 of a text has wherever it stands, when it begins at this byte of a group of three. */
function base64Core(word: string, shift: number): string {
  return Buffer.from('\0'.repeat(shift) + word).toString('base64').slice(shift === 0 ? 0 : shift + 1).replace(/..?=*$/, '');
}

/** What is shown of one run, by its name. */
type Shown = Record<string, string>;
/** What else is done before the run. */
type Prepare = (download: HttpDownload) => void;

const leaks = (shown: Shown): string[] => Object.entries(shown).flatMap(([where, text]) =>
  HIDDEN.filter(({hidden}) => text.includes(hidden)).map(({name}) => `${name} in ${where}`));
const deep = (value: unknown): string => inspect(value, {depth: 10, showHidden: true, maxStringLength: null, maxArrayLength: null});

describe('secrets', () => {
  const wire = useWire();
  let other: ScriptedServer;
  beforeEach(async () => {
    other = await ScriptedServer.start();
  });
  afterEach(() => other.close());

  /** Runs it with everything planted, and collects all that a log, a dump or a report could show. */
  const watch = async (path: string, options: Partial<HttpDownloadOptions> = {}, before?: Prepare): Promise<Shown> => {
    const {host} = new URL(wire.server.origin);
    const download = new HttpDownload({
      url: `http://${SECRETS.urlUser}:${SECRETS.urlPassword}@${host}${path}?sig=${SECRETS.query}#${SECRETS.fragment}`,
      context: wire.context, retries: 1,
      headers: {'x-api-key': SECRETS.apiKey, 'x-mine': SECRETS.custom, 'cookie': `sid=${SECRETS.cookie}`},
      credentials: new Credentials([{url: other.origin, token: SECRETS.token}]), ...options,
    });
    const shown: Shown = {};
    const lines: string[] = [];
    const log = (line: string): void => { lines.push(line); };
    new LogDelegate({debug: log, info: log, warn: log, error: log}).attach(download);
    for (const name of Object.values(Event)) {
      for (const observe of [true, false]) {
        download.register(name, (event) => {
          const who = `${name} as ${observe ? 'an observer' : 'a handler'} sees it`;
          shown[`${who}, JSON`] = (shown[`${who}, JSON`] ?? '') + JSON.stringify(event);
          shown[`${who}, inspect`] = (shown[`${who}, inspect`] ?? '') + deep(event);
        }, {observe});
      }
    }
    before?.(download);
    await download.run().then((result) => {
      Object.assign(shown, {'result JSON': JSON.stringify(result), 'result inspect': deep(result)});
    }, (error: unknown) => {
      expect(error).to.be.instanceOf(DownloadError);
      const {message, stack, attempts, cause, suppressed} = error as DownloadError;
      Object.assign(shown, {
        'error message': message, 'error text': String(error), 'error stack': stack ?? '', 'error JSON': JSON.stringify(error),
        'error inspect': deep(error), 'attempts JSON': JSON.stringify(attempts), 'attempts inspect': deep(attempts),
        'cause inspect': deep(cause), 'cause JSON': JSON.stringify(cause) ?? '', 'suppressed inspect': deep(suppressed),
      });
    });
    shown['log lines'] = lines.join('\n');
    shown['download JSON'] = JSON.stringify(download);
    shown['download inspect'] = deep(download);
    shown['context inspect'] = deep(wire.context);
    shown['context JSON'] = JSON.stringify(wire.context);
    return shown;
  };
  const jar = {'Set-Cookie': `sid=${SECRETS.setCookie}`, 'X-Auth-Token': SECRETS.setCookie};

  it('knows a leak when there is one', () => {
    const basic = Buffer.from(`elmer:${SECRETS.userPassword}`).toString('base64');
    expect(leaks({here: `GET /?sig=${SECRETS.query}`, there: `Basic ${basic}`})).to.deep.equal(['query in here', 'userPassword in there']);
  });

  it('are shown nowhere by a run that succeeds, and were really sent', async () => {
    wire.server.on('/f', {body: 'hello', headers: jar});
    const shown = await watch('/f');
    expect(leaks(shown)).to.deep.equal([]);
    expect(shown['result JSON']).to.include('"outcome":"fetched"');
    const {headers, path} = wire.server.requests[0] as (typeof wire.server.requests)[0];
    const {cookie, authorization} = headers;
    expect({path, key: headers['x-api-key'], mine: headers['x-mine'], cookie, authorization}).to.deep.equal({
      path: `/f?sig=${SECRETS.query}`, key: SECRETS.apiKey, mine: SECRETS.custom, cookie: `sid=${SECRETS.cookie}`, authorization: undefined,
    });
  });

  it('are shown nowhere when the body is cut and wrong, again and again', async () => {
    wire.server.on('/f', ({nth}) => nth === 1 ? {body: 'hello', cutAt: 2, headers: jar} : {body: 'wrong', headers: jar});
    const shown = await watch('/f', {validations: [new DigestValidation('md5', '5d41402abc4b2a76b9719d911017c592')]});
    expect(leaks(shown)).to.deep.equal([]);
    expect(shown['error JSON']).to.include('DIGEST_MISMATCH');
  });

  for (const status of [400, 401, 403, 404, 407, 429, 500, 503]) {
    it(`are shown nowhere when the server answers ${status} and repeats them in its body`, async () => {
      const body = `no: ${Object.values(SECRETS).join(' ')}`;
      const challenge = `Bearer realm="${other.url('/token')}?key=${SECRETS.challenge}", token="${SECRETS.challenge}"`;
      wire.server.on('/f', {status, body, headers: {...jar, 'WWW-Authenticate': challenge}, reason: SECRETS.errorBody});
      const shown = await watch('/f', {headers: {authorization: `Bearer ${SECRETS.authorization}`}});
      expect(leaks(shown)).to.deep.equal([]);
      expect(shown['log lines']).to.match(/gave up/);
    });
  }

  it('are shown nowhere of a redirect, followed or refused', async () => {
    const {host} = new URL(other.origin);
    const location = `http://elmer:${SECRETS.locationPassword}@${host}/g?token=${SECRETS.location}`;
    wire.server.on('/f', {status: 302, headers: {...jar, Location: location}})
      .on('/refused', {status: 302, headers: {...jar, Location: `ftp://elmer:${SECRETS.locationPassword}@h/?token=${SECRETS.location}`}});
    other.on('/g', ({nth}) => nth === 1 ? {body: 'hello', headers: jar} : {status: 404, body: SECRETS.errorBody, headers: jar});
    const [followed, failed, refused] = [await watch('/f'), await watch('/f'), await watch('/refused')];
    expect([leaks(followed), leaks(failed), leaks(refused)]).to.deep.equal([[], [], []]);
    const ends = [followed['result JSON'], failed['error JSON'], refused['error JSON']];
    expect(ends.map((text) => /fetched|NOT_FOUND|REDIRECT_REFUSED/.exec(text ?? '')?.[0]))
      .to.deep.equal(['fetched', 'NOT_FOUND', 'REDIRECT_REFUSED']);
    const {headers, path} = other.requests[0] as (typeof other.requests)[0];
    expect({path, authorization: headers.authorization, key: headers['x-api-key'], cookie: headers.cookie}).to.deep.equal({
      path: `/g?token=${SECRETS.location}`, authorization: `Bearer ${SECRETS.token}`, key: undefined, cookie: undefined,
    });
  });

  it('are shown nowhere of a user, a given token and a refreshed one', async () => {
    wire.server.on('/f', {status: 401, body: SECRETS.errorBody, headers: {'WWW-Authenticate': 'Bearer'}});
    const url = wire.server.url('/f');
    const user = {name: 'elmer', password: SECRETS.userPassword};
    const refreshed = await watch('/f', {url}, (download) => { new TokenDelegate({provider: () => SECRETS.provided}).attach(download); });
    const named = await watch('/f', {url, user});
    const broken = await watch('/f', {url, user}, (download) => {
      new TokenDelegate({provider: () => { throw new Error(`Bearer ${SECRETS.provided} is no good`); }}).attach(download);
    });
    expect([leaks(refreshed), leaks(named), leaks(broken)]).to.deep.equal([[], [], []]);
    const sent = wire.server.requests.map(({headers}) => headers.authorization);
    expect(sent).to.include(`Bearer ${SECRETS.provided}`);
    expect(sent).to.include(`Basic ${Buffer.from(`elmer:${SECRETS.userPassword}`).toString('base64')}`);
  });

  it('are shown nowhere of a proxy, whether it lets pass, refuses or is not there', async () => {
    wire.server.on('/f', {body: 'hello'});
    await using proxy = await ProxyServer.start({credentials: `elmer:${SECRETS.proxyPassword}`});
    const through = (password: string, port = new URL(proxy.url).port): string => `http://elmer:${password}@127.0.0.1:${port}`;
    const passed = await watch('/f', {proxyUrl: through(SECRETS.proxyPassword)});
    const refused = await watch('/f', {proxyUrl: through(`${SECRETS.proxyPassword}x`)});
    const absent = await watch('/f', {proxyUrl: through(SECRETS.proxyPassword, '1')});
    expect([leaks(passed), leaks(refused), leaks(absent)]).to.deep.equal([[], [], []]);
    expect(passed['result JSON']).to.include('fetched');
    expect(proxy.requests[0]?.credentials).to.equal(`elmer:${SECRETS.proxyPassword}`);
    for (const shown of [refused, absent]) expect(shown['error JSON']).to.match(/PROXY_FAILED|CONNECT_FAILED|NOT_AUTHORIZED/);
  });

  it('are shown nowhere of mirrors, theirs neither', async () => {
    other.on('/one/f', {status: 404, body: SECRETS.errorBody}).on('/two/f', {body: 'hello', cutAt: 1, headers: jar});
    const {host} = new URL(other.origin);
    const mirrors = ['one', 'two'].map((name) => `http://elmer:${SECRETS.mirror}@${host}/${name}/{path}?sig=${SECRETS.mirror}`);
    const shown = await watch('/f', {}, (download) => { new MirrorDelegate({mirrors}).attach(download); });
    expect(leaks(shown)).to.deep.equal([]);
    expect(shown['error JSON']).to.include('MIRRORS_EXHAUSTED');
  });

  it('are shown nowhere of what a handler, a validation, a writer or a signal throws', async () => {
    wire.server.on('*', {body: 'hello'});
    const thrown = (): never => {
      const text = `request to http://u:${SECRETS.reason}@h/?sig=${SECRETS.reason} with authorization: Bearer ${SECRETS.reason}`;
      throw Object.assign(new Error(text), {options: {headers: {authorization: SECRETS.reason}}, request: {body: SECRETS.reason}});
    };
    const handler = await watch('/1', {}, (download) => { download.register(Event.REPLIED, thrown); });
    const last = await watch('/2', {}, (download) => { download.register(Event.SUCCEEDED, thrown); });
    const validation = await watch('/3', {validations: [{apply: thrown}]});
    const warning = await watch('/4', {validations: [{enforced: false, apply: thrown}]});
    const writer = {
      floor: 0, abilities: {rewind: false, resume: false, positional: false, read: false}, open: () => undefined, append: thrown,
      close: () => undefined, discard: thrown,
    };
    const written = await watch('/5', {writer});
    expect([handler, last, validation, warning, written].map(leaks)).to.deep.equal([[], [], [], [], []]);
  });

  it('are shown nowhere of a client key, good or broken', async () => {
    const {client, server: own, ca} = certificates();
    await using secure = await ScriptedServer.start({tls: {...own, ca: ca.cert, requestCert: true}});
    secure.on('/f', {status: 404});
    const inside = client.key.split('\n')[1] as string;
    const ssl = {caCertificate: ca.cert, clientCertificate: client.cert, clientKey: client.key};
    const broken = {...ssl, clientKey: client.key.replace(inside, `AAAA${inside.slice(4)}`)};
    for (const options of [{ssl}, {ssl: broken}, {ssl: {...ssl, clientKey: certificates().ca.key}}]) {
      const shown = await watch('/f', {url: secure.url('/f'), ...options});
      const keys = [inside, certificates().ca.key.split('\n')[1] as string].map((line) => line.slice(8, 40));
      expect(Object.entries(shown).filter(([, text]) => keys.some((key) => text.includes(key))).map(([where]) => where)).to.deep.equal([]);
      expect(shown['error JSON']).to.match(/NOT_FOUND|CREDENTIAL_ERROR/);
    }
  });
});
