import {expect} from 'chai';
import {gzipSync} from 'node:zlib';
import {DebianImporter, type DebianImporterOptions} from '../../../src/streamer/importers/debian-importer.js';
import {faultOf} from '../../../src/testing/fault-of.js';
import {useWire} from '../../support/wire.js';
import {fetched, hexOf, resolved, served} from './asking.js';
import {DIFFS, offerArchive, type DebianDiff} from './debian-archive.js';

const DIFF: DebianDiff = {name: 'T-2026-10-30-0800.52-F-2026-10-16-0808.02', patch: '1d\n'};
const OLDER: DebianDiff = {name: '2026-10-16-0808.02', patch: '2d\n'};
const NEXT: DebianDiff = {name: 'T-2026-10-30-1400.00-F-2026-10-16-0808.02', patch: '3d\n'};
const FOLDER = `/dists/stable/${DIFFS}`;
const INDEX = `/debian${FOLDER}/Index`;

describe('DebianImporter, list diffs', () => {
  const wire = useWire();
  const make = (more: Partial<DebianImporterOptions> = {}): DebianImporter =>
    new DebianImporter({upstream: wire.server.url('/debian'), context: wire.context, retries: 0, ...more});
  const digestOf = async (importer: DebianImporter, path: string): Promise<string | undefined> => {
    const {digest, immutable} = await resolved(importer, path);
    expect(immutable).to.equal(digest !== undefined);
    return digest?.hex;
  };

  for (const byHash of [true, false]) {
    it(`verifies diffs, packed and unpacked, by the Index that the Release names (${byHash ? 'by hash' : 'by name'})`, async () => {
      offerArchive(wire.server, [], {byHash, diffs: [DIFF, OLDER]});
      const importer = make();
      for (const {name, patch} of [DIFF, OLDER]) {
        expect(await digestOf(importer, `${FOLDER}/${name}.gz`)).to.equal(hexOf('sha256', gzipSync(patch)));
        expect(await digestOf(importer, `${FOLDER}/${name}`)).to.equal(hexOf('sha256', patch));
        expect(await served(importer, `${FOLDER}/${name}`)).to.equal(patch);
      }
      const asked = wire.server.requests.map(({path}) => path);
      expect(asked.filter((path) => path === INDEX || path.includes('.diff/by-hash/')).length).to.equal(1);
    });
  }

  it('verifies the Index itself by the Release, and takes no digest from a forged one', async () => {
    const files = offerArchive(wire.server, [], {byHash: false, diffs: [DIFF]});
    expect(await digestOf(make(), `${FOLDER}/Index`)).to.equal(hexOf('sha256', files.get(`${DIFFS}/Index`) ?? ''));
    const forged = (files.get(`${DIFFS}/Index`) ?? Buffer.alloc(0)).toString().replaceAll('-Download', '-Uploaded');
    wire.server.on(INDEX, {body: forged});
    const resource = await resolved(make(), `${FOLDER}/${DIFF.name}.gz`);
    expect((await faultOf(fetched(resource))).code).to.equal('DIGEST_MISMATCH');
    expect(wire.server.requestsFor(`/debian${FOLDER}/${DIFF.name}.gz`).length).to.equal(0);
  });

  it('refuses a diff with other bytes', async () => {
    offerArchive(wire.server, [], {diffs: [DIFF]});
    for (const name of [DIFF.name, `${DIFF.name}.gz`]) {
      wire.server.on(`/debian${FOLDER}/${name}`, {body: 'other'});
      expect((await faultOf(served(make(), `${FOLDER}/${name}`))).code, name).to.equal('DIGEST_MISMATCH');
    }
  });

  it('lets pass unverified what no Index names: not named, not there, no SHA-256', async () => {
    offerArchive(wire.server, [], {diffs: [DIFF]});
    expect(await digestOf(make(), `${FOLDER}/${NEXT.name}.gz`)).to.equal(undefined);
    offerArchive(wire.server, [], {diffs: [DIFF], byHash: false, suite: 'lost'});
    wire.server.on(INDEX.replace('stable', 'lost'), {status: 404});
    expect(await digestOf(make(), `${FOLDER.replace('stable', 'lost')}/${DIFF.name}.gz`)).to.equal(undefined);
    offerArchive(wire.server, [], {suite: 'without'});
    wire.server.on(`/debian/dists/without/${DIFFS}/${DIFF.name}.gz`, {body: 'of old'});
    expect(await served(make(), `/dists/without/${DIFFS}/${DIFF.name}.gz`)).to.equal('of old');
  });

  it('fetches nothing unverified because the Index can\'t be had', async () => {
    offerArchive(wire.server, [], {diffs: [DIFF], byHash: false});
    wire.server.on(INDEX, {status: 500});
    expect((await faultOf(served(make(), `${FOLDER}/${DIFF.name}.gz`))).code).to.equal('REPLY_FAILED');
    expect(wire.server.requestsFor(`/debian${FOLDER}/${DIFF.name}.gz`).length).to.equal(0);
  });

  it('judges by the newest Index, and by an older one what only that has', async () => {
    offerArchive(wire.server, [], {diffs: [DIFF, OLDER]});
    const importer = make();
    const before = await digestOf(importer, `${FOLDER}/${DIFF.name}.gz`);
    offerArchive(wire.server, [], {diffs: [NEXT, {...OLDER, patch: 'made anew\n'}]});
    await served(importer, '/dists/stable/InRelease');
    expect(await digestOf(importer, `${FOLDER}/${NEXT.name}.gz`)).to.equal(hexOf('sha256', gzipSync(NEXT.patch)));
    expect(await digestOf(importer, `${FOLDER}/${OLDER.name}`)).to.equal(hexOf('sha256', 'made anew\n'));
    expect(await digestOf(importer, `${FOLDER}/${DIFF.name}.gz`)).to.equal(before);
  });

  it('takes no digest from the Index of another suite', async () => {
    offerArchive(wire.server, [], {diffs: [DIFF]});
    offerArchive(wire.server, [], {suite: 'stable/updates', diffs: [{...DIFF, patch: 'of another\n'}]});
    const importer = make();
    for (const [suite, patch] of [['stable', DIFF.patch], ['stable/updates', 'of another\n']] as const) {
      expect(await digestOf(importer, `/dists/${suite}/${DIFFS}/${DIFF.name}.gz`), suite).to.equal(hexOf('sha256', gzipSync(patch)));
    }
    offerArchive(wire.server, [], {suite: 'stable/updates', diffs: [NEXT]});
    offerArchive(wire.server, [], {diffs: []});
    const fresh = make({token: 'another'});
    expect(await digestOf(fresh, `/dists/stable/${DIFFS}/${NEXT.name}.gz`)).to.equal(undefined);
  });

  it('goes on with what it knows while upstream is down', async () => {
    offerArchive(wire.server, [], {diffs: [DIFF]});
    const importer = make();
    const known = await digestOf(importer, `${FOLDER}/${DIFF.name}.gz`);
    for (const name of ['InRelease', 'Release']) wire.server.on(`/debian/dists/stable/${name}`, {status: 503});
    await wire.clock.advance(3_600_000);
    expect(await digestOf(importer, `${FOLDER}/${DIFF.name}.gz`)).to.equal(known);
  });
});
