import {join} from 'node:path';
import {performance} from 'node:perf_hooks';
import Database from 'libsql';
import {Catalogue} from '../../src/catalogue/catalogue.js';
import type {JsonObject} from '../../src/core/json.js';
import {openStore} from '../../src/catalogue/store/open-store.js';
import type {SqlStore} from '../../src/catalogue/store/sql-store.js';
import {SystemClock} from '../../src/core/clock.js';
import {markText, type CatalogueGround} from './catalogue-ground.js';
import {median} from './race.js';

const [RELEASE, PART] = ['nightly', '/platform-1/locale-1'];
const LENGTHS = [1000, 15_000];
const MARK = 100;
const [PATCHES, LOOKUPS] = [20, 200];
/** Versions that are made in one transaction. */
const STEP = 1000;

/** A part with a long history: what a base that is long gone costs, and the lookup of one version of it. */
export async function longHistory(ground: CatalogueGround): Promise<void> {
  console.log(`\na part with a long history, its body ${bodyOf(1).length} B: lookup of version 1 (a transaction each, ${LOOKUPS} times), `
    + `and patches whose base is version 1 (${PATCHES}); medians, with the worst`);
  for (const [index, length] of LENGTHS.entries()) {
    await measure('SQLite', join(ground.folder, `history-${length}.db`), length);
    await measure('PostgreSQL', await ground.postgres.database(`history_${index}`), length);
    classic(join(ground.folder, `classic-${length}.db`), length);
  }
}

async function measure(engine: string, location: string, length: number): Promise<void> {
  const store = await openStore(location, {clock: new SystemClock(), random: Math.random});
  const catalogue = new Catalogue({store});
  try {
    await catalogue.publish(RELEASE, [{path: PART, kind: 'complete', key: 'complete', digest: 'c'.repeat(128), size: 9}],
      {actor: 'bench', create: {product: 'bench'}});
    await prolong(store, length);
    const lookups = await timed(LOOKUPS, () => store.read((view) => view.changeOf(RELEASE, PART, 1)));
    const patches = await timed(PATCHES, async (n) => {
      const patch = [{op: 'add', path: `/added-${n}`, value: n}];
      const {merged} = await catalogue.patch({name: RELEASE, path: PART}, patch, {actor: 'bench', base: 1});
      if (!merged) throw new Error('expected a merge');
    });
    const mark = length === Math.max(...LENGTHS) ? markText(`stale patch < ${MARK} ms`, Math.max(...patches) < MARK) : '';
    console.log(`${`${engine}, ${length} versions`.padEnd(26)} lookup ${text(lookups)}; stale patch ${text(patches)}${mark}`);
  } finally {
    await catalogue.close();
  }
}

/** Writes versions as the catalogue does, row by row, but many in a transaction. */
async function prolong(store: SqlStore, length: number): Promise<void> {
  for (let from = 2; from <= length; from += STEP) {
    await store.write(async (transaction) => {
      for (let version = from; version < Math.min(from + STEP, length + 1); version++) {
        const head = await transaction.advance(RELEASE, 1, version, {});
        const releaseVersion = head?.version ?? 0;
        const body = bodyOf(version);
        const write = {path: PART, expected: version - 1, releaseVersion, body};
        if (!await transaction.writeParts(RELEASE, [write])) throw new Error('expected a write');
        await transaction.insertChanges([{
          name: RELEASE, path: PART, partVersion: version, releaseVersion, actor: 'bench', time: version, operation: 'patch',
          requestId: `r${version}`, removed: false, body,
        }]);
      }
    });
  }
}

/** The classic layout: one table of changes with the document inside, and no index on name and version. */
function classic(path: string, length: number): void {
  const database = new Database(path);
  try {
    database.exec('create table history (change_id integer primary key, changed_by text, name text, data text, data_version integer, '
      + 'time integer)');
    const insert = database.prepare('insert into history (changed_by, name, data, data_version, time) values (?, ?, ?, ?, ?)');
    database.exec('begin');
    for (let version = 1; version <= length; version++) insert.run('bench', RELEASE, bodyOf(version), version, version);
    database.exec('commit');
    const select = database.prepare('select data from history where name = ? and data_version = ?');
    const times = Array.from({length: 20}, () => {
      const start = performance.now();
      select.all([RELEASE, 1]);
      return performance.now() - start;
    });
    console.log(`${`classic, ${length} versions`.padEnd(26)} lookup ${text(times)} (SQLite, every row is read)`);
  } finally {
    database.close();
  }
}

async function timed(count: number, work: (n: number) => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (let n = 0; n < count; n++) {
    const start = performance.now();
    await work(n);
    times.push(performance.now() - start);
  }
  return times;
}

function bodyOf(version: number): string {
  const partials = Array.from({length: 4}, (_, at): JsonObject =>
    ({digest: String(at).repeat(128), from: `build-${at}`, size: 1000 + at, url: `https://archive.example.org/nightly/${at}.mar`}));
  return JSON.stringify({completes: [{digest: 'c'.repeat(128), key: 'complete', size: 9}], counter: version, partials});
}

function text(times: readonly number[]): string {
  return `${median(times).toFixed(2)} ms (worst ${Math.max(...times).toFixed(2)})`;
}
