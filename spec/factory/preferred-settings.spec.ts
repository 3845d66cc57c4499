import {expect} from 'chai';
import {inspect} from 'node:util';
import {Secret} from '../../src/core/secret.js';
import {Factory} from '../../src/factory/factory.js';
import type {PreferenceView, PreferredValue} from '../../src/factory/preference-view.js';
import {PreferredSettings} from '../../src/factory/preferred-settings.js';
import {HttpDownload} from '../../src/download/http-download.js';
import {downloadRegistry} from '../../src/preferences/registry/download-registry.js';

const URL_HERE = 'https://registry.example/npm/';

interface Script {
  /** Name → what is set; of secrets nothing but true. */
  readonly values?: Readonly<Record<string, unknown>>;
  /** `name origin` → what is given. */
  readonly secrets?: Readonly<Record<string, Secret | Readonly<Record<string, Secret>>>>;
  readonly degraded?: readonly string[];
  readonly staleFor?: number;
  readonly centralUnknown?: boolean;
}

function preferences({values = {}, secrets = {}, degraded = [], staleFor, centralUnknown = false}: Script): PreferenceView {
  const registry = downloadRegistry();
  const effective = (name: string): PreferredValue => ({
    value: values[name] ?? (Object.hasOwn(values, name) ? null : JSON.parse(registry.get(name).default) as unknown),
    source: Object.hasOwn(values, name) ? 'local' : 'default', degraded: degraded.includes(name),
  });
  return {
    registry, getAll: () => Promise.resolve({staleFor, centralUnknown, effective}),
    secret: (_place, name, origin) => Promise.resolve(secrets[`${name} ${origin}`]),
  };
}
const read = (script: Script, url = URL_HERE): Promise<PreferredSettings> =>
  PreferredSettings.read(preferences(script), url, {owner: 'elmer'});
const given = (settings: PreferredSettings): object => JSON.parse(JSON.stringify(settings.settings())) as object;

describe('PreferredSettings', () => {
  it('says nothing where nobody set anything', async () => {
    const settings = await read({});
    expect(given(settings)).to.deep.equal({});
    expect(JSON.parse(JSON.stringify(settings))).to.deep.equal({limits: {}, batch: {}, writer: {}, download: {}, warnings: []});
  });

  it('puts every setting where it is taken', async () => {
    const settings = await read({values: {
      'timeout.read': 5000, 'timeout.slow.rate': 0, 'retry.count': 2, 'retry.base': 10, 'size.max': 100, 'redirects': 3, 'bandwidth': 7,
      'limits.origin': 2, 'limits.outage.faults': 0, 'batch.backlog': 4, 'segments': 3, 'file.exists': 'rename', 'file.mode': 0o600,
      'accept.encoded': true, 'proxy.url': 'http://gateway.example:3128', 'proxy.user': 'gate', 'tls.verify': false, 'hosts': ['a.example'],
      'mirrors': ['https://m.example/'], 'digests': [], 'headers.public': ['x-a'],
    }});
    expect(given(settings)).to.deep.include({
      timeout: {read: 5000, lowSpeed: 0}, retries: 2, maxBytes: 100, maxRedirects: 3, publicHeaders: ['x-a'],
      mirrors: ['https://m.example/'],
      digests: [], ssl: {validation: false}, proxyUrl: {url: 'http://gateway.example:3128', user: {name: 'gate', password: '***'}},
    });
    expect(settings.settings().retry).to.have.property('retries', 2);
    const {limits, batch, segments, writer, download, hosts} = settings;
    expect({limits, batch, segments, writer, download, hosts}).to.deep.equal({
      limits: {perOrigin: 2, outageFaults: 0}, batch: {backlog: 4}, segments: 3, writer: {exists: 'rename', mode: 0o600},
      download: {bandwidth: 7, allowCloseFramed: undefined, allowEncoded: true}, hosts: ['a.example'],
    });
    const factory = new Factory({remote: {url: URL_HERE, retries: 9, maxRedirects: 1}, settings});
    expect(factory.build('file')).to.be.instanceOf(HttpDownload).and.have.property('retries', 2);
  });

  it('asks for secrets for the one origin, those of the proxy for the proxy\'s, and shows none', async () => {
    const secrets = {
      'auth.token https://registry.example': new Secret('canary-token'),
      'headers https://registry.example': {'x-team': new Secret('canary-red')},
      'proxy.password http://gateway.example:3128': new Secret('canary-gate'),
      'auth.token https://other.example': new Secret('canary-other'),
    };
    const values = {'auth.token': true, 'headers': true, 'proxy.password': true, 'proxy.url': 'http://gateway.example:3128',
      'proxy.user': 'gate'};
    const settings = await read({values, secrets});
    const {token, headers, proxyUrl} = settings.settings();
    expect([token, headers]).to.deep.equal(['canary-token', {'x-team': 'canary-red'}]);
    expect((proxyUrl as {user: {password: Secret}}).user.password.reveal()).to.equal('canary-gate');
    expect(inspect(settings, {depth: 9, showHidden: true}) + JSON.stringify(settings)).to.not.contain('canary');
    expect((await read({values, secrets}, 'https://third.example/')).settings()).to.include({token: undefined, headers: undefined});
  });

  it('takes a name without its password for none, and refuses a name and a token', async () => {
    const values = {'auth.user': 'elmer', 'auth.password': true};
    const password = {'auth.password https://registry.example': new Secret('pw')};
    expect((await read({values})).settings().user).to.equal(undefined);
    expect((await read({values, secrets: password})).settings().user).to.have.property('name', 'elmer');
    const token = {'auth.token https://registry.example': new Secret('t')};
    const both = read({values: {...values, 'auth.token': true}, secrets: {...password, ...token}});
    expect(await both.catch((error: unknown) => error)).to.be.instanceOf(TypeError).and.have.property('message').that.matches(/got both/);
  });

  it('refuses a key that is no PEM without showing it', async () => {
    const secrets = {'tls.key https://registry.example': new Secret('canary')};
    const fault = await read({values: {'tls.key': true}, secrets}).catch((error: unknown) => error);
    expect(fault).to.be.instanceOf(TypeError).and.have.property('message',
      'tls.key: expected a key in PEM behind its reference, got something else');
  });

  it('knows which hosts are asked without any proxy', async () => {
    const url = 'http://gateway.example:3128';
    const proxyOf = async (values: Record<string, unknown>): Promise<unknown> => (await read({values})).proxy;
    expect(await proxyOf({'proxy.url': url})).to.have.property('url', url);
    expect(await proxyOf({'proxy.url': url, 'proxy.bypass': ['.example']})).to.equal('direct');
    expect(await proxyOf({'proxy.bypass': ['registry.example']})).to.equal('direct');
    expect(await proxyOf({'proxy.bypass': ['other.example']})).to.equal(undefined);
    expect(await proxyOf({'proxy.url': null})).to.equal('direct');
  });

  it('tells what is stale or not known', async () => {
    expect((await read({staleFor: 61_000})).warnings)
      .to.deep.equal(['the central store of the preferences can\'t be asked: what it said 61 s ago holds']);
    expect((await read({degraded: ['retry.count', 'segments'], centralUnknown: true})).warnings)
      .to.deep.equal(['the central store of the preferences can\'t be asked: retry.count, segments may not be what you want']);
    expect((await read({degraded: ['retry.count']})).warnings)
      .to.deep.equal(['a stored value is none that the setting takes: retry.count may not be what you want']);
  });

  it('names a remote by its host, and one without TLS by its origin', () => {
    const cases = ['https://Registry.example/x?y', 'https://elmer:pw@registry.example:8443/', 'http://registry.example/',
      'http://[::1]:80/'];
    expect(cases.map((url) => PreferredSettings.scopeOf(url)))
      .to.deep.equal(['registry.example', 'registry.example:8443', 'http://registry.example', 'http://[::1]']);
    expect(() => PreferredSettings.scopeOf('registry.example')).to.throw(TypeError, 'url: expected an absolute URL');
    expect(() => PreferredSettings.scopeOf('file:///etc/x')).to.throw(TypeError, 'url: expected a URL with a host');
  });
});
