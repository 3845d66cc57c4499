import {expect} from 'chai';
import {ExplainDelegate} from '../../src/delegate/explain-delegate.js';
import {MirrorDelegate} from '../../src/delegate/mirror-delegate.js';
import {HttpDownload, type HttpDownloadOptions} from '../../src/download/http-download.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {FileWriter} from '../../src/writer/file-writer.js';
import {useWire} from '../support/wire.js';

const BODY = Buffer.alloc(6 * 1024 * 1024, 'x');

describe('ExplainDelegate', () => {
  const folder = useTempFolder();
  const wire = useWire();

  async function explained(path: string, options: Partial<HttpDownloadOptions> = {},
    prepare: (download: HttpDownload) => void = () => undefined): Promise<string[]> {
    const lines: string[] = [];
    const download = new HttpDownload({url: wire.server.url(path), context: wire.context, ...options});
    prepare(download);
    new ExplainDelegate({write: (line) => { lines.push(line.replaceAll(wire.server.origin, '').replace(/\d+ of \d+/, 'N of M')); }}).attach(download);
    await download.run().catch(() => undefined);
    return lines;
  }

  it('says why it waits, and for how long it was asked to', async () => {
    wire.server.on('/busy', ({nth}) => nth === 1 ? {status: 503, headers: {'Retry-After': '3'}} : nth === 2 ? {status: 502} : {body: 'x'});
    const lines = await explained('/busy');
    expect(lines).to.deep.equal([
      'ask /busy',
      'attempt 1 failed, THROTTLED: the server answered 503; the server asks to be left alone for 3.0 s (Retry-After); 4 repeats left',
      'attempt 2 after 3.1 s: Retry-After',
      'attempt 2 failed, REPLY_FAILED: the server answered 502; 3 repeats left',
      'attempt 3 after 1.0 s: backoff',
    ]);
  });

  it('says where it goes on, under what, and why it starts over', async () => {
    wire.server.on('/file', ({nth}) => ({body: BODY, ranges: true, headers: {ETag: nth < 3 ? '"1"' : '"2"'}, cut: 'end',
      cutAt: nth < 3 ? 2 * 1024 * 1024 : undefined}));
    const lines = await explained('/file', {writer: new FileWriter(folder.join('file'))});
    expect(lines.filter((line) => !/failed|backoff/.test(line)).map((line) => line.replace(/[\d.]+ MiB/, 'N MiB'))).to.deep.equal([
      'ask /file', 'continue at N MiB under ETag "1"', 'start over: the server\'s version is another']);
  });

  it('says that an earlier run left something', async () => {
    wire.server.on('/file', ({nth}) => ({body: BODY, ranges: true, headers: {ETag: '"1"'}, cut: 'end', cutAt: nth === 1 ? 2 * 1024 * 1024 : undefined}));
    const options = (): Partial<HttpDownloadOptions> => ({writer: new FileWriter(folder.join('file'), {resume: true}), retries: 0});
    await explained('/file', options());
    expect((await explained('/file', options())).map((line) => line.replace(/[\d.]+ MiB/, 'N MiB'))).to.deep.equal([
      'ask /file from N MiB on: an earlier run left so much', 'continue at N MiB under ETag "1"']);
  });

  it('says which mirror is next, and where a redirect leads', async () => {
    wire.server.on('/m/a', {status: 404}).on('/n/a', {status: 302, headers: {Location: '/z/a?sig=geheim'}}).on('/z/a', {body: 'x'});
    const lines = await explained('/m/a', {}, (download) => { new MirrorDelegate({mirrors: [wire.server.url('/n/')], original: 'first'}).attach(download); });
    expect(lines).to.deep.equal(['ask /m/a', 'attempt 1 failed, NOT_FOUND: the server answered 404', 'next mirror: /n/a',
      'redirected to /z/a?sig=***']);
  });

  it('says that nothing is to be fetched: kept, not modified', async () => {
    wire.server.on('/file', {status: 304, headers: {ETag: '"1"'}});
    const path = await folder.write('file', 'x');
    const facts = {size: 1, sha256: '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881'};
    expect(await explained('/file', {writer: new FileWriter(path), ifChanged: {etag: '"1"', facts}}))
      .to.deep.equal(['ask /file', 'not modified: the server still has ETag "1"']);
    expect(await explained('/file', {writer: new FileWriter(path, {exists: 'skip'})}))
      .to.deep.equal([`keep ${path}: it is there already, and nothing speaks against it`]);
  });

  it('shows no secret, and refuses wrong options', async () => {
    wire.server.on('/a', {status: 403, reason: 'token=geheim'});
    const lines = await explained('/a?key=geheim', {headers: {authorization: 'Bearer geheim'}});
    expect(lines).to.have.length(2);
    expect(lines.join()).to.not.contain('geheim');
    expect(() => new ExplainDelegate({} as never)).to.throw(TypeError, 'explain.write: expected a function');
  });
});
