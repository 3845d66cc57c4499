import {expect} from 'chai';
import type {Validation} from '../../src/core/contract.js';
import {HttpDownload} from '../../src/download/http-download.js';
import {DigestValidation} from '../../src/validation/digest-validation.js';
import {noRetry} from '../../src/policy/retry-policy.js';
import {BufferWriter} from '../../src/writer/buffer-writer.js';
import {FileWriter} from '../../src/writer/file-writer.js';
import {ScriptedServer} from '../../src/testing/scripted-server.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';

const HELLO_MD5 = '5d41402abc4b2a76b9719d911017c592';

describe('Parts shared by mistake', () => {
  const folder = useTempFolder();
  let server: ScriptedServer;
  beforeEach(async () => {
    server = await ScriptedServer.start();
    const drip = {bytes: 1, everyMs: 15};
    server.on('/good', {body: 'hello', drip}).on('/bad', {body: 'bad!!', drip});
  });
  afterEach(async () => { await server.close(); });

  const ended = async (download: HttpDownload): Promise<string> =>
    download.run().then(() => 'fetched', (error: unknown) => (error as {code: string}).code);

  it('one validation cannot judge two downloads at once, and can judge them in turn', async () => {
    const validation = new DigestValidation('md5', HELLO_MD5);
    const download = (path: string): HttpDownload => new HttpDownload({url: server.url(path), validations: [validation], retries: 0});
    const both = await Promise.all([ended(download('/good')), ended(download('/bad'))]);
    expect(both).to.deep.equal(['fetched', 'HANDLER_FAILED']);
    expect(await ended(download('/good'))).to.equal('fetched');
    expect(await ended(download('/bad'))).to.equal('DIGEST_MISMATCH');
  });

  it('one writer cannot take the bytes of two downloads at once; the first is not disturbed', async () => {
    for (const writer of [new FileWriter(folder.join('file')), new BufferWriter()]) {
      const first = ended(new HttpDownload({url: server.url('/good'), writer}));
      expect(await ended(new HttpDownload({url: server.url('/bad'), writer}))).to.equal('HANDLER_FAILED');
      expect(await first).to.equal('fetched');
      if (writer instanceof BufferWriter) expect(writer.text()).to.equal('hello');
    }
    expect((await folder.read('file')).toString()).to.equal('hello');
    expect(await folder.list()).to.deep.equal(['file']);
  });

  it('validations cannot be taken away or added once the first byte has come', async () => {
    const lenient = new HttpDownload({url: server.url('/bad'), validations: [new DigestValidation('md5', HELLO_MD5)], retry: noRetry()});
    lenient.register('fetched', () => { lenient.validations.length = 0; });
    expect(await ended(lenient)).to.equal('DIGEST_MISMATCH');
    const late = new HttpDownload({url: server.url('/good'), retries: 0});
    late.register('fetched', () => { late.append(new DigestValidation('md5', HELLO_MD5)); });
    expect(await ended(late)).to.equal('VALIDATION_FAILED');
  });

  const rejects = (): void => Promise.reject(new Error('no')) as unknown as undefined;

  it('a verdict is thrown: answers and promises in the wrong place are refused, never taken for content', async () => {
    const odd: readonly Validation[] = [
      {apply: (() => false) as unknown as () => void},
      {apply: (async () => Promise.resolve(false)) as unknown as () => Promise<void>},
      {begin: rejects, apply: () => undefined},
      {update: rejects, apply: () => undefined},
    ];
    for (const validation of odd) {
      expect(await ended(new HttpDownload({url: server.url('/good'), validations: [validation], retries: 0}))).to.equal('VALIDATION_FAILED');
    }
    const content: Validation = {apply: (() => true) as unknown as () => void};
    expect(await ended(new HttpDownload({url: server.url('/good'), validations: [content]}))).to.equal('fetched');
    expect(() => new HttpDownload({url: server.url('/good'), validations: [(() => true) as unknown as Validation]}))
      .to.throw(TypeError, 'append: expected a Validation, got a function');
  });

  it('successes that are not the file fail, and so does a range as the whole', async () => {
    for (const [status, code] of [[202, 'REPLY_FAILED'], [205, 'REPLY_FAILED'], [207, 'REPLY_FAILED'], [226, 'REPLY_FAILED']] as const) {
      server.on('/other', {status, body: status === 205 ? '' : 'soon'});
      expect(await ended(new HttpDownload({url: server.url('/other'), retries: 0})), String(status)).to.equal(code);
    }
    server.on('/range', {body: 'hell', headers: {'Content-Range': 'bytes 0-3/5'}});
    expect(await ended(new HttpDownload({url: server.url('/range'), retries: 0}))).to.equal('PROTOCOL_ERROR');
  });
});
