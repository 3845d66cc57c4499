import {performance} from 'node:perf_hooks';
import {openPostgres} from '../../src/sql/open-postgres.js';
import {SystemClock} from '../../src/core/clock.js';
import {Preferences} from '../../src/preferences/preferences.js';
import {downloadRegistry} from '../../src/preferences/registry/download-registry.js';
import type {CentralStore, LocalStore} from '../../src/preferences/store-contract.js';
import type {PreferenceTables} from '../../src/preferences/store/preference-tables.js';
import {SqlPreferenceStore} from '../../src/preferences/store/sql-preference-store.js';
import {SeededRandom} from '../support/seeded-random.js';
import {countQueries} from './preferences-counts.js';
import {number, type PreferencesGround, type PreferenceSite} from './preferences-ground.js';
import {NaiveLayout} from './preferences-naive.js';
import {SCOPE, type PreferenceRows} from './preferences-rows.js';
import {median, pairing, type Run} from './race.js';

const LOOKUPS = 1000;
/** First lookups, each of which keeps a snapshot: a commit. */
const FIRST = 200;
/** Owners of the cold lookups. */
const OWNERS = 2000;
const WARM_OWNERS = 500;
/** Which setting `get` asks for. */
const SETTING = 'retry.count';
/** Long enough for a run. */
const TTL = 3_600_000;

/** Where the layers are, and the naive layout over the same engines. */
interface Layout {
  readonly name: string;
  readonly local: LocalStore;
  readonly central: CentralStore | undefined;
  readonly naive: NaiveLayout;
}

/** How many settings are resolved in a second, and with how many queries. */
export async function lookups(ground: PreferencesGround): Promise<void> {
  const [sqlite, postgres] = ground.sites as readonly [PreferenceSite, PreferenceSite];
  const layouts: Layout[] = [
    {name: 'one SQLite file', local: sqlite.store, central: undefined, naive: new NaiveLayout(sqlite.naive, sqlite.naive)},
    {name: 'one PostgreSQL', local: postgres.store, central: undefined, naive: new NaiveLayout(postgres.naive, postgres.naive)},
    {name: 'file, central PostgreSQL', local: sqlite.store, central: postgres.store,
      naive: new NaiveLayout(sqlite.naive, postgres.naive)},
  ];
  console.log(`\nlookups a second, one after the other, random owners; one: one setting, all: every setting, checked; naive: all that is set, `
    + 'parsed; cold: nothing kept in the process');
  for (const layout of layouts) {
    if (layout.central !== undefined) await firstLookups(layout, ground.rows);
    await cold(layout, ground);
    await warm(layout, ground.rows);
  }
  await centralAway(sqlite, postgres, ground);
  await countQueries(ground);
}

async function cold({name, naive, ...stores}: Layout, {rows, pairs, seed}: PreferencesGround): Promise<void> {
  const random = new SeededRandom(seed);
  const owners = Array.from({length: OWNERS}, () => rows.owner(random.below(rows.owners)));
  const some = (): string => random.pick(owners);
  // The process keeps nothing.
  const preferences = made(stores, 0);
  const one = (): Promise<unknown> => preferences.get({owner: some(), scope: SCOPE}, SETTING);
  const all = async (): Promise<unknown> => (await preferences.getAll({owner: some(), scope: SCOPE})).all();
  const peer = (): Promise<unknown> => naive.resolve(some(), SCOPE);
  const figures: string[] = [];
  for (const [what, ours] of [['one', one], ['all', all]] as const) {
    // Snapshots that are a minute old would be dated anew, which is a commit each.
    await preferences.getMany(owners, SCOPE);
    await timed(LOOKUPS / 4, ours);
    await timed(LOOKUPS / 4, peer);
    const found = await pairing('jupiter', 'naive', () => timed(LOOKUPS, ours), () => timed(LOOKUPS, peer), pairs);
    figures.push(`${what} ${rate(LOOKUPS, found.wall)}, naive ${rate(LOOKUPS, found.peerWall)}, ours ÷ naive: ${found.speed.toFixed(2)}`);
  }
  const many = await manyTimes(pairs, () => preferences.getMany(Array.from({length: 500}, some), SCOPE), 500);
  console.log(`${name.padEnd(26)} cold: ${figures.join('; ')}; 500 owners in a batch: ${many}`);
}

async function warm({name, ...stores}: Layout, rows: PreferenceRows): Promise<void> {
  const preferences = made(stores, TTL);
  const owners = Array.from({length: Math.min(WARM_OWNERS, rows.owners)}, (_, at) => rows.owner(at));
  await preferences.getMany(owners, SCOPE);
  let at = 0;
  const place = (): {owner: string; scope: string} => ({owner: owners[at++ % owners.length] as string, scope: SCOPE});
  const figures: string[] = [];
  for (const [what, work] of [
    ['one', () => preferences.get(place(), SETTING)], ['all', async () => (await preferences.getAll(place())).all()],
  ] as const) {
    await timed(LOOKUPS, work);
    figures.push(`${what} ${rate(10 * LOOKUPS, await timed(10 * LOOKUPS, work))}`);
  }
  console.log(`${name.padEnd(26)} warm: ${figures.join('; ')}`);
}

/** The first lookup of an owner keeps a snapshot of the central store in the file. */
async function firstLookups({name, ...stores}: Layout, rows: PreferenceRows): Promise<void> {
  const preferences = made(stores, 0);
  let at = 0;
  const next = async (): Promise<unknown> => preferences.getAll({owner: rows.owner(at++ % rows.owners), scope: SCOPE});
  await timed(FIRST / 4, next);
  const first = await timed(FIRST, next);
  const batch = performance.now();
  const owners = Array.from({length: Math.min(500, rows.owners)}, (_, n) => rows.owner(rows.owners - 1 - n));
  await preferences.getMany(owners, SCOPE);
  console.log(`${name.padEnd(26)} first: ${rate(FIRST, first)}, each keeps a snapshot in a commit of its own; `
    + `500 owners in a batch: ${(performance.now() - batch).toFixed(0)} ms, one commit`);
}

/** As the breaker leaves it: nobody waits for the central store any more. */
async function centralAway(sqlite: PreferenceSite, postgres: PreferenceSite, {rows, pairs}: PreferencesGround): Promise<void> {
  const clock = new SystemClock();
  const central = new SqlPreferenceStore({address: postgres.store.address, clock, random: Math.random,
    open: () => openPostgres<PreferenceTables>('postgres://bench@127.0.0.1:1/bench', 'the bench')});
  try {
    const preferences = made({local: sqlite.store, central}, 0);
    // Those of the first lookups: they have snapshots.
    const known = Math.min(FIRST, rows.owners);
    let at = 0;
    const place = (): {owner: string; scope: string} => ({owner: rows.owner(at++ % known), scope: SCOPE});
    for (let n = 0; n < 10; n++) await preferences.getAll(place());
    const {staleFor} = await preferences.getAll(place());
    if (staleFor === undefined) throw new Error('expected a snapshot');
    const runs = await repeated(pairs, () => timed(LOOKUPS, async () => (await preferences.getAll(place())).all()));
    console.log(`${'file, central away'.padEnd(26)} cold: all ${rate(LOOKUPS, runs)}, from the snapshots`);
  } finally {
    await central.close();
  }
}

function made({local, central}: Pick<Layout, 'local' | 'central'>, ttl: number): Preferences {
  return new Preferences({registry: downloadRegistry(), local, central, ttl});
}

async function manyTimes(times: number, work: () => Promise<unknown>, owners: number): Promise<string> {
  await work();
  const {wall} = await repeated(times, () => timed(1, work));
  return `${(wall * 1000).toFixed(1)} ms (${number(owners / wall)} owners/s)`;
}

/** The median. */
async function repeated(times: number, work: () => Promise<Run>): Promise<Run> {
  const runs: Run[] = [];
  for (let at = 0; at < times; at++) runs.push(await work());
  return {wall: median(runs.map(({wall}) => wall)), cpu: median(runs.map(({cpu}) => cpu))};
}

async function timed(count: number, work: () => Promise<unknown>): Promise<Run> {
  const [start, before] = [performance.now(), process.cpuUsage()];
  for (let at = 0; at < count; at++) await work();
  const {user, system} = process.cpuUsage(before);
  return {wall: (performance.now() - start) / 1000, cpu: (user + system) / 1e6};
}

function rate(count: number, {wall}: Run): string {
  return `${number(count / wall)}/s`;
}
