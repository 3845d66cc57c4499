import {createHash} from 'node:crypto';
import {gzipSync} from 'node:zlib';
import {expect} from 'chai';
import {HttpDownload, type HttpDownloadOptions} from '../../src/download/http-download.js';
import {DigestValidation} from '../../src/validation/digest-validation.js';
import {SizeValidation} from '../../src/validation/size-validation.js';
import {BufferWriter} from '../../src/writer/buffer-writer.js';
import {NullWriter} from '../../src/writer/null-writer.js';
import {EventLog} from '../../src/testing/event-log.js';
import {ScriptedServer} from '../../src/testing/scripted-server.js';
import {fetched, verdict, withContext} from './fetching.js';

describe('HttpDownload', () => {
  let server: ScriptedServer;
  beforeEach(async () => { server = await ScriptedServer.start(); });
  afterEach(async () => { await server.close(); });

  it('fetches into a BufferWriter without being told where', async () => {
    server.on('/a', {body: 'hello', headers: {'ETag': '"1"', 'Last-Modified': 'Sun, 06 Nov 1994 08:49:37 GMT', 'X-Tag': 'x'}});
    const download = new HttpDownload({url: server.url('/a')});
    const {outcome, reply, facts} = await download.run();
    expect([(download.writer as BufferWriter).text(), outcome, facts.size]).to.deep.equal(['hello', 'fetched', 5]);
    expect(reply).to.deep.include({
      status: 200, url: server.url('/a'), hops: [{url: server.url('/a'), status: 200}], offset: 0, length: 5, framing: 'length',
      validators: {etag: '"1"', lastModified: 'Sun, 06 Nov 1994 08:49:37 GMT'}, encoding: undefined, fault: undefined,
    });
    expect(reply?.headers['x-tag']).to.equal('x');
    expect(reply).to.not.have.property('body');
  });

  it('refuses to be made without options, naming them', () => {
    for (const none of [undefined, null, 'http://x/y']) {
      expect(() => new HttpDownload(none as unknown as HttpDownloadOptions))
        .to.throw(TypeError, 'options: expected an object such as {url}');
    }
  });

  describe('HEAD', () => {
    it('tells the headers, moves no byte and keeps the connection', async () => {
      server.on('/a', {body: 'hello', headers: {'X-Tag': 'x'}});
      await withContext(async (context) => {
        for (const framing of ['length', 'chunked'] as const) {
          server.on('/a', {body: 'hello', headers: {'X-Tag': 'x'}, framing});
          const download = new HttpDownload({url: server.url('/a'), method: 'HEAD', context});
          const log = new EventLog(download);
          const {reply} = await download.run();
          const length = framing === 'length' ? 5 : undefined;
          expect([reply?.headers['x-tag'], reply?.framing, reply?.length]).to.deep.equal(['x', 'none', length]);
          expect(log.story).to.deep.equal(['prepared', 'sent 1 @0', 'replied 1 200', 'succeeded fetched']);
          expect(download.writer).to.be.instanceOf(NullWriter);
        }
      });
      expect(server.requests.map(({method, connection}) => [method, connection])).to.deep.equal([['HEAD', 1], ['HEAD', 1]]);
    });

    it('follows redirects as HEAD, and a missing file is missing', async () => {
      server.on('/a', {status: 303, headers: {Location: '/b'}, body: 'moved'}).on('/b', {status: 404, body: 'no'});
      expect(verdict(await fetched({url: server.url('/a'), method: 'HEAD'}))).to.match(/^NOT_FOUND source-bad/);
      expect(server.requests.map(({method, connection}) => [method, connection])).to.deep.equal([['HEAD', 1], ['HEAD', 1]]);
    });

    it('takes no writer, and of the validations only the size', async () => {
      const options: HttpDownloadOptions = {url: server.url('/a'), method: 'HEAD'};
      expect(() => new HttpDownload({...options, writer: new BufferWriter()})).to.throw(TypeError, 'writer');
      expect(() => new HttpDownload({...options, validations: [new DigestValidation('md5', 'a'.repeat(32))]})).to.throw(TypeError, 'HEAD');
      server.on('/a', {body: 'hello'});
      expect(verdict(await fetched({...options, validations: [new SizeValidation(6)]}))).to.match(/^SIZE_MISMATCH/);
    });

    it('that is answered with a body gets none of it, nor does the next request', async () => {
      server.on('/a', {raw: 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'}).on('/b', {body: 'good'});
      await withContext(async (context) => {
        await fetched({url: server.url('/a'), method: 'HEAD', context});
        expect((await fetched({url: server.url('/b'), context})).text).to.equal('good');
      });
      expect(server.requestsFor('/b')[0]?.connection).to.equal(2);
    });
  });

  it('204 is an empty file, of no other size', async () => {
    server.on('/a', {status: 204});
    const one = await fetched({url: server.url('/a'), validations: [new SizeValidation(0)]});
    expect([one.text, one.result?.reply?.framing, one.writer.story]).to.deep.equal(['', 'none', ['prepare', 'open 0', 'close']]);
    expect(verdict(await fetched({url: server.url('/a'), validations: [new SizeValidation(5)]}))).to.equal('SIZE_MISMATCH source-bad');
    const empty = new DigestValidation('sha256', createHash('sha256').digest('hex').toUpperCase());
    expect(verdict(await fetched({url: server.url('/a'), validations: [empty]}))).to.equal('ok published ""');
  });

  describe('a Content-Encoding', () => {
    const packed = gzipSync('hello');
    const sha256 = createHash('sha256').update(packed).digest('hex');

    it('that nobody asked for is refused', async () => {
      for (const encoding of ['gzip', 'GZIP', 'br, gzip', 'unknown']) {
        server.on('/a', {body: packed, headers: {'Content-Encoding': encoding}});
        const one = await fetched({url: server.url('/a')});
        expect(verdict(one)).to.equal('PROTOCOL_ERROR source-bad');
        expect(one.error?.message).to.contain('allowEncoded');
      }
      expect(server.requests[0]?.headers['accept-encoding']).to.equal('identity');
    });

    it('is accepted as it came with permission, or a digest of the bytes as sent', async () => {
      server.on('/a', {body: packed, headers: {'Content-Encoding': 'gzip'}});
      for (const options of [{allowEncoded: true}, {validations: [new DigestValidation('sha256', sha256)]}]) {
        const one = await fetched({url: server.url('/a'), ...options});
        expect([one.writer.bytes.equals(packed), one.result?.reply?.encoding]).to.deep.equal([true, 'gzip']);
      }
      const sized = await fetched({url: server.url('/a'), validations: [new SizeValidation(packed.length)]});
      expect(verdict(sized)).to.equal('PROTOCOL_ERROR source-bad');
    });

    it('identity is none', async () => {
      server.on('/a', {body: 'hello', headers: {'Content-Encoding': 'Identity'}});
      expect((await fetched({url: server.url('/a')})).text).to.equal('hello');
    });
  });

  it('refuses bad options by name', () => {
    const make = (options: object) => () => new HttpDownload({url: 'http://files.example/a', ...options});
    expect(make({url: 'ftp://files.example/a'})).to.throw(TypeError, 'url');
    expect(make({url: '/a'})).to.throw(TypeError, 'url');
    expect(make({method: 'POST'})).to.throw(TypeError, 'method');
    expect(make({maxRedirects: -1})).to.throw(RangeError, 'maxRedirects');
    expect(make({credentials: {}})).to.throw(TypeError, 'credentials');
    expect(make({proxyUrl: 'gateway'})).to.throw(TypeError, 'proxyUrl');
    expect(make({proxyUrl: 'socks5://gateway'})).to.throw(TypeError, 'proxyUrl');
    expect(make({user: {name: 'a:b'}})).to.throw(TypeError, 'user.name');
    expect(make({ssl: {clientKey: 'x'}})).to.throw(TypeError, 'ssl.clientKey');
    expect(make({redirects: 3})).to.throw(TypeError, 'redirects');
  });

  it('a host without an address is DNS_FAILED', async () => {
    const dnsLookup = (host: string, _options: unknown, found: (error: Error) => void): void => {
      found(Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), {code: 'ENOTFOUND'}));
    };
    const one = await fetched({url: 'http://nowhere.example/a', settings: {dnsLookup: dnsLookup as never}});
    expect(verdict(one)).to.equal('DNS_FAILED source-bad');
  });

  it('a closed port is CONNECT_FAILED', async () => {
    const url = server.url('/a');
    await server.close();
    const one = await fetched({url});
    expect([verdict(one), one.error?.url]).to.deep.equal(['CONNECT_FAILED transient', url]);
  });

  it('a clone asks again with the same options, by itself', async () => {
    server.on('/a', {body: 'hello'});
    const url = server.url('/a').replace('://', '://elmer:x@');
    const options = {url, headers: {'x-tag': '1'}, settings: {dnsLookupIpVersion: 4 as const}};
    const download = new HttpDownload(options);
    const copy = download.clone();
    await download.run();
    await copy.run();
    expect(copy.writer.text()).to.equal('hello');
    const [one, other] = server.requests.map(({headers}) => headers);
    expect(one).to.deep.equal(other).and.include({'x-tag': '1', 'authorization': 'Basic ZWxtZXI6eA=='});
    const head = new HttpDownload({...options, method: 'HEAD'}).clone();
    await head.run();
    expect(server.requests.at(-1)?.method).to.equal('HEAD');
  });
});
