import {execFileSync} from 'node:child_process';
import {join} from 'node:path';
import {KIB, MIB} from './bench-settings.js';
import {BenchSite} from './site.js';

/** The part `memory`: the peak of a batch must not grow with its length. */
export async function memory(): Promise<void> {
  const site = await BenchSite.start(64 * MIB);
  try {
    const [item] = await site.files(1, KIB);
    const peak = (number: number): number => Number(execFileSync(process.execPath,
      [join(import.meta.dirname, 'contestants/jupiter-memory.mjs'), item?.url ?? '', String(number)], {encoding: 'utf8'}));
    console.log('\nmemory: peak of a batch, backlog 32');
    const first = peak(1000);
    for (const number of [1000, 10_000, 100_000]) {
      const bytes = number === 1000 ? first : peak(number);
      const more = (bytes - first) / MIB;
      const verdict = number === 100_000 ? `  mark 20: ${more <= 20 ? 'reached' : 'MISSED'}` : '';
      const growth = number === 1000 ? '' : `, ${more.toFixed(1)} MiB more than 1000${verdict}`;
      console.log(`${String(number).padStart(7)} downloads  ${(bytes / MIB).toFixed(0)} MiB${growth}`);
    }
  } finally {
    await site.stop();
  }
}
