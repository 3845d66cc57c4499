import {join} from 'node:path';
import {KIB, MIB, type BenchSettings} from './bench-settings.js';
import {canMeasure, CacheServer} from './cache-server.js';
import {load, type Load} from './load.js';
import {pairingText} from './pairing-text.js';
import {installed} from './peers.js';
import {median, pairing, type Pairing, type Run} from './race.js';
import {BenchSite, type Item} from './site.js';

/** What was aimed at: ours ÷ nginx, by the clock. */
const MARKS = {small: 0.3, large: 0.8};
/** Bytes more after 100,000 requests than after 10,000. */
const GROWTH = 20 * MIB;
const [SMALL, LARGE] = [16 * KIB, 100 * MIB];
const LARGE_FILES = 4;
/** Small files that are asked for again and again: as many as fit into any cache, and all. */
const FEW = 1000;
const CONNECTIONS = 16;
const LARGE_CONNECTIONS = 4;

/** The part `streamer`: hits, misses and memory of `jupiter serve`, beside nginx as a cache. */
export async function streamer({files, pairs}: BenchSettings): Promise<void> {
  if (!installed('nginx') || !canMeasure()) {
    console.log('\nstreamer: left out, since there is no nginx to stand beside, or no /proc to see what both take');
    return;
  }
  const site = await BenchSite.start(3 * (files * SMALL + LARGE_FILES * LARGE) + 64 * MIB);
  try {
    console.log('\nstreamer: jupiter serve --importer prefix (dist) beside nginx proxy_cache, one process at work each, '
      + `both before ${site.server}, files and caches in ${site.place}; ${CONNECTIONS} connections, ${LARGE_CONNECTIONS} for large ones; `
      + 'every length looked at, some bodies after each run held against their sha256');
    const small = await site.files(files, SMALL);
    const large = await site.files(LARGE_FILES, LARGE);
    await hits(site, small, large, pairs);
    await misses(site, small, large, pairs);
    await memory(site, small);
  } finally {
    await site.stop();
  }
}

async function hits(site: BenchSite, small: readonly Item[], large: readonly Item[], pairs: number): Promise<void> {
  const servers: CacheServer[] = [];
  try {
    servers.push(await CacheServer.jupiter(site.origin, join(site.folder, 'store')));
    servers.push(await CacheServer.nginx(site.origin, join(site.folder, 'cache')));
    const few = {...smallLoad(small.slice(0, FEW)), requests: 20_000};
    const many = {...smallLoad(small), requests: 20_000};
    const whole = {...largeLoad(large), requests: 5 * LARGE_FILES};
    for (const one of [smallLoad(small), largeLoad(large)]) for (const server of servers) await ask(site, server, one);
    for (const [name, what, mark] of [
      [`${few.items.length} × 16 KiB`, few, MARKS.small], [`${many.items.length} × 16 KiB`, many, MARKS.small],
      [`${LARGE_FILES} × 100 MiB`, whole, MARKS.large],
    ] as const) {
      // The first time is not counted: code is compiled, caches fill.
      for (const server of servers) await ask(site, server, what);
      show(`hits, ${name}`, what, await alternate(pairs, servers.map((server) => () => ask(site, server, what))), mark);
    }
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}

/** Each run begins with an empty cache. */
async function misses(site: BenchSite, small: readonly Item[], large: readonly Item[], pairs: number): Promise<void> {
  const cold = (make: typeof CacheServer.nginx, what: Load) => async (): Promise<Run> => {
    const server = await make(site.origin, join(site.folder, 'cold'));
    try {
      return await ask(site, server, what);
    } finally {
      await server.stop();
    }
  };
  for (const [name, what] of [[`${small.length} × 16 KiB`, smallLoad(small)], [`${LARGE_FILES} × 100 MiB`, largeLoad(large)]] as const) {
    const one = {...what, sample: 0};
    show(`misses, ${name}`, one, await alternate(pairs, [cold(CacheServer.jupiter, one), cold(CacheServer.nginx, one)]));
  }
}

/** RSS of ours once everything was asked for: after 10,000 requests more and after 100,000, each the median of five looks. */
async function memory(site: BenchSite, small: readonly Item[]): Promise<void> {
  const server = await CacheServer.jupiter(site.origin, join(site.folder, 'flat'));
  const look = async (): Promise<number> => {
    const seen: number[] = [];
    for (let n = 0; n < 5; n++) {
      await ask(site, server, {...smallLoad(small), requests: 2000, sample: 0});
      seen.push(server.resident);
    }
    return median(seen);
  };
  try {
    await ask(site, server, smallLoad(small));
    const first = await look();
    await ask(site, server, {...smallLoad(small), requests: 80_000});
    const last = await look();
    console.log(`memory: ${(first / MIB).toFixed(0)} MiB after 10,000 hits, ${(last / MIB).toFixed(0)} MiB after 100,000`
      + `  mark +${GROWTH / MIB} MiB: ${last - first <= GROWTH ? 'reached' : 'MISSED'}`);
  } finally {
    await server.stop();
  }
}

function smallLoad(items: readonly Item[]): Load {
  return {items, size: SMALL, connections: CONNECTIONS, requests: items.length, sample: 200};
}

function largeLoad(items: readonly Item[]): Load {
  return {items, size: LARGE, connections: LARGE_CONNECTIONS, requests: items.length, sample: 1};
}

function ask(site: BenchSite, server: CacheServer, what: Load): Promise<Run> {
  return load(server, what, join(site.folder, 'list.json'));
}

/** Ours and theirs in turn. */
async function alternate(pairs: number, [ours, theirs]: readonly (() => Promise<Run>)[]): Promise<Pairing> {
  return pairing('jupiter', 'nginx', ours as () => Promise<Run>, theirs as () => Promise<Run>, pairs);
}

function show(name: string, {requests, size}: Load, found: Pairing, mark?: number): void {
  console.log(`${name.padEnd(24)} ${pairingText(found, requests * size, size < MIB ? requests : 1, mark)}`);
}
