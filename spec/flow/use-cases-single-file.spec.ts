import {expect} from 'chai';
import {createHash} from 'node:crypto';
import {once} from 'node:events';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {
  DigestMismatch, DigestValidation, DownloadMonitor, FileWriter, HttpDownload, SizeMismatch, SizeValidation, SystemClock, ValidationError,
  type BufferWriter, type HttpSettings, type Validation,
} from 'jupiter-download';
import {certificates} from '../support/certificates.js';
import {expectNothingLeft} from '../support/left-open.js';
import {ProxyServer} from '../support/proxy-server.js';
import {ScriptedServer} from '../../src/testing/scripted-server.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {useWire} from '../support/wire.js';

const CONTENT = Buffer.from('a signed package'.repeat(5000));
const SHA256 = createHash('sha256').update(CONTENT).digest('hex');

describe('Use case: single file with all settings', () => {
  const folder = useTempFolder();

  it('downloads over TLS with a private authority, a client certificate, a user and a proxy with credentials', async () => {
    const {ca, client, server: pair} = certificates();
    await using origin = await ScriptedServer.start({tls: {...pair, ca: ca.cert, requestCert: true, rejectUnauthorized: true}});
    await using proxy = await ProxyServer.start({credentials: 'user:password'});
    origin.on('/file', {body: CONTENT, headers: {'Content-Type': 'application/x-rpm'}});
    const result = await expectNothingLeft(async () => {
      const download = new HttpDownload({
        url: origin.url('/file'), writer: new FileWriter(folder.join('file.rpm')),
        timeout: {connect: 10_000, read: 15_000},
        user: {name: 'elmer', password: 'rabbit'},
        ssl: {caCertificate: ca.certPath, clientCertificate: client.certPath, clientKey: client.keyPath, validation: true},
        proxyUrl: proxy.url.replace('//', '//user:password@'),
        headers: {'X-Repository': '7'},
        validations: [new DigestValidation('sha256', SHA256), new SizeValidation(CONTENT.length)],
      });
      return download.run();
    });
    expect(await folder.read('file.rpm')).to.deep.equal(CONTENT);
    expect(await folder.list()).to.deep.equal(['file.rpm']);
    expect(result).to.deep.include({outcome: 'fetched', path: folder.join('file.rpm'), warnings: []});
    expect(result.facts).to.deep.equal({size: CONTENT.length, sha256: SHA256});
    const [request] = origin.requests;
    expect(request?.headers.authorization).to.equal(`Basic ${btoa('elmer:rabbit')}`);
    expect(request?.headers['x-repository']).to.equal('7');
    expect(request?.headers['proxy-authorization']).to.equal(undefined);
    expect(request?.clientSubject).to.equal('elmer');
    expect(proxy.requests.map(({kind, target, credentials}) => [kind, target, credentials]))
      .to.deep.equal([['connect', `127.0.0.1:${origin.port}`, 'user:password']]);
  });

  it('needs nothing but a url', async () => {
    await using origin = await ScriptedServer.start();
    origin.on('/file', {body: 'a file'});
    const download = new HttpDownload({url: origin.url('/file')});
    await expectNothingLeft(() => download.run());
    expect((download.writer as BufferWriter).text()).to.equal('a file');
  });
});

describe('Use case: client-library settings by subclass', () => {
  class SpecialDownload extends HttpDownload {
    protected override settings(): HttpSettings {
      return {...super.settings(), localAddress: '127.0.0.2', dnsLookupIpVersion: 4};
    }
  }

  it('reach the client, also in a clone', async () => {
    const addresses: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      addresses.push(request.socket.remoteAddress);
      response.end('a file');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const download = new SpecialDownload({url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`});
      await download.run();
      await download.clone().run();
      expect(addresses).to.deep.equal(['127.0.0.2', '127.0.0.2']);
    } finally {
      server.close();
    }
  });

  it('are asked for once a run, and what the framework owns is refused by name before any event', async () => {
    let asked = 0;
    class Greedy extends HttpDownload {
      protected override settings(): HttpSettings {
        asked++;
        return {...super.settings(), followRedirect: true} as HttpSettings;
      }
    }
    const told: string[] = [];
    const download = new Greedy({url: 'http://127.0.0.1:9/'});
    for (const name of ['prepared', 'sent', 'error', 'failed'] as const) download.register(name, () => { told.push(name); });
    const fault = await download.run().catch((error: unknown) => error);
    expect(fault).to.be.instanceOf(Error).with.property('message').that.includes('settings.followRedirect: owned by the framework');
    expect({asked, told}).to.deep.equal({asked: 1, told: ['failed']});
  });
});

describe('Use case: artifact from monitor facts', () => {
  it('saves size and digests that the monitor knows, hashed once with the validation', async () => {
    await using origin = await ScriptedServer.start();
    origin.on('/file', {body: CONTENT});
    const saved: unknown[] = [];
    const artifact = {save: (facts: unknown) => { saved.push(facts); }};
    const download = new HttpDownload({url: origin.url('/file')});
    download.append(new DigestValidation('sha256', SHA256.toUpperCase()));
    const monitor = new DownloadMonitor(download, {digests: ['sha256', 'md5']});
    await download.run();
    artifact.save(monitor.facts());
    expect(saved).to.deep.equal([{size: CONTENT.length, sha256: SHA256, md5: createHash('md5').update(CONTENT).digest('hex')}]);
  });
});

describe('Use case: validation (provided and custom)', () => {
  const folder = useTempFolder();
  const wire = useWire({clock: () => new SystemClock()});
  beforeEach(() => { wire.server.on('/file', {body: CONTENT}); });

  /** The page's example of a validation of one's own. */
  class StartsWith implements Validation {
    #begin = '';
    constructor(readonly text: string, readonly enforced = true) {}

    begin(): void {
      this.#begin = '';
    }

    update(chunk: Uint8Array): void {
      if (this.#begin.length < this.text.length) this.#begin += Buffer.from(chunk).toString().slice(0, this.text.length);
    }

    async apply(): Promise<void> {
      await Promise.resolve();
      if (!this.#begin.startsWith(this.text)) throw new ValidationError(`expected the file to start with ${this.text}`);
    }
  }

  function make(validation: Validation): HttpDownload {
    const writer = new FileWriter(folder.join('file'));
    return new HttpDownload({url: wire.server.url('/file'), context: wire.context, writer, validations: [validation]});
  }

  const cases: [string, Validation, new (...args: never[]) => ValidationError][] = [
    ['size', new SizeValidation(7), SizeMismatch],
    ['digest', new DigestValidation('sha256', '0'.repeat(64)), DigestMismatch],
    ['validation of one\'s own', new StartsWith('unsigned'), ValidationError],
  ];
  for (const [name, validation, kind] of cases) {
    it(`publishes nothing when the ${name} says no`, async () => {
      const fault = await make(validation).run().catch((error: unknown) => error);
      expect(fault).to.be.instanceOf(kind);
      expect(await folder.list()).to.deep.equal([]);
    });
  }

  it('publishes when the validation of one\'s own says yes', async () => {
    await make(new StartsWith('a signed')).run();
    expect(await folder.list()).to.deep.equal(['file']);
  });

  it('warns when it is not enforced', async () => {
    const result = await make(new StartsWith('unsigned', false)).run();
    expect(result.warnings.map(({message}) => message)).to.deep.equal(['expected the file to start with unsigned']);
    expect(await folder.list()).to.deep.equal(['file']);
  });

  it('takes validations through the list as well as append()', async () => {
    const download = new HttpDownload({url: wire.server.url('/file'), context: wire.context});
    download.validations.push(new SizeValidation(7));
    download.append(new DigestValidation('sha256', SHA256));
    expect(await download.run().catch((error: unknown) => error)).to.be.instanceOf(SizeMismatch);
  });
});

describe('Use case: attachment', () => {
  it('comes back with the result, typed, and never leaves the machine', async () => {
    await using origin = await ScriptedServer.start();
    origin.on('/file', {body: 'a file'});
    const artifact = {id: 17, unit: 'zsh'};
    const download = new HttpDownload({url: origin.url('/file'), attachment: artifact});
    const told: unknown[] = [];
    download.register('succeeded', (event) => { told.push(event.download.attachment); });
    const result = await download.run();
    expect(result.attachment?.id).to.equal(17);
    expect(result.attachment).to.equal(artifact);
    expect(told).to.deep.equal([artifact]);
    expect(JSON.stringify(origin.requests)).to.not.include('zsh');
  });
});
