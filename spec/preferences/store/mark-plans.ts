import {expect} from 'chai';
import {CompiledQuery} from 'kysely';
import type {SqlDatabase} from '../../../src/sql/sql-database.js';
import type {PreferenceTables} from '../../../src/preferences/store/preference-tables.js';
import type {StoreBench} from './store-bench.js';

const [OWNERS, LIMIT] = [2000, 500];
const SCOPES = ['one', 'two', 'three', 'four'];

/** That cleanups find marks among many, run inside a `describe`. */
export function itFindsMarksAmongMany(bench: StoreBench): void {
  it('reads the marks of a page only, however many there are', async () => {
    const store = bench.store();
    const owners = Array.from({length: OWNERS}, (_, at) => `owner ${String(at).padStart(5, '0')}`);
    // The first row gives the names their ids, 1 and on.
    for (const scope of SCOPES) await store.writeLocals([{scope, owner: owners[0] ?? '', setting: 'hosts', value: '1'}]);
    const database = await bench.database();
    for (const scope of [0, 1, 2, 3, 4]) {
      const keys = owners.map((owner) => ({scope, owner, setting: 1}));
      await database.kysely.insertInto('preference_mark').values(keys.map((key) => ({...key, kind: 1, since: 5}))).execute();
      const rows = keys.map((key) => ({...key, exception: 0, revision: 9, value: '1'}));
      if (scope > 0) await database.kysely.insertInto('preference_local').values(rows.slice(1)).execute();
      else await database.kysely.insertInto('preference_global').values(rows.map(({owner, setting, revision, value}) =>
        ({owner, setting, revision, value}))).execute();
    }
    await database.kysely.executeQuery(CompiledQuery.raw('analyze'));
    for (const [layer, after] of [['global', undefined], ['local', undefined], ['local', JSON.stringify([1, 'owner 01800', 1])],
      ['local', JSON.stringify([2, 'owner 00100', 1])]] as const) {
      bench.statements.length = 0;
      const {rows} = await store.upkeep.page(layer, after, LIMIT);
      expect(rows.filter(({marks}) => marks.dormant === 5)).to.have.length(LIMIT);
      const read = bench.statements.filter(({sql}) => sql.includes('from "preference_mark"'));
      expect(read).to.have.length(1);
      expect(await planOf(database, read[0] as CompiledQuery), layer).not.to.match(/Seq Scan|SCAN/);
    }
    const all = await store.upkeep.page('local', JSON.stringify([1, 'owner 01990', 1]), OWNERS * 2);
    expect(all.rows.filter(({marks}) => marks.dormant === 5), 'a page over several scopes').to.have.length(OWNERS * 2);
  });
}

/** With a planner that is free to walk through the table. */
async function planOf({engine, kysely}: SqlDatabase<PreferenceTables>, {sql, parameters}: CompiledQuery): Promise<string> {
  const explain = engine === 'sqlite' ? 'explain query plan' : 'explain';
  const {rows} = await kysely.executeQuery<Record<string, unknown>>(CompiledQuery.raw(`${explain} ${sql}`, [...parameters]));
  return rows.map((row) => String(row.detail ?? row['QUERY PLAN'])).join('\n');
}
