import {expect} from 'chai';
import {readFile, readdir, writeFile} from 'node:fs/promises';
import {gzipSync} from 'node:zlib';
import {DebianImporter} from '../../src/streamer/importers/debian-importer.js';
import {Streamer} from '../../src/streamer/streamer.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {useWire} from '../support/wire.js';
import {AptMachine} from './apt-machine.js';
import {runClient} from './client-run.js';
import {hexOf, resolved} from './importers/asking.js';
import {DIFFS, offerArchive, packagesText, type DebianArchiveOptions, type DebianPackage} from './importers/debian-archive.js';

const NAME = 'T-2026-01-02-0000.00-F-2026-01-01-0000.00';
const PACKAGES: readonly DebianPackage[] = Array.from({length: 50}, (_one, at) => ({
  name: `small${at}`, version: '1', architecture: 'amd64', content: `the bytes of ${at}`,
  control: `Version: 1\nArchitecture: amd64\nMaintainer: Spec <spec@example.org>\nDescription: one of many`,
}));
const UPDATED = PACKAGES.map((one, at) => at === 25 ? {...one, content: 'other bytes'} : one);

describe('apt-get with list diffs through a streamer', function suite() {
  this.timeout(60_000);
  const folder = useTempFolder();
  const wire = useWire();
  let importer: DebianImporter;
  let streamer: Streamer;
  let apt: AptMachine;
  beforeEach(async () => {
    importer = new DebianImporter({upstream: wire.server.url('/debian'), context: wire.context, ttl: 0, retries: 0});
    streamer = new Streamer({importer, context: wire.context});
    const {url} = await streamer.listen();
    const source = {upstream: url, suite: 'stable', component: 'main', options: '[trusted=yes] ', name: 'small1'};
    apt = await AptMachine.make(folder.path, url, source);
  });
  afterEach(async () => { await streamer.close({grace: false}); });
  /** Without a signature: what apt is to show here is which files it asks for, and that it takes them. */
  const offer = (packages: readonly DebianPackage[], options: DebianArchiveOptions = {}): void => {
    offerArchive(wire.server, packages, {lists: ['Packages', 'Packages.gz'], sourceLists: ['Sources', 'Sources.gz'], ...options});
    for (const name of ['InRelease', 'Release.gpg']) wire.server.on(`/debian/dists/stable/${name}`, {status: 404});
  };
  const update = async (): Promise<void> => {
    const {code, told} = await apt.run('-o', 'Acquire::PDiffs=true', '-o', 'Acquire::GzipIndexes=false', 'update');
    expect(code, told).to.equal(0);
  };
  const listOf = async (): Promise<string> => {
    const lists = folder.join('state', 'lists');
    const name = (await readdir(lists)).find((one) => one.endsWith('_Packages')) ?? '';
    return readFile(`${lists}/${name}`, 'utf8');
  };
  const patchBetween = async (before: string, after: string): Promise<string> => {
    await writeFile(folder.join('before'), before);
    await writeFile(folder.join('after'), after);
    return (await runClient('diff', ['--ed', 'before', 'after'], folder.path)).stdout;
  };

  for (const isGood of [true, false]) {
    it(isGood ? 'patches its list with a diff that is verified' : 'takes the whole list when the diff has other bytes', async () => {
      const [before, after] = [packagesText(PACKAGES), packagesText(UPDATED)];
      offer(PACKAGES);
      await update();
      expect(await listOf()).to.equal(before);
      const patch = await patchBetween(before, after);
      offer(UPDATED, {diffs: [{name: NAME, patch, from: `${hexOf('sha256', before)} ${Buffer.byteLength(before)}`}]});
      const path = `/debian/dists/stable/${DIFFS}/${NAME}.gz`;
      if (!isGood) wire.server.on(path, {body: 'other bytes'});
      const asked = wire.server.requests.length;
      await update();
      expect(await listOf()).to.equal(after);
      const lists = wire.server.requests.slice(asked).filter((one) => /binary-amd64\/(?:by-hash|Packages(?:\.gz)?$)/.test(one.path));
      expect([wire.server.requestsFor(path).length > 0, lists.length > 0]).to.deep.equal([true, !isGood]);
      expect((await resolved(importer, path.replace('/debian', ''))).digest?.hex).to.equal(hexOf('sha256', gzipSync(patch)));
    });
  }
});
