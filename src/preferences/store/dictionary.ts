import type {Kysely} from 'kysely';
import {SqlFault} from '../../sql/sql-fault.js';
import type {PreferenceTables} from './preference-tables.js';

/** The dictionary tables. */
export type NameTable = 'preference_setting' | 'preference_scope';

/**
 * What is known of a dictionary table in memory. Ids are given in the order of the commits, so what one process misses is always
 * behind the last one that it read: a query of rows brings `id > last` along, and needs no query of its own.
 */
export class Dictionary {
  readonly #names = new Map<number, string>();
  #last = 0;

  /** Every id up to this one is known. */
  get last(): number {
    return this.#last;
  }

  /** What a query found behind `last`. */
  learn(id: number, name: string): void {
    this.#names.set(id, name);
    this.#last = Math.max(this.#last, id);
  }

  /** @throws SqlFault when the store contradicts itself */
  name(id: number): string {
    const name = this.#names.get(id);
    if (name === undefined) throw new SqlFault(`preferences: a row has the setting ${id}, which has no name`, 'other');
    return name;
  }
}

/** The id of a name, if it has one. */
export async function idOf(statements: Kysely<PreferenceTables>, table: NameTable, name: string): Promise<number | undefined> {
  return (await statements.selectFrom(table).select('id').where('name', '=', name).executeTakeFirst())?.id;
}

/** The ids of those names that have one. */
export async function idsOf(statements: Kysely<PreferenceTables>, table: NameTable, names: readonly string[]):
Promise<Map<string, number>> {
  if (names.length === 0) return new Map();
  const rows = await statements.selectFrom(table).select(['id', 'name']).where('name', 'in', [...new Set(names)]).execute();
  return new Map(rows.map(({id, name}) => [name, id]));
}

/** The id of a name, given now if it has none. @throws SqlFault `conflict` when somebody else gave one at the same moment */
export async function giveId(statements: Kysely<PreferenceTables>, table: NameTable, name: string): Promise<number> {
  const known = await idOf(statements, table, name);
  if (known !== undefined) return known;
  const last = await statements.selectFrom(table).select((is) => is.fn.max<number | null>('id').as('id')).executeTakeFirst();
  const id = (last?.id ?? 0) + 1;
  const result = await statements.insertInto(table).values({id, name}).onConflict((conflict) => conflict.doNothing()).executeTakeFirst();
  if (result.numInsertedOrUpdatedRows !== 1n) throw new SqlFault('preferences: a name was added at the same moment', 'conflict');
  return id;
}
