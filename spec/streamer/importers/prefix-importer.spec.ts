import {expect} from 'chai';
import {Context} from '../../../src/core/context.js';
import type {KeptVersion} from '../../../src/core/contract.js';
import {versionOf} from '../../../src/download/resume-key.js';
import type {DownloadResult} from '../../../src/download/result.js';
import {PrefixImporter} from '../../../src/streamer/importers/prefix-importer.js';
import {faultOf} from '../../../src/testing/fault-of.js';
import {ScriptedServer} from '../../../src/testing/scripted-server.js';
import {useTempFolder} from '../../../src/testing/temp-folder.js';
import {DigestValidation} from '../../../src/validation/digest-validation.js';
import {FileWriter} from '../../../src/writer/file-writer.js';
import {useWire} from '../../support/wire.js';
import {fetched, hexOf, requestFor, resolved, served} from './asking.js';

describe('PrefixImporter', () => {
  const folder = useTempFolder();
  const wire = useWire();
  let importer: PrefixImporter;
  beforeEach(() => {
    wire.server.on('/base/a/b.bin', {body: 'content', headers: {ETag: '"1"'}});
    importer = new PrefixImporter({upstream: wire.server.url('/base'), context: wire.context, retries: 0});
  });

  it('gets from below its folder, unverified and mutable', async () => {
    const {key, ttl, immutable, digest} = await resolved(importer, '/a/b.bin');
    expect([key, ttl, immutable, digest]).to.deep.equal([wire.server.url('/base/a/b.bin'), 60_000, false, undefined]);
    expect(await served(importer, '/a/b.bin')).to.equal('content');
    expect(await served(importer, '/a/%62.bin')).to.equal('content');
  });

  it('takes the ttl that it is given', async () => {
    const other = new PrefixImporter({upstream: wire.server.url('/base/'), ttl: 5, retries: 0});
    expect((await resolved(other, '/a/b.bin')).ttl).to.equal(5);
    await other.close();
  });

  it('stays below its folder', () => {
    for (const path of ['/../secret', '/a/%2e%2e/%2e%2e/secret', '/a%2f..%2f..%2fsecret', '//other.example/a', '/a\\..\\b', '/..;/x/../..']) {
      expect(importer.resolve(requestFor(path)), path).to.equal(undefined);
    }
    expect(importer.resolve(requestFor('/@other.example/a'))?.key).to.equal(wire.server.url('/base/@other.example/a'));
    expect(importer.resolve(requestFor('/:80/a'))?.key).to.equal(wire.server.url('/base/:80/a'));
    expect(importer.resolve(requestFor('/http://other.example'))).to.equal(undefined);
  });

  it('finds nothing with a query, unless queries are allowed', async () => {
    expect(importer.resolve(requestFor('/a/b.bin', {query: 'v=2'}))).to.equal(undefined);
    const asking = new PrefixImporter({upstream: wire.server.url('/base'), query: true, retries: 0});
    expect((await resolved(asking, '/a/b.bin', {query: 'v=2'})).key).to.equal(wire.server.url('/base/a/b.bin?v=2'));
    await served(asking, '/a/b.bin', {query: 'v=2'});
    expect(wire.server.requests.map(({path}) => path)).to.deep.equal(['/base/a/b.bin?v=2']);
    await asking.close();
  });

  it('asks conditionally for what is known', async () => {
    wire.server.on('/base/a/b.bin', ({headers}) => headers['if-none-match'] === '"1"'
      ? {status: 304, headers: {ETag: '"1"'}, framing: 'none'} : {body: 'content', headers: {ETag: '"1"'}});
    const resource = await resolved(importer, '/a/b.bin');
    const run = async (known?: KeptVersion): Promise<DownloadResult> => {
      const download = resource.download(known);
      download.writer = new FileWriter(folder.join('b.bin'));
      download.append(new DigestValidation('sha256', hexOf('sha256', 'content')));
      return download.run();
    };
    const first = await run();
    expect(first.outcome).to.equal('fetched');
    expect((await run(versionOf(first))).outcome).to.equal('notModified');
  });

  it('sends its credentials to upstream alone, and none that a client sent', async () => {
    const other = await ScriptedServer.start();
    other.on('/b', {body: 'elsewhere'});
    wire.server.on('/base/moved', {status: 302, headers: {Location: other.url('/b')}});
    const knowing = new PrefixImporter({upstream: wire.server.url('/base'), token: 'upstreamtoken', retries: 0});
    expect(await served(knowing, '/moved', {headers: {authorization: 'Bearer clienttoken', 'x-api-key': 'clientkey'}})).to.equal('elsewhere');
    expect(wire.server.requests[0]?.headers.authorization).to.equal('Bearer upstreamtoken');
    expect(wire.server.requests[0]?.headers).not.to.have.property('x-api-key');
    expect(other.requests[0]?.headers).not.to.have.property('authorization');
    await knowing.close();
    await other.close();
  });

  it('asks nothing when it is offline', async () => {
    const silent = new PrefixImporter({upstream: wire.server.url('/base'), offline: true});
    const fault = await faultOf(fetched(await resolved(silent, '/a/b.bin')));
    expect([fault.code, wire.server.requests.length]).to.deep.equal(['POLICY_REFUSED', 0]);
    await silent.close();
  });

  it('closes its own Context, and leaves open the one that it was given', async () => {
    const context = new Context();
    await new PrefixImporter({upstream: wire.server.url('/base'), context}).close();
    expect(context.closed).to.equal(false);
    await context.close();
  });

  it('refuses wrong options by name', () => {
    expect(() => new PrefixImporter({upstream: 'ftp://a.example/'})).to.throw(TypeError, 'upstream');
    expect(() => new PrefixImporter({upstream: 'nothing'})).to.throw(TypeError, 'upstream');
    expect(() => new PrefixImporter({upstream: 'http://a.example/?q'})).to.throw(TypeError, 'upstream');
    expect(() => new PrefixImporter({upstream: 'http://a.example/', query: 1 as never})).to.throw(TypeError, 'query');
    expect(() => new PrefixImporter({upstream: 'http://a.example/', offline: 1 as never})).to.throw(TypeError, 'offline');
    expect(() => new PrefixImporter({upstream: 'http://a.example/', ttl: -1})).to.throw(RangeError, 'ttl');
    expect(() => new PrefixImporter({upstream: 'http://a.example/', typo: 1} as never)).to.throw(TypeError, 'typo');
    expect(() => new PrefixImporter({upstream: 'http://a.example/', context: {} as never})).to.throw(TypeError, 'context');
  });
});
