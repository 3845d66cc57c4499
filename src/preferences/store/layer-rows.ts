import type {Kysely} from 'kysely';
import type {SqlEngine} from '../../sql/sql-database.js';
import {SqlFault} from '../../sql/sql-fault.js';
import type {LayerName} from '../upkeep-contract.js';
import {GLOBAL, type RowKey} from './mark-rows.js';
import type {PreferenceTables} from './preference-tables.js';

/** A row of either layer. A global one has the scope `GLOBAL` and no exception. */
export type LayerRow = PreferenceTables['preference_local'];

/** Rows of one layer by their keys, as many in a statement as are given. */
export class LayerRows {
  readonly #statements: Kysely<PreferenceTables>;
  readonly #engine: SqlEngine;
  readonly #isGlobal: boolean;

  constructor(statements: Kysely<PreferenceTables>, engine: SqlEngine, layer: LayerName) {
    this.#statements = statements;
    this.#engine = engine;
    this.#isGlobal = layer === 'global';
  }

  /** Those that exist, locked in the order of their keys, so that writers of the same rows wait for each other in turn. */
  async find(keys: readonly RowKey[]): Promise<LayerRow[]> {
    if (keys.length === 0) return [];
    if (this.#isGlobal) {
      const select = this.#statements.selectFrom('preference_global').selectAll()
        .where((is) => is.or(keys.map(({owner, setting}) => is.and({owner, setting})))).orderBy('owner').orderBy('setting');
      // SQLite's write transaction has the lock of the whole file already.
      const rows = await (this.#engine === 'postgres' ? select.forUpdate() : select).execute();
      return rows.map((row) => ({...row, scope: GLOBAL, exception: 0}));
    }
    const select = this.#statements.selectFrom('preference_local').selectAll()
      .where((is) => is.or(keys.map(({scope, owner, setting}) => is.and({scope, owner, setting}))))
      .orderBy('scope').orderBy('owner').orderBy('setting');
    return (this.#engine === 'postgres' ? select.forUpdate() : select).execute();
  }

  /** @throws SqlFault `conflict` when somebody else made one of them since they were looked for, so the transaction begins anew */
  async insert(rows: readonly LayerRow[]): Promise<void> {
    if (rows.length === 0) return;
    const insert = this.#isGlobal ? this.#statements.insertInto('preference_global').values(rows.map(asGlobal))
      : this.#statements.insertInto('preference_local').values(rows);
    const {numInsertedOrUpdatedRows} = await insert.onConflict((conflict) => conflict.doNothing()).executeTakeFirstOrThrow();
    if (numInsertedOrUpdatedRows === BigInt(rows.length)) return;
    throw new SqlFault('preferences: a row was made at the same moment', 'conflict');
  }

  /** Of rows that were found and locked. */
  async update(rows: readonly LayerRow[]): Promise<void> {
    if (rows.length === 0) return;
    if (this.#isGlobal) {
      await this.#statements.insertInto('preference_global').values(rows.map(asGlobal))
        .onConflict((conflict) => conflict.columns(['owner', 'setting'])
          .doUpdateSet((set) => ({value: set.ref('excluded.value'), revision: set.ref('excluded.revision')}))).execute();
      return;
    }
    await this.#statements.insertInto('preference_local').values(rows)
      .onConflict((conflict) => conflict.columns(['scope', 'owner', 'setting']).doUpdateSet((set) => ({
        value: set.ref('excluded.value'), exception: set.ref('excluded.exception'), revision: set.ref('excluded.revision')}))).execute();
  }

  /** Of rows that were found and locked. */
  async remove(keys: readonly RowKey[]): Promise<void> {
    if (keys.length === 0) return;
    const statement = this.#isGlobal ? this.#statements.deleteFrom('preference_global')
      .where((is) => is.or(keys.map(({owner, setting}) => is.and({owner, setting}))))
      : this.#statements.deleteFrom('preference_local')
        .where((is) => is.or(keys.map(({scope, owner, setting}) => is.and({scope, owner, setting}))));
    await statement.execute();
  }
}

function asGlobal({owner, setting, revision, value}: LayerRow): PreferenceTables['preference_global'] {
  return {owner, setting, revision, value: value ?? ''};
}
