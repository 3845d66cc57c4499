import type {Kysely} from 'kysely';
import type {MarkKind} from '../upkeep-contract.js';
import type {PreferenceTables} from './preference-tables.js';

/** In the place of a scope's id: the row is a global one. Ids begin with 1. */
export const GLOBAL = 0;

/** Kinds as they are stored: never to be renumbered. */
const KINDS: Readonly<Record<MarkKind, number>> = {dormant: 1, shadowed: 2, orphan: 3};

/** The primary key of a row. */
export interface RowKey {
  readonly scope: number;
  readonly owner: string;
  readonly setting: number;
}

/** Every mark of a row. */
export async function clearMarks(statements: Kysely<PreferenceTables>, {scope, owner, setting}: RowKey): Promise<void> {
  await statements.deleteFrom('preference_mark').where('scope', '=', scope).where('owner', '=', owner).where('setting', '=', setting)
    .execute();
}

/** Every mark of some rows. */
export async function clearMarksOfRows(statements: Kysely<PreferenceTables>, keys: readonly RowKey[]): Promise<void> {
  if (keys.length === 0) return;
  await statements.deleteFrom('preference_mark')
    .where((is) => is.or(keys.map(({scope, owner, setting}) => is.and({scope, owner, setting})))).execute();
}

/** Of every row of an owner in a scope. */
export async function clearMarksOf(statements: Kysely<PreferenceTables>, scope: number, owner: string): Promise<void> {
  await statements.deleteFrom('preference_mark').where('scope', '=', scope).where('owner', '=', owner).execute();
}

/** One mark of a row. */
export async function clearMark(statements: Kysely<PreferenceTables>, {scope, owner, setting}: RowKey, kind: MarkKind): Promise<void> {
  await statements.deleteFrom('preference_mark').where('scope', '=', scope).where('owner', '=', owner).where('setting', '=', setting)
    .where('kind', '=', KINDS[kind]).execute();
}

/** Marks a row, unless it is marked so since earlier. */
export async function putMark(statements: Kysely<PreferenceTables>, {scope, owner, setting}: RowKey, kind: MarkKind,
  since: number): Promise<void> {
  await statements.insertInto('preference_mark').values({scope, owner, setting, kind: KINDS[kind], since: Math.floor(since)})
    .onConflict((conflict) => conflict.doNothing()).execute();
}

/** Which marks a row has. */
export async function marksOf(statements: Kysely<PreferenceTables>, {scope, owner, setting}: RowKey): Promise<Set<MarkKind>> {
  const rows = await statements.selectFrom('preference_mark').select('kind')
    .where('scope', '=', scope).where('owner', '=', owner).where('setting', '=', setting).execute();
  return new Set(rows.map(({kind}) => kindOf(kind)));
}

/** The kind that a number stands for. */
export function kindOf(number: number): MarkKind {
  const kinds = Object.keys(KINDS) as MarkKind[];
  return kinds.find((kind) => KINDS[kind] === number) ?? 'orphan';
}
