import {expect} from 'chai';
import {DebianImporter, type DebianImporterOptions} from '../../../src/streamer/importers/debian-importer.js';
import {faultOf} from '../../../src/testing/fault-of.js';
import {useWire} from '../../support/wire.js';
import {fetched, hexOf, requestFor, resolved, served} from './asking.js';
import {encoded, offerArchive, poolPath, type DebianPackage} from './debian-archive.js';

const HELLO: DebianPackage = {name: 'hello', version: '1:2.10+x~1', architecture: 'amd64', content: 'the bytes of hello'};
const DOCS: DebianPackage = {name: 'docs', version: '1', architecture: 'all', content: 'the bytes of docs'};
const DEB = `/${encoded(poolPath(HELLO))}`;
const LIST = '/dists/stable/main/binary-amd64/Packages.gz';

describe('DebianImporter', () => {
  const wire = useWire();
  let importer: DebianImporter;
  beforeEach(() => { importer = make(); });
  const make = (more: Partial<DebianImporterOptions> = {}): DebianImporter =>
    new DebianImporter({upstream: wire.server.url('/debian'), context: wire.context, retries: 0, ...more});
  const asked = (): string[] => wire.server.requests.map(({path}) => path);

  it('has Release files as mutable documents', async () => {
    offerArchive(wire.server, [HELLO]);
    for (const name of ['InRelease', 'Release', 'Release.gpg']) {
      const {digest, immutable, ttl} = await resolved(importer, `/dists/stable/${name}`);
      expect([digest, immutable, ttl], name).to.deep.equal([undefined, false, 60_000]);
    }
    expect(await served(importer, '/dists/stable/InRelease')).to.include('BEGIN PGP SIGNED MESSAGE');
    expect(asked()).to.deep.equal(['/debian/dists/stable/InRelease']);
  });

  it('verifies an index by the Release of its suite', async () => {
    const files = offerArchive(wire.server, [HELLO]);
    const body = files.get('main/binary-amd64/Packages.gz') ?? Buffer.alloc(0);
    const resource = await resolved(importer, LIST);
    expect(resource.digest).to.deep.equal({algorithm: 'sha256', hex: hexOf('sha256', body)});
    expect((await fetched(resource)).body.equals(body)).to.equal(true);
    wire.server.on(`/debian${LIST}`, {body: Buffer.alloc(body.byteLength)});
    expect((await faultOf(served(importer, LIST))).code).to.equal('DIGEST_MISMATCH');
  });

  it('reads the Release where there is no InRelease, and suites with a slash in their name', async () => {
    offerArchive(wire.server, [HELLO], {suite: 'stable/updates'});
    wire.server.on('/debian/dists/stable/updates/InRelease', {status: 404});
    expect((await resolved(importer, '/dists/stable/updates/main/binary-amd64/Packages.gz')).digest).not.to.equal(undefined);
  });

  it('judges by a new Release as soon as a client got it', async () => {
    offerArchive(wire.server, [HELLO]);
    const {digest: before} = await resolved(importer, LIST);
    offerArchive(wire.server, [HELLO, DOCS]);
    expect((await resolved(importer, LIST)).digest).to.deep.equal(before);
    await served(importer, '/dists/stable/InRelease');
    expect((await resolved(importer, LIST)).digest).not.to.deep.equal(before);
  });

  it('takes the digest from the name of a file by hash', async () => {
    const files = offerArchive(wire.server, [HELLO]);
    const hex = hexOf('sha256', files.get('main/binary-amd64/Packages.gz') ?? '');
    const folder = '/dists/stable/main/binary-amd64/by-hash';
    const resource = await resolved(importer, `${folder}/SHA256/${hex}`);
    expect([resource.digest, resource.immutable]).to.deep.equal([{algorithm: 'sha256', hex}, true]);
    await fetched(resource);
    expect(asked()).to.deep.equal([`/debian${folder}/SHA256/${hex}`]);
    expect((await resolved(importer, `${folder}/SHA512/${'a'.repeat(128)}`)).digest?.algorithm).to.equal('sha512');
    for (const name of [`MD5Sum/${'a'.repeat(32)}`, `SHA1/${'a'.repeat(40)}`, 'SHA256/short', `SHA256/${'A'.repeat(64)}`]) {
      expect(await importer.resolve(requestFor(`${folder}/${name}`)), name).to.equal(undefined);
    }
  });

  for (const [what, options] of Object.entries({
    'gzip, by hash': {}, 'gzip, by name': {byHash: false}, 'plain': {lists: ['Packages'], byHash: false}, 'both': {lists: ['Packages', 'Packages.gz']},
  })) {
    it(`verifies a package by the list of the suite that clients use (${what})`, async () => {
      offerArchive(wire.server, [HELLO, DOCS], options);
      await served(importer, '/dists/stable/InRelease');
      const all = await Promise.all(Array.from({length: 10}, () => resolved(importer, DEB)));
      expect(all[0]?.digest).to.deep.equal({algorithm: 'sha256', hex: hexOf('sha256', HELLO.content)});
      expect(all[0]?.immutable).to.equal(true);
      expect((await fetched(all[0]!)).body.toString()).to.equal(HELLO.content);
      expect(asked().filter((path) => path.includes('binary-amd64')).length).to.equal(1);
    });
  }

  it('verifies packages for all architectures by the list of one that clients use', async () => {
    offerArchive(wire.server, [HELLO, DOCS]);
    await served(importer, LIST);
    expect((await resolved(importer, `/${poolPath(DOCS)}`)).digest?.hex).to.equal(hexOf('sha256', DOCS.content));
  });

  it('knows the suites that it is told of from the start', async () => {
    offerArchive(wire.server, [HELLO]);
    expect((await resolved(make({suites: ['missing', 'stable']}), DEB)).digest?.hex).to.equal(hexOf('sha256', HELLO.content));
  });

  it('refuses a package with other bytes', async () => {
    offerArchive(wire.server, [HELLO]);
    wire.server.on(`/debian${DEB}`, {body: 'THE BYTES OF HELLO'});
    expect((await faultOf(served(make({suites: ['stable']}), DEB))).code).to.equal('DIGEST_MISMATCH');
  });

  it('lets pass unverified, and not for good, what nothing names', async () => {
    offerArchive(wire.server, [HELLO], {lists: ['Packages.bz2']});
    await served(importer, '/dists/stable/InRelease');
    for (const path of [DEB, '/pool/main/h/hello/hello_2.dsc', '/dists/stable/main/other']) {
      const {digest, immutable} = await resolved(importer, path);
      expect([digest, immutable], path).to.deep.equal([undefined, false]);
    }
    expect(await served(importer, DEB)).to.equal(HELLO.content);
  });

  it('fetches nothing unverified because a list can\'t be had', async () => {
    offerArchive(wire.server, [HELLO], {byHash: false});
    wire.server.on(`/debian${LIST}`, {status: 500});
    const resource = await resolved(make({suites: ['stable']}), DEB);
    expect([resource.key, (await faultOf(fetched(resource))).code]).to.deep.equal([wire.server.url(`/debian${DEB}`), 'REPLY_FAILED']);
    expect(wire.server.requestsFor(`/debian${DEB}`).length).to.equal(0);
  });

  it('goes on with what it knows while upstream is down', async () => {
    offerArchive(wire.server, [HELLO], {byHash: false});
    await served(importer, LIST);
    await resolved(importer, DEB);
    for (const name of ['InRelease', 'Release']) wire.server.on(`/debian/dists/stable/${name}`, {status: 503});
    await wire.clock.advance(3_600_000);
    expect((await resolved(importer, LIST)).digest).not.to.equal(undefined);
    expect((await resolved(importer, DEB)).digest).not.to.equal(undefined);
  });

  it('asks nothing when it is offline', async () => {
    const silent = make({offline: true, suites: ['stable']});
    for (const path of ['/dists/stable/InRelease', LIST, DEB]) {
      expect((await faultOf(fetched(await resolved(silent, path)))).code).to.equal('POLICY_REFUSED');
    }
    expect(wire.server.requests.length).to.equal(0);
  });

  it('asks upstream under one spelling of a name', async () => {
    offerArchive(wire.server, [HELLO]);
    const keys = await Promise.all([DEB, `/${poolPath(HELLO)}`, DEB.replaceAll('%3A', '%3a')].map(async (path) => (await resolved(importer, path)).key));
    expect(new Set(keys).size).to.equal(1);
  });

  it('has nothing but dists and pool', async () => {
    for (const path of ['/', '/dists', '/dists/', '/dists/stable/', '/pool/main/', '/doc/a/b', '/ls-lR.gz', '/project/trace/x',
      '/pool/../x/y', '/pool/%2e%2e/x/y', '/pool/a%2fb/c', '/pool/a%FF/c']) {
      expect(await importer.resolve(requestFor(path)), path).to.equal(undefined);
    }
  });

  it('refuses wrong options by name', () => {
    for (const suites of ['stable', ['a/b/c'], ['..'], ['']]) expect(() => make({suites: suites as never})).to.throw(TypeError, 'suites');
    expect(() => make({typo: 1} as never)).to.throw(TypeError, 'typo');
  });
});
