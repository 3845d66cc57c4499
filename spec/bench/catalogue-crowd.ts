import {mkdir, readdir, rm, stat} from 'node:fs/promises';
import {join} from 'node:path';
import Database from 'libsql';
import {Catalogue} from '../../src/catalogue/catalogue.js';
import type {Fact} from '../../src/catalogue/contract.js';
import {runCrowd, type CrowdReport} from '../catalogue/crowd/crowd.js';
import {crowdVerdict} from '../catalogue/crowd/crowd-verdict.js';
import type {Place} from '../catalogue/crowd/server-process.js';
import {MIB} from './bench-settings.js';
import {markText, type CatalogueGround} from './catalogue-ground.js';
import {median} from './race.js';

/** What a crowd came to. */
interface CrowdFigures {
  readonly facts: number;
  readonly lost: number;
  readonly strange: number;
  readonly failed: number;
  readonly busy: number;
  readonly wrong: number;
  readonly seconds: number;
  readonly triesPerFact: number;
  /** Ms. */
  readonly p99: number;
  readonly slowest: number;
  readonly bytes: number;
}

const [RELEASE, WRITERS, FACTS] = ['nightly', 16, 100];
const [SQLITE_SECONDS, POSTGRES_SECONDS, DATABASE_BYTES] = [30, 60, 5_000_000];
const PEER = join(import.meta.dirname, 'contestants/guarded-document.mjs');
const HEADER = `\ncrowd: ${WRITERS} processes × ${FACTS} facts on one release (400 parts, each shared by 4 writers), nobody killed; `
  + 'beside it the classic way, one document under one data_version with a redo of 5 tries (its sleeps 1:1000), on SQLite too; '
  + 'medians, and of faults the most';

/** 16 processes on one release: ours on both engines, and the classic way. */
export async function crowds(ground: CatalogueGround): Promise<void> {
  console.log(HEADER);
  const found: Record<'sqlite' | 'postgres' | 'classic', CrowdFigures[]> = {sqlite: [], postgres: [], classic: []};
  for (let pair = 0; pair < ground.pairs; pair++) {
    found.sqlite.push(await onSqlite(ground));
    found.classic.push(await classic(ground));
    found.postgres.push(await onPostgres(ground, pair));
  }
  const [sqlite, postgres, peer] = [found.sqlite, found.postgres, found.classic].map(summed) as [CrowdFigures, CrowdFigures, CrowdFigures];
  show('catalogue, SQLite', sqlite, SQLITE_SECONDS, DATABASE_BYTES);
  show('catalogue, PostgreSQL', postgres, POSTGRES_SECONDS);
  show('classic, SQLite', peer);
  console.log(`ours ÷ classic, SQLite: ${(sqlite.facts / sqlite.seconds / (peer.facts / peer.seconds)).toFixed(2)} by facts kept a second, `
    + `${(sqlite.bytes / peer.bytes).toFixed(3)} by the size of the database`);
}

function crowd(place: Place, {seed}: CatalogueGround): Promise<CrowdReport> {
  return runCrowd({place, release: RELEASE, writers: WRITERS, facts: FACTS, seed});
}

async function onSqlite(ground: CatalogueGround): Promise<CrowdFigures> {
  return inFolder(ground, async (location) => {
    const report = await crowd({location}, ground);
    return judged(report, await Catalogue.open(location), () => sizeOf(location));
  });
}

async function onPostgres(ground: CatalogueGround, pair: number): Promise<CrowdFigures> {
  const location = await ground.postgres.database(`crowd_${pair}`);
  const report = await crowd({location}, ground);
  return judged(report, await Catalogue.open(location), async () => 0);
}

async function judged(report: CrowdReport, catalogue: Catalogue, size: () => Promise<number>): Promise<CrowdFigures> {
  const {facts, lost, strange, violations} = await crowdVerdict(catalogue, RELEASE, report.facts);
  await catalogue.close();
  return figures(report, {facts, lost, strange, wrong: violations.length, bytes: await size()});
}

async function classic(ground: CatalogueGround): Promise<CrowdFigures> {
  return inFolder(ground, async (location) => {
    const report = await crowd({location, peer: PEER}, ground);
    const database = new Database(location);
    const {data} = database.prepare('select data from release').get() as {data: string};
    database.prepare('pragma wal_checkpoint(TRUNCATE)').all([]);
    database.close();
    const items = Object.values(JSON.parse(data) as Record<string, Record<string, Fact[]>>).flatMap((part) => Object.values(part).flat());
    const there = new Set(items.map(({digest}) => digest));
    const lost = report.facts.filter(({digest}) => !there.has(digest)).length;
    return figures(report, {facts: items.length, lost, strange: items.length - there.size, wrong: 0, bytes: await sizeOf(location)});
  });
}

async function inFolder<T>({folder}: CatalogueGround, work: (location: string) => Promise<T>): Promise<T> {
  const inner = join(folder, 'crowd');
  await mkdir(inner);
  try {
    return await work(join(inner, 'catalogue.db'));
  } finally {
    await rm(inner, {recursive: true, force: true});
  }
}

/** The database with all that belongs to it. */
async function sizeOf(location: string): Promise<number> {
  const folder = join(location, '..');
  const sizes = await Promise.all((await readdir(folder)).filter((name) => !name.endsWith('-shm'))
    // The last connection takes the WAL away when it is collected.
    .map(async (name) => stat(join(folder, name)).then(({size}) => size, () => 0)));
  return sizes.reduce((sum, size) => sum + size, 0);
}

type Judgement = Pick<CrowdFigures, 'facts' | 'lost' | 'strange' | 'wrong' | 'bytes'>;

function figures({done, failures, seconds}: CrowdReport, verdict: Judgement): CrowdFigures {
  const times = done.map(({ms}) => ms).sort((one, other) => one - other);
  return {
    ...verdict, seconds, failed: failures.length, busy: failures.filter((text) => /busy|locked|overloaded/i.test(text)).length,
    triesPerFact: done.reduce((sum, {attempts}) => sum + attempts, 0) / Math.max(1, done.length),
    p99: times[Math.floor(times.length * 0.99)] ?? 0, slowest: times.at(-1) ?? 0,
  };
}

/** Times and sizes in the middle; of what is wrong the most, so that no good run hides a bad one. */
function summed(runs: readonly CrowdFigures[]): CrowdFigures {
  const of = (key: keyof CrowdFigures, pick: (numbers: readonly number[]) => number): number => pick(runs.map((run) => run[key]));
  const worst = (numbers: readonly number[]): number => Math.max(...numbers);
  return {
    facts: of('facts', (numbers) => Math.min(...numbers)), lost: of('lost', worst), strange: of('strange', worst),
    failed: of('failed', worst), busy: of('busy', worst), wrong: of('wrong', worst), seconds: of('seconds', median),
    triesPerFact: of('triesPerFact', median), p99: of('p99', median), slowest: of('slowest', worst), bytes: of('bytes', median),
  };
}

function show(name: string, found: CrowdFigures, seconds?: number, bytes?: number): void {
  const {facts, lost, strange, failed, busy, wrong} = found;
  const clean = facts === WRITERS * FACTS && [lost, strange, failed, busy, wrong].every((count) => count === 0);
  const counts = `${facts} facts, ${lost} lost, ${strange} twice, ${failed} failed, ${busy} BUSY, ${wrong} faults of history`;
  const time = `${found.seconds.toFixed(1)} s${seconds === undefined ? '' : markText(`< ${seconds} s`, found.seconds < seconds)}`;
  const size = found.bytes === 0 ? '' : `; ${(found.bytes / MIB).toFixed(1)} MiB`;
  console.log(`${name.padEnd(22)} ${counts}${seconds === undefined ? '' : markText(`${WRITERS * FACTS} and 0`, clean)}`);
  const each = `${found.triesPerFact.toFixed(2)} tries a fact, p99 ${found.p99.toFixed(0)} ms, slowest ${found.slowest.toFixed(0)} ms`;
  console.log(`${''.padEnd(22)} ${time}; ${each}${size}`
    + (bytes === undefined ? '' : markText(`< ${bytes / 1e6} MB`, found.bytes < bytes)));
}
