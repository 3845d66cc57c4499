import {expect} from 'chai';
import {DebianImporter, type DebianImporterOptions} from '../../../src/streamer/importers/debian-importer.js';
import {faultOf} from '../../../src/testing/fault-of.js';
import {useWire} from '../../support/wire.js';
import {fetched, hexOf, resolved, served} from './asking.js';
import {encoded, offerArchive, sourceFolder, type DebianPackage, type DebianSource} from './debian-archive.js';

const HELLO: DebianPackage = {name: 'hello', version: '2.10', architecture: 'amd64', content: 'the bytes of hello'};
const SOURCE: DebianSource = {name: 'hello', version: '2.10-3', files: {
  'hello_2.10-3.dsc': 'what it consists of',
  'hello_2.10.orig.tar.gz': 'as its author made it', 'hello_2.10.orig.tar.gz.asc': 'who signed it',
  'hello_2.10.orig-docs.tar.xz': 'more of it', 'hello_2.10-3.debian.tar.xz': 'what Debian made of it',
}};
const NATIVE: DebianSource = {name: 'tool', version: '1:1+b~1', files: {
  'tool_1+b~1.dsc': 'of tool', 'tool_1+b~1.tar.xz': 'tool', 'tool_1.diff.gz': 'older',
}};
const LIST = '/debian/dists/stable/main/source/Sources.gz';
const pathsOf = (source: DebianSource): [string, string | Uint8Array][] =>
  Object.entries(source.files).map(([name, body]) => [`/${encoded(`${sourceFolder(source)}/${name}`)}`, body]);
const [DSC] = pathsOf(SOURCE)[0] as [string, string];

describe('DebianImporter, source packages', () => {
  const wire = useWire();
  const make = (more: Partial<DebianImporterOptions> = {}): DebianImporter =>
    new DebianImporter({upstream: wire.server.url('/debian'), context: wire.context, retries: 0, suites: ['stable'], ...more});
  const listsAsked = (): string[] => wire.server.requests.map(({path}) => path).filter((path) => /\/(?:source|binary-[^/]*)\//.test(path));
  /** What the importer makes of a file: its digest, and whether it is asked for again. */
  const verdict = async (importer: DebianImporter, path: string): Promise<unknown> => {
    const {digest, immutable} = await resolved(importer, path);
    return [digest?.hex, immutable];
  };

  for (const [what, options] of Object.entries({
    'gzip, by hash': {}, 'gzip, by name': {byHash: false},
    'plain': {sourceLists: ['Sources'], byHash: false}, 'both': {sourceLists: ['Sources', 'Sources.gz']},
  })) {
    it(`verifies every file of a source package by the list of the suite that clients use (${what})`, async () => {
      offerArchive(wire.server, [HELLO], {...options, sources: [SOURCE, NATIVE]});
      const importer = make({suites: []});
      await served(importer, '/dists/stable/InRelease');
      const files = [...pathsOf(SOURCE), ...pathsOf(NATIVE)];
      const verdicts = await Promise.all(files.map(([path]) => verdict(importer, path)));
      expect(verdicts).to.deep.equal(files.map(([, body]) => [hexOf('sha256', body), true]));
      for (const [path, body] of files) expect(await served(importer, path)).to.equal(body);
      expect(listsAsked().length).to.equal(1);
    });
  }

  it('looks at the list of sources only for what a source package may consist of', async () => {
    offerArchive(wire.server, [HELLO], {sources: [SOURCE]});
    const importer = make();
    for (const name of ['hello_2.10_amd64.deb', 'README', 'hello_2.10.changes', 'hello_2.10_amd64.buildinfo', 'tar.gz']) {
      await resolved(importer, `/pool/main/h/hello/${name}`);
    }
    expect(listsAsked().every((path) => path.includes('/binary-amd64/'))).to.equal(true);
    await resolved(importer, DSC);
    expect(listsAsked().filter((path) => path.includes('/source/')).length).to.equal(1);
  });

  it('refuses one with other bytes', async () => {
    offerArchive(wire.server, [], {sources: [SOURCE]});
    const importer = make();
    for (const [path] of pathsOf(SOURCE)) {
      wire.server.on(`/debian${path}`, {body: 'other'});
      expect((await faultOf(served(importer, path))).code, path).to.equal('DIGEST_MISMATCH');
    }
  });

  it('lets pass unverified, and not for good, what no list names', async () => {
    for (const sourceLists of [[], ['Sources.bz2']]) {
      offerArchive(wire.server, [HELLO], {sources: [SOURCE], sourceLists});
      const importer = make();
      await served(importer, '/dists/stable/InRelease');
      expect(await verdict(importer, DSC)).to.deep.equal([undefined, false]);
      expect(await served(importer, DSC)).to.equal('what it consists of');
    }
    offerArchive(wire.server, [HELLO], {sources: [NATIVE]});
    const importer = make();
    await served(importer, '/dists/stable/InRelease');
    expect(await verdict(importer, DSC)).to.deep.equal([undefined, false]);
  });

  it('takes a list that the Release names and that isn\'t there for one that names nothing', async () => {
    offerArchive(wire.server, [HELLO], {sources: [SOURCE], byHash: false});
    wire.server.on(LIST, {status: 404});
    expect(await verdict(make(), DSC)).to.deep.equal([undefined, false]);
  });

  it('fetches nothing unverified because the list can\'t be had, or is another', async () => {
    for (const [script, code] of [[{status: 500}, 'REPLY_FAILED'], [{body: 'another'}, 'SIZE_MISMATCH']] as const) {
      offerArchive(wire.server, [HELLO], {sources: [SOURCE], byHash: false});
      wire.server.on(LIST, script);
      const resource = await resolved(make({token: code}), DSC);
      expect([resource.key, (await faultOf(fetched(resource))).code]).to.deep.equal([wire.server.url(`/debian${DSC}`), code]);
    }
    expect(wire.server.requestsFor(`/debian${DSC}`).length).to.equal(0);
  });

  it('looks in each suite that clients use, and no further than where it is named', async () => {
    offerArchive(wire.server, [], {sources: [SOURCE]});
    offerArchive(wire.server, [], {sources: [NATIVE, SOURCE], suite: 'stable/updates'});
    offerArchive(wire.server, [], {sources: [NATIVE], suite: 'unused'});
    const importer = make();
    const [[first], [second]] = [pathsOf(SOURCE)[0] as [string, string], pathsOf(NATIVE)[0] as [string, string]];
    expect(await verdict(importer, first)).to.deep.equal([hexOf('sha256', 'what it consists of'), true]);
    expect(await verdict(importer, second)).to.deep.equal([undefined, false]);
    await served(importer, '/dists/stable/updates/InRelease');
    expect(await verdict(importer, second)).to.deep.equal([hexOf('sha256', 'of tool'), true]);
    expect(listsAsked().map((path) => path.split('/main/')[0])).to.deep.equal(['/debian/dists/stable', '/debian/dists/stable/updates']);
  });

  it('judges by the list that a new Release names as soon as a client got it', async () => {
    offerArchive(wire.server, [], {sources: [SOURCE]});
    const importer = make();
    const [added] = pathsOf(NATIVE)[0] as [string, string];
    expect(await verdict(importer, added)).to.deep.equal([undefined, false]);
    offerArchive(wire.server, [], {sources: [SOURCE, NATIVE]});
    await served(importer, '/dists/stable/InRelease');
    expect(await verdict(importer, added)).to.deep.equal([hexOf('sha256', 'of tool'), true]);
  });

  it('goes on with what it knows when a new Release names no sources, and while upstream is down', async () => {
    offerArchive(wire.server, [], {sources: [SOURCE]});
    const importer = make();
    const known = await verdict(importer, DSC);
    offerArchive(wire.server, []);
    await served(importer, '/dists/stable/InRelease');
    expect(await verdict(importer, DSC)).to.deep.equal(known);
    for (const name of ['InRelease', 'Release']) wire.server.on(`/debian/dists/stable/${name}`, {status: 503});
    await wire.clock.advance(3_600_000);
    expect(await verdict(importer, DSC)).to.deep.equal(known);
  });

  it('asks nothing when it is offline', async () => {
    expect((await faultOf(fetched(await resolved(make({offline: true}), DSC)))).code).to.equal('POLICY_REFUSED');
    expect(wire.server.requests.length).to.equal(0);
  });

  it('has the Release in the folder of a list as a file that the suite\'s Release may name, not as a suite', async () => {
    offerArchive(wire.server, [], {sources: [SOURCE], sourceLists: ['Sources.bz2', 'Release']});
    wire.server.on('/debian/dists/stable/main/binary-amd64/Release', {body: 'Archive: stable'});
    const importer = make();
    expect(await verdict(importer, '/dists/stable/main/binary-amd64/Release')).to.deep.equal([undefined, false]);
    expect(await served(importer, '/dists/stable/main/binary-amd64/Release')).to.equal('Archive: stable');
    expect((await resolved(importer, '/dists/stable/main/source/Release')).digest?.algorithm).to.equal('sha256');
    expect(await served(importer, DSC)).to.equal('what it consists of');
  });
});
