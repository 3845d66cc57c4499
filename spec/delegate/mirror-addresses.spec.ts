import {expect} from 'chai';
import type {DownloadError, MirrorsExhausted} from '../../src/core/errors.js';
import {MirrorDelegate, type MirrorDelegateOptions} from '../../src/delegate/mirror-delegate.js';
import {HttpDownload} from '../../src/download/http-download.js';
import {faultOf} from '../../src/testing/fault-of.js';
import {useWire} from '../support/wire.js';

const ORIGINAL = 'http://repo.invalid/pool/main/file.deb?x=1';

describe('MirrorDelegate, addresses', () => {
  const wire = useWire();
  beforeEach(() => { wire.server.on('/broken/file.deb', {status: 502}); });

  const asked = (): string[] => wire.server.requests.map(({path}) => path);

  async function faultWith(options: MirrorDelegateOptions, url = ORIGINAL, retries = 0): Promise<DownloadError> {
    const download = new HttpDownload({url, context: wire.context, retries});
    new MirrorDelegate(options).attach(download);
    return faultOf(download.run());
  }

  it('takes a base with a login, a query or a fragment for the folder that it names', async () => {
    for (const base of ['http://u:p@repo.invalid/pool/', 'http://repo.invalid/pool?y=2', 'http://repo.invalid/pool/#top']) {
      await faultWith({mirrors: [wire.server.url('/m/')], base});
    }
    expect(asked()).to.deep.equal(Array(3).fill('/m/main/file.deb?x=1'));
  });

  it('asks folders and templates for nothing that is not below the base', async () => {
    const mirrors = [wire.server.url('/folder/'), wire.server.url('/get?{path}'), wire.server.url('/file')];
    await faultWith({mirrors, base: 'http://repo.invalid/po'});
    expect(asked()).to.deep.equal(['/file']);
    await faultWith({mirrors: [wire.server.url('/folder/')], base: 'http://repo.invalid/po/', original: 'last'}, wire.server.url('/own'));
    expect(asked()).to.deep.equal(['/file', '/own']);
  });

  it('is refused when nothing is left to ask', async () => {
    const {code, message} = await faultWith({mirrors: [wire.server.url('/folder/')], base: 'http://u:geheim@repo.invalid/po'});
    expect(code).to.equal('POLICY_REFUSED');
    expect(message).to.equal('the URL is not below mirror.base (http://repo.invalid/po/), so the mirrors have no path for it: '
      + 'http://repo.invalid/pool/main/file.deb?x=1');
    expect(asked()).to.deep.equal([]);
  });

  it('has the faults and a second round of mirrors with a login, in capitals or with a fragment', async () => {
    const {host} = new URL(wire.server.origin);
    for (const mirror of [`http://u:p@${host}/broken/`, `HTTP://${host.replace('127.0.0.1', '127.1')}/broken/`, `http://${host}/broken/file.deb#x`]) {
      const before = asked().length;
      const fault = await faultWith({mirrors: [mirror]}, 'http://repo.invalid/file.deb', 1);
      expect((fault as MirrorsExhausted).errors.map(({code}) => code), mirror).to.deep.equal(['REPLY_FAILED']);
      expect(asked().length - before, mirror).to.equal(2);
    }
  });

  it('asks a mirror that is written in two ways once', async () => {
    const {host} = new URL(wire.server.origin);
    const fault = await faultWith({mirrors: [`http://u:p@${host}/missing/`, `HTTP://${host}/missing/`, `http://${host}/x/../missing/`]});
    expect((fault as MirrorsExhausted).errors.map(({code}) => code)).to.deep.equal(['NOT_FOUND']);
    expect(asked()).to.have.length(1);
    expect(wire.server.requests[0]?.headers.authorization).to.match(/^Basic /);
  });
});
