import {mkdtemp, rm} from 'node:fs/promises';
import {availableParallelism, loadavg, tmpdir} from 'node:os';
import {join} from 'node:path';
import {SystemClock} from '../../src/core/clock.js';
import {openPreferenceStore} from '../../src/preferences/store/open-preference-store.js';
import {BenchPostgres} from './bench-postgres.js';
import type {BenchSettings} from './bench-settings.js';
import {BenchPostgresDatabase, BenchSqlite} from './preferences-database.js';
import type {PreferenceSite} from './preferences-ground.js';
import {loadAndWeigh} from './preferences-load.js';
import {lookups} from './preferences-lookups.js';
import {fillUpkeep, plans} from './preferences-plans.js';
import {PreferenceRows} from './preferences-rows.js';

/** The part `preferences`: a million global values on both engines, what they weigh, how they are found, and by which plans. */
export async function preferences({rows: count, pairs, seed}: BenchSettings): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'jupiter-bench-'));
  const postgres = await BenchPostgres.start();
  const sites: PreferenceSite[] = [];
  try {
    const [load = 0] = loadavg();
    console.log(`\npreferences: in ${folder}, commits synced; ${availableParallelism()} cores, load ${load.toFixed(1)} before it`);
    const path = join(folder, 'preferences.db');
    sites.push({name: 'SQLite', location: path, store: open(path), ours: new BenchSqlite(path),
      naive: new BenchSqlite(join(folder, 'naive.db'))});
    const url = await postgres.database('preferences');
    sites.push({name: 'PostgreSQL', location: url, store: open(url), ours: await BenchPostgresDatabase.connect(url),
      naive: await BenchPostgresDatabase.connect(await postgres.database('naive'))});
    const ground = {sites, rows: new PreferenceRows(count, seed), pairs, seed, folder};
    await loadAndWeigh(ground);
    await fillUpkeep(ground);
    for (const {ours, naive} of sites) for (const database of [ours, naive]) await database.all('analyze');
    await plans(ground);
    await lookups(ground);
  } finally {
    for (const {store, ours, naive} of sites) for (const one of [store, ours, naive]) await one.close();
    await postgres.stop();
    await rm(folder, {recursive: true, force: true});
  }
}

function open(location: string): PreferenceSite['store'] {
  return openPreferenceStore(location, {clock: new SystemClock(), random: Math.random});
}
