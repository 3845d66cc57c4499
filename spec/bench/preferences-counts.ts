import {SystemClock} from '../../src/core/clock.js';
import {Preferences} from '../../src/preferences/preferences.js';
import {downloadRegistry} from '../../src/preferences/registry/download-registry.js';
import type {PreferenceTables} from '../../src/preferences/store/preference-tables.js';
import {SqlPreferenceStore} from '../../src/preferences/store/sql-preference-store.js';
import {openPostgres} from '../../src/sql/open-postgres.js';
import {openSqlite} from '../../src/sql/open-sqlite.js';
import {recorded, type RanStatements} from '../preferences/store/statement-recorder.js';
import {markText} from './catalogue-ground.js';
import type {PreferencesGround, PreferenceSite} from './preferences-ground.js';
import {SCOPE, type PreferenceRows} from './preferences-rows.js';

/** Aimed at. */
const [COLD, WARM] = [2, 0];
const TTL = 3_600_000;

/** Counts what the databases are asked for each kind of lookup. */
export async function countQueries({sites, rows}: PreferencesGround): Promise<void> {
  const [sqlite, postgres] = sites as readonly [PreferenceSite, PreferenceSite];
  console.log(`\nqueries that reach a database for one lookup: aimed at ${COLD} at most, ${WARM} when it was read lately`);
  await count('one SQLite file', rows, sqlite);
  await count('one PostgreSQL', rows, postgres);
  await count('file, central PostgreSQL', rows, sqlite, postgres);
}

async function count(name: string, rows: PreferenceRows, local: PreferenceSite, central?: PreferenceSite): Promise<void> {
  const ran: RanStatements = {statements: [], raw: []};
  const stores = [watched(local, ran), ...central === undefined ? [] : [watched(central, ran)]] as const;
  const preferences = new Preferences({registry: downloadRegistry(), local: stores[0], central: stores[1], ttl: TTL});
  try {
    for (const store of stores) await store.prepare();
    // The names of settings are asked for once in a process.
    await preferences.getAll({owner: 'nobody', scope: SCOPE});
    const middle = Math.floor(rows.owners / 2);
    const owners = Array.from({length: 500}, (_, at) => rows.owner((middle + 1 + at) % rows.owners));
    const place = {owner: rows.owner(middle), scope: SCOPE};
    const found: string[] = [];
    let good = true;
    for (const [what, most, work] of [
      ['first', COLD, () => preferences.getAll(place)], ['warm', WARM, () => preferences.getAll(place)],
      ['one setting', COLD, () => preferences.get({...place, owner: rows.owner(middle - 1)}, 'retry.count')],
      ['one setting warm', WARM, () => preferences.get(place, 'retry.count')],
      ['500 owners', COLD, () => preferences.getMany(owners, SCOPE)], ['500 owners warm', WARM, () => preferences.getMany(owners, SCOPE)],
    ] as const) {
      ran.statements.length = ran.raw.length = 0;
      await work();
      const queries = ran.statements.filter(({query}) => query.kind === 'SelectQueryNode').length;
      const writes = ran.statements.length - queries;
      const commits = ran.raw.filter((sql) => sql === 'commit').length;
      good &&= queries <= most;
      found.push(`${what} ${queries}${writes === 0 ? '' : ` (and ${writes} write in ${commits} commit, the snapshot)`}`);
    }
    console.log(`${name.padEnd(26)} ${found.join(', ')}${markText(`≤ ${COLD}, ${WARM} warm`, good)}`);
  } finally {
    await preferences.close();
  }
}

/** A store of its own on the same database, whose statements are kept. */
export function watched({location, store}: PreferenceSite, ran: RanStatements): SqlPreferenceStore {
  const open = location.startsWith('postgres:') ? () => openPostgres<PreferenceTables>(location, 'the bench')
    : () => openSqlite<PreferenceTables>(location, 'the bench');
  return new SqlPreferenceStore({address: store.address, clock: new SystemClock(), random: Math.random,
    open: async () => recorded(await open(), ran)});
}
