import {expect} from 'chai';
import {mkdir, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {ContentStore} from '../../src/compose/content-store.js';
import {NpmImporter} from '../../src/streamer/importers/npm-importer.js';
import {Streamer} from '../../src/streamer/streamer.js';
import {ScriptedServer} from '../../src/testing/scripted-server.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {ProxyServer} from '../support/proxy-server.js';
import {answers, runClient} from './client-run.js';
import {configuredRegistry, realProject, recordedProject, type LockedProject} from './npm-registry.js';

const REGISTRY = await configuredRegistry();
const IS_REAL = await answers(`${REGISTRY}commander`);
const WHAT = IS_REAL ? 'this machine\'s registry' : 'no network, so a recorded miniature registry';

describe(`npm ci through a streamer (${WHAT})`, function suite() {
  this.timeout(240_000);
  const folder = useTempFolder();
  let server: ScriptedServer;
  /** The way to the upstream, which can be cut. */
  let way: ProxyServer;
  let proxyUrl: string;
  let project: LockedProject;
  beforeEach(async () => {
    server = await ScriptedServer.start();
    way = await ProxyServer.start();
    proxyUrl = way.url;
    project = IS_REAL ? await realProject() : await recordedProject(server, folder.path);
  });
  afterEach(async () => {
    await way.close();
    await server.close();
  });

  const streamerOf = (offline = false): Streamer => new Streamer({
    store: new ContentStore({folder: folder.join('store')}), offline,
    // Without a ttl every document is asked for again, so that the cut is noticed.
    importer: new NpmImporter({upstream: IS_REAL ? REGISTRY : server.url('/npm/'), proxyUrl, ttl: 0, retries: 1, offline}),
  });

  /** Installs it into a folder of that name, with a cache of its own. @returns what is there then */
  const install = async (name: string, registry: string): Promise<Record<string, string>> => {
    const home = folder.join(name);
    await mkdir(home);
    await writeFile(join(home, 'package.json'), JSON.stringify({name: 'flow', version: '1.0.0', dependencies: project.versions}));
    await writeFile(join(home, 'package-lock.json'), JSON.stringify(project.lock));
    const {code, told} = await runClient('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--fetch-retries=0',
      `--registry=${registry}/`, `--cache=${join(home, 'cache')}`], home);
    expect(code, told).to.equal(0);
    return Object.fromEntries(await Promise.all(Object.keys(project.versions).map(async (one) => {
      const {version} = JSON.parse(await readFile(join(home, 'node_modules', one, 'package.json'), 'utf8')) as {version: string};
      return [one, version];
    })));
  };

  it('installs cold; warm with the upstream cut off; and offline after a restart', async () => {
    const streamer = streamerOf();
    try {
      const {url} = await streamer.listen();
      expect(await install('cold', url)).to.deep.equal(project.versions);
      expect(way.requests.length).to.be.greaterThan(0);
      await way.close();
      expect(await install('warm', url)).to.deep.equal(project.versions);
    } finally {
      await streamer.close({grace: 0});
    }
    const restarted = streamerOf(true);
    try {
      const {url} = await restarted.listen();
      expect(await install('offline', url)).to.deep.equal(project.versions);
    } finally {
      await restarted.close({grace: 0});
    }
  });

  it('fails, and installs nothing, when nothing is stored and the upstream is cut off', async () => {
    await way.close();
    const streamer = streamerOf();
    try {
      const {url} = await streamer.listen();
      const fault = await install('cold', url).then(() => { throw new Error('it was installed'); }, (thrown: unknown) => thrown as Error);
      expect(fault.message).to.match(/50[24]/);
    } finally {
      await streamer.close({grace: 0});
    }
  });
});
