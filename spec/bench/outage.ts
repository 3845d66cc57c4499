import {randomBytes} from 'node:crypto';
import {mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {basename, dirname, join} from 'node:path';
import {performance} from 'node:perf_hooks';
import {KIB, type BenchSettings} from './bench-settings.js';
import {fetchWith} from './fetcher.js';
import {OutageServer, type OutageTerms} from './outage-server.js';
import {installed} from './peers.js';
import type {Contestant} from './race.js';

interface Item {
  readonly url: string;
  readonly path: string;
}

/** What a contestant is made for: the list as a file, and what is in it. */
type Entrant = (items: readonly Item[], list: string) => Promise<Contestant>;

const LATENCY = 50;
const BEFORE = 2000;
const AFTER = 10_000;
/** What a contestant gets beside the outage, ms. */
const PATIENCE = 300_000;

/** The part `outage`: what a server that goes away sees of those who want something, and what comes of them. */
export async function outage({outageSeconds, items}: BenchSettings): Promise<void> {
  const terms: OutageTerms = {body: randomBytes(16 * KIB), latency: LATENCY, before: BEFORE, outage: outageSeconds * 1000};
  console.log(`\noutage: ${items} × 16 KiB, ${LATENCY} ms an answer; after ${BEFORE / 1000} s the server resets every connection for `
    + `${outageSeconds} s; no retry options given to Jupiter`);
  const heads = ['before', 'meanwhile', `${AFTER / 1000} s after`].map((text) => `${text}, peak/s`.padStart(19));
  console.log(`${''.padEnd(27)} ${heads.join('')}`);
  for (const entrant of [jupiter(items), jupiter(16), gotScript, ...installed('aria2c') ? [aria2] : []]) await enter(entrant, items, terms);
}

async function enter(entrant: Entrant, count: number, terms: OutageTerms): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'jupiter-bench-'));
  const server = await OutageServer.start(terms);
  try {
    const items = Array.from({length: count}, (_, at) => ({url: `${server.origin}/${at}.bin`, path: join(folder, 'out', `${at}.bin`)}));
    const list = join(folder, 'list.json');
    await mkdir(join(folder, 'out'));
    await writeFile(list, JSON.stringify(items));
    const contestant = await entrant(items, list);
    const {late, text} = await fetchWith(contestant, terms.outage + PATIENCE);
    const seconds = (performance.now() - server.began) / 1000;
    const good = await Promise.all(items.map(async ({path}) => (await readFile(path).catch(() => undefined))?.equals(terms.body) === true));
    const failed = good.filter((one) => !one).length;
    const [leaves, returns] = [terms.before, terms.before + terms.outage];
    const peaks = [server.peak(0, leaves), server.peak(leaves, returns), server.peak(returns, returns + AFTER)];
    console.log(`${contestant.name.padEnd(27)} ${peaks.map((peak) => String(peak).padStart(19)).join('')}`
      + `  ${server.count(leaves, returns)} attempts meanwhile, ${server.count(0, Infinity)} in all; ${failed} failed; `
      + (late ? 'did not end' : `ended after ${seconds.toFixed(1)} s, ${placed(seconds - returns / 1000)}`)
      + (text === '' ? '' : ` (${text.trim().split('\n').at(-1)?.slice(0, 120) ?? ''})`));
  } finally {
    await server.close();
    await rm(folder, {recursive: true, force: true});
  }
}

function placed(after: number): string {
  return after < 0 ? 'before the server came back' : `${after.toFixed(1)} s after the server came back`;
}

function jupiter(backlog: number): Entrant {
  const script = join(import.meta.dirname, 'contestants/jupiter-outage.mjs');
  return async (_items, list) => ({name: `jupiter (backlog ${backlog})`, command: [process.execPath, script, list, String(backlog)]});
}

async function gotScript(_items: readonly Item[], list: string): Promise<Contestant> {
  return {name: 'got script (retry 5)', command: [process.execPath, join(import.meta.dirname, 'contestants/got-outage.mjs'), list]};
}

async function aria2(items: readonly Item[], list: string): Promise<Contestant> {
  const input = join(dirname(list), 'aria2.txt');
  await writeFile(input, items.map(({url, path}) => `${url}\n dir=${dirname(path)}\n out=${basename(path)}\n`).join(''));
  return {
    name: 'aria2c (10 tries, 1 s)',
    command: ['aria2c', '-q', '--no-conf', '--file-allocation=none', '-j6', '-x1', '--max-tries=10', '--retry-wait=1', '-i', input],
  };
}
