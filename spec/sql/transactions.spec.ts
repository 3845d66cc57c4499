import {expect} from 'chai';
import {sql} from 'kysely';
import {SystemClock} from '../../src/core/clock.js';
import type {SqlDatabase} from '../../src/sql/sql-database.js';
import {SqlFault} from '../../src/sql/sql-fault.js';
import {Transactions, type TransactionsOptions} from '../../src/sql/transactions.js';
import {TestClock} from '../../src/testing/index.js';
import {rejection} from '../support/rejection.js';
import {DATABASES, type CounterSchema} from './databases.js';

for (const [name, useDatabase] of Object.entries(DATABASES)) {
  describe(`Transactions on ${name}`, () => {
    const open = useDatabase();
    let database: SqlDatabase<CounterSchema>;
    beforeEach(async () => {
      database = await open();
      await sql`create table counter (id integer primary key, count integer not null)`.execute(database.kysely);
      await sql`insert into counter values (1, 0)`.execute(database.kysely);
    });
    const make = (options: Partial<TransactionsOptions> = {}): Transactions<CounterSchema> =>
      new Transactions(database, {clock: new SystemClock(), random: Math.random, ...options});
    const count = async (): Promise<unknown> => (await database.kysely.selectFrom('counter').selectAll().executeTakeFirst())?.count;
    const add = sql`update counter set count = count + 1`;

    it('commits what resolves and rolls back what rejects, whose error passes unchanged', async () => {
      const transactions = make();
      expect(await transactions.run('write', async (statements) => {
        await add.execute(statements);
        return 'done';
      })).to.equal('done');
      const error = new Error('mine');
      expect(await rejection(transactions.run('write', async (statements) => {
        await add.execute(statements);
        throw error;
      }))).to.equal(error);
      expect(await count()).to.equal(1);
      expect(transactions.contentions).to.equal(0);
    });

    it('repeats the whole of it after a conflict, with growing random pauses', async () => {
      const clock = new TestClock({autoAdvance: true});
      const transactions = make({clock, random: () => 0.5, pause: 10, longestPause: 50});
      let tries = 0;
      await transactions.run('write', async (statements) => {
        await add.execute(statements);
        if (++tries < 6) throw new SqlFault('made up', 'conflict');
      });
      expect([tries, await count(), transactions.contentions]).to.deep.equal([6, 1, 5]);
      expect(clock.waits).to.deep.equal([5, 10, 20, 25, 25]);
    });

    it('gives up at its limit with the last fault, and at once when nothing is to be gained', async () => {
      const clock = new TestClock({autoAdvance: true});
      const transactions = make({clock, random: () => 0.5, limit: 1000, longestPause: 200});
      const busy = new SqlFault('made up', 'busy');
      expect(await rejection(transactions.run('write', () => Promise.reject(busy)))).to.equal(busy);
      expect(clock.now()).to.be.within(800, 1000);
      clock.waits.length = 0;
      expect(await rejection(transactions.run('write', () => Promise.reject(new SqlFault('made up', 'unique'))))).to.have.property('kind', 'unique');
      expect(clock.waits).to.deep.equal([]);
    });

    it('never masks the first error by a ROLLBACK that fails, and works on afterwards', async () => {
      const transactions = make();
      const error = Object.assign(new Error('first'), {suppressed: ['before']});
      expect(await rejection(transactions.run('write', async (statements) => {
        await add.execute(statements);
        // The transaction is gone before it is rolled back: ended on SQLite, with its whole connection on PostgreSQL.
        const ending = database.engine === 'sqlite' ? sql`rollback` : sql`select pg_terminate_backend(pg_backend_pid())`;
        await ending.execute(statements).catch(() => undefined);
        throw error;
      }))).to.equal(error);
      expect(error.suppressed).to.have.length(2);
      expect(error.suppressed[1]).to.be.instanceOf(SqlFault);
      expect(await count()).to.equal(0);
      await transactions.run('write', (statements) => add.execute(statements));
      expect(await count()).to.equal(1);
    });

    it('reads one state, whatever is committed meanwhile, and takes no lock from writers', async () => {
      const other = new Transactions(await open(), {clock: new SystemClock(), random: Math.random, limit: 100});
      const seen = await make().run('read', async (statements) => {
        const read = async (): Promise<unknown> => (await statements.selectFrom('counter').selectAll().executeTakeFirst())?.count;
        const first = await read();
        await other.run('write', (theirs) => add.execute(theirs));
        return [first, await read()];
      });
      expect(seen).to.deep.equal([0, 0]);
      expect(await count()).to.equal(1);
    });

    it('waits for the write lock of another, and loses no count between many writers', async () => {
      const writers = await Promise.all(Array.from({length: 4}, async () => new Transactions(await open(), {clock: new SystemClock(), random: Math.random})));
      await Promise.all(writers.flatMap((writer) => Array.from({length: 10}, () => writer.run('write', async (statements) => {
        const locking = sql.raw(database.engine === 'sqlite' ? '' : 'for update');
        const row = await sql<{count: number}>`select count from counter ${locking}`.execute(statements);
        await sql`update counter set count = ${(row.rows[0]?.count ?? 0) + 1}`.execute(statements);
      }))));
      expect(await count()).to.equal(40);
    });

    it('stops waiting when its signal is aborted, and begins nothing with one that was', async () => {
      const reason = new Error('enough');
      const clock = new TestClock();
      const controller = new AbortController();
      const waiting = rejection(make({clock}).run('write', () => Promise.reject(new SqlFault('made up', 'busy')), controller.signal));
      await clock.untilPending(1);
      controller.abort(reason);
      expect(await waiting).to.equal(reason);
      expect(clock.pending).to.equal(0);
      expect(await rejection(make().run('write', () => Promise.reject(new Error('begun')), AbortSignal.abort(reason)))).to.equal(reason);
    });
  });
}
