import {expect} from 'chai';
import {pathToFileURL} from 'node:url';
import {SegmentedDownload} from '../../src/compose/segmented-download.js';
import type {DownloadError} from '../../src/core/errors.js';
import {versionOf} from '../../src/download/resume-key.js';
import {Factory} from '../../src/factory/factory.js';
import type {ClassOptions} from '../../src/factory/class-options.js';
import {noRetry} from '../../src/policy/retry-policy.js';
import {FakeDownload} from '../../src/testing/fake-download.js';
import {fileAnswer} from '../../src/testing/file-answer.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {FileWriter} from '../../src/writer/file-writer.js';
import {useWire} from '../support/wire.js';

describe('Factory (options of the class)', () => {
  const folder = useTempFolder();
  const wire = useWire();
  beforeEach(() => { wire.server.on('*', fileAnswer('a file')); });

  const build = (options: unknown, factory = new Factory()): unknown =>
    factory.build('http://repo.example/a', {options: options as ClassOptions});

  it('gives one Factory\'s downloads a version each', async () => {
    const factory = new Factory({remote: {url: wire.server.url('/'), retry: noRetry()}, context: wire.context});
    const fetch = (name: string, ifChanged?: ReturnType<typeof versionOf>) =>
      factory.build(name, {writer: new FileWriter(folder.join(name)), options: {ifChanged}}).run();
    const [a, b] = [await fetch('a'), await fetch('b')];
    expect([a.outcome, b.outcome]).to.deep.equal(['fetched', 'fetched']);
    expect([await fetch('a', versionOf(a)), await fetch('b', versionOf(b))].map(({outcome}) => outcome))
      .to.deep.equal(['notModified', 'notModified']);
    expect(wire.server.bodyBytes).to.equal('a file'.length * 2);
  });

  it('gives what only this class knows', async () => {
    const path = await folder.write('inside', 'a file');
    const files = new Factory({fileRoots: [folder.path]});
    expect((await files.build(pathToFileURL(path).href, {options: {range: {start: 2, end: 3}}}).run()).facts.size).to.equal(2);
    const fakes = new Factory({schemes: {fake: FakeDownload}});
    expect((await fakes.build('fake://host/', {options: {script: [['hi']]}}).run()).facts.size).to.equal(2);
    const heads = new Factory({remote: {url: wire.server.url('/')}, context: wire.context});
    expect((await heads.build('a', {options: {method: 'HEAD'}}).run()).facts).to.deep.equal({size: 6});
    expect(wire.server.requests.map(({method}) => method)).to.deep.equal(['HEAD']);
  });

  it('stands before what the remote says, where it says something', async () => {
    const remote = {url: wire.server.url('/'), retries: 3, maxBytes: 5, timeout: {read: 70}};
    const factory = new Factory({remote, context: wire.context});
    const told = async (options: ClassOptions): Promise<unknown[]> => {
      const download = factory.build('a', {options});
      const fault = await download.run().then(() => 'none', (thrown: unknown) => (thrown as DownloadError).code);
      return [download.retries, download.timeout.read, fault];
    };
    expect(await told({retries: 0, maxBytes: 6, timeout: {read: 10}})).to.deep.equal([0, 10, 'none']);
    expect(await told({retries: undefined, maxBytes: undefined, timeout: undefined})).to.deep.equal([3, 70, 'TOO_LARGE']);
  });

  it('leaves to the class what it doesn\'t know, and what is wrong', () => {
    expect(() => build({segments: 2})).to.throw(TypeError, 'download: unknown option \'segments\'');
    expect(() => build({delay: 2})).to.throw(TypeError, 'download: unknown option \'delay\'');
    expect(() => build({ifChanged: {facts: {}}})).to.throw(TypeError, 'ifChanged.facts.size: expected');
    const segmented = new Factory({schemes: {http: SegmentedDownload}});
    expect(build({segments: 2}, segmented)).to.be.instanceOf(SegmentedDownload);
    expect(() => build({segments: 65}, segmented)).to.throw(RangeError, 'segments: expected at most 64');
  });

  const OWNED: readonly [string, string][] = [
    ['url', 'the first argument of build'], ['context', 'the context of the Factory'], ['roots', 'the fileRoots of the Factory'],
    ...['writer', 'validations', 'attachment', 'delegates'].map((name): [string, string] => [name, 'the option of build itself']),
    ['headers', 'the Remote, or set download.headers'],
    ...['publicHeaders', 'user', 'credentials', 'ssl', 'proxyUrl'].map((name): [string, string] => [name, 'the Remote']),
  ];
  for (const [name, instead] of OWNED) {
    it(`refuses ${name}, which isn't the class's alone, with any value`, () => {
      const message = new RegExp(`^build\\.options\\.${name}: owned by the framework; use ${instead}$`);
      for (const value of ['geheim', undefined]) {
        expect(() => build({[name]: value})).to.throw(TypeError, message);
      }
    });
  }

  it('refuses what is no object, without showing it', () => {
    for (const [given, kind] of [[null, 'null'], ['geheim', 'string'], [['geheim'], 'a list'], [7, 'number']] as const) {
      const message = new RegExp(`^build\\.options: expected an object such as \\{ifChanged\\}, got ${kind}$`);
      expect(() => build(given)).to.throw(TypeError, message);
    }
  });

  it('is checked by the compiler, as far as every class has it', () => {
    // @ts-expect-error: one of the Remote
    const owned: ClassOptions = {credentials: {for: () => undefined}};
    // @ts-expect-error: of the wrong type
    const wrong: ClassOptions = {retries: '3'};
    expect(() => build(owned)).to.throw(TypeError, 'build.options.credentials');
    expect(() => build(wrong)).to.throw(TypeError, 'retries: expected a whole number');
  });
});
