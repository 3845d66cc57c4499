import {expect} from 'chai';
import {sql} from 'kysely';
import {openSqlite} from '../../src/sql/open-sqlite.js';
import {useTempFolder} from '../../src/testing/index.js';
import {rejection} from '../support/rejection.js';

interface ValueSchema {
  value: {id: number; value: unknown};
}

describe('openSqlite', () => {
  const folder = useTempFolder();

  it('opens a file in WAL mode, synced at every commit, with foreign keys and a short wait for locks', async () => {
    const {kysely, close, engine} = await openSqlite(folder.join('a.db'), 'a spec', {busyTimeout: 7});
    const pragma = async (name: string): Promise<unknown> => Object.values((await sql.raw<object>(`pragma ${name}`).execute(kysely)).rows[0] ?? {})[0];
    expect([engine, await pragma('journal_mode'), await pragma('synchronous'), await pragma('foreign_keys'), await pragma('busy_timeout')])
      .to.deep.equal(['sqlite', 'wal', 2, 1, 7]);
    await close();
  });

  it('leaves all content in the one file when it is closed', async () => {
    const {kysely, close} = await openSqlite(folder.join('a.db'), 'a spec');
    await sql`create table t (id integer)`.execute(kysely);
    await close();
    expect((await folder.read('a.db')).toString('latin1')).to.match(/create table t/i);
    expect((await folder.list()).includes('a.db-wal') ? (await folder.read('a.db-wal')).length : 0).to.equal(0);
  });

  it('says which file it can\'t open, or is no database', async () => {
    const missing = folder.join('no', 'folder', 'a.db');
    expect(await rejection(openSqlite(missing, 'a spec'))).to.include({name: 'SqlFault'}).and.to.have.property('message').that.contains(missing);
    const text = await folder.write('text', 'no database, but a text that is long enough to be taken for a header of one\n'.repeat(20));
    expect(await rejection(openSqlite(text, 'a spec'))).to.include({name: 'SqlFault', code: 'SQLITE_NOTADB'});
  });

  it('keeps numbers, truth and texts as they are, and refuses what would be changed', async () => {
    const {kysely, close} = await openSqlite<ValueSchema>(':memory:', 'a spec');
    await sql`create table value (id integer primary key, value)`.execute(kysely);
    const kept = [0, -1, 2 ** 53 - 1, 1.5, 'ä😀', '', null, 1];
    for (const [id, value] of kept.entries()) await kysely.insertInto('value').values({id, value}).execute();
    await sql`insert into value values (100, ${true})`.execute(kysely);
    const rows = await kysely.selectFrom('value').selectAll().orderBy('id').execute();
    expect(rows.map(({value}) => value)).to.deep.equal([...kept, 1]);
    expect((await sql`select typeof(value) as type from value where id = 2`.execute(kysely)).rows).to.deep.equal([{type: 'integer'}]);
    for (const value of ['a\0b', {}, undefined, NaN, Infinity, 2 ** 63, Symbol('x')]) {
      const write = async (): Promise<unknown> => sql`insert into value values (200, ${value})`.execute(kysely);
      expect(await rejection(write()), typeof value).to.be.instanceOf(TypeError);
    }
    await close();
  });
});
