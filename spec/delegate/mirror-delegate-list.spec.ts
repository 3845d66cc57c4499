import {expect} from 'chai';
import {Context} from '../../src/core/context.js';
import {MirrorsExhausted, type DownloadError} from '../../src/core/errors.js';
import {MIRRORS, MirrorDelegate, type MirrorDelegateOptions} from '../../src/delegate/mirror-delegate.js';
import {HttpDownload, type HttpDownloadOptions} from '../../src/download/http-download.js';
import {noRetry} from '../../src/policy/retry-policy.js';
import {faultOf} from '../../src/testing/fault-of.js';
import {TestClock} from '../../src/testing/test-clock.js';
import {useWire} from '../support/wire.js';

describe('MirrorDelegate (lists)', () => {
  const wire = useWire({clock: () => new TestClock()});
  beforeEach(() => {
    const {server} = wire;
    server.on('/list', () => ({body: `# comment\n\n${server.url('/missing/')}\r\nfile:///etc/\nnonsense\n${server.url('/good/')}\n`}))
      .on('/missing/file', {status: 404}).on('*', {body: 'a file'});
  });

  function make(options: Partial<MirrorDelegateOptions> = {}, more: Partial<HttpDownloadOptions> = {}, path = '/file'): HttpDownload {
    const download = new HttpDownload({url: `http://repo.invalid${path}`, context: wire.context, retry: noRetry(), ...more});
    new MirrorDelegate({list: wire.server.url('/list'), ...options}).attach(download);
    return download;
  }


  it('asks the http and https lines of a text list, in its order', async () => {
    await make().run();
    expect(wire.server.requests.map(({path}) => path)).to.deep.equal(['/list', '/missing/file', '/good/file']);
    const urls = ['/missing/', '/good/'].map((path) => ({url: wire.server.url(path)}));
    expect(wire.context.get(MIRRORS.of(wire.server.url('/list')))).to.deep.equal(urls);
  });

  it('fetches the list once for many concurrent downloads, and again in another Context', async () => {
    await Promise.all(Array.from({length: 40}, (_, at) => make({}, {}, `/file-${at}`).run()));
    expect(wire.server.requestsFor('/list')).to.have.length(1);
    const second = new Context();
    await make({}, {context: second}).run();
    await second.close();
    expect(wire.server.requestsFor('/list')).to.have.length(2);
  });

  it('fetches it again when ttl is over, and not before', async () => {
    for (const [wait, times] of [[0, 1], [4999, 1], [1, 2], [5000, 3]] as const) {
      await wire.clock.advance(wait);
      await make({ttl: 5000}).run();
      expect(wire.server.requestsFor('/list')).to.have.length(times);
    }
  });

  it('fetches it again after a failure', async () => {
    wire.server.on('/list', ({nth}) => nth === 1 ? {status: 404} : {body: wire.server.url('/good/')});
    expect((await faultOf(make().run())).code).to.equal('NOT_FOUND');
    await make().run();
    expect(wire.server.requestsFor('/list')).to.have.length(2);
  });

  it('fetches the list by the download\'s own rules: retried, and with no header of the file\'s origin', async () => {
    wire.server.on('/list', ({nth}) => nth === 1 ? {status: 502} : {body: wire.server.url('/good/')});
    wire.clock.autoAdvance = true;
    await make({}, {retry: undefined, headers: {'x-secret': 'rabbit'}}).run();
    expect(wire.server.requests.map(({headers}) => headers['x-secret'])).to.deep.equal([undefined, undefined, undefined]);
  });

  it('fails with MirrorsExhausted when the list names none, without asking anything else', async () => {
    for (const body of ['', '# nothing\n', 'file:///etc/passwd\n']) {
      wire.server.on('/list', {body});
      const own = new Context();
      const fault = await faultOf(make({}, {context: own}).run());
      expect(fault).to.be.instanceOf(MirrorsExhausted).with.property('message',
        `there is no mirror: the list ${wire.server.url('/list')} names none`);
      await own.close();
    }
    expect(wire.server.requests.map(({path}) => path)).to.deep.equal(['/list', '/list', '/list']);
  });

  it('says what is wrong when a HEAD download should read a list', async () => {
    const fault = await faultOf(make({}, {method: 'HEAD'}).run());
    expect(fault.message).to.match(/^a HEAD download can't read a mirror list/);
  });

  it('leaves the wait when its download is cancelled', async () => {
    wire.server.on('/list', () => new Promise(() => undefined));
    const controller = new AbortController();
    const running = make().run(controller.signal).catch((error: unknown) => (error as DownloadError).code);
    await wire.server.when(() => wire.server.requests.length === 1);
    controller.abort();
    expect(await running).to.equal('CANCELLED');
    await wire.server.when(() => wire.server.open === 0);
  });

  it('shows no secret of the list\'s address', async () => {
    wire.server.on('/list', {body: ''});
    const fault = await faultOf(make({list: `${wire.server.url('/list')}?token=rabbit`}).run());
    expect(JSON.stringify(fault)).to.not.include('rabbit');
  });
});
