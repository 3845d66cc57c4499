import {expect} from 'chai';
import {Context} from '../../../src/core/context.js';
import {ProtocolError} from '../../../src/core/errors.js';
import {NpmImporter, type NpmImporterOptions} from '../../../src/streamer/importers/npm-importer.js';
import {ScriptedServer} from '../../../src/testing/scripted-server.js';
import {TestClock} from '../../../src/testing/test-clock.js';
import {faultOf, fetched, hexOf, integrityOf, ORIGIN, requestFor, resolved, served} from './asking.js';

const TGZ = 'the bytes of a tarball';
const SHORT = 'application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*';

describe('NpmImporter', () => {
  let server: ScriptedServer;
  let clock: TestClock;
  let context: Context;
  let importer: NpmImporter;
  beforeEach(async () => {
    server = await ScriptedServer.start();
    clock = new TestClock({autoAdvance: true});
    context = new Context({clock, random: () => 0.5});
    importer = make();
  });
  afterEach(async () => {
    await context.close();
    await server.close();
  });
  const make = (more: Partial<NpmImporterOptions> = {}): NpmImporter => new NpmImporter({upstream: server.url('/npm/'), context, retries: 0, ...more});

  /** Puts a package with one version there. */
  const offer = (name: string, version = '1.0.0', dist: object = {integrity: integrityOf(TGZ)}, body: string = TGZ): void => {
    const path = `/npm/${name}/-/${name.replace(/.*\//, '')}-${version}.tgz`;
    const versions = {[version]: {name, version, dist: {tarball: server.url(path), ...dist}}};
    server.on(`/npm/${name.replace('/', '%2f')}`, {body: JSON.stringify({name, versions}), headers: {'Content-Type': 'application/json'}})
      .on(path, {body});
  };
  const asked = (): string[] => server.requests.map(({path}) => path);

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
    expect([short.key, full.key]).to.deep.equal([`${server.url('/npm/pkg')}#short`, server.url('/npm/pkg')]);
    expect([short.immutable, short.ttl]).to.deep.equal([false, 60_000]);
    for (const resource of [short, full]) await fetched(resource);
    expect(server.requests.map(({headers}) => headers.accept)).to.deep.equal([SHORT, 'application/json']);
  });

  it('verifies a tarball by what the document said, without asking for it again', async () => {
    offer('pkg');
    await served(importer, '/pkg');
    const resource = await resolved(importer, '/pkg/-/pkg-1.0.0.tgz');
    expect(resource.digest).to.deep.equal({algorithm: 'sha512', hex: hexOf('sha512', TGZ)});
    expect([resource.immutable, resource.key]).to.deep.equal([true, server.url('/npm/pkg/-/pkg-1.0.0.tgz')]);
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
    await clock.advance(10_000);
    expect(await importer.resolve(requestFor('/pkg/-/pkg-1.1.0.tgz'))).not.to.equal(undefined);
  });

  it('lets the store answer for a tarball while upstream is down, and fetches nothing unverified', async () => {
    offer('pkg');
    const known = await resolved(importer, '/pkg/-/pkg-1.0.0.tgz');
    server.on('/npm/pkg', {status: 500});
    const fresh = make({token: 'another'});
    const resource = await resolved(fresh, '/pkg/-/pkg-1.0.0.tgz');
    expect([resource.key, resource.immutable]).to.deep.equal([known.key, true]);
    expect((await faultOf(fetched(resource))).code).to.equal('REPLY_FAILED');
    expect(server.requestsFor('/npm/pkg/-/pkg-1.0.0.tgz').length).to.equal(0);
  });

  it('asks nothing when it is offline', async () => {
    const silent = make({offline: true});
    for (const path of ['/pkg', '/pkg/-/pkg-1.0.0.tgz']) {
      expect((await faultOf(fetched(await resolved(silent, path)))).code).to.equal('POLICY_REFUSED');
    }
    expect(server.requests.length).to.equal(0);
  });

  it('shares what it learns with others of the same upstream and credentials, in one Context', async () => {
    offer('pkg');
    await served(importer, '/pkg');
    await resolved(make(), '/pkg/-/pkg-1.0.0.tgz');
    expect(asked().length).to.equal(1);
    await resolved(make({token: 'mine'}), '/pkg/-/pkg-1.0.0.tgz');
    expect([asked().length, server.requests[1]?.headers.authorization]).to.deep.equal([2, 'Bearer mine']);
  });

  it('refuses metadata that is none', async () => {
    server.on('/npm/pkg', {body: '<html>sign in</html>'});
    expect((await faultOf(served(importer, '/pkg'))).code).to.equal('PROTOCOL_ERROR');
    expect((await faultOf(served(importer, '/pkg/-/pkg-1.0.0.tgz'))).code).to.equal('PROTOCOL_ERROR');
  });

  it('refuses wrong options by name', () => {
    expect(() => make({hosts: ['http://a.example'] as never})).to.throw(TypeError, 'hosts');
    expect(() => make({hosts: 'a.example' as never})).to.throw(TypeError, 'hosts');
    expect(() => make({typo: 1} as never)).to.throw(TypeError, 'typo');
  });
});
