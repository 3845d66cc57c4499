import {inspect} from 'node:util';
import {expect} from 'chai';
import {sql} from 'kysely';
import {SystemClock} from '../../src/core/clock.js';
import {openPostgres} from '../../src/sql/open-postgres.js';
import {SqlFault} from '../../src/sql/sql-fault.js';
import {Transactions} from '../../src/sql/transactions.js';
import {POSTGRES_PASSWORD, usePostgres} from '../support/postgres.js';
import {rejection} from '../support/rejection.js';

describe('openPostgres', () => {
  const postgres = usePostgres();

  it('reads int8 as numbers, and refuses those that are no safe integers', async () => {
    const {kysely, close} = await openPostgres(postgres.url, 'a spec', {schema: postgres.schema});
    expect((await sql`select 9007199254740991::bigint as n, count(*) as c from (values (1)) as v`.execute(kysely)).rows).to.deep.equal([
      {n: 2 ** 53 - 1, c: 1}]);
    expect(await rejection(sql`select 9007199254740993::bigint as n`.execute(kysely))).to.have.property('message').that.contains('9007199254740993');
    expect((await sql`select current_schema() as s`.execute(kysely)).rows).to.deep.equal([{s: postgres.schema}]);
    await close();
  });

  it('shows its password in no fault', async () => {
    const {port} = new URL(postgres.url);
    const faults = [
      [postgres.url.replace(POSTGRES_PASSWORD, `wrong${POSTGRES_PASSWORD}`), '28P01', 'other'],
      [postgres.url.replace(`:${port}`, ':1'), 'ECONNREFUSED', 'lost'],
      [postgres.url.replace(/postgres$/, 'none'), '3D000', 'other'],
    ] as const;
    for (const [url, code, kind] of faults) {
      const {kysely, close} = await openPostgres(url, 'a spec');
      const error = await rejection<SqlFault>(sql`select 1`.execute(kysely));
      expect([error.code, error.kind], code).to.deep.equal([code, kind]);
      expect(inspect(error, {depth: 9, showHidden: true})).to.not.contain(POSTGRES_PASSWORD);
      await close();
    }
    for (const url of [`mysql://u:${POSTGRES_PASSWORD}@host/x`, `u:${POSTGRES_PASSWORD}@host`, `postgres://u:${POSTGRES_PASSWORD}@host:port/x`]) {
      const error = await rejection(openPostgres(url, 'a spec'));
      expect(error).to.be.instanceOf(TypeError);
      expect(inspect(error)).to.not.contain(POSTGRES_PASSWORD);
    }
  });

  it('gets over connections that the server ended, in use or not', async () => {
    const database = await openPostgres(postgres.url, 'a spec', {schema: postgres.schema});
    const transactions = new Transactions(database, {clock: new SystemClock(), random: Math.random});
    const killer = await postgres.client();
    await transactions.run('read', (statements) => sql`select 1`.execute(statements));
    await killer.query('select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and backend_type = \'client backend\'');
    let tries = 0;
    await transactions.run('write', async (statements) => {
      await sql`create table t (id integer)`.execute(statements);
      if (++tries === 1) await sql`select pg_terminate_backend(pg_backend_pid())`.execute(statements);
    });
    expect(tries).to.equal(2);
    expect((await killer.query('select count(*)::int as n from t')).rows).to.deep.equal([{n: 0}]);
    await database.close();
  });

  it('notices a COMMIT that became a ROLLBACK', async () => {
    const database = await openPostgres(postgres.url, 'a spec', {schema: postgres.schema});
    const transactions = new Transactions(database, {clock: new SystemClock(), random: Math.random});
    const error = await rejection<SqlFault>(transactions.run('write', (statements) => sql`select 1 / 0`.execute(statements).catch(() => undefined)));
    expect(error).to.be.instanceOf(SqlFault);
    expect(error.message).to.contain('rolled back instead of committed');
    await database.close();
  });

  it('knows a lock that is not to be had, a deadlock and a database that only reads', async () => {
    const {kysely, close} = await openPostgres(postgres.url, 'a spec', {schema: postgres.schema, lockTimeout: 10});
    const other = await postgres.client();
    await other.query('create table t (id integer primary key); insert into t values (1)');
    await other.query('begin; update t set id = 1');
    expect(await rejection(sql`update t set id = 1`.execute(kysely))).to.include({kind: 'busy', code: '55P03', retriable: true});
    await other.query('rollback');
    const reading = await openPostgres(`${postgres.url}?options=-c%20default_transaction_read_only=on`, 'a spec');
    expect(await rejection(sql.raw(`insert into ${postgres.schema}.t values (2)`).execute(reading.kysely))).to.include({kind: 'read-only', retriable: false});
    expect(await rejection(sql`insert into t values (1)`.execute(kysely))).to.include({kind: 'unique'});
    await reading.close();
    await close();
  });
});
