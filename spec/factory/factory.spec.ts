import {expect} from 'chai';
import {pathToFileURL} from 'node:url';
import {SystemClock} from '../../src/core/clock.js';
import {NotAuthorized, PolicyRefused, type DownloadError} from '../../src/core/errors.js';
import {TokenDelegate} from '../../src/delegate/token-delegate.js';
import {FileDownload} from '../../src/download/file-download.js';
import {HttpDownload} from '../../src/download/http-download.js';
import {Factory, type FactoryOptions} from '../../src/factory/factory.js';
import {Remote} from '../../src/factory/remote.js';
import {SizeValidation} from '../../src/validation/size-validation.js';
import {BufferWriter} from '../../src/writer/buffer-writer.js';
import {FakeDownload} from '../batch/fake-download.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {useWire} from '../support/wire.js';

describe('Factory', () => {
  const folder = useTempFolder();
  const wire = useWire({clock: () => new SystemClock()});
  beforeEach(() => { wire.server.on('*', {body: 'a file'}); });

  describe('addresses', () => {
    it('resolves what is relative to the remote', () => {
      const factory = new Factory({remote: {url: 'https://repo.example/a/b/index.xml?x=1'}});
      const given = ['c.deb', './d', '../e', '/f', '?g=1', '//other.example/h', 'https://else.example/i'];
      const built = given.map((url) => factory.build(url).url);
      expect(built).to.deep.equal(['https://repo.example/a/b/c.deb', 'https://repo.example/a/b/d', 'https://repo.example/a/e',
        'https://repo.example/f', 'https://repo.example/a/b/index.xml?g=1', 'https://other.example/h', 'https://else.example/i']);
    });

    it('takes a URL object', () => {
      expect(new Factory().build(new URL('https://repo.example/a')).url).to.equal('https://repo.example/a');
    });

    it('refuses what is relative to nothing, and what is no URL', () => {
      expect(() => new Factory().build('a.deb')).to.throw(TypeError, 'url: expected an absolute URL, got "a.deb"');
      expect(() => new Factory({remote: {url: 'https://repo.example/'}}).build('http://'))
        .to.throw(TypeError, 'url: expected a URL, or a path relative to');
    });
  });

  describe('schemes', () => {
    it('picks the class by the scheme', () => {
      const factory = new Factory({schemes: {fake: FakeDownload}, fileRoots: ['/srv']});
      expect(factory.build('http://repo.example/')).to.be.instanceOf(HttpDownload);
      expect(factory.build('HTTPS://repo.example/')).to.be.instanceOf(HttpDownload);
      expect(factory.build('file:///srv/a')).to.be.instanceOf(FileDownload);
      expect(factory.build('FAKE://host/')).to.be.instanceOf(FakeDownload);
    });

    it('lets a class of the caller\'s stand before its own', () => {
      class Special extends HttpDownload {}
      expect(new Factory({schemes: {https: Special}}).build('https://repo.example/')).to.be.instanceOf(Special);
    });

    it('refuses a scheme without a class, naming those that there are', () => {
      expect(() => new Factory({schemes: {fake: FakeDownload}}).build('ftp://repo.example/'))
        .to.throw(TypeError, 'url: expected a URL with scheme http or https or fake, got "ftp://repo.example/"');
    });

    it('reads files from the fileRoots only, and none when there are none', async () => {
      await folder.write('inside', 'a file');
      const url = (name: string): string => pathToFileURL(name).href;
      const factory = new Factory({fileRoots: [folder.path]});
      expect((await factory.build(url(folder.join('inside'))).run()).facts.size).to.equal(6);
      const fault = await factory.build(url('/etc/hostname')).run().catch((error: unknown) => error);
      expect(fault).to.be.instanceOf(PolicyRefused);
      expect(() => new Factory().build(url('/etc/hostname'))).to.throw(TypeError, 'url: expected a URL with scheme http or https');
    });

    it('gives fileRoots to a subclass of FileDownload too', async () => {
      class Special extends FileDownload {}
      const factory = new Factory({fileRoots: [folder.path], schemes: {file: Special}});
      const fault = await factory.build('file:///etc/hostname').run().catch((error: unknown) => error);
      expect(fault).to.be.instanceOf(PolicyRefused);
    });

    it('builds files beside a remote with a proxy, TLS and redirect limits, which mean nothing to them', async () => {
      const path = await folder.write('inside', 'a file');
      const ssl = {validation: false};
      const remote = {url: 'https://repo.example/', proxyUrl: 'http://proxy.example', ssl, maxRedirects: 3, token: 'x'};
      const result = await new Factory({remote, fileRoots: [folder.path]}).build(pathToFileURL(path).href).run();
      expect(Object.keys(result.facts)).to.deep.equal(['size', 'sha256']);
    });

    it('tells a class of the caller\'s what it must know, rather than passing a proxy by', () => {
      const remote = {url: 'https://repo.example/', proxyUrl: 'http://proxy.example'};
      const factory = new Factory({remote, schemes: {fake: FakeDownload}});
      expect(() => factory.build('fake://host/')).to.throw(TypeError, 'unknown option \'proxyUrl\'');
    });
  });

  describe('what is one download\'s own', () => {
    it('takes writer, validations, attachment, delegates and the shared context', async () => {
      const writer = new BufferWriter();
      const attached: unknown[] = [];
      const download = new Factory({context: wire.context}).build(wire.server.url('/a'), {
        writer, validations: [new SizeValidation(6)], attachment: {id: 7}, delegates: [{attach: (target) => { attached.push(target); }}],
      });
      const result = await download.run();
      expect({text: writer.text(), attachment: result.attachment, context: download.context === wire.context,
        attached: attached[0] === download})
        .to.deep.equal({text: 'a file', attachment: {id: 7}, context: true, attached: true});
      expect(download.validations).to.have.length(1);
    });

    it('attaches delegates before the mirrors, so that a token is asked for before the next mirror is', async () => {
      wire.server.on('/file', ({headers}) => headers.authorization === 'Bearer good' ? {body: 'a file'}
        : {status: 401, headers: {'WWW-Authenticate': 'Bearer'}});
      const factory = new Factory({remote: {url: wire.server.url('/'), mirrors: [wire.server.url('/mirror/')]}, context: wire.context});
      let calls = 0;
      await factory.build('file', {delegates: [new TokenDelegate({provider: () => ++calls === 1 ? 'bad' : 'good'})]}).run();
      expect(wire.server.requests.map(({path}) => path)).to.deep.equal(['/file', '/file']);
    });

    it('refuses unknown keys', () => {
      expect(() => new Factory().build('http://repo.example/', {retries: 3} as never))
        .to.throw(TypeError, 'build: unknown option \'retries\'');
    });
  });

  describe('settings', () => {
    const remote = {url: 'https://repo.example/', name: 'repo', retries: 2, maxBytes: 100, user: {name: 'elmer', password: 'x'}};

    it('overrides what the remote says, asked by its name, and leaves the rest', () => {
      const asked: string[] = [];
      const settings = {settings: (name: string) => {
        asked.push(name);
        return {retries: 9, timeout: undefined};
      }};
      const download = new Factory({remote: {...remote, timeout: {read: 5}}, settings}).build('a');
      expect({asked, retries: download.retries, read: download.timeout.read}).to.deep.equal({asked: ['repo'], retries: 9, read: 5});
    });

    it('replaces a user by a token', async () => {
      const settings = {settings: () => ({token: 'good'})};
      await new Factory({remote: {...remote, url: wire.server.url('/')}, settings, context: wire.context}).build('a').run();
      expect(wire.server.requests[0]?.headers.authorization).to.equal('Bearer good');
    });

    it('refuses bad settings by name', () => {
      expect(() => new Factory({remote, settings: {settings: () => ({retries: -1})}})).to.throw(RangeError, 'remote.retries: expected');
    });

    it('is refused where it could override nothing', () => {
      const settings = {settings: () => ({})};
      for (const given of [undefined, new Remote(remote)]) {
        expect(() => new Factory({remote: given, settings})).to.throw(TypeError, 'factory.settings: expected remote as plain options');
      }
    });
  });

  const bad: [FactoryOptions, string][] = [
    [{schemes: {'ftp:': FakeDownload}}, 'factory.schemes: expected schemes such as ftp'],
    [{schemes: {FTP: FakeDownload}}, 'factory.schemes: expected schemes such as ftp'],
    [{schemes: {ftp: 'FtpDownload' as never}}, 'factory.schemes.ftp: expected a Download class, got "FtpDownload"'],
    [{fileRoots: ['srv']}, 'factory.fileRoots: expected a list of absolute paths'],
    [{fileRoots: '/srv' as never}, 'factory.fileRoots: expected a list of absolute paths'],
    [{context: {} as never}, 'factory.context: expected a Context'],
    [{remote: {url: 'https://repo.example/'}, settings: {} as never}, 'factory.settings: expected an object with settings(remote)'],
    [{remotes: []} as never, 'factory: unknown option \'remotes\''],
  ];
  for (const [options, message] of bad) {
    it(`refuses ${message.split(':', 1)[0] ?? ''} ${JSON.stringify(options)}`, () => {
      expect(() => new Factory(options)).to.throw(TypeError, message);
    });
  }

  it('fails like any download when the credentials are wrong', async () => {
    wire.server.on('/private', {status: 401});
    const download = new Factory({context: wire.context}).build(wire.server.url('/private'));
    const fault = await download.run().catch((error: unknown) => error as DownloadError);
    expect(fault).to.be.instanceOf(NotAuthorized);
  });
});
