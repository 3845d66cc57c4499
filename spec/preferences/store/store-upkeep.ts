import {expect} from 'chai';
import {CompiledQuery} from 'kysely';
import {StoreFault} from '../../../src/preferences/preferences-errors.js';
import {scansOf, type StoreBench} from './store-bench.js';

const SCOPE = 'registry.example';

/** Plans, counts of queries, snapshots and migrations of a store, run inside a `describe`. */
export function itKeepsTheStoreUp(bench: StoreBench): void {
  it('reads each side of 500 owners with one query, also when others added names since', async () => {
    const [reader, writer] = [bench.store(), bench.store()];
    const owners = Array.from({length: 500}, (_, index) => `owner ${index}`);
    await reader.prepare();
    await writer.writeLocals(owners.map((owner) => ({scope: SCOPE, owner, setting: 'hosts', value: '1'})));
    await writer.writeGlobals(owners.map((owner) => ({owner, setting: 'x.late', value: '1'})));
    bench.statements.length = 0;
    const locals = await reader.locals(SCOPE, owners, 'central');
    const globals = await reader.globals(owners);
    expect(bench.statements).to.have.length(2);
    expect(new Set([...locals.values()].map(({rows}) => rows[0]?.setting))).to.deep.equal(new Set(['hosts']));
    expect(new Set([...globals.values()].map((rows) => rows[0]?.setting))).to.deep.equal(new Set(['x.late']));
  });

  it('reads a name once only', async () => {
    const store = bench.store();
    await store.writeGlobals([{owner: 'elmer', setting: 'hosts', value: '1'}, {owner: 'elmer', setting: 'digests', value: '1'}]);
    for (const names of [0, 2, 2]) {
      bench.statements.length = 0;
      await store.globals(['elmer']);
      expect(bench.statements[0]?.parameters, 'ids above those that are known').to.include(names);
    }
  });

  it('never walks through a table, whatever it does', async () => {
    const store = bench.store();
    const owners = Array.from({length: 200}, (_, index) => `owner ${index}`);
    for (const setting of ['hosts', 'digests']) {
      await store.writeLocals(owners.map((owner) => ({scope: SCOPE, owner, setting, value: '1'})));
      await store.writeGlobals(owners.map((owner) => ({owner, setting, value: '1'})));
    }
    await store.saveSnapshots('central', new Map(owners.map((owner) => [owner, {time: 1, rows: []}])));
    const database = await bench.database();
    if (bench.engine === 'postgres') await database.kysely.executeQuery(CompiledQuery.raw('analyze'));
    bench.statements.length = 0;
    await everything(bench);
    expect(bench.statements.length).to.be.above(20);
    for (const statement of bench.statements) expect(await scansOf(database, statement), statement.sql).to.deep.equal([]);
    const scan = database.kysely.selectFrom('preference_global').selectAll().where('value', '=', '1').compile();
    expect(await scansOf(database, scan), 'this check can fail').not.to.deep.equal([]);
  });

  it('keeps the newest snapshot of each owner and central store', async () => {
    const store = bench.store();
    const rows = [{setting: 'hosts', value: '["a"]', revision: 3}];
    await store.saveSnapshots('here', new Map([['elmer', {time: 20, rows}], ['bugs', {time: 20, rows: []}]]));
    await store.saveSnapshots('here', new Map([['elmer', {time: 10, rows: []}]]));
    await store.saveSnapshots('there', new Map([['elmer', {time: 10, rows: []}]]));
    const read = async (central: string | undefined): Promise<unknown[]> =>
      [...(await store.locals(SCOPE, ['elmer', 'bugs', 'daffy'], central)).values()].map(({snapshot}) => snapshot);
    expect(await read('here')).to.deep.equal([{time: 20, rows}, {time: 20, rows: []}, undefined]);
    await store.saveSnapshots('here', new Map([['bugs', {time: 20, rows}]]));
    expect(await read('here'), 'the same moment').to.deep.equal([{time: 20, rows}, {time: 20, rows}, undefined]);
    await store.saveSnapshots('here', new Map([['bugs', {time: 100_000, rows}]]));
    await store.saveSnapshots('here', new Map([['bugs', {time: 94_999, rows: []}]]));
    expect(await read('here'), 'a clock that was set back').to.deep.equal([{time: 20, rows}, {time: 94_999, rows: []}, undefined]);
    expect(await read('there')).to.deep.equal([{time: 10, rows: []}, undefined, undefined]);
    expect(await read(undefined)).to.deep.equal([undefined, undefined, undefined]);
  });

  it('is made once by stores that start together, has one identity, and keeps it', async () => {
    const identities = await Promise.all(Array.from({length: 4}, () => bench.store().identity()));
    expect(new Set(identities)).to.have.property('size', 1);
    expect(await bench.store().identity()).to.equal(identities[0]);
    const {kysely} = await bench.database();
    const steps = await kysely.selectFrom('jupiter_migration').select(['tower', 'number']).execute();
    expect(steps).to.deep.equal([{tower: 'preferences', number: 1}, {tower: 'preferences', number: 2}]);
  });

  it('refuses tables of a newer version', async () => {
    await bench.store().prepare();
    const {kysely} = await bench.database();
    await kysely.insertInto('jupiter_migration').values({tower: 'preferences', number: 3, name: 'later', time: 1}).execute();
    const fault = await bench.store().globals(['elmer']).catch((error: unknown) => error);
    expect(fault).to.be.instanceOf(StoreFault).with.property('message').that.matches(/have version 3, this software knows 2/);
  });
}

/** Every statement that a store has. */
async function everything(bench: StoreBench): Promise<void> {
  const store = bench.store();
  const key = {scope: SCOPE, owner: 'owner 7', setting: 'hosts'};
  await store.locals(SCOPE, ['owner 1', 'owner 2'], 'central');
  await store.globals(['owner 1', 'owner 2']);
  await store.writeLocals([{...key, value: '2'}, {...key, value: null, exception: true}, {...key, exception: false}, {...key, value: '3'}]);
  await store.writeLocals([{...key, scope: 'new.example', setting: 'x.new', value: '2'}]);
  await store.writeGlobals([{...key, value: '2'}, {...key, value: null}, {...key, value: '3'}, {...key, setting: 'x.newer', value: '3'}]);
  await store.resetLocals(SCOPE, 'owner 8');
  await store.removeGlobals('owner 9');
  await store.saveSnapshots('central', new Map([['owner 1', {time: 2, rows: []}]]));
  await store.checkLocalWritable();
  await store.identity();
}
