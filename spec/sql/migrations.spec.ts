import {expect} from 'chai';
import {sql} from 'kysely';
import {SystemClock} from '../../src/core/clock.js';
import {migrate, type Migration} from '../../src/sql/migrations.js';
import type {SqlDatabase} from '../../src/sql/sql-database.js';
import {Transactions} from '../../src/sql/transactions.js';
import {rejection} from '../support/rejection.js';
import {DATABASES, type CounterSchema} from './databases.js';

const STEPS: readonly Migration[] = [
  {name: 'counter', statements: () => ['create table counter (id integer primary key)', 'insert into counter values (1)']},
  {name: 'count', statements: (engine) => [
    `alter table counter add column count ${engine === 'sqlite' ? 'integer' : 'bigint'}`, 'update counter set count = 1']},
];

for (const [name, useDatabase] of Object.entries(DATABASES)) {
  describe(`migrate on ${name}`, () => {
    const open = useDatabase();
    const clock = new SystemClock();
    const run = (database: SqlDatabase<CounterSchema>, steps = STEPS, tower = 'spec'): Promise<void> =>
      migrate(new Transactions(database, {clock, random: Math.random}), database.engine, tower, steps, clock);
    const steps = async ({kysely}: SqlDatabase<CounterSchema>): Promise<unknown> =>
      (await kysely.selectFrom('jupiter_migration').selectAll().orderBy('tower').orderBy('number').execute())
        .map(({tower, number, name: step}) => `${tower} ${number} ${step}`);

    it('takes each step once, and a later start takes only the new ones', async () => {
      const database = await open();
      await run(database, STEPS.slice(0, 1));
      expect(await steps(database)).to.deep.equal(['spec 1 counter']);
      await run(database);
      await run(database);
      expect(await steps(database)).to.deep.equal(['spec 1 counter', 'spec 2 count']);
      expect((await sql`select * from counter`.execute(database.kysely)).rows).to.deep.equal([{id: 1, count: 1}]);
    });

    it('keeps the steps of several towers in one database apart', async () => {
      const database = await open();
      await run(database);
      await run(database, [{name: 'other', statements: () => ['create table other (id integer)']}], 'another');
      expect(await steps(database)).to.deep.equal(['another 1 other', 'spec 1 counter', 'spec 2 count']);
    });

    it('works when many start together', async () => {
      const databases = await Promise.all(Array.from({length: 5}, () => open()));
      await Promise.all(databases.map((database) => run(database)));
      expect(await steps(databases[0] as SqlDatabase<CounterSchema>)).to.deep.equal(['spec 1 counter', 'spec 2 count']);
    });

    it('leaves whole steps behind when one fails, and goes on from there', async () => {
      const database = await open();
      const broken: Migration[] = [STEPS[0] as Migration, {name: 'broken', statements: () => ['create table half (id integer)', 'this is no sql']}];
      expect(await rejection(run(database, broken))).to.have.property('name', 'SqlFault');
      expect(await steps(database)).to.deep.equal(['spec 1 counter']);
      expect(await rejection(sql`select * from half`.execute(database.kysely))).to.have.property('name', 'SqlFault');
      await run(database);
      expect(await steps(database)).to.deep.equal(['spec 1 counter', 'spec 2 count']);
    });

    it('refuses a database that a newer version made', async () => {
      const database = await open();
      await run(database);
      expect(await rejection(run(database, STEPS.slice(0, 1)))).to.include({kind: 'newer'}).and.to.have.property('message').that.contains('version 2');
    });
  });
}
