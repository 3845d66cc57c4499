import {performance} from 'node:perf_hooks';
import {markText} from './catalogue-ground.js';
import type {TableSize} from './preferences-database.js';
import {number, type PreferenceSite, type PreferencesGround} from './preferences-ground.js';
import {NaiveLayout} from './preferences-naive.js';
import type {PreferenceRows} from './preferences-rows.js';

/** Rows in one transaction, on both sides. */
const BATCH = 1000;
/** At so many rows somebody should look at the figures. */
const MANY = 1_000_000;
const REMOTES = 1000;
/** Rows that are written one by one. */
const SINGLES = 500;

/** Loads all rows into both layouts, and weighs them. */
export async function loadAndWeigh({sites, rows}: PreferencesGround): Promise<void> {
  console.log(`${number(rows.count)} global rows of ${number(rows.owners)} owners in random order, and ${number(rows.owners)} overrides `
    + `(a local value with its exception); ${number(BATCH)} rows a commit. Naive: names as text, an exception is a second row, `
    + 'the driver alone with nothing to check');
  for (const site of sites) {
    await load(site, rows);
    await weigh(site, rows);
  }
}

async function load({name, store, naive}: PreferenceSite, rows: PreferenceRows): Promise<void> {
  await store.prepare();
  await NaiveLayout.prepare(naive);
  const layout = new NaiveLayout(naive, naive);
  const ours = {globals: 0, overrides: 0};
  const theirs = {globals: 0, overrides: 0};
  // In turn, so that what else the machine does hits both.
  for (const batch of rows.globals(BATCH)) {
    ours.globals += await seconds(() => store.writeGlobals(batch));
    theirs.globals += await seconds(() => layout.addGlobals(batch));
  }
  for (const batch of rows.overrides(BATCH)) {
    ours.overrides += await seconds(() => store.writeLocals(batch));
    theirs.overrides += await seconds(() => layout.addOverrides(batch));
  }
  for (const [what, count] of [['globals', rows.count], ['overrides', rows.owners]] as const) {
    console.log(`${name.padEnd(12)} load of ${number(count).padStart(9)} ${what.padEnd(9)}  jupiter ${text(ours[what], count)}`
      + `  naive ${text(theirs[what], count)}  ours ÷ naive: ${(theirs[what] / ours[what]).toFixed(2)}`);
  }
  await remotes(store, rows);
  await saves(name, store);
}

/** One owner with many remotes, so that their names are no small table. */
async function remotes(store: PreferenceSite['store'], rows: PreferenceRows): Promise<void> {
  await store.writeLocals(Array.from({length: REMOTES}, (_, at) =>
    ({scope: `remote-${at}.example`, owner: rows.owner(0), setting: 'retry.count', value: '3'})));
}

/** Each one a transaction, as a person makes them. */
async function saves(name: string, store: PreferenceSite['store']): Promise<void> {
  const key = {owner: 'somebody else', setting: 'retry.count'};
  const time = await seconds(async () => {
    for (let at = 1; at <= SINGLES; at++) await store.writeGlobals([{...key, value: String(at)}]);
  });
  await store.removeGlobals(key.owner);
  console.log(`${name.padEnd(12)} ${SINGLES} saves one by one, each synced: ${number(SINGLES / time)}/s`);
}

async function weigh({name, ours, naive}: PreferenceSite, rows: PreferenceRows): Promise<void> {
  const dictionary = await ours.size('preference_setting');
  for (const [what, count] of [['global', rows.count], ['local', rows.owners]] as const) {
    const mine = await ours.size(`preference_${what}`);
    const theirs = await naive.size(`naive_${what}`);
    const whole = {data: mine.data + dictionary.data, index: mine.index + dictionary.index};
    const ratio = sum(whole) / sum(theirs);
    console.log(`${name.padEnd(12)} bytes for ${what === 'global' ? 'a global row' : 'an override '}  jupiter ${weight(whole, count)}`
      + `  naive ${weight(theirs, count)}  ours ÷ naive: ${ratio.toFixed(2)}${markText('< 1', ratio < 1)}`);
  }
  await NaiveLayout.indexNames(naive);
  console.log(`${name.padEnd(12)} naive with an index on names, as MediaWiki has: ${weight(await naive.size('naive_global'), rows.count)}`);
  if (rows.count >= MANY) {
    const bytes = sum(await ours.size('preference_global'));
    console.log(`${name.padEnd(12)} ALARM at ${number(MANY)} global rows: ${number(bytes / 1e6)} MB; the plans below say whether anything `
      + 'walks through them');
  }
}

function weight(size: TableSize, rows: number): string {
  const {data, index} = size;
  return `${(sum(size) / rows).toFixed(1).padStart(6)} (data ${(data / rows).toFixed(1)}, index ${(index / rows).toFixed(1)}, `
    + `index ÷ data ${(index / data).toFixed(2)})`;
}

function sum({data, index}: TableSize): number {
  return data + index;
}

function text(time: number, count: number): string {
  return `${time.toFixed(1)} s (${number(count / time)} rows/s)`;
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}
