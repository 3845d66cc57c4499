import {expect} from 'chai';
import {CompiledQuery, sql, type Kysely} from 'kysely';
import type {CatalogueTables} from '../../src/catalogue/store/catalogue-tables.js';
import {SqlTransaction} from '../../src/catalogue/store/sql-transaction.js';
import {ENGINES, type Engine} from './engines.js';
import {recorded} from './recorded-queries.js';

/** Rows of each table: enough that an index is worth it. */
const ROWS = 4000;

/** Every statement that the store can make, by the method that makes it. */
const STATEMENTS: Readonly<Record<string, (store: SqlTransaction) => Promise<unknown>>> = {
  head: (store) => store.head('r1'),
  heads: (store) => store.heads({product: undefined, after: 'r1', limit: 10}),
  'heads of a product': (store) => store.heads({product: 'p1', after: 'r1', limit: 10}),
  part: (store) => store.part('r1', '/p1'),
  parts: (store) => store.parts('r1'),
  partsOf: (store) => store.partsOf('r1', ['/p1', '/p2']),
  changeAt: (store) => store.changeAt('r1', '/p1', 3),
  changesAt: (store) => store.changesAt('r1', 3),
  changeOf: (store) => store.changeOf('r1', '/p1', 1),
  changeBySeq: (store) => store.changeBySeq(7),
  versionAt: (store) => store.versionAt('r1', 7),
  history: (store) => store.history({name: 'r1', path: undefined, before: 3, limit: 10}),
  'history of a part': (store) => store.history({name: 'r1', path: '/p1', before: 3, limit: 10}),
  changes: (store) => store.changes({name: undefined, after: 3, limit: 10}),
  'changes of a release': (store) => store.changes({name: 'r1', after: 3, limit: 10}),
  changesOfRequest: (store) => store.changesOfRequest('r1', {from: 1, to: 3}, 'x'),
  request: (store) => store.request('a', '1'),
  lock: (store) => store.lock('r1'),
  advance: (store) => store.advance('r1', 1, 1, {version: 1, removed: false, readOnly: false}),
  writeHead: (store) => store.writeHead('r1', 1, {product: 'p', schema: 1, hashFunction: 'sha1', readOnly: false, removed: false}),
  writeParts: (store) => store.writeParts('r1', [{path: '/p1', expected: 1, releaseVersion: 1, body: '{}'}]),
  pruneBodies: (store) => store.pruneBodies({after: 3, before: 1, keep: 1, limit: 10}),
  pruneRequests: (store) => store.pruneRequests(7, 10),
};

/** A plan may not read a table from end to end, nor sort what an index has in order already. */
const BAD = {sqlite: /\bSCAN\b|TEMP B-TREE/, postgres: /Seq Scan|(?<!Incremental )Sort/};
/** Only these may sort: PostgreSQL orders the rows of one release after a lookup by index. */
const MAY_SORT = new Set(['parts', 'changesAt', 'versionAt']);

for (const [name, useEngine] of Object.entries(ENGINES)) {
  describe(`query plans on ${name}`, () => {
    const engine: Engine = useEngine();

    it('no statement scans a table', async function plans() {
      this.timeout(30_000);
      await engine.store();
      const {kysely, engine: kind} = await engine.database();
      await fill(kysely, kind);
      const faults: string[] = [];
      for (const [method, call] of Object.entries(STATEMENTS)) {
        const {kysely: recorder, queries} = recorded(kind);
        await call(new SqlTransaction(recorder, kind)).catch(() => undefined);
        expect(queries, method).to.not.have.length(0);
        for (const query of queries) {
          const plan = await explain(kysely, kind, query);
          const bad = kind === 'postgres' && MAY_SORT.has(method) ? /Seq Scan/ : BAD[kind];
          if (bad.test(plan)) faults.push(`${method}: ${query.sql}\n${plan}`);
        }
      }
      expect(faults.join('\n\n')).to.equal('');
    });

    it('the check itself sees a scan and a sort', async () => {
      await engine.store();
      const {kysely, engine: kind} = await engine.database();
      await fill(kysely, kind);
      for (const text of ['select * from change where actor = \'x\'', 'select * from change order by actor limit 3']) {
        expect(await explain(kysely, kind, CompiledQuery.raw(text))).to.match(BAD[kind]);
      }
    });
  });
}

async function explain(kysely: Kysely<CatalogueTables>, kind: 'sqlite' | 'postgres', {sql: text, parameters}: CompiledQuery): Promise<string> {
  const {rows} = await kysely.executeQuery<Record<string, unknown>>(
    CompiledQuery.raw(`${kind === 'sqlite' ? 'explain query plan' : 'explain'} ${text}`, [...parameters]));
  return rows.map((row) => String(row.detail ?? row['QUERY PLAN'])).join('\n');
}

async function fill(kysely: Kysely<CatalogueTables>, kind: 'sqlite' | 'postgres'): Promise<void> {
  const series = kind === 'sqlite' ? sql.raw(`(with recursive n(n) as (select 1 union all select n + 1 from n where n < ${ROWS}) select n from n)`)
    : sql.raw(`(select generate_series(1, ${ROWS}) as n)`);
  const body = sql.raw(`'{"partials":"${'x'.repeat(200)}"}'`);
  await sql`insert into release select 'r' || n, 'p' || (n % 50), 1, 'sha1', 0, 0, 1, 1, 1 from ${series} as s`.execute(kysely);
  await sql`insert into part select 'r' || (n % 40), '/p' || n, 1, n, ${body} from ${series} as s`.execute(kysely);
  await sql`insert into change select n, 'r' || (n % 40), '/p' || n, 1, n, 'a', n, 'publish', 'x', 0, 0, ${body} from ${series} as s`.execute(kysely);
  await sql`insert into request select 'a', 'i' || n, 'f', n, 'x' from ${series} as s`.execute(kysely);
  await sql.raw('analyze').execute(kysely);
}
