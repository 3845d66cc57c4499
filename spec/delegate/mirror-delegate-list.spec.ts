import {expect} from 'chai';
import {Context} from '../../src/core/context.js';
import {MirrorsExhausted, type DownloadError} from '../../src/core/errors.js';
import {MIRRORS, MirrorDelegate, type MirrorDelegateOptions} from '../../src/delegate/mirror-delegate.js';
import {HttpDownload, type HttpDownloadOptions} from '../../src/download/http-download.js';
import {noRetry} from '../../src/policy/retry-policy.js';
import {ScriptedServer} from '../../src/testing/scripted-server.js';
import {TestClock} from '../../src/testing/test-clock.js';

describe('MirrorDelegate (lists)', () => {
  let server: ScriptedServer;
  let clock: TestClock;
  let context: Context;
  beforeEach(async () => {
    server = await ScriptedServer.start();
    server.on('/list', () => ({body: `# comment\n\n${server.url('/missing/')}\r\nfile:///etc/\nnonsense\n${server.url('/good/')}\n`}))
      .on('/missing/file', {status: 404}).on('*', {body: 'a file'});
    clock = new TestClock();
    context = new Context({clock});
  });
  afterEach(async () => {
    await context.close();
    await server.close();
  });

  function make(options: Partial<MirrorDelegateOptions> = {}, more: Partial<HttpDownloadOptions> = {}, path = '/file'): HttpDownload {
    const download = new HttpDownload({url: `http://repo.invalid${path}`, context, retry: noRetry(), ...more});
    new MirrorDelegate({list: server.url('/list'), ...options}).attach(download);
    return download;
  }

  const faultOf = (download: HttpDownload): Promise<DownloadError> =>
    download.run().then(() => { throw new Error('no fault'); }, (error: unknown) => error as DownloadError);

  it('asks the http and https lines of a text list, in its order', async () => {
    await make().run();
    expect(server.requests.map(({path}) => path)).to.deep.equal(['/list', '/missing/file', '/good/file']);
    expect(context.get(MIRRORS.of(server.url('/list')))).to.deep.equal([{url: server.url('/missing/')}, {url: server.url('/good/')}]);
  });

  it('fetches the list once for many concurrent downloads, and again in another Context', async () => {
    await Promise.all(Array.from({length: 40}, (_, at) => make({}, {}, `/file-${at}`).run()));
    expect(server.requestsFor('/list')).to.have.length(1);
    const second = new Context();
    await make({}, {context: second}).run();
    await second.close();
    expect(server.requestsFor('/list')).to.have.length(2);
  });

  it('fetches it again when ttl is over, and not before', async () => {
    for (const [wait, times] of [[0, 1], [4999, 1], [1, 2], [5000, 3]] as const) {
      await clock.advance(wait);
      await make({ttl: 5000}).run();
      expect(server.requestsFor('/list')).to.have.length(times);
    }
  });

  it('fetches it again after a failure', async () => {
    server.on('/list', ({nth}) => nth === 1 ? {status: 404} : {body: server.url('/good/')});
    expect((await faultOf(make())).code).to.equal('NOT_FOUND');
    await make().run();
    expect(server.requestsFor('/list')).to.have.length(2);
  });

  it('fetches the list by the download\'s own rules: retried, and with no header of the file\'s origin', async () => {
    server.on('/list', ({nth}) => nth === 1 ? {status: 502} : {body: server.url('/good/')});
    clock.autoAdvance = true;
    await make({}, {retry: undefined, headers: {'x-secret': 'rabbit'}}).run();
    expect(server.requests.map(({headers}) => headers['x-secret'])).to.deep.equal([undefined, undefined, undefined]);
  });

  it('fails with MirrorsExhausted when the list names none, without asking anything else', async () => {
    for (const body of ['', '# nothing\n', 'file:///etc/passwd\n']) {
      server.on('/list', {body});
      const own = new Context();
      const fault = await faultOf(make({}, {context: own}));
      expect(fault).to.be.instanceOf(MirrorsExhausted).with.property('message',
        `there is no mirror: the list ${server.url('/list')} names none`);
      await own.close();
    }
    expect(server.requests.map(({path}) => path)).to.deep.equal(['/list', '/list', '/list']);
  });

  it('says what is wrong when a HEAD download should read a list', async () => {
    const fault = await faultOf(make({}, {method: 'HEAD'}));
    expect(fault.message).to.match(/^a HEAD download can't read a mirror list/);
  });

  it('leaves the wait when its download is cancelled', async () => {
    server.on('/list', () => new Promise(() => undefined));
    const controller = new AbortController();
    const running = make().run(controller.signal).catch((error: unknown) => (error as DownloadError).code);
    await server.when(() => server.requests.length === 1);
    controller.abort();
    expect(await running).to.equal('CANCELLED');
    await server.when(() => server.open === 0);
  });

  it('shows no secret of the list\'s address', async () => {
    server.on('/list', {body: ''});
    const fault = await faultOf(make({list: `${server.url('/list')}?token=rabbit`}));
    expect(JSON.stringify(fault)).to.not.include('rabbit');
  });
});
