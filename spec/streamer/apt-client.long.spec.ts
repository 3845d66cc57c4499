import {expect} from 'chai';
import {readdir} from 'node:fs/promises';
import {basename, extname} from 'node:path';
import {ContentStore} from '../../src/compose/content-store.js';
import {DebianImporter} from '../../src/streamer/importers/debian-importer.js';
import {Streamer} from '../../src/streamer/streamer.js';
import {ScriptedServer} from '../../src/testing/scripted-server.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {ProxyServer} from '../support/proxy-server.js';
import {AptMachine, configuredArchive, recordedArchive, type AptSource} from './apt-machine.js';
import {answers} from './client-run.js';

const ARCHIVE = await configuredArchive();
const REAL = ARCHIVE !== undefined && await answers(`${ARCHIVE.upstream}dists/${ARCHIVE.suite}/InRelease`) ? ARCHIVE : undefined;
const WHAT = REAL === undefined ? 'no network, so a recorded miniature archive' : 'this machine\'s archive';

describe(`apt-get through a streamer (${WHAT})`, function suite() {
  this.timeout(280_000);
  const folder = useTempFolder();
  let server: ScriptedServer;
  /** The way to the upstream, which can be cut. */
  let way: ProxyServer;
  let proxyUrl: string;
  let source: AptSource;
  beforeEach(async () => {
    server = await ScriptedServer.start();
    way = await ProxyServer.start();
    proxyUrl = way.url;
    source = REAL ?? await recordedArchive(server, folder.path);
  });
  afterEach(async () => {
    await way.close();
    await server.close();
  });

  const importerOf = (offline = false): DebianImporter => new DebianImporter({upstream: source.upstream, proxyUrl, ttl: 0, retries: 1, offline});
  const streamerOf = (importer: DebianImporter, offline = false): Streamer =>
    new Streamer({store: new ContentStore({folder: folder.join('store')}), offline, importer});

  /** Updates and downloads, the source too, with an apt that knows nothing yet. @returns the files that it got */
  const fetchWith = async (name: string, url: string): Promise<string[]> => {
    const apt = await AptMachine.make(folder.join(name), url, source);
    for (const args of [['update'], ['download', source.name], ['source', '--download-only', source.name]]) {
      const {code, told} = await apt.run(...args);
      expect(code, told).to.equal(0);
    }
    return (await readdir(folder.join(name, 'got'))).sort();
  };

  it('updates and downloads cold, package and source verified; warm with the upstream cut off; and offline after a restart', async () => {
    const importer = importerOf();
    const streamer = streamerOf(importer);
    let cold: string[];
    try {
      const {url} = await streamer.listen();
      cold = await fetchWith('cold', url);
      expect(cold.filter((file) => file.startsWith(`${source.name}_`)).map(extname)).to.include.members(['.deb', '.dsc']);
      expect(cold.length).to.be.at.least(3);
      const pooled = way.requests.map(({target}) => target.slice(source.upstream.length)).filter((path) => path.startsWith('pool/'));
      expect(pooled.map((path) => basename(decodeURIComponent(path))).sort()).to.deep.equal(cold.map(decodeURIComponent));
      // What it knows since, upstream's lists are the source of: nothing of it went unverified.
      for (const path of pooled) {
        const resource = await importer.resolve({method: 'GET', path: `/${path}`, query: '', headers: {}, origin: url});
        expect(resource?.digest?.algorithm, path).to.equal('sha256');
      }
      await way.close();
      expect(await fetchWith('warm', url)).to.deep.equal(cold);
    } finally {
      await streamer.close({grace: 0});
    }
    const restarted = streamerOf(importerOf(true), true);
    try {
      const {url} = await restarted.listen();
      expect(await fetchWith('offline', url)).to.deep.equal(cold);
    } finally {
      await restarted.close({grace: 0});
    }
  });
});
