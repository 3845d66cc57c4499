/*
 * npm run bench [-- small large memory] [--pairs N] [--files N] [--mebibytes N]
 *
 * Speed beside peers, as ratios within one run: absolute figures say more about the machine than about us.
 */
import {execFileSync} from 'node:child_process';
import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {parseArgs} from 'node:util';
import {jupiter, peers} from './peers.js';
import {pair, type Pairing} from './race.js';
import {BenchSite} from './site.js';

const {values, positionals} = parseArgs({
  allowPositionals: true,
  options: {pairs: {type: 'string', default: '5'}, files: {type: 'string', default: '10000'}, mebibytes: {type: 'string', default: '2048'}},
});
const wanted = positionals.length === 0 ? ['small', 'large', 'memory'] : positionals;
const pairs = Number(values.pairs);
const files = Number(values.files);
const mebibytes = Number(values.mebibytes);
const KIB = 1024;
const MIB = KIB * KIB;

/** What was aimed at: ours ÷ peer, by the clock. */
const MARKS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  small: {'aria2c': 1, 'got script': 0.6},
  large: {'aria2c': 1.5, 'curl, sha256sum': 1},
};

if (wanted.includes('small')) await race('small', files, 16 * KIB, ['none', 'file', 'full']);
if (wanted.includes('large')) await race('large', 1, mebibytes * MIB, ['none', 'full']);
if (wanted.includes('memory')) await memory();

async function race(name: string, count: number, size: number, durabilities: readonly string[]): Promise<void> {
  const site = await BenchSite.start(2 * count * Math.max(size, 4 * KIB) + 64 * MIB);
  try {
    const items = await site.files(count, size);
    const list = join(site.folder, 'list.json');
    await writeFile(list, JSON.stringify(items));
    const each = size >= MIB ? `${size / MIB} MiB` : `${size / KIB} KiB`;
    const where = site.folder.startsWith('/dev/shm') ? 'memory' : 'the temp folder';
    console.log(`\n${name}: ${count} × ${each} with sha256, from ${site.server}, in ${where}`);
    const rivals = await peers(site, items, list);
    for (const durability of durabilities) {
      for (const rival of rivals) {
        show(await pair(site, jupiter(list, durability), rival, count, pairs), count * size, count,
          durability === 'none' ? MARKS[name]?.[rival.name] : undefined);
      }
    }
  } finally {
    await site.stop();
  }
}

function show(found: Pairing, bytes: number, count: number, mark: number | undefined): void {
  const rate = (seconds: number): string =>
    count > 1 ? `${Math.round(count / seconds)} files/s` : `${Math.round(bytes / MIB / seconds)} MiB/s`;
  const cpu = `${found.cpu.toFixed(2)} by CPU (${found.wall.cpu.toFixed(1)} s, ${found.peerWall.cpu.toFixed(1)} s)`;
  const verdict = mark === undefined ? '' : `  mark ${mark}: ${found.speed >= mark ? 'reached' : 'MISSED'}`;
  console.log(`${found.ours.padEnd(15)} ${rate(found.wall.wall).padStart(13)}  ${found.peer.padEnd(16)} ${rate(found.peerWall.wall).padStart(13)}`
    + `  ours ÷ peer: ${found.speed.toFixed(2)} by the clock, ${cpu}${verdict}`);
}

async function memory(): Promise<void> {
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
