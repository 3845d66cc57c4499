import {mkdtemp, rm} from 'node:fs/promises';
import {availableParallelism, loadavg, tmpdir} from 'node:os';
import {join} from 'node:path';
import type {BenchSettings} from './bench-settings.js';
import {BenchPostgres} from './bench-postgres.js';
import {crowds} from './catalogue-crowd.js';
import type {CatalogueGround} from './catalogue-ground.js';
import {longHistory} from './catalogue-history.js';
import {mergeFigures} from './catalogue-merge.js';
import {retryPresets} from './catalogue-retries.js';

/** The part `catalogue`: many writers, a base that is long gone, the merge, and what a retry preset costs. */
export async function catalogue({pairs, seed}: BenchSettings): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'jupiter-bench-'));
  const postgres = await BenchPostgres.start();
  try {
    const [load = 0] = loadavg();
    console.log(`\ncatalogue: in ${folder}, commits synced; ${availableParallelism()} cores, load ${load.toFixed(1)} before it`);
    const ground: CatalogueGround = {folder, postgres, pairs, seed};
    await crowds(ground);
    await longHistory(ground);
    await mergeFigures();
    await retryPresets(ground);
  } finally {
    await postgres.stop();
    await rm(folder, {recursive: true, force: true});
  }
}
