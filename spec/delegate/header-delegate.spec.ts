import {expect} from 'chai';
import {HeaderDelegate, type HeaderSink} from '../../src/delegate/header-delegate.js';
import {HttpDownload} from '../../src/download/http-download.js';
import {SizeValidation} from '../../src/validation/size-validation.js';
import type {Answer} from '../../src/testing/answer.js';
import {useWire} from '../support/wire.js';

class Sink implements HeaderSink {
  readonly headers = new Map<string, string>();
  readonly calls: string[] = [];
  headersSent = false;

  setHeader(name: string, value: string): void {
    this.calls.push(name);
    this.headers.set(name, value);
  }

  removeHeader(name: string): void {
    this.headers.delete(name);
  }

  get shown(): Record<string, string> {
    return Object.fromEntries([...this.headers].sort());
  }
}

describe('HeaderDelegate', () => {
  const wire = useWire();

  async function forward(answer: Answer | ((nth: number) => Answer), allow?: string[]): Promise<Sink> {
    wire.server.on('/file', typeof answer === 'function' ? ({nth}) => answer(nth) : answer);
    const download = new HttpDownload({url: wire.server.url('/file'), context: wire.context});
    const sink = new Sink();
    new HeaderDelegate(sink, {allow}).attach(download);
    await download.run().catch(() => undefined);
    return sink;
  }

  it('forwards what describes the representation and nothing else', async () => {
    const date = 'Mon, 05 Jan 2026 00:00:00 GMT';
    const sink = await forward({body: 'a file', headers: {
      'Content-Type': 'text/plain', ETag: '"1"', 'Last-Modified': date, 'Cache-Control': 'max-age=5',
      Server: 'secret/1.0', 'X-Powered-By': 'php', Date: date, 'X-Request-Id': '5',
    }});
    expect(sink.shown).to.deep.equal({'cache-control': 'max-age=5', 'content-length': '6', 'content-type': 'text/plain', etag: '"1"',
      'last-modified': date});
  });

  it('forwards more when it is allowed, in any case of letters', async () => {
    const sink = await forward({headers: {'X-Repo-Version': '7', 'X-Other': '8'}}, ['X-REPO-Version']);
    expect(sink.shown).to.deep.equal({'content-length': '0', 'x-repo-version': '7'});
  });

  it('never forwards hop-by-hop headers and secrets, allowed or not', async () => {
    const never = ['Keep-Alive', 'TE', 'Trailer', 'Upgrade', 'Set-Cookie', 'Proxy-Authenticate', 'Proxy-Connection', 'WWW-Authenticate',
      'Authorization', 'Cookie', 'Authentication-Info'];
    const headers = Object.fromEntries(never.map((name) => [name, 'x']));
    const sink = await forward({headers}, [...never, 'Connection', 'Transfer-Encoding']);
    expect(sink.shown).to.deep.equal({'content-length': '0'});
  });

  it('never forwards what Connection names (RFC 9110, 7.6.1)', async () => {
    const sink = await forward({headers: {Connection: 'X-Hop, ETag', 'X-Hop': '1', ETag: '"1"', 'X-End': '2'}}, ['x-hop', 'x-end']);
    expect(sink.shown).to.deep.equal({'content-length': '0', 'x-end': '2'});
  });

  it('forwards before the first byte of the body', async () => {
    wire.server.on('/file', {body: 'a file', headers: {ETag: '"1"'}});
    const download = new HttpDownload({url: wire.server.url('/file'), context: wire.context});
    const sink = new Sink();
    const told: string[] = [];
    new HeaderDelegate(sink).attach(download);
    download.register('fetched', () => { told.push(`fetched with ${sink.headers.get('etag') ?? 'none'}`); });
    await download.run();
    expect(told).to.deep.equal(['fetched with "1"']);
  });

  it('forwards nothing of a reply that is not the file', async () => {
    expect((await forward({status: 404, headers: {ETag: '"404"', 'Content-Type': 'text/html'}})).calls).to.deep.equal([]);
  });

  it('takes back what a failed attempt forwarded, so that nothing of two replies is mixed', async () => {
    const sink = await forward((nth) => nth === 1 ? {body: 'half a file', cutAt: 4, headers: {ETag: '"old"', 'Content-Language': 'de'}}
      : {body: 'whole', headers: {ETag: '"new"'}});
    expect(sink.shown).to.deep.equal({'content-length': '5', etag: '"new"'});
  });

  it('takes everything back when the run fails, unless the headers are sent', async () => {
    for (const sent of [false, true]) {
      wire.server.on('/file', {body: 'a file', headers: {ETag: '"1"'}});
      const download = new HttpDownload({url: wire.server.url('/file'), context: wire.context, maxBytes: 3});
      const sink = new Sink();
      new HeaderDelegate(sink).attach(download);
      download.register('replied', () => { sink.headersSent = sent; });
      await download.run().catch(() => undefined);
      expect([...sink.headers.keys()].sort()).to.deep.equal(sent ? ['content-length', 'etag'] : []);
    }
  });

  it('leaves Content-Length out while a validation is to judge the bytes, unless it is allowed', async () => {
    wire.server.on('/file', {body: 'a file', headers: {ETag: '"1"'}});
    const names = async (enforced: boolean, allow?: string[]): Promise<string[]> => {
      const sink = new Sink();
      const validations = [new SizeValidation(6, {enforced})];
      const download = new HttpDownload({url: wire.server.url('/file'), context: wire.context, validations});
      new HeaderDelegate(sink, {allow}).attach(download);
      await download.run();
      return [...sink.headers.keys()].sort();
    };
    expect(await names(true)).to.deep.equal(['etag']);
    expect(await names(false)).to.deep.equal(['content-length', 'etag']);
    expect(await names(true, ['Content-Length'])).to.deep.equal(['content-length', 'etag']);
  });

  it('gets along with a sink that can only set', async () => {
    const set: string[] = [];
    wire.server.on('/file', ({nth}) => ({body: 'a file', cutAt: nth === 1 ? 2 : undefined}));
    const download = new HttpDownload({url: wire.server.url('/file'), context: wire.context});
    new HeaderDelegate({setHeader: (name: string, value: string) => set.push(`${name}: ${value}`)}).attach(download);
    await download.run();
    expect(set).to.deep.equal(['content-length: 6', 'content-length: 6']);
  });

  it('refuses what is no sink, and bad options', () => {
    for (const sink of [undefined, null, {}, 'response']) {
      expect(() => new HeaderDelegate(sink as never)).to.throw(TypeError, /^sink: expected something with setHeader/);
    }
    expect(() => new HeaderDelegate(new Sink(), {allow: 'etag'} as never))
      .to.throw(TypeError, 'headers.allow: expected a list of header names, got "etag"');
    expect(() => new HeaderDelegate(new Sink(), {allowed: []} as never)).to.throw(TypeError, 'headers: unknown option \'allowed\'');
  });
});
