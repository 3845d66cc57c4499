import {expect} from 'chai';
import {ProtocolError} from '../../../src/core/errors.js';
import {NpmImporter, type NpmImporterOptions} from '../../../src/streamer/importers/npm-importer.js';
import {faultOf} from '../../../src/testing/fault-of.js';
import {useWire} from '../../support/wire.js';
import {fetched, hexOf, integrityOf, ORIGIN, requestFor, resolved, served} from './asking.js';

const TGZ = 'the bytes of a tarball';
const SHORT = 'application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*';

describe('NpmImporter', () => {
  const wire = useWire();
  let importer: NpmImporter;
  beforeEach(() => { importer = make(); });
  const make = (more: Partial<NpmImporterOptions> = {}): NpmImporter =>
    new NpmImporter({upstream: wire.server.url('/npm/'), context: wire.context, retries: 0, ...more});

  /** Puts a package with one version there. */
  const offer = (name: string, version = '1.0.0', dist: object = {integrity: integrityOf(TGZ)}, body: string = TGZ): void => {
    const path = `/npm/${name}/-/${name.replace(/.*\//, '')}-${version}.tgz`;
    const versions = {[version]: {name, version, dist: {tarball: wire.server.url(path), ...dist}}};
    wire.server.on(path, {body})
      .on(`/npm/${name.replace('/', '%2f')}`, {body: JSON.stringify({name, versions}), headers: {'Content-Type': 'application/json'}});
  };
  const asked = (): string[] => wire.server.requests.map(({path}) => path);

  for (const path of ['/@s/pkg', '/@s%2fpkg']) {
    it(`gives the document at ${path}, pointing back`, async () => {
      offer('@s/pkg');
      const document = JSON.parse(await served(importer, path)) as {versions: Record<string, {dist: {tarball: string}}>};
      expect(document.versions['1.0.0']?.dist.tarball).to.equal(`${ORIGIN}/@s/pkg/-/pkg-1.0.0.tgz`);
      expect(asked()).to.deep.equal(['/npm/@s%2fpkg']);
    });
  }

  it('passes on which of the two documents is wanted, and keeps them apart', async () => {
    offer('pkg');
    const short = await resolved(importer, '/pkg', {headers: {accept: SHORT}});
    const full = await resolved(importer, '/pkg', {headers: {accept: 'text/html'}});
    expect([short.key, full.key]).to.deep.equal([`${wire.server.url('/npm/pkg')}#short`, wire.server.url('/npm/pkg')]);
    expect([short.immutable, short.ttl]).to.deep.equal([false, 60_000]);
    for (const resource of [short, full]) await fetched(resource);
    expect(wire.server.requests.map(({headers}) => headers.accept)).to.deep.equal([SHORT, 'application/json']);
  });

  it('verifies a tarball by what the document said, without asking for it again', async () => {
    offer('pkg');
    await served(importer, '/pkg');
    const resource = await resolved(importer, '/pkg/-/pkg-1.0.0.tgz');
    expect(resource.digest).to.deep.equal({algorithm: 'sha512', hex: hexOf('sha512', TGZ)});
    expect([resource.immutable, resource.key]).to.deep.equal([true, wire.server.url('/npm/pkg/-/pkg-1.0.0.tgz')]);
    expect((await fetched(resource)).body.toString()).to.equal(TGZ);
    expect(asked()).to.deep.equal(['/npm/pkg', '/npm/pkg/-/pkg-1.0.0.tgz']);
  });

  it('asks for the document when a tarball comes first, once for many', async () => {
    offer('pkg');
    const all = await Promise.all(Array.from({length: 20}, () => resolved(importer, '/pkg/-/pkg-1.0.0.tgz')));
    expect(new Set(all.map(({digest}) => digest?.hex)).size).to.equal(1);
    expect(asked()).to.deep.equal(['/npm/pkg']);
  });

  it('refuses a tarball with other bytes', async () => {
    offer('pkg', '1.0.0', {integrity: integrityOf(TGZ), shasum: hexOf('sha1', 'other bytes')}, 'other bytes');
    expect((await faultOf(served(importer, '/pkg/-/pkg-1.0.0.tgz'))).code).to.equal('DIGEST_MISMATCH');
  });

  it('goes by the shasum when there is nothing better', async () => {
    offer('pkg', '1.0.0', {shasum: hexOf('sha1', TGZ)});
    expect((await resolved(importer, '/pkg/-/pkg-1.0.0.tgz')).digest?.algorithm).to.equal('sha1');
    expect(await served(importer, '/pkg/-/pkg-1.0.0.tgz')).to.equal(TGZ);
    offer('bad', '1.0.0', {shasum: hexOf('sha1', 'other')});
    expect((await faultOf(served(importer, '/bad/-/bad-1.0.0.tgz'))).code).to.equal('DIGEST_MISMATCH');
  });

  it('keeps nothing for good of which nothing is said', async () => {
    offer('pkg', '1.0.0', {});
    const {digest, immutable} = await resolved(importer, '/pkg/-/pkg-1.0.0.tgz');
    expect([digest, immutable]).to.deep.equal([undefined, false]);
  });

  it('refuses a tarball whose integrity is broken, though it has a shasum', async () => {
    offer('pkg', '1.0.0', {integrity: 'sha512-x', shasum: hexOf('sha1', TGZ)});
    expect(await faultOf(resolved(importer, '/pkg/-/pkg-1.0.0.tgz'))).to.be.instanceOf(ProtocolError);
  });

  it('finds no version, package or endpoint that there isn\'t', async () => {
    offer('pkg');
    for (const path of ['/pkg/-/pkg-9.9.9.tgz', '/missing/-/missing-1.0.0.tgz', '/-/v1/search', '/-/npm/v1/security/audits', '/pkg/1.0.0']) {
      expect(await importer.resolve(requestFor(path)), path).to.equal(undefined);
    }
    expect((await faultOf(served(importer, '/missing'))).code).to.equal('NOT_FOUND');
  });

  it('finds a version that was published just now, as soon as 10 s have passed', async () => {
    offer('pkg', '1.0.0');
    await served(importer, '/pkg');
    offer('pkg', '1.1.0');
    expect(await importer.resolve(requestFor('/pkg/-/pkg-1.1.0.tgz'))).to.equal(undefined);
    await wire.clock.advance(10_000);
    expect(await importer.resolve(requestFor('/pkg/-/pkg-1.1.0.tgz'))).not.to.equal(undefined);
  });

  it('lets the store answer for a tarball while upstream is down, and fetches nothing unverified', async () => {
    offer('pkg');
    const known = await resolved(importer, '/pkg/-/pkg-1.0.0.tgz');
    wire.server.on('/npm/pkg', {status: 500});
    const fresh = make({token: 'another'});
    const resource = await resolved(fresh, '/pkg/-/pkg-1.0.0.tgz');
    expect([resource.key, resource.immutable]).to.deep.equal([known.key, true]);
    expect((await faultOf(fetched(resource))).code).to.equal('REPLY_FAILED');
    expect(wire.server.requestsFor('/npm/pkg/-/pkg-1.0.0.tgz').length).to.equal(0);
  });

  it('asks nothing when it is offline', async () => {
    const silent = make({offline: true});
    for (const path of ['/pkg', '/pkg/-/pkg-1.0.0.tgz']) {
      expect((await faultOf(fetched(await resolved(silent, path)))).code).to.equal('POLICY_REFUSED');
    }
    expect(wire.server.requests.length).to.equal(0);
  });

  it('shares what it learns with others of the same upstream and credentials, in one Context', async () => {
    offer('pkg');
    await served(importer, '/pkg');
    await resolved(make(), '/pkg/-/pkg-1.0.0.tgz');
    expect(asked().length).to.equal(1);
    await resolved(make({token: 'mine'}), '/pkg/-/pkg-1.0.0.tgz');
    expect([asked().length, wire.server.requests[1]?.headers.authorization]).to.deep.equal([2, 'Bearer mine']);
  });

  it('refuses metadata that is none', async () => {
    wire.server.on('/npm/pkg', {body: '<html>sign in</html>'});
    expect((await faultOf(served(importer, '/pkg'))).code).to.equal('PROTOCOL_ERROR');
    expect((await faultOf(served(importer, '/pkg/-/pkg-1.0.0.tgz'))).code).to.equal('PROTOCOL_ERROR');
  });

  it('refuses wrong options by name', () => {
    expect(() => make({hosts: ['http://a.example'] as never})).to.throw(TypeError, 'hosts');
    expect(() => make({hosts: 'a.example' as never})).to.throw(TypeError, 'hosts');
    expect(() => make({typo: 1} as never)).to.throw(TypeError, 'typo');
  });
});
