import type {Kysely} from 'kysely';
import type {SqlEngine} from '../../sql/sql-database.js';
import type {
  DefaultNote, LayerName, LogEntry, PutBack, StoredText, StoreUpkeep, Sweep, TextChange, TextPlace, UpkeepPage, UpkeepRow,
} from '../upkeep-contract.js';
import {CleanupLog, DefaultNotes} from './cleanup-log.js';
import type {PreferenceTables} from './preference-tables.js';
import {RowPages} from './row-pages.js';
import {RowSweeper} from './row-sweeper.js';
import {translated, type Face} from './store-faults.js';
import {StoredTexts} from './stored-texts.js';

type Statements = Kysely<PreferenceTables>;

/** How a store runs statements. */
export interface StoreAccess {
  /** Without a transaction, and again when the connection was a dead one. */
  read<T>(work: (statements: Statements) => Promise<T>): Promise<T>;
  /** In a transaction that may write. */
  write<T>(work: (statements: Statements, engine: SqlEngine) => Promise<T>): Promise<T>;
}

/** Upkeep of a SQL store. */
export class SqlStoreUpkeep implements StoreUpkeep {
  readonly #access: StoreAccess;
  readonly #pages = new RowPages();
  readonly #texts = new StoredTexts(this.#pages);

  constructor(access: StoreAccess) {
    this.#access = access;
  }

  page(layer: LayerName, after: string | undefined, limit: number): Promise<UpkeepPage> {
    return this.#read(layer, (statements) => this.#pages.page(statements, layer, after, limit));
  }

  rowsOf(layer: LayerName, owner: string): Promise<UpkeepRow[]> {
    return this.#read(layer, (statements) => this.#pages.rowsOf(statements, layer, owner));
  }

  provenGlobals(owners: readonly string[]): Promise<Map<string, Map<string, string>>> {
    return this.#write('global', async (statements) => {
      // An update of no row: a standby, or a primary that was told to take no writes, refuses it.
      await statements.updateTable('preference_store').set({revision: 0}).where('id', '=', 0).execute();
      const found = new Map(owners.map((owner) => [owner, new Map<string, string>()]));
      if (owners.length === 0) return found;
      const rows = await statements.selectFrom('preference_global').innerJoin('preference_setting', 'preference_setting.id', 'setting')
        .select(['owner', 'preference_setting.name as name', 'value']).where('owner', 'in', [...new Set(owners)]).execute();
      for (const {owner, name, value} of rows) found.get(owner)?.set(name, value);
      return found;
    });
  }

  sweep(layer: LayerName, sweep: Sweep): Promise<(number | undefined)[]> {
    return this.#write(layer, (statements, engine) => new RowSweeper(statements, engine).sweep(sweep));
  }

  forgetSnapshots(owner: string): Promise<number> {
    return this.#write('local', async (statements) => {
      let rows = 0;
      // By the few central stores that there ever were: the key begins with them.
      for (let central = ''; ;) {
        const next = await statements.selectFrom('preference_snapshot').select('central').where('central', '>', central)
          .orderBy('central').limit(1).executeTakeFirst();
        if (next === undefined) return rows;
        ({central} = next);
        const {numDeletedRows} = await statements.deleteFrom('preference_snapshot').where('central', '=', central)
          .where('owner', '=', owner).executeTakeFirst();
        rows += Number(numDeletedRows);
      }
    });
  }

  defaultsOf(scope: string): Promise<DefaultNote[]> {
    return this.#read('local', (statements) => new DefaultNotes(statements).of(scope));
  }

  noteDefaults(scope: string, notes: readonly DefaultNote[]): Promise<void> {
    return this.#write('local', (statements) => new DefaultNotes(statements).note(scope, notes));
  }

  logged(layer: LayerName, run: string, after: number, limit: number): Promise<LogEntry[]> {
    return this.#read(layer, (statements) => new CleanupLog(statements).entries(layer, run, after, limit));
  }

  putBack(layer: LayerName, run: string, time: number, entries: readonly PutBack[]): Promise<Set<number>> {
    return this.#write(layer, (statements, engine) => new RowSweeper(statements, engine).putBack(layer, run, time, entries));
  }

  runs(layer: LayerName, most: number): Promise<{run: string; time: number}[]> {
    return this.#read(layer, (statements) => new CleanupLog(statements).runs(layer, most));
  }

  forgetRun(layer: LayerName, run: string): Promise<number> {
    return this.#write(layer, (statements) => new CleanupLog(statements).forget(layer, run));
  }

  texts(place: TextPlace, after: string | undefined, limit: number): Promise<{texts: StoredText[]; next: string | undefined}> {
    return this.#read(faceLayer(place), (statements) => this.#texts.read(statements, place, after, limit));
  }

  replaceTexts(place: TextPlace, changes: readonly TextChange[]): Promise<number> {
    return this.#write(faceLayer(place), (statements) => this.#texts.replace(statements, place, changes));
  }

  #read<T>(layer: LayerName, work: (statements: Statements) => Promise<T>): Promise<T> {
    return translated(FACES[layer], () => this.#access.read(work));
  }

  #write<T>(layer: LayerName, work: (statements: Statements, engine: SqlEngine) => Promise<T>): Promise<T> {
    return translated(FACES[layer], () => this.#access.write(work));
  }
}

const FACES: Readonly<Record<LayerName, Face>> = {local: 'local', global: 'central'};

function faceLayer(place: TextPlace): LayerName {
  return place === 'global' ? 'global' : 'local';
}
