import {expect} from 'chai';
import {createHash} from 'node:crypto';
import {MirrorsExhausted, WriterError, type DownloadError} from '../../src/core/errors.js';
import {MirrorDelegate, type MirrorDelegateOptions} from '../../src/delegate/mirror-delegate.js';
import {HttpDownload, type HttpDownloadOptions} from '../../src/download/http-download.js';
import {noRetry} from '../../src/policy/retry-policy.js';
import {faultOf} from '../../src/testing/fault-of.js';
import {DigestValidation} from '../../src/validation/digest-validation.js';
import {RecordingWriter} from '../../src/testing/recording-writer.js';
import {ScriptedServer} from '../../src/testing/scripted-server.js';
import {useWire} from '../support/wire.js';

const GOOD = Buffer.from('the right bytes');
const SHA256 = createHash('sha256').update(GOOD).digest('hex');
const ORIGINAL = 'http://repo.invalid/pool/main/file.deb?x=1';

describe('MirrorDelegate', () => {
  const wire = useWire();
  beforeEach(() => {
    wire.server.on('/good/file.deb', {body: GOOD}).on('/corrupt/file.deb', {body: 'the wrong bytes'})
      .on('/cut/file.deb', {body: GOOD, cutAt: 3}).on('/broken/file.deb', {status: 502});
  });

  function make(options: MirrorDelegateOptions, more: Partial<HttpDownloadOptions> = {}): HttpDownload {
    const validations = [new DigestValidation('sha256', SHA256)];
    const download = new HttpDownload({url: ORIGINAL, context: wire.context, validations, ...more});
    new MirrorDelegate(options).attach(download);
    return download;
  }

  const folders = (...names: string[]): string[] => names.map((name) => wire.server.url(`/${name}/`));
  const asked = (): string[] => wire.server.requests.map(({path}) => path);

  it('falls through dead, missing, broken, cut and corrupt mirrors to the good one, without delay', async () => {
    const mirrors = ['http://127.0.0.1:9/', ...folders('missing', 'broken', 'cut', 'corrupt', 'good', 'never')];
    const result = await make({mirrors}).run();
    expect(result.attempts.map(({error}) => error?.code)).to.deep.equal(
      ['CONNECT_FAILED', 'NOT_FOUND', 'REPLY_FAILED', 'INTERRUPTED', 'DIGEST_MISMATCH', undefined]);
    expect(asked().map((path) => path.split('/')[1])).to.deep.equal(['missing', 'broken', 'cut', 'corrupt', 'good']);
    expect(wire.clock.waits).to.deep.equal([]);
    expect(result.facts.size).to.equal(GOOD.length);
  });

  it('asks mirrors that are files, folders and templates, with the query of the url', async () => {
    const mirrors = [wire.server.url('/file'), ...folders('folder'), wire.server.url('/get?name={path}&copy={path}')];
    await faultOf(make({mirrors}).run());
    expect(asked()).to.deep.equal(['/file', '/folder/file.deb?x=1', '/get?name=file.deb?x=1&copy=file.deb?x=1']);
  });

  it('replaces the base, with or without its slash, and keeps the path below it', async () => {
    for (const base of ['http://repo.invalid/pool', 'http://repo.invalid/pool/', 'http://REPO.invalid:80/pool/']) {
      await faultOf(make({mirrors: folders('m'), base}).run());
    }
    expect(asked()).to.deep.equal(Array(3).fill('/m/main/file.deb?x=1'));
  });

  it('asks by priority, in the order of the list among equals, each address once', async () => {
    const [a, b, c, d] = folders('a', 'b', 'c', 'd') as [string, string, string, string];
    await faultOf(make({mirrors: [a, {url: b, priority: 2}, {url: c, priority: 1}, d, a, {url: d, priority: 2}]}).run());
    expect(asked().map((path) => path[1])).to.deep.equal(['c', 'b', 'd', 'a']);
  });

  const places: [MirrorDelegateOptions['original'], string[]][] = [
    ['first', ['own', 'mirror']], ['last', ['mirror', 'own']], ['never', ['mirror']], [undefined, ['mirror']],
  ];
  for (const [original, order] of places) {
    it(`asks ${order.join(', then ')} when original is ${String(original)}`, async () => {
      const download = new HttpDownload({url: wire.server.url('/own/file'), context: wire.context});
      new MirrorDelegate({mirrors: folders('mirror'), original}).attach(download);
      await faultOf(download.run());
      expect(asked().map((path) => path.split('/')[1])).to.deep.equal(order);
    });
  }

  it('ends at once on a fault of this machine', async () => {
    for (const mirrors of [folders('good'), folders('good', 'good-too')]) {
      const writer = new RecordingWriter({append: () => { throw Object.assign(new Error('no space left'), {code: 'ENOSPC'}); }});
      expect(await faultOf(make({mirrors}, {writer}).run())).to.be.instanceOf(WriterError);
    }
    expect(asked()).to.have.length(2);
  });

  it('ends at once on a cancel', async () => {
    const controller = new AbortController();
    const download = make({mirrors: folders('slow', 'good')});
    wire.server.on('/slow/file.deb', () => {
      controller.abort();
      return new Promise(() => undefined);
    });
    expect(await download.run(controller.signal).catch((error: unknown) => (error as DownloadError).code)).to.equal('CANCELLED');
    expect(asked()).to.have.length(1);
  });

  it('fails with MirrorsExhausted and every cause in the order of the list', async () => {
    const [missing, corrupt] = folders('missing', 'corrupt') as [string, string];
    const fault = await faultOf(make({mirrors: [{url: corrupt, priority: 9}, {url: missing, priority: 1}]}).run());
    expect(fault).to.be.instanceOf(MirrorsExhausted);
    const {errors, message, url, attempts} = fault as MirrorsExhausted;
    expect(errors.map(({code}) => code)).to.deep.equal(['NOT_FOUND', 'DIGEST_MISMATCH']);
    expect(message).to.match(/^all 2 mirrors failed: NOT_FOUND at .*missing.*; DIGEST_MISMATCH at /);
    expect({url, cause: (fault.cause as DownloadError).code, attempts: attempts.length})
      .to.deep.equal({url: ORIGINAL, cause: 'DIGEST_MISMATCH', attempts: 2});
  });

  it('asks each once when all say 404', async () => {
    const fault = await faultOf(make({mirrors: folders('x', 'y', 'z')}, {retries: 20}).run());
    expect((fault as MirrorsExhausted).errors.map(({code}) => code)).to.deep.equal(['NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND']);
    expect(asked()).to.have.length(3);
  });

  it('asks those that failed in passing again, after a backoff, until retries are used up', async () => {
    const fault = await faultOf(make({mirrors: folders('missing', 'broken', 'cut')}, {retries: 3}).run());
    // Two for the other mirrors, three of the caller's: five repairs, six attempts.
    expect(asked().map((path) => path.split('/')[1])).to.deep.equal(['missing', 'broken', 'cut', 'broken', 'cut', 'broken']);
    expect((fault as MirrorsExhausted).errors.map(({code}) => code)).to.deep.equal(['NOT_FOUND', 'REPLY_FAILED', 'INTERRUPTED']);
    expect(wire.clock.waits).to.have.length(2);
    expect(Math.min(...wire.clock.waits)).to.be.at.least(1000);
  });

  it('succeeds in the second round', async () => {
    wire.server.on('/flaky/file.deb', ({nth}) => nth === 1 ? {status: 503} : {body: GOOD});
    const result = await make({mirrors: folders('missing', 'flaky')}).run();
    expect(result.attempts.map(({status}) => status)).to.deep.equal([404, 503, 200]);
  });

  it('never asks a mirror again before its Retry-After, and asks the one that is free first', async () => {
    wire.server.on('/busy/file.deb', ({nth}) => nth === 1 ? {status: 503, headers: {'Retry-After': '60'}} : {body: GOOD});
    // Another origin: the governor lets nobody ask the busy one meanwhile.
    await using other = (await ScriptedServer.start()).on('/broken/file.deb', {status: 502});
    const start = wire.clock.now();
    const times: [string, number][] = [];
    const download = make({mirrors: [...folders('busy'), other.url('/broken/')]});
    download.register('sent', ({url}) => { times.push([url.split('/')[3] ?? '', wire.clock.now() - start]); });
    await download.run();
    expect(times.map(([name]) => name)).to.deep.equal(['busy', 'broken', 'broken', 'busy']);
    expect(times[2]?.[1]).to.be.below(31_000);
    expect(times[3]?.[1]).to.be.at.least(60_000);
  });

  it('does not wait for a Retry-After of hours', async () => {
    wire.server.on('/busy/file.deb', {status: 429, headers: {'Retry-After': '7200'}});
    const fault = await faultOf(make({mirrors: folders('busy')}).run());
    expect(fault.code).to.equal('MIRRORS_EXHAUSTED');
    expect({asked: asked().length, waits: wire.clock.waits}).to.deep.equal({asked: 1, waits: []});
  });

  it('only ever raises retries: every mirror is asked with retries 0 and with no retry policy', async () => {
    for (const more of [{retries: 0}, {retry: noRetry()}, {retries: 7}] as const) {
      const download = make({mirrors: folders('missing', 'gone', 'good')}, more);
      const before = download.retries;
      await download.run();
      expect(download.retries).to.equal(before + 2);
    }
    expect(asked()).to.have.length(9);
  });

  it('fails with MirrorsExhausted when there is no mirror', async () => {
    const fault = await faultOf(make({mirrors: []}).run());
    expect(fault).to.be.instanceOf(MirrorsExhausted).with.property('message', 'there is no mirror: the list is empty');
    expect((fault as MirrorsExhausted).errors).to.deep.equal([]);
  });

  const bad: [object, string][] = [
    [{}, 'mirror: expected exactly one of list and mirrors'],
    [{list: 'http://a.example/', mirrors: []}, 'mirror: expected exactly one of list and mirrors'],
    [{list: 'mirrors.txt'}, 'mirror.list: expected an absolute URL, got "mirrors.txt"'],
    [{mirrors: 'http://a.example/'}, 'mirror.mirrors: expected a list of URLs'],
    [{mirrors: ['file:///etc/']}, 'mirrors[0]: expected an http or https URL'],
    [{mirrors: [], base: 'pool'}, 'mirror.base: expected an absolute URL, got "pool"'],
    [{mirrors: [], original: 'second'}, 'mirror.original: expected one of first, last, never, got "second"'],
    [{mirrors: [], ttl: 5}, 'mirror.ttl: expected mirror.list beside it, got none'],
    [{list: 'http://a.example/', ttl: '5'}, 'mirror.ttl: expected a whole number'],
    [{mirrors: [], retries: 5}, 'mirror: unknown option \'retries\''],
  ];
  for (const [options, message] of bad) {
    it(`refuses ${JSON.stringify(options)}`, () => {
      expect(() => new MirrorDelegate(options)).to.throw(TypeError, message);
    });
  }
});
