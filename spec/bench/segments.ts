import {writeFile} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import {MIB, type BenchSettings} from './bench-settings.js';
import {pairingText} from './pairing-text.js';
import {installed} from './peers.js';
import {pair, type Contestant} from './race.js';
import {BenchSite, type Item} from './site.js';

/** MiB/s that a connection gets. */
const RATE = 20;
const CONNECTIONS = 4;
/** A run of 2 GiB takes 26 s, and its time hardly varies. */
const MOST_PAIRS = 3;

/** The part `segments`: one file from a server that limits each connection, over four of them. */
export async function segments({mebibytes, pairs}: BenchSettings): Promise<void> {
  const site = await BenchSite.start(2 * mebibytes * MIB + 64 * MIB, `${RATE}m`);
  try {
    if (site.server !== 'nginx') {
      console.log('\nsegments: left out, since only nginx limits the rate of a connection');
      return;
    }
    const [item] = await site.files(1, mebibytes * MIB) as [Item];
    const list = join(site.folder, 'list.json');
    await writeFile(list, JSON.stringify([item]));
    console.log(`\nsegments: 1 × ${mebibytes} MiB with sha256, from ${site.server} at ${RATE} MiB/s a connection, in ${site.place}; `
      + `${CONNECTIONS} connections can't do more than ${RATE * CONNECTIONS} MiB/s`);
    if (!installed('aria2c')) return;
    for (const durability of ['none', 'full']) {
      const found = await pair(site, jupiter(list, durability), aria2(item), 1, Math.min(pairs, MOST_PAIRS));
      console.log(pairingText(found, mebibytes * MIB, 1));
    }
  } finally {
    await site.stop();
  }
}

function jupiter(list: string, durability: string): Contestant {
  const script = join(import.meta.dirname, 'contestants/jupiter-segments.mjs');
  return {name: `jupiter (${durability})`, command: [process.execPath, script, list, durability, String(CONNECTIONS)]};
}

function aria2({url, path, sha256}: Item): Contestant {
  return {
    name: `aria2c -x${CONNECTIONS}`,
    command: ['aria2c', '-q', '--no-conf', '--file-allocation=none', `-x${CONNECTIONS}`, `-s${CONNECTIONS}`, '-k1M',
      `--checksum=sha-256=${sha256}`, '-d', dirname(path), '-o', basename(path), url],
  };
}
