import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {KIB, MIB, type BenchSettings} from './bench-settings.js';
import {pairingText} from './pairing-text.js';
import {jupiter, peers} from './peers.js';
import {pair} from './race.js';
import {BenchSite} from './site.js';

/** What was aimed at: ours ÷ peer, by the clock. */
const MARKS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  small: {'aria2c': 1, 'got script': 0.6},
  large: {'aria2c': 1.5, 'curl, sha256sum': 1},
};

/** The part `small`: many files of 16 KiB with sha256. */
export async function small({files, pairs}: BenchSettings): Promise<void> {
  await race('small', files, 16 * KIB, ['none', 'file', 'full'], pairs);
}

/** The part `large`: one file with sha256. */
export async function large({mebibytes, pairs}: BenchSettings): Promise<void> {
  await race('large', 1, mebibytes * MIB, ['none', 'full'], pairs);
}

async function race(name: string, count: number, size: number, durabilities: readonly string[], pairs: number): Promise<void> {
  const site = await BenchSite.start(2 * count * Math.max(size, 4 * KIB) + 64 * MIB);
  try {
    const items = await site.files(count, size);
    const list = join(site.folder, 'list.json');
    await writeFile(list, JSON.stringify(items));
    const each = size >= MIB ? `${size / MIB} MiB` : `${size / KIB} KiB`;
    console.log(`\n${name}: ${count} × ${each} with sha256, from ${site.server}, in ${site.place}`);
    const rivals = await peers(site, items, list);
    for (const durability of durabilities) {
      for (const rival of rivals) {
        const mark = durability === 'none' ? MARKS[name]?.[rival.name] : undefined;
        console.log(pairingText(await pair(site, jupiter(list, durability), rival, count, pairs), count * size, count, mark));
      }
    }
  } finally {
    await site.stop();
  }
}
