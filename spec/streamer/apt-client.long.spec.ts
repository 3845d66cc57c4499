import {expect} from 'chai';
import {readdir} from 'node:fs/promises';
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

  /** Updates and downloads with an apt that knows nothing yet. @returns the files that it got */
  const fetchWith = async (name: string, url: string): Promise<string[]> => {
    const apt = await AptMachine.make(folder.join(name), url, source);
    for (const args of [['update'], ['download', source.name]]) {
      const {code, told} = await apt.run(...args);
      expect(code, told).to.equal(0);
    }
    return readdir(folder.join(name, 'got'));
  };

  it('updates and downloads cold, the package verified; warm with the upstream cut off; and offline after a restart', async () => {
    const importer = importerOf();
    const streamer = streamerOf(importer);
    try {
      const {url} = await streamer.listen();
      const cold = await fetchWith('cold', url);
      expect(cold.length).to.equal(1);
      expect(cold[0]).to.match(new RegExp(`^${source.name}_.*\\.deb$`));
      const asked = way.requests.map(({target}) => target);
      expect(asked.filter((target) => target.endsWith('.deb')).length).to.equal(1);
      // What it knows since, upstream's list of packages is the source of: the package didn't go unverified.
      const path = `/${decodeURIComponent(asked.find((target) => target.endsWith('.deb'))?.slice(source.upstream.length) ?? '')}`;
      const resource = await importer.resolve({method: 'GET', path, query: '', headers: {}, origin: url});
      expect(resource?.digest?.algorithm).to.equal('sha256');
      await way.close();
      expect(await fetchWith('warm', url)).to.deep.equal(cold);
    } finally {
      await streamer.close({grace: 0});
    }
    const restarted = streamerOf(importerOf(true), true);
    try {
      const {url} = await restarted.listen();
      expect((await fetchWith('offline', url)).length).to.equal(1);
    } finally {
      await restarted.close({grace: 0});
    }
  });
});
