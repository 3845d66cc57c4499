import {expect} from 'chai';
import {sql} from 'kysely';
import {SystemClock} from '../../src/core/clock.js';
import {openPostgres} from '../../src/sql/open-postgres.js';
import type {PostgresOptions} from '../../src/sql/postgres-options.js';
import type {SqlDatabase} from '../../src/sql/sql-database.js';
import type {SqlFault} from '../../src/sql/sql-fault.js';
import {Transactions} from '../../src/sql/transactions.js';
import {SwitchedProxy} from '../preferences/switched-proxy.js';
import {usePostgres} from '../support/postgres.js';
import {rejection} from '../support/rejection.js';

describe('openPostgres with a server that falls silent', () => {
  const postgres = usePostgres();
  let proxy: SwitchedProxy;

  beforeEach(async () => {
    const {hostname, port} = new URL(postgres.url);
    proxy = await SwitchedProxy.before(hostname, Number(port));
  });
  afterEach(() => proxy.close());

  const open = <S>(options: PostgresOptions): Promise<SqlDatabase<S>> =>
    openPostgres<S>(postgres.url.replace(/:\d+\/(?=postgres$)/, `:${proxy.port}/`), 'a spec', {schema: postgres.schema, connectTimeout: 300, ...options});
  const timed = async (work: Promise<unknown>): Promise<number> => {
    const start = performance.now();
    await work;
    return performance.now() - start;
  };

  it('closes in time with connections that are idle, and with one that waits for an answer', async () => {
    const {kysely, close} = await open({closeTimeout: 200});
    await Promise.all([sql`select 1`.execute(kysely), sql`select 1`.execute(kysely)]);
    proxy.swallow();
    const waiting = rejection<SqlFault>(sql`select 1`.execute(kysely));
    await turns();
    expect(await timed(close())).to.be.within(190, 2000);
    expect(await waiting).to.include({kind: 'lost'});
    // Nothing stays open.
    while (proxy.connections > 0) {
      proxy.probe();
      await turns();
    }
  });

  it('closes at once when everybody answers, and waits for a statement that runs', async () => {
    const {kysely, close} = await open({closeTimeout: 8000});
    await Promise.all([sql`select 1`.execute(kysely), sql`select 1`.execute(kysely)]);
    const running = sql`select pg_sleep(0.5)`.execute(kysely);
    await turns();
    expect(await timed(close())).to.be.within(100, 4000);
    await running;
  });

  it('gives up a statement in time, and its connection with it, so that the next one gets another', async () => {
    const {kysely, close} = await open({queryTimeout: 200, connections: 1, closeTimeout: 200});
    await sql`select 1`.execute(kysely);
    proxy.swallow();
    expect(await rejection(sql`select 1`.execute(kysely))).to.include({kind: 'lost', retriable: true});
    proxy.speak();
    expect((await sql`select 1 as n`.execute(kysely)).rows).to.deep.equal([{n: 1}]);
    await close();
  });

  it('does not wait once more for a ROLLBACK', async () => {
    const database = await open<never>({queryTimeout: 1000, closeTimeout: 200});
    await database.kysely.connection().execute(async (statements) => {
      proxy.swallow();
      expect(await rejection(sql`select 1`.execute(statements))).to.include({kind: 'lost'});
      expect(await timed(rejection(sql`rollback`.execute(statements)))).to.be.below(900);
    });
    await database.close();
  });

  it('repeats a transaction when the server speaks again', async () => {
    const database = await open<never>({queryTimeout: 200, closeTimeout: 200});
    const clock = new SystemClock();
    const wait = clock.wait.bind(clock);
    clock.wait = (ms, signal) => {
      proxy.speak();
      return wait(ms, signal);
    };
    let tries = 0;
    const transactions = new Transactions(database, {clock, random: () => 0});
    const {rows} = await transactions.run('write', (statements) => {
      if (++tries === 1) proxy.swallow();
      return sql`select 1 as n`.execute(statements);
    });
    expect([tries, rows]).to.deep.equal([2, [{n: 1}]]);
    await database.close();
  });

  it('does not know what became of a COMMIT that nobody answers', async () => {
    const database = await open<never>({queryTimeout: 200, closeTimeout: 200});
    const transactions = new Transactions(database, {clock: new SystemClock(), random: () => 0});
    const fault = await rejection<SqlFault>(transactions.run('write', async (statements) => {
      await sql`create table t (id integer)`.execute(statements);
      proxy.swallow();
    }));
    expect(fault.kind).to.equal('outcome-unknown');
    await database.close();
  });
});

/** So that what was sent is on its way. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => { setImmediate(resolve); });
}
