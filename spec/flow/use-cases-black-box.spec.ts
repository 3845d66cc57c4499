import {expect} from 'chai';
import {createHash} from 'node:crypto';
import {once} from 'node:events';
import {createServer, get, type IncomingMessage, type Server, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import {
  Context, DigestValidation, HeaderDelegate, HttpDownload, StreamWriter, type Download, type DownloadError, type HttpDownloadOptions,
} from 'jupiter-download';
import {ScriptedServer} from '../../src/testing/scripted-server.js';

/** What a client got. */
interface Got {
  readonly status?: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly bytes: number;
  /** How the connection broke, when it did. */
  readonly broken: string | undefined;
}

describe('Use case: the streamer\'s black box', () => {
  let upstream: ScriptedServer;
  let front: Server;
  let context: Context;
  let outcomes: Promise<string>[];
  /** Made by someone else, who knows nothing of responses. */
  let make: (path: string) => Download;
  beforeEach(async () => {
    upstream = await ScriptedServer.start();
    context = new Context();
    outcomes = [];
    make = (path) => new HttpDownload({url: upstream.url(path), retries: 0});
    front = createServer((request, response) => { outcomes.push(serve(make(request.url ?? '/'), response)); });
    await once(front.listen(0, '127.0.0.1'), 'listening');
  });
  afterEach(async () => {
    front.close().closeAllConnections();
    await context.close();
    await upstream.close();
  });

  /** All that a streamer does to a download. */
  function serve(download: Download, response: ServerResponse): Promise<string> {
    const gone = new AbortController();
    response.once('close', () => { gone.abort(); });
    download.writer = new StreamWriter(response);
    download.context = context;
    new HeaderDelegate(response).attach(download);
    return download.run(gone.signal).then(({outcome}) => outcome, (error: unknown) => (error as DownloadError).code);
  }

  async function ask(path: string, read: (reply: IncomingMessage) => Promise<number> = count): Promise<Got> {
    const request = get({port: (front.address() as AddressInfo).port, path, agent: false});
    try {
      const [reply] = await once(request, 'response') as [IncomingMessage];
      const {statusCode: status, headers} = reply;
      let bytes = 0;
      try {
        bytes = await read(reply);
        return {status, headers, bytes, broken: reply.complete ? undefined : 'incomplete'};
      } catch (error) {
        return {status, headers, bytes, broken: (error as {code?: string}).code ?? String(error)};
      }
    } catch (error) {
      return {headers: {}, bytes: 0, broken: (error as {code?: string}).code ?? String(error)};
    }
  }

  async function count(reply: IncomingMessage): Promise<number> {
    let bytes = 0;
    for await (const chunk of reply) bytes += (chunk as Buffer).length;
    return bytes;
  }

  function verified(content: Buffer, options: Partial<HttpDownloadOptions> = {}): (path: string) => Download {
    const sha256 = createHash('sha256').update(content).digest('hex');
    const validations = [new DigestValidation('sha256', sha256)];
    return (path) => new HttpDownload({url: upstream.url(path), retries: 0, validations, ...options});
  }

  for (const size of [10, 2_000_000]) {
    it(`streams ${size} bytes with the headers of the upstream`, async () => {
      const headers = {'Content-Type': 'application/x-rpm', ETag: '"7"', 'Set-Cookie': 'id=1', Server: 'secret'};
      upstream.on('/file', {body: Buffer.alloc(size, 'x'), headers});
      const got = await ask('/file');
      expect({...got, headers: undefined}).to.deep.equal({status: 200, headers: undefined, bytes: size, broken: undefined});
      expect(got.headers).to.include({'content-type': 'application/x-rpm', etag: '"7"', 'content-length': String(size)});
      expect(got.headers).to.not.have.any.keys('set-cookie', 'server');
      expect(await Promise.all(outcomes)).to.deep.equal(['fetched']);
    });

    it(`lets ${size} good bytes end well after they were verified`, async () => {
      const content = Buffer.alloc(size, 'x');
      upstream.on('/file', {body: content});
      make = verified(content);
      expect(await ask('/file')).to.include({status: 200, bytes: size, broken: undefined});
    });

    it(`resets the client's connection when ${size} bytes turn out to be wrong`, async () => {
      upstream.on('/file', {body: Buffer.alloc(size, 'y')});
      make = verified(Buffer.alloc(size, 'x'));
      const got = await ask('/file');
      expect(got.broken).to.be.oneOf(['ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE']);
      expect(await Promise.all(outcomes)).to.deep.equal(['DIGEST_MISMATCH']);
    });
  }

  it('resets the client\'s connection when the upstream is cut, and when it has nothing', async () => {
    upstream.on('/cut', {body: Buffer.alloc(1_000_000), cutAt: 500_000});
    for (const path of ['/cut', '/missing']) expect((await ask(path)).broken).to.equal('ECONNRESET');
    expect(await Promise.all(outcomes)).to.deep.equal(['INTERRUPTED', 'NOT_FOUND']);
  });

  it('falls back while the client has seen nothing, without a trace of the first reply', async () => {
    const good = Buffer.from('the right bytes');
    upstream.on('/file', ({nth}) => nth === 1 ? {headers: {ETag: '"empty"', 'Content-Language': 'de'}}
      : {body: good, headers: {ETag: '"good"'}});
    make = verified(good, {retries: 1});
    const got = await ask('/file');
    expect(got).to.include({status: 200, bytes: good.length, broken: undefined});
    expect(got.headers.etag).to.equal('"good"');
    expect(got.headers).to.not.have.property('content-language');
  });

  it('ends the upstream when the client leaves', async () => {
    upstream.on('/slow', {body: Buffer.alloc(1_000_000), stallAt: 100_000});
    await ask('/slow', async (reply) => {
      reply.destroy();
      return Promise.resolve(0);
    });
    expect(await outcomes[0]).to.be.oneOf(['CANCELLED', 'WRITER_FAILED']);
    await upstream.when(() => upstream.open === 0);
  });

  it('slows the upstream when the client is slow', async () => {
    const size = 30_000_000;
    upstream.on('/large', {body: Buffer.alloc(size)});
    let fetched = 0;
    make = (path) => {
      const download = new HttpDownload({url: upstream.url(path)});
      download.register('fetched', ({buffer}) => { fetched += buffer.byteLength; });
      return download;
    };
    const got = await ask('/large', async (reply) => {
      // Nothing is read until nothing moves any more: the buffers between are full.
      for (let before = -1; fetched === 0 || before !== fetched;) {
        before = fetched;
        for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => { setImmediate(resolve); });
      }
      expect(fetched).to.be.below(size / 2);
      return count(reply);
    });
    expect(got).to.include({bytes: size, broken: undefined});
  });
});
