import {once} from 'node:events';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {expect} from 'chai';
import {Options} from 'got';
import {HttpDownload} from '../../src/download/http-download.js';
import {checkSettings, Identities, settingsKey, type HttpSettings} from '../../src/download/http-settings.js';
import {certificates} from '../support/certificates.js';
import {EventLog} from '../../src/testing/event-log.js';
import {RecordingWriter} from '../../src/testing/recording-writer.js';
import {ScriptedServer} from '../../src/testing/scripted-server.js';
import {fetched, loopback, run, verdict} from './fetching.js';

/** got's options that a caller may set. A new option of got is a decision: it goes here, or among the owned ones. */
const FREE = ['cookieJar', 'ignoreInvalidCookies', 'dnsLookup', 'dnsCache', 'dnsLookupIpVersion', 'localAddress', 'https'];
const FREE_TLS = ['serverName', 'ciphers', 'honorCipherOrder', 'minVersion', 'maxVersion', 'signatureAlgorithms', 'tlsSessionLifetime',
  'dhparam', 'ecdhCurve', 'certificateRevocationLists', 'secureOptions'];
/** Names that got knows only to refuse them. */
const REFUSED_BY_GOT = ['followRedirects', 'searchParameters'];

function isFree(settings: object): boolean {
  try {
    checkSettings(settings);
    return true;
  } catch (error) {
    expect(error).to.be.instanceOf(TypeError);
    const [name = ''] = Object.keys(settings);
    expect((error as Error).message).to.match(/^settings\.\S+: owned by the framework; \S+/).and.contain(`settings.${name}`);
    return false;
  }
}

const url = 'http://127.0.0.1:1/a';

describe('HttpDownload: settings', () => {
  let server: ScriptedServer;
  beforeEach(async () => { server = (await ScriptedServer.start()).on('*', {body: 'hello'}); });
  afterEach(async () => { await server.close(); });

  it('reach every option of got but those that the framework owns, which are refused by name', () => {
    const members = Object.entries(Object.getOwnPropertyDescriptors(Options.prototype));
    const names = members.filter(([, {set}]) => set !== undefined).map(([name]) => name);
    expect(names).to.include.members(['url', 'retry', 'agent', 'https']);
    expect(names.filter((name) => !REFUSED_BY_GOT.includes(name) && isFree({[name]: {}}))).to.have.members(FREE);
    const tls = Object.keys(new Options().https);
    expect(tls).to.include.members(['key', 'ciphers']);
    expect(tls.filter((name) => isFree({https: {[name]: {}}}))).to.have.members(FREE_TLS);
  });

  it('refuse what got does not know, and values that it does not take, before anything is sent', () => {
    const make = (settings: object) => () => new HttpDownload({url, settings: settings});
    expect(make({retries: 3})).to.throw(TypeError, /^settings: .*retries/);
    expect(make({followRedirects: true})).to.throw(TypeError, /^settings: .*followRedirects/);
    expect(make({dnsLookupIpVersion: 5})).to.throw(TypeError, /^settings: /);
    expect(make({https: {cyphers: 'x'}})).to.throw(TypeError, /^settings: .*cyphers/);
    expect(() => new HttpDownload({url, settings: 7 as unknown as HttpSettings})).to.throw(TypeError, 'settings');
  });

  it('of a subclass are asked for once a run, never by the constructor', async () => {
    let asked = 0;
    class Special extends HttpDownload {
      protected override settings(): HttpSettings {
        asked++;
        return {...super.settings(), dnsLookupIpVersion: 4};
      }
    }
    server.on('/a', ({nth}) => nth < 3 ? {status: 302, headers: {Location: `/a?${nth}`}} : {body: 'hello'});
    const download = new Special({url: server.url('/a')});
    expect(asked).to.equal(0);
    const copy = download.clone();
    expect(asked).to.equal(0);
    await download.run();
    expect(asked).to.equal(1);
    await copy.run();
    expect(asked).to.equal(2);
  });

  it('of a subclass that names an owned one fails the run before any event', async () => {
    class Wrong extends HttpDownload {
      protected override settings(): HttpSettings { return {retry: {limit: 3}} as HttpSettings; }
    }
    const download = new Wrong({url: server.url('/a'), writer: new RecordingWriter()});
    const log = new EventLog(download);
    const one = await run(download);
    expect(verdict(one)).to.match(/^HANDLER_FAILED fatal/);
    expect(one.error?.message).to.contain('settings.retry: owned by the framework; use the option retry');
    expect(log.story).to.deep.equal(['failed HANDLER_FAILED']);
    expect(server.connections).to.equal(0);
  });

  it('localAddress, dnsLookup and dnsLookupIpVersion reach the socket', async () => {
    const asked: unknown[] = [];
    const dnsLookup = (host: string, options: {family?: number; all?: boolean}, found: () => void): void => {
      asked.push([host, options.family]);
      loopback(host, options, found);
    };
    const settings = {localAddress: '127.0.0.3', dnsLookup, dnsLookupIpVersion: 4} as unknown as HttpSettings;
    const plain = createServer((request, response) => { response.end(request.socket.remoteAddress); }).listen(0, '127.0.0.1');
    await once(plain, 'listening');
    const one = await fetched({url: `http://files.example:${(plain.address() as AddressInfo).port}/a`, settings});
    plain.close();
    expect([one.text, asked]).to.deep.equal(['127.0.0.3', [['files.example', 4]]]);
  });

  it('dnsCache is got\'s', async () => {
    const lookups: string[] = [];
    const dnsCache = {lookup: (host: string, options: {all?: boolean}, found: () => void) => {
      lookups.push(host);
      loopback(host, options, found);
    }};
    const one = await fetched({url: `http://cached.example:${server.port}/a`, settings: {dnsCache: dnsCache as never}});
    expect([one.text, lookups]).to.deep.equal(['hello', ['cached.example']]);
  });

  it('a cookie jar gets and gives cookies at each hop, by URL', async () => {
    const kept: string[] = [];
    const cookieJar = {
      getCookieString: async (of: string) => Promise.resolve(new URL(of).pathname === '/b' ? 'id=7' : ''),
      setCookie: async (cookie: string, of: string) => {
        kept.push(`${new URL(of).pathname} ${cookie}`);
        return Promise.resolve();
      },
    };
    server.on('/a', {status: 302, headers: [['Location', '/b'], ['Set-Cookie', 'id=7'], ['Set-Cookie', 'x=1']]});
    expect((await fetched({url: server.url('/a'), settings: {cookieJar}})).text).to.equal('hello');
    expect(kept).to.deep.equal(['/a id=7', '/a x=1']);
    expect(server.requests.map(({headers}) => headers.cookie)).to.deep.equal([undefined, 'id=7']);
  });

  describe('inside https', () => {
    const {ca, server: own} = certificates();
    let secure: ScriptedServer;
    before(async () => {
      secure = (await ScriptedServer.start({tls: {...own, maxVersion: 'TLSv1.2'} as never})).on('*', {body: 'hello'});
    });
    after(async () => { await secure.close(); });
    const ask = async (https: object): Promise<string> =>
      verdict(await fetched({url: secure.url('/a'), ssl: {caCertificate: ca.cert}, settings: {https}}));

    it('minVersion and ciphers reach the handshake', async () => {
      expect(await ask({maxVersion: 'TLSv1.2'})).to.equal('ok published "hello"');
      expect(await ask({minVersion: 'TLSv1.3'})).to.equal('TLS_FAILED source-bad');
      expect(await ask({ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256'})).to.equal('ok published "hello"');
      expect(await ask({ciphers: 'ECDHE-RSA-AES128-GCM-SHA256'})).to.equal('TLS_FAILED source-bad');
      expect(await ask({ciphers: 'no such cipher'})).to.equal('TLS_FAILED source-bad');
    });

    it('serverName says whose certificate it must be, at the own origin alone', async () => {
      expect(await ask({serverName: 'localhost'})).to.equal('ok published "hello"');
      expect(await ask({serverName: 'files.example'})).to.equal('TLS_FAILED source-bad');
      // At another origin it would make this server's certificate good for any name.
      const settings = {https: {serverName: 'localhost'}, dnsLookup: loopback as never};
      secure.on('/away', {status: 302, headers: {Location: `https://files.example:${secure.port}/b`}});
      const away = await fetched({url: secure.url('/away'), ssl: {caCertificate: ca.cert}, settings});
      expect([verdict(away), away.error?.url]).to.deep.equal(['TLS_FAILED source-bad', `https://files.example:${secure.port}/b`]);
    });
  });
});

describe('settingsKey', () => {
  const identities = new Identities();
  const key = (settings: object): string => settingsKey(settings, identities);

  it('is the same for the same plain values', () => {
    expect(key({dnsLookupIpVersion: 4, https: {ciphers: 'x', certificateRevocationLists: ['a', 'b']}}))
      .to.equal(key({dnsLookupIpVersion: 4, https: {ciphers: 'x', certificateRevocationLists: ['a', 'b']}}));
  });

  it('tells things that look alike apart, also those that hide in JSON', () => {
    const make = (): object => ({cookieJar: {toJSON: () => 'jar', getCookieString: isFree}});
    const one = make();
    expect(key(one)).to.equal(key(one)).and.not.equal(key(make()));
    expect(key({dnsLookup: () => undefined})).to.not.equal(key({dnsLookup: () => undefined}));
    expect(key({https: {secureOptions: 1n}})).to.not.equal(key({https: {secureOptions: '1'}}));
  });
});
