import {createHash} from 'node:crypto';
import {expect} from 'chai';
import {GOVERNOR} from '../../src/policy/governor.js';
import {DigestValidation} from '../../src/validation/digest-validation.js';
import {EventLog} from '../../src/testing/event-log.js';
import {RecordingWriter} from '../../src/testing/recording-writer.js';
import {TestClock} from '../../src/testing/test-clock.js';
import {MirrorDelegate} from '../../src/delegate/mirror-delegate.js';
import {ScriptedServer} from '../../src/testing/scripted-server.js';
import {HttpDownload} from '../../src/download/http-download.js';
import {noRetry} from '../../src/policy/retry-policy.js';
import {fetched, run, verdict, withContext} from './fetching.js';

describe('HttpDownload: redirects', () => {
  let server: ScriptedServer;
  beforeEach(async () => { server = (await ScriptedServer.start()).on('/file', {body: 'hello'}); });
  afterEach(async () => { await server.close(); });

  const to = (location: string, status = 302): void => { server.on('/a', {status, headers: {Location: location}}); };

  for (const status of [301, 302, 303, 307, 308]) {
    it(`follows ${status}`, async () => {
      to('/file', status);
      const one = await fetched({url: server.url('/a')});
      expect(one.text).to.equal('hello');
      expect(one.result?.reply?.hops).to.deep.equal([{url: server.url('/a'), status}, {url: server.url('/file'), status: 200}]);
      expect(one.result?.reply?.url).to.equal(server.url('/file'));
      expect(server.connections).to.equal(1);
    });
  }

  for (const status of [300, 305, 306]) {
    it(`does not follow ${status}`, async () => {
      to('/file', status);
      const one = await fetched({url: server.url('/a')});
      expect([verdict(one), (one.error as unknown as {status: number}).status]).to.deep.equal(['REPLY_FAILED fatal', status]);
      expect(server.requestsFor('/file')).to.deep.equal([]);
    });
  }

  it('does not follow 304, which nobody asked for', async () => {
    to('/file', 304);
    expect(verdict(await fetched({url: server.url('/a')}))).to.equal('PROTOCOL_ERROR source-bad');
    expect(server.requestsFor('/file')).to.deep.equal([]);
  });

  it('does not follow a status without Location', async () => {
    server.on('/a', {status: 302, body: 'nowhere'});
    expect(verdict(await fetched({url: server.url('/a')}))).to.equal('REPLY_FAILED fatal');
  });

  it('follows 10 and no more, or as many as maxRedirects says', async () => {
    server.on('*', ({path}) => ({status: 302, headers: {Location: `/${Number(path.slice(1)) + 1}`}})).on('/10', {body: 'ten'});
    expect((await fetched({url: server.url('/0')})).text).to.equal('ten');
    server.on('/10', {status: 302, headers: {Location: '/file'}});
    expect(verdict(await fetched({url: server.url('/0')}))).to.equal('REDIRECT_REFUSED fatal');
    expect(server.requestsFor('/file')).to.deep.equal([]);
    expect(verdict(await fetched({url: server.url('/a'), maxRedirects: 0}))).to.equal('REDIRECT_REFUSED fatal');
  });

  it('refuses loops, short and long', async () => {
    to('/a');
    expect((await fetched({url: server.url('/a')})).error?.message).to.contain('loop');
    to('/b');
    server.on('/b', {status: 302, headers: {Location: '/a#elsewhere'}});
    expect(verdict(await fetched({url: server.url('/a')}))).to.equal('REDIRECT_REFUSED fatal');
    expect(server.requests.map(({path}) => path)).to.deep.equal(['/a', '/a', '/b']);
  });

  for (const location of ['file:///etc/passwd', 'data:text/plain,hello', 'javascript:alert(1)', 'ftp://127.0.0.1/x', 'http://', '//[',
    'unix:/var/run/x']) {
    it(`refuses Location ${location}`, async () => {
      to(location);
      expect(verdict(await fetched({url: server.url('/a')}))).to.equal('REDIRECT_REFUSED fatal');
      expect(server.requests).to.have.lengthOf(1);
    });
  }

  it('opens no socket of this machine', async () => {
    to('http://unix:/var/run/docker.sock:/x');
    const {error} = await fetched({url: server.url('/a')});
    expect([error?.code, error?.class]).to.deep.equal(['DOWNLOAD_FAILED', 'fatal']);
  });

  it('resolves relative Locations, and keeps percent-encoding as it came', async () => {
    server.on('*', {body: 'hello'});
    const cases = {
      'next?x=%2F%3a&y=a+b': '/d/next?x=%2F%3a&y=a+b', '../up': '/up', '//HOST/%7Euser/%41%2f': '/%7Euser/%41%2f', '?q': '/d/a?q',
      '/ä': '/%C3%A4',
      '/a b': '/a%20b', '/x#frag': '/x', '/sig?X-Amz-Signature=ab%2Bcd%3D&X-Amz-Date=1': '/sig?X-Amz-Signature=ab%2Bcd%3D&X-Amz-Date=1',
    };
    for (const [location, path] of Object.entries(cases)) {
      server.on('/d/a', {status: 302, headers: {Location: location.replace('HOST', `127.0.0.1:${server.port}`)}});
      server.on('/d/a?q', {body: 'hello'});
      const one = await fetched({url: server.url('/d/a')});
      expect([one.text, server.requests.at(-1)?.path], location).to.deep.equal(['hello', path]);
    }
  });

  it('drops the userinfo of a Location and uses it nowhere', async () => {
    to(server.url('/file').replace('://', '://elmer:secret@'));
    const one = await fetched({url: server.url('/a')});
    expect(one.text).to.equal('hello');
    expect(server.requests[1]?.headers).to.not.have.property('authorization');
    expect(JSON.stringify([one.result?.reply?.hops, one.result?.attempts])).to.not.contain('secret');
  });

  it('lets no byte of a redirect reach writer, digests or FETCHED', async () => {
    server.on('/a', {status: 302, headers: {Location: '/file'}, body: 'moved, moved'});
    const writer = new RecordingWriter();
    const validations = [new DigestValidation('sha256', createHash('sha256').update('hello').digest('hex'))];
    const download = new HttpDownload({url: server.url('/a'), writer, validations, retry: noRetry()});
    const log = new EventLog(download);
    await run(download);
    expect(writer.story).to.deep.equal(['prepare', 'open 5', 'append 5', 'close']);
    expect(log.story).to.deep.equal(['prepared', 'sent 1 @0', 'replied 1 200', 'fetched 1 @0+5', 'succeeded fetched']);
    expect(server.connections).to.equal(1);
  });

  it('does not read a huge or endless body of a redirect', async () => {
    server.on('/a', {status: 302, headers: {Location: '/file'}, body: Buffer.alloc(2_000_000), stallAt: 1_000_000});
    expect((await fetched({url: server.url('/a')})).text).to.equal('hello');
    expect(server.connections).to.equal(2);
  });

  it('holds one permit at a time: with one in all, nobody waits for ever', async () => {
    await using other = (await ScriptedServer.start()).on('/file', {body: 'hello'});
    to(other.url('/file'));
    await withContext(async (context) => {
      const all = await Promise.all(Array.from({length: 5}, () => fetched({url: server.url('/a'), context})));
      expect(all.map(({text}) => text)).to.deep.equal(Array(5).fill('hello'));
      expect(context.get(GOVERNOR)?.running).to.equal(0);
    }, {limits: {total: 1, perOrigin: 1}});
  });

  it('asks no host that the Context does not allow: at first, after a redirect, as a mirror', async () => {
    await using other = (await ScriptedServer.start()).on('*', {body: 'hello'});
    const home = new URL(server.origin).host;
    await withContext(async (context) => {
      to(other.url('/file'));
      const one = await fetched({url: server.url('/a'), context});
      expect(verdict(one)).to.equal('POLICY_REFUSED fatal');
      expect(one.error?.message).to.contain(`the host is not one of those allowed: ${new URL(other.origin).host}`);
      expect(verdict(await fetched({url: other.url('/file'), context}))).to.equal('POLICY_REFUSED fatal');
      server.on('/busy', {status: 503});
      const download = new HttpDownload({url: server.url('/busy'), context, writer: new RecordingWriter()});
      new MirrorDelegate({mirrors: [other.url('/file'), server.url('/file')], original: 'first'}).attach(download);
      expect(verdict(await run(download))).to.equal('ok published "hello"');
    }, {hosts: [home], clock: new TestClock({autoAdvance: true})});
    expect(other.connections).to.equal(0);
  });

  it('gives the permit of an origin back when it leaves it', async () => {
    await using other = await ScriptedServer.start();
    // The hop's answer waits for another download at the origin that was left, which has one permit.
    other.on('/file', async () => {
      await server.when(() => server.requestsFor('/second').length > 0);
      return {body: 'hello'};
    });
    server.on('/second', {body: 'second'});
    to(other.url('/file'));
    await withContext(async (context) => {
      const first = fetched({url: server.url('/a'), context});
      await other.when(() => other.requests.length > 0);
      expect((await fetched({url: server.url('/second'), context})).text).to.equal('second');
      expect((await first).text).to.equal('hello');
    }, {limits: {total: 2, perOrigin: 1}});
  });
});
