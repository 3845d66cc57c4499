import {expect} from 'chai';
import {spawnSync} from 'node:child_process';
import {chmod, chown, mkdir, rm} from 'node:fs/promises';
import {dirname} from 'node:path';
import {SystemClock} from '../../src/core/clock.js';
import {openPreferenceStore} from '../../src/preferences/store/open-preference-store.js';
import {useTempFolder} from '../../src/testing/index.js';

const NOBODY = 65_534;

/** What is taken away from the other user. */
const STATES: Readonly<Record<string, (file: string) => Promise<void>>> = {
  'a file that is read-only': (file) => chmod(file, 0o444),
  'a file in a folder that is read-only': async (file) => {
    // They are gone when nobody has it open; this process frees it later.
    await Promise.all(['-wal', '-shm'].map((end) => rm(`${file}${end}`, {force: true})));
    await chmod(dirname(file), 0o555);
    await chmod(file, 0o644);
    await chown(dirname(file), 0, 0);
  },
};

for (const [what, make] of Object.entries(STATES)) describe(`Preferences with ${what}`, function readOnly() {
  this.timeout(60_000);
  const folder = useTempFolder();

  it('read, write globally, and refuse local writes', async function run() {
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
    await make(folder.join('local', 'a.db'));
    const {stdout, stderr} =
      spawnSync(process.execPath,
        ['--import=tsx', 'spec/preferences/read-only-child.ts', folder.join('local', 'a.db'), folder.join('central', 'b.db')],
      {uid: NOBODY, gid: NOBODY, encoding: 'utf8', env: {PATH: process.env.PATH, HOME: folder.path, TMPDIR: folder.join('central')}});
    expect((await folder.list()).filter((name) => name.includes('jupiter-db')), 'copies').to.deep.equal([]);
    expect(stdout, stderr)
      .to.equal(JSON.stringify([5, 'LOCAL_READ_ONLY', 'LOCAL_READ_ONLY', 'LOCAL_READ_ONLY', 'LOCAL_READ_ONLY', 'done', 2, 5]));
  });
});
