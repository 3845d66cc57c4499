import {expect} from 'chai';
import {spawnSync} from 'node:child_process';
import {chmod, chown, mkdir} from 'node:fs/promises';
import {SystemClock} from '../../src/core/clock.js';
import {openPreferenceStore} from '../../src/preferences/store/open-preference-store.js';
import {useTempFolder} from '../../src/testing/index.js';

const NOBODY = 65_534;

describe('Preferences with a local file that is read-only', function readOnly() {
  this.timeout(60_000);
  const folder = useTempFolder();

  it('reads, writes globally, and refuses local writes', async function run() {
    // Without another uid nothing is read-only for root, and who isn't root can't have one.
    if (process.getuid?.() !== 0) this.skip();
    await chmod(folder.path, 0o755);
    await Promise.all(['local', 'central'].map(async (name) => {
      await mkdir(folder.join(name));
      await chown(folder.join(name), NOBODY, NOBODY);
    }));
    const store = openPreferenceStore(folder.join('local', 'a.db'), {clock: new SystemClock(), random: Math.random});
    await store.writeLocals([{scope: 'registry.example', owner: 'elmer', setting: 'timeout.read', value: '5'}]);
    await store.close();
    await chmod(folder.join('local', 'a.db'), 0o444);
    const {stdout, stderr} =
      spawnSync(process.execPath,
        ['--import=tsx', 'spec/preferences/read-only-child.ts', folder.join('local', 'a.db'), folder.join('central', 'b.db')],
      {uid: NOBODY, gid: NOBODY, encoding: 'utf8', env: {PATH: process.env.PATH, HOME: folder.path}});
    expect(stdout, stderr)
      .to.equal(JSON.stringify([5, 'LOCAL_READ_ONLY', 'LOCAL_READ_ONLY', 'LOCAL_READ_ONLY', 'LOCAL_READ_ONLY', 'done', 2, 5]));
  });
});
