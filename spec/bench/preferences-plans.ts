import type {CompiledQuery} from 'kysely';
import type {LayerName, StoreUpkeep, TextPlace} from '../../src/preferences/upkeep-contract.js';
import type {SqlPreferenceStore} from '../../src/preferences/store/sql-preference-store.js';
import type {RanStatements} from '../preferences/store/statement-recorder.js';
import {markText} from './catalogue-ground.js';
import {watched} from './preferences-counts.js';
import {judge, type Verdict} from './preferences-explain.js';
import {number, type PreferencesGround, type PreferenceSite} from './preferences-ground.js';
import {SCOPE, type PreferenceRows} from './preferences-rows.js';

const BATCH = 500;
/** Cleanups that have been, of each layer. */
const RUNS = 10;
const LAYERS: readonly LayerName[] = ['local', 'global'];
const PLACES: readonly TextPlace[] = ['local', 'global', 'snapshot', 'log'];

/** Fills the tables of the upkeep too, so that none is small: a snapshot of each owner, marks, and the log of a cleanup. */
export async function fillUpkeep({sites, rows}: PreferencesGround): Promise<void> {
  for (const {store, ours} of sites) {
    // Of a twentieth of all rows.
    for (const [scope, layer] of [['0', 'global'], ['scope', 'local']] as const) {
      await ours.all(`insert into preference_mark select ${scope}, owner, setting, 3, 5 from preference_${layer} where setting = 3`);
    }
    for (let at = 0; at < rows.owners; at += BATCH) {
      const some = Array.from({length: Math.min(BATCH, rows.owners - at)}, (_, n) => rows.owner(at + n));
      await store.saveSnapshots('central', new Map(some.map((owner) => [owner, {time: 1, rows: []}])));
    }
    for (const layer of LAYERS) {
      let after: string | undefined;
      for (let run = 0; run < RUNS; run++) {
        const {rows: found, next} = await store.upkeep.page(layer, after, BATCH);
        after = next;
        const marks = found.map(({key, revision}) => ({key, revision, kind: 'orphan' as const}));
        await store.upkeep.sweep(layer, {run: `${run}`, time: run, removals: [], marks, unmarks: []});
        const removals = found.slice(0, BATCH / 5).map(({key, revision, value}) =>
          ({key, revision, value: true, exception: true, marks: [], rule: 'bench', kept: value, sealed: false}));
        await store.upkeep.sweep(layer, {run: `${run}`, time: run, removals, marks: [], unmarks: []});
      }
    }
  }
}

/** Every statement that a store has, explained where a million rows are. */
export async function plans({sites, rows}: PreferencesGround): Promise<void> {
  console.log(`\nplans of every statement of a store (lookups, saves, cleanup, its log and undo, export, key rotation), statistics made, `
    + 'planner left free');
  for (const site of sites) {
    const ran: RanStatements = {statements: [], raw: []};
    const store = watched(site, ran);
    try {
      await store.prepare();
      ran.statements.length = 0;
      await everything(store, rows);
      await show(site, ran.statements);
    } finally {
      await store.close();
    }
  }
}

async function show({name, ours}: PreferenceSite, statements: readonly CompiledQuery[]): Promise<void> {
  const scan = {sql: 'select owner from preference_global where value = $1', parameters: ['nothing']};
  if ((await judge(ours, scan)).scans.length === 0) throw new Error(`${name}: a scan was taken for none`);
  const verdicts: (Verdict & {sql: string})[] = [];
  for (const {sql, parameters} of statements) verdicts.push({sql, ...await judge(ours, {sql, parameters})});
  const scans = verdicts.filter((verdict) => verdict.scans.length > 0);
  const small = new Set(verdicts.flatMap((verdict) => verdict.small));
  console.log(`${name.padEnd(12)} ${statements.length} statements, ${new Set(statements.map(({sql}) => sql)).size} different; `
    + `${scans.length} walk through a table${markText('none', scans.length === 0)}`
    + (small.size === 0 ? '' : `; read whole, since they fit in a page or two: ${[...small].join(', ')}`));
  for (const {sql, scans: steps} of scans) console.log(`  ${steps.join('; ')}\n    ${sql.slice(0, 200)}`);
  const worst = verdicts.toSorted((one, other) => (other.pages ?? 0) / other.rows - (one.pages ?? 0) / one.rows).at(0);
  if (worst?.pages !== undefined) {
    console.log(`${''.padEnd(12)} most pages touched for each row that came out or was asked for: ${number(worst.pages / worst.rows, 1)} `
      + `(${number(worst.pages)} for ${number(worst.rows)}), by ${worst.sql.slice(0, 70)}…`);
  }
}

async function everything(store: SqlPreferenceStore, rows: PreferenceRows): Promise<void> {
  const owners = Array.from({length: BATCH}, (_, at) => rows.owner(Math.floor(at * rows.owners / BATCH)));
  const [owner = ''] = owners;
  const key = {owner, setting: 'retry.count'};
  const local = {...key, scope: SCOPE};
  for (const some of [[owner], owners]) {
    await store.locals(SCOPE, some, 'central');
    await store.globals(some);
    await store.saveSnapshots('central', new Map(some.map((one) => [one, {time: 1, rows: []}])));
    await store.upkeep.provenGlobals(some);
  }
  for (const value of ['3', '4', null, '5']) {
    await store.writeGlobals(owners.map((one) => ({...key, owner: one, value})));
    await store.writeLocals(owners.map((one) => ({...local, owner: one, value, exception: value === '4'})));
    await store.writeGlobals([{...key, value: `${value ?? ''}1`}]);
    await store.writeLocals([{...local, value: `${value ?? ''}1`}]);
  }
  await store.writeLocals([{...local, scope: 'new.example', setting: 'x.new', value: '1'}]);
  await store.checkCentralWritable();
  for (const layer of LAYERS) await sweep(store.upkeep, layer, rows);
  for (const place of PLACES) await rotate(store.upkeep, place);
  await store.upkeep.noteDefaults(SCOPE, [{setting: 'retry.count', digest: 'a', since: 1}]);
  await store.upkeep.defaultsOf(SCOPE);
  await store.upkeep.forgetSnapshots(owner);
  for (const layer of LAYERS) await store.upkeep.forgetRun(layer, 'bench');
  await store.resetLocals(SCOPE, owner);
  await store.removeGlobals(owner);
}

/** A batch of a cleanup in the middle, and its undo. */
async function sweep(upkeep: StoreUpkeep, layer: LayerName, rows: PreferenceRows): Promise<void> {
  await upkeep.page(layer, undefined, BATCH);
  await upkeep.rowsOf(layer, rows.owner(rows.owners - 1));
  const middle = JSON.stringify([layer === 'local' ? 1 : 0, rows.owner(Math.floor(rows.owners / 2)), 0]);
  const page = await upkeep.page(layer, middle, BATCH);
  const some = page.rows.slice(0, 20);
  const marks = some.map(({key, revision}) => ({key, revision, kind: 'orphan' as const}));
  await upkeep.sweep(layer, {run: 'bench', time: 1, removals: [], marks, unmarks: marks.slice(10)});
  await upkeep.sweep(layer, {run: 'bench', time: 2, marks: [], unmarks: [], removals: some.slice(0, 10).map(({key, revision}) =>
    ({key, revision, value: true, exception: true, marks: ['orphan'], rule: 'bench', kept: '1', sealed: true}))});
  const logged = await upkeep.logged(layer, 'bench', 0, BATCH);
  await upkeep.putBack(layer, 'bench', 3, logged.map(({number: at, kept}) => ({number: at, value: kept, exception: layer === 'local'})));
  await upkeep.runs(layer, 5);
}

async function rotate(upkeep: StoreUpkeep, place: TextPlace): Promise<void> {
  const {texts, next} = await upkeep.texts(place, undefined, 10);
  if (next !== undefined) await upkeep.texts(place, next, 10);
  await upkeep.replaceTexts(place, texts.slice(0, 2).map(({key, text}) => ({key, from: text, to: text})));
}
