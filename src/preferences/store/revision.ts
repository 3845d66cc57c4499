import type {Kysely} from 'kysely';
import type {SqlEngine} from '../../sql/sql-database.js';
import type {PreferenceTables} from './preference-tables.js';

/** A number that no row of this store ever had, so that a row made anew is not taken for the one before. */
export async function nextRevision(statements: Kysely<PreferenceTables>, engine: SqlEngine): Promise<number> {
  if (engine === 'postgres') {
    const {revision} = await statements.selectNoFrom((is) => is.fn<number>('nextval', [is.val('preference_revision')]).as('revision'))
      .executeTakeFirstOrThrow();
    return revision;
  }
  const {revision} = await statements.updateTable('preference_store').set((set) => ({revision: set('revision', '+', 1)}))
    .where('id', '=', 1).returning('revision').executeTakeFirstOrThrow();
  return revision;
}
