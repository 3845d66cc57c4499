import type {Kysely} from 'kysely';
import type {SqlEngine} from '../../sql/sql-database.js';
import type {PreferenceTables} from './preference-tables.js';

/** Numbers that no row of this store ever had, so that a row made anew is not taken for the one before. */
export async function nextRevisions(statements: Kysely<PreferenceTables>, engine: SqlEngine, count: number): Promise<number[]> {
  if (count === 0) return [];
  if (engine === 'postgres') {
    const rows = await statements.selectFrom((is) => is.fn<{n: number}>('generate_series', [is.lit(1), is.lit(count)]).as('n'))
      .select((is) => is.fn<number>('nextval', [is.val('preference_revision')]).as('revision')).execute();
    return rows.map(({revision}) => revision);
  }
  const {revision} = await statements.updateTable('preference_store').set((set) => ({revision: set('revision', '+', count)}))
    .where('id', '=', 1).returning('revision').executeTakeFirstOrThrow();
  return Array.from({length: count}, (_, at) => revision - at);
}

/** One of them. */
export async function nextRevision(statements: Kysely<PreferenceTables>, engine: SqlEngine): Promise<number> {
  const [revision = 0] = await nextRevisions(statements, engine, 1);
  return revision;
}
