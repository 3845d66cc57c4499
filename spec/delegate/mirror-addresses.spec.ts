import {expect} from 'chai';
import {Context} from '../../src/core/context.js';
import type {DownloadError, MirrorsExhausted} from '../../src/core/errors.js';
import {MirrorDelegate, type MirrorDelegateOptions} from '../../src/delegate/mirror-delegate.js';
import {HttpDownload} from '../../src/download/http-download.js';
import {ScriptedServer} from '../../src/testing/scripted-server.js';
import {TestClock} from '../../src/testing/test-clock.js';

const ORIGINAL = 'http://repo.invalid/pool/main/file.deb?x=1';

describe('MirrorDelegate, addresses', () => {
  let server: ScriptedServer;
  let context: Context;
  beforeEach(async () => {
    server = (await ScriptedServer.start()).on('/broken/file.deb', {status: 502});
    context = new Context({clock: new TestClock({autoAdvance: true}), random: () => 0.5});
  });
  afterEach(async () => {
    await context.close();
    await server.close();
  });

  const asked = (): string[] => server.requests.map(({path}) => path);

  async function faultOf(options: MirrorDelegateOptions, url = ORIGINAL, retries = 0): Promise<DownloadError> {
    const download = new HttpDownload({url, context, retries});
    new MirrorDelegate(options).attach(download);
    return download.run().then(() => { throw new Error('no fault'); }, (error: unknown) => error as DownloadError);
  }

  it('takes a base with a login, a query or a fragment for the folder that it names', async () => {
    for (const base of ['http://u:p@repo.invalid/pool/', 'http://repo.invalid/pool?y=2', 'http://repo.invalid/pool/#top']) {
      await faultOf({mirrors: [server.url('/m/')], base});
    }
    expect(asked()).to.deep.equal(Array(3).fill('/m/main/file.deb?x=1'));
  });

  it('asks folders and templates for nothing that is not below the base', async () => {
    const mirrors = [server.url('/folder/'), server.url('/get?{path}'), server.url('/file')];
    await faultOf({mirrors, base: 'http://repo.invalid/po'});
    expect(asked()).to.deep.equal(['/file']);
    await faultOf({mirrors: [server.url('/folder/')], base: 'http://repo.invalid/po/', original: 'last'}, server.url('/own'));
    expect(asked()).to.deep.equal(['/file', '/own']);
  });

  it('is refused when nothing is left to ask', async () => {
    const {code, message} = await faultOf({mirrors: [server.url('/folder/')], base: 'http://u:geheim@repo.invalid/po'});
    expect(code).to.equal('POLICY_REFUSED');
    expect(message).to.equal('the URL is not below mirror.base (http://repo.invalid/po/), so the mirrors have no path for it: '
      + 'http://repo.invalid/pool/main/file.deb?x=1');
    expect(asked()).to.deep.equal([]);
  });

  it('has the faults and a second round of mirrors with a login, in capitals or with a fragment', async () => {
    const {host} = new URL(server.origin);
    for (const mirror of [`http://u:p@${host}/broken/`, `HTTP://${host.replace('127.0.0.1', '127.1')}/broken/`, `http://${host}/broken/file.deb#x`]) {
      const before = asked().length;
      const fault = await faultOf({mirrors: [mirror]}, 'http://repo.invalid/file.deb', 1);
      expect((fault as MirrorsExhausted).errors.map(({code}) => code), mirror).to.deep.equal(['REPLY_FAILED']);
      expect(asked().length - before, mirror).to.equal(2);
    }
  });

  it('asks a mirror that is written in two ways once', async () => {
    const {host} = new URL(server.origin);
    const fault = await faultOf({mirrors: [`http://u:p@${host}/missing/`, `HTTP://${host}/missing/`, `http://${host}/x/../missing/`]});
    expect((fault as MirrorsExhausted).errors.map(({code}) => code)).to.deep.equal(['NOT_FOUND']);
    expect(asked()).to.have.length(1);
    expect(server.requests[0]?.headers.authorization).to.match(/^Basic /);
  });
});
