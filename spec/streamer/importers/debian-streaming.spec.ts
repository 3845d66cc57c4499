import {expect} from 'chai';
import {once} from 'node:events';
import {get, type IncomingMessage} from 'node:http';
import {gzipSync} from 'node:zlib';
import {ContentStore} from '../../../src/compose/content-store.js';
import {DebianImporter} from '../../../src/streamer/importers/debian-importer.js';
import {Streamer} from '../../../src/streamer/streamer.js';
import {useTempFolder} from '../../../src/testing/temp-folder.js';
import {useWire} from '../../support/wire.js';
import {drain, type Got} from '../stage.js';
import {DIFFS, offerArchive, type DebianSource} from './debian-archive.js';

const LARGE = Buffer.alloc(300_000, 'source');
const SOURCE: DebianSource = {name: 'hello', version: '1', files: {'hello_1.dsc': 'what it consists of', 'hello_1.tar.xz': LARGE}};
const PATCH = '1d\n';
const DSC = '/pool/main/h/hello/hello_1.dsc';
const TAR = '/pool/main/h/hello/hello_1.tar.xz';
const DIFF = `/dists/stable/${DIFFS}/T-2-F-1.gz`;
const LIST = '/debian/dists/stable/main/source/Sources.gz';

for (const stored of [false, true]) {
  describe(`DebianImporter behind a streamer ${stored ? 'with' : 'without'} a store`, () => {
    const wire = useWire();
    const folder = useTempFolder();
    let streamer: Streamer;
    let port: number;
    beforeEach(async () => {
      offerArchive(wire.server, [], {sources: [SOURCE], diffs: [{name: 'T-2-F-1', patch: PATCH}], byHash: false});
      const importer = new DebianImporter({upstream: wire.server.url('/debian'), context: wire.context, retries: 0, suites: ['stable']});
      const store = stored ? new ContentStore({folder: folder.join('store')}) : undefined;
      streamer = new Streamer({importer, store, context: wire.context});
      ({port} = await streamer.listen());
    });
    afterEach(async () => { await streamer.close({grace: false}); });
    const ask = async (path: string): Promise<Got> => {
      const request = get({port, path, agent: false});
      request.on('error', () => undefined);
      const [reply] = await once(request, 'response') as [IncomingMessage];
      return drain(reply);
    };

    it('gives source packages and list diffs that are good', async () => {
      for (const [path, body] of [[DSC, 'what it consists of'], [TAR, LARGE], [DIFF, gzipSync(PATCH)]] as const) {
        const {status, body: got, whole} = await ask(path);
        expect([status, got.equals(Buffer.from(body)), whole], path).to.deep.equal([200, true, true]);
      }
    });

    it('answers 502 for small ones with other bytes, and takes them when upstream has mended them', async () => {
      for (const [path, good] of [[DSC, Buffer.from('what it consists of')], [DIFF, gzipSync(PATCH)]] as const) {
        wire.server.on(`/debian${path}`, {body: Buffer.alloc(good.byteLength, 'x')});
        const {status, headers} = await ask(path);
        expect([status, headers['content-type']], path).to.deep.equal([502, 'application/problem+json']);
        wire.server.on(`/debian${path}`, {body: good});
        await wire.clock.advance(60_000);
        const mended = await ask(path);
        expect([mended.status, mended.body.equals(good)], path).to.deep.equal([200, true]);
      }
    });

    it('ends a large one with other bytes before its end', async () => {
      const bad = Buffer.from(LARGE);
      bad.write('X', 10);
      wire.server.on(`/debian${TAR}`, {body: bad});
      const {body, whole} = await ask(TAR);
      expect([whole, body.byteLength < bad.byteLength]).to.deep.equal([false, true]);
    });

    it('answers 502 when the list can\'t be had, and asks for nothing besides', async () => {
      wire.server.on(LIST, {status: 500});
      wire.server.on(`/debian/dists/stable/${DIFFS}/Index`, {body: 'another'});
      for (const path of [DSC, TAR, DIFF]) {
        expect((await ask(path)).status, path).to.equal(502);
        expect(wire.server.requestsFor(`/debian${path}`).length, path).to.equal(0);
      }
    });
  });
}
