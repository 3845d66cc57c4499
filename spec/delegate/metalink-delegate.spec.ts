import {expect} from 'chai';
import {createHash} from 'node:crypto';
import type {DownloadError} from '../../src/core/errors.js';
import {MetalinkDelegate, type MetalinkDelegateOptions} from '../../src/delegate/metalink-delegate.js';
import {metalinkOf} from '../../src/delegate/metalink-source.js';
import {HttpDownload, type HttpDownloadOptions} from '../../src/download/http-download.js';
import {parseMetalink} from '../../src/policy/metalink.js';
import {noRetry} from '../../src/policy/retry-policy.js';
import {faultOf} from '../../src/testing/fault-of.js';
import {DigestValidation} from '../../src/validation/digest-validation.js';
import type {BufferWriter} from '../../src/writer/buffer-writer.js';
import {fileElement, hashElement, metalinkOf as documentOf, urlElement} from '../policy/metalink-texts.js';
import {useWire} from '../support/wire.js';

const GOOD = 'the right bytes';
const hex = (algorithm: string): string => createHash(algorithm).update(GOOD).digest('hex');

describe('MetalinkDelegate', () => {
  const wire = useWire();
  beforeEach(() => {
    wire.server.on('/good', {body: GOOD}).on('/corrupt', {body: 'the wrong bytes'}).on('/long', {body: `${GOOD}, and more`});
  });

  const element = (name: string, algorithms: string[], ...paths: string[]): string => fileElement(name, `<size>${GOOD.length}</size>`,
    ...algorithms.map((algorithm) => hashElement(algorithm, hex(algorithm))),
    ...paths.map((path, at) => urlElement(wire.server.url(path), at + 1)));
  const asked = (): string[] => wire.server.requests.map(({path}) => path);

  function make(options: MetalinkDelegateOptions, more: Partial<HttpDownloadOptions> = {}): [HttpDownload, MetalinkDelegate] {
    const download = new HttpDownload({url: 'http://repo.invalid/pool/file', context: wire.context, retry: noRetry(), ...more});
    const delegate = new MetalinkDelegate(options);
    delegate.attach(download);
    return [download, delegate];
  }

  const faultWith = (options: MetalinkDelegateOptions, more?: Partial<HttpDownloadOptions>): Promise<DownloadError> =>
    faultOf(make(options, more)[0].run());

  it('goes by priority to the address that gives what the document says', async () => {
    wire.server.on('/file.meta4', {body: documentOf(element('file', ['sha256', 'md5'], '/missing', '/corrupt', '/long', '/good'))});
    const [download] = make({url: wire.server.url('/file.meta4')});
    const {attempts, facts} = await download.run();
    expect(attempts.map(({error}) => error?.code)).to.deep.equal(['NOT_FOUND', 'DIGEST_MISMATCH', 'SIZE_MISMATCH', undefined]);
    expect(facts).to.deep.equal({size: GOOD.length, sha256: hex('sha256')});
    expect((download.writer as BufferWriter).text()).to.equal(GOOD);
  });

  it('keeps what the caller demands beside what the document says', async () => {
    const validations = [new DigestValidation('sha512', hex('sha512'))];
    const [download] = make({document: documentOf(element('file', ['sha256'], '/good'))}, {validations});
    expect((await download.run()).facts).to.have.keys('size', 'sha256', 'sha512');
    const wrong = [new DigestValidation('sha1', '00'.repeat(20))];
    const fault = await faultWith({document: documentOf(element('file', ['sha256'], '/good'))}, {validations: wrong});
    expect(fault.code).to.equal('MIRRORS_EXHAUSTED');
  });

  it('uses a weak digest where there is no other, and does not trust it', async () => {
    const document = documentOf(element('file', ['md5', 'sha1'], '/corrupt', '/good'));
    const fault = await faultWith({document});
    expect(fault.code).to.equal('POLICY_REFUSED');
    expect(fault.message).to.equal('the metalink has no digest stronger than sha1 for "file", so nothing proves what its mirrors give; '
      + 'expected a digest validation, or metalink.allowUnverified');
    expect(asked()).to.deep.equal([]);
    expect((await make({document, allowUnverified: true})[0].run()).facts).to.deep.equal({size: GOOD.length, sha1: hex('sha1')});
    const [own] = make({document}, {validations: [new DigestValidation('sha256', hex('sha256'))]});
    expect((await own.run()).facts).to.deep.equal({size: GOOD.length, sha256: hex('sha256')});
  });

  it('asks unverified addresses only when it may; a validation that only warns is no proof', async () => {
    const document = documentOf(element('file', [], '/good'));
    const warning = new DigestValidation('sha256', hex('sha256'), {enforced: false});
    const {message} = await faultWith({document}, {validations: [warning]});
    expect(message).to.match(/has no digest for "file".*metalink\.allowUnverified$/);
    await make({document, allowUnverified: true})[0].run();
    expect(asked()).to.deep.equal(['/good']);
  });

  it('takes the only file, the one of the URL\'s name, or the one that is named', async () => {
    const several = documentOf(element('a/file', ['sha256'], '/one'), element('b/file', ['sha256'], '/two'),
      element('other', ['sha256'], '/three'));
    await faultWith({document: documentOf(element('another', ['sha256'], '/only'))});
    await faultWith({document: several}, {url: 'http://repo.invalid/other?x=/file'});
    await faultWith({document: several, file: 'b/file'});
    await faultWith({document: several, file: 'other'});
    expect(asked()).to.deep.equal(['/only', '/three', '/two', '/three']);
  });

  const unclear: [Partial<MetalinkDelegateOptions>, string][] = [
    [{}, 'the metalink has no file "file"; it has "x", "y"; say which by metalink.file'],
    [{file: 'z'}, 'the metalink has no file "z"; it has "x", "y"'],
    [{document: documentOf()}, 'the metalink has no file "file"; it has no file; say which by metalink.file'],
    [{document: documentOf(fileElement('a/x'), fileElement('b/x')), file: 'x'}, 'the metalink has more than one file "x"'],
  ];
  for (const [options, message] of unclear) {
    it(`fails when it is not clear which file is meant: ${message}`, async () => {
      const fault = await faultWith({document: documentOf(fileElement('x'), fileElement('y')), ...options});
      expect({code: fault.code, message: fault.message}).to.deep.equal({code: 'VALIDATION_FAILED', message});
    });
  }

  it('fetches the document once for many downloads, by their own rules, and again after a failure and after ttl', async () => {
    const body = documentOf(element('file', ['sha256'], '/good'));
    wire.server.on('/m', ({nth}) => nth === 1 ? {status: 404} : nth === 2 ? {status: 502} : {body});
    const options = {url: wire.server.url('/m'), ttl: 5000};
    expect((await faultWith(options)).code).to.equal('NOT_FOUND');
    await Promise.all(Array.from({length: 20}, () => make(options, {retry: undefined})[0].run()));
    expect(wire.server.requestsFor('/m')).to.have.length(3);
    await wire.clock.wait(5000);
    await make(options)[0].run();
    expect(wire.server.requestsFor('/m')).to.have.length(4);
  });

  it('fails with the reason when the document is none, before anything else is asked', async () => {
    wire.server.on('/m', {body: '<!DOCTYPE html><title>Sign in</title>'});
    const fault = await faultWith({url: `${wire.server.url('/m')}?token=rabbit`});
    expect({code: fault.code, message: fault.message}).to.deep.equal({
      code: 'VALIDATION_FAILED', message: 'the metalink is refused: it has a document type declaration'});
    expect(asked()).to.have.length(1);
  });

  it('fails with MirrorsExhausted when the document has no http address, and shows no secret', async () => {
    wire.server.on('/m', {body: documentOf(fileElement('file', hashElement('sha256', hex('sha256')), urlElement('ftp://f.example/')))});
    const fault = await faultWith({url: `${wire.server.url('/m')}?token=rabbit`});
    expect(fault.code).to.equal('MIRRORS_EXHAUSTED');
    expect(fault.message).to.equal(`there is no mirror: the metalink ${wire.server.url('/m')}?token=*** has no http address of "file"`);
  });

  it('takes a document that was read already', async () => {
    const document = parseMetalink(documentOf(element('file', ['sha256'], '/good')));
    expect((await make({document})[0].run()).facts).to.have.property('sha256', hex('sha256'));
  });

  it('asks the download\'s own URL too, when it is told to', async () => {
    await make({document: documentOf(element('file', ['sha256'], '/missing')), original: 'last'}, {url: wire.server.url('/good')})[0].run();
    expect(asked()).to.deep.equal(['/missing', '/good']);
  });

  it('takes no login of a document along', async () => {
    const url = wire.server.url('/good').replace('http://', 'http://u:p@');
    await make({document: documentOf(fileElement('file', hashElement('sha256', hex('sha256')), urlElement(url)))})[0].run();
    expect(wire.server.requests[0]?.headers.authorization).to.equal(undefined);
  });

  it('gives what the document says of the file, pieces included', async () => {
    const pieces = `<pieces length="8" type="sha-256"><hash>${hex('sha256')}</hash><hash>${hex('sha256')}</hash></pieces>`;
    const body = documentOf(fileElement('file', `<size>${GOOD.length}</size>`, hashElement('sha-256', hex('sha256')), pieces,
      urlElement(wire.server.url('/good'))));
    wire.server.on('/m', {body});
    const [download, delegate] = make({url: wire.server.url('/m')});
    expect(delegate.fileOf(download)).to.equal(undefined);
    await download.run();
    expect(delegate.fileOf(download)?.pieces).to.deep.equal({length: 8, algorithm: 'sha256', hashes: [hex('sha256'), hex('sha256')]});
    expect(metalinkOf(wire.context, wire.server.url('/m'))?.files[0]).to.equal(delegate.fileOf(download));
  });

  it('says what is wrong when a HEAD download should read a document', async () => {
    const {message} = await faultWith({url: wire.server.url('/m')}, {method: 'HEAD'});
    expect(message).to.match(/^a HEAD download can't read a metalink; give the document/);
  });

  const bad: [object, string][] = [
    [{}, 'metalink: expected exactly one of url and document'],
    [{url: 'http://a/', document: ''}, 'metalink: expected exactly one of url and document'],
    [{url: 'file.meta4'}, 'metalink.url: expected an absolute URL, got "file.meta4"'],
    [{url: 'http://a/', file: 7}, 'metalink.file: expected a name'],
    [{url: 'http://a/', ttl: '5'}, 'metalink.ttl: expected a whole number'],
    [{document: documentOf(), ttl: 5}, 'metalink.ttl: expected metalink.url beside it, got none'],
    [{url: 'http://a/', allowUnverified: 1}, 'metalink.allowUnverified: expected true or false, got 1'],
    [{url: 'http://a/', original: 'x'}, 'metalink.original: expected one of first, last, never'],
    [{url: 'http://a/', mirrors: []}, 'metalink: unknown option \'mirrors\''],
    [{document: 7}, 'metalink: expected the text of a document'],
  ];
  for (const [options, message] of bad) {
    it(`refuses ${JSON.stringify(options).slice(0, 60)}`, () => {
      expect(() => new MetalinkDelegate(options)).to.throw(TypeError, message);
    });
  }
});
