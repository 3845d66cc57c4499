import {expect} from 'chai';
import type {MergeConflict} from '../../../src/catalogue/catalogue-errors.js';
import type {Catalogue} from '../../../src/catalogue/catalogue.js';
import {SystemClock} from '../../../src/core/clock.js';
import type {Engine} from '../engines.js';
import {ELMER, partial, PRODUCT} from '../facts.js';
import {MeddlingStore, times, type Meddling} from '../meddling-store.js';
import {rejection} from '../../support/rejection.js';
import {expectWholeHistory} from '../whole-history.js';

const DAFFY = {actor: 'daffy'};

/** Others commit at the worst moments. */
export function racesContract(engine: Engine): void {
  interface Race { mine: Catalogue; theirs: Catalogue; store: MeddlingStore; meddling: Meddling }
  const start = async (): Promise<Race> => {
    const meddling: Meddling = {};
    const store = new MeddlingStore(await engine.store(), meddling);
    const theirs = await engine.catalogue();
    return {mine: await engine.catalogue({store}), theirs, store, meddling};
  };
  const froms = async (catalogue: Catalogue, path = '/a'): Promise<string[]> =>
    ((await catalogue.getPart('r', path)).document.partials as {from: string}[]).map(({from}) => from);

  for (const moment of ['afterRead', 'beforeWrite'] as const) {
    const between = moment === 'afterRead' ? 'between read and merge' : 'between merge and write';
    for (const count of [1, 4, 5, 50]) {
      it(`loses nothing when another commits ${between}, ${count} times`, async () => {
        const {mine, theirs, meddling} = await start();
        await theirs.publish('r', [partial('/a', 'r0')], {...DAFFY, create: PRODUCT});
        let met = 0;
        meddling[moment] = times(count, async (n) => {
          met = n + 1;
          await theirs.publish('r', [partial('/a', `their-${n}`)], DAFFY);
        });
        const result = await mine.publish('r', [partial('/a', 'mine')], ELMER);
        // From the sixth try on it is decided under the lock, where nobody can come between.
        const lost = Math.min(count, 5);
        expect(result).to.deep.include({attempts: lost + 1, merged: true}).and.to.have.property('changes').with.length(1);
        const expected = ['r0', ...Array.from({length: met}, (_, n) => `their-${n}`), 'mine'];
        expect(await froms(theirs)).to.deep.equal(expected);
        await expectWholeHistory(engine);
      });
    }
  }

  it('lets nobody come between once it holds the lock', async () => {
    const {mine, theirs, meddling} = await start();
    await theirs.publish('r', [partial('/a', 'r0')], {...DAFFY, create: PRODUCT});
    meddling.afterRead = times(5, (n) => theirs.publish('r', [partial('/a', `r${n + 1}`)], DAFFY));
    let late: Promise<unknown> | undefined;
    meddling.afterReadUnderLock = times(1, async () => {
      late = theirs.publish('r', [partial('/a', 'late')], DAFFY);
      await Promise.race([late, new SystemClock().wait(60)]);
    });
    expect(await mine.publish('r', [partial('/a', 'mine')], ELMER)).to.include({attempts: 6});
    await late;
    expect(await froms(theirs)).to.deep.equal(['r0', 'r1', 'r2', 'r3', 'r4', 'r5', 'mine', 'late']);
    await expectWholeHistory(engine);
  });

  it('writes one history row per merged patch, however often it was tried', async () => {
    const {mine, theirs, meddling} = await start();
    await theirs.publish('r', [partial('/a', 'r0')], {...DAFFY, create: PRODUCT});
    meddling.beforeWrite = times(3, (n) => theirs.patch({name: 'r', path: '/a'}, {[`their${n}`]: n}, {...DAFFY, releaseBase: 2}));
    const result = await mine.patch({name: 'r', path: '/a'}, {mine: 1}, {...ELMER, base: 1});
    expect(result).to.include({attempts: 4, merged: true, version: 6}).and.to.have.property('changes').with.length(1);
    expect((await theirs.getPart('r', '/a')).document).to.include({their0: 0, their1: 1, their2: 2, mine: 1});
    await expectWholeHistory(engine);
  });

  it('refuses what became a conflict meanwhile, and leaves no trace', async () => {
    const {mine, theirs, meddling} = await start();
    await theirs.publish('r', [partial('/a', 'r0')], {...DAFFY, create: PRODUCT});
    let before = '';
    meddling.beforeWrite = times(1, async () => {
      await theirs.publish('r', [partial('/a', 'mine', 'b')], DAFFY);
      before = await engine.dump();
    });
    const error = await rejection<MergeConflict>(mine.publish('r', [partial('/a', 'mine')], ELMER));
    expect(error).to.include({code: 'MERGE_CONFLICT', currentVersion: 3});
    expect(await engine.dump()).to.equal(before);
  });

  it('a guarded write loses to whoever came first', async () => {
    const {mine, theirs, meddling} = await start();
    await theirs.publish('r', [partial('/a', 'r0')], {...DAFFY, create: PRODUCT});
    meddling.beforeWrite = times(1, () => theirs.publish('r', [partial('/a', 'r1')], DAFFY));
    expect(await rejection(mine.replace({name: 'r', path: '/a'}, {}, {...ELMER, ifVersion: 1}))).to.include({code: 'STALE_VERSION', currentVersion: 2});
    meddling.beforeWrite = times(1, () => theirs.publish('r', [partial('/b', 'r1')], DAFFY));
    expect(await rejection(mine.remove({name: 'r'}, {...ELMER, ifVersion: 3}))).to.include({code: 'STALE_VERSION', currentVersion: 4});
    meddling.beforeWrite = times(1, () => theirs.publish('r', [partial('/c', 'r1')], DAFFY));
    // A part that appeared meanwhile goes too: nothing of a removed release stays.
    expect(await mine.remove({name: 'r'}, {...ELMER, ifVersion: 'any'})).to.include({attempts: 2}).and.to.have.property('changes').with.length(4);
    await expectWholeHistory(engine);
  });

  it('sees a release that is closed, removed or made by another meanwhile', async () => {
    const {mine, theirs, meddling} = await start();
    meddling.beforeWrite = times(1, () => theirs.publish('r', [partial('/a', 'r0')], {...DAFFY, create: PRODUCT}));
    expect(await mine.publish('r', [partial('/a', 'r1')], {...ELMER, create: PRODUCT})).to.include({attempts: 2, version: 3});
    meddling.beforeWrite = times(1, () => theirs.setReadOnly('r', true, {...DAFFY, ifVersion: 'any'}));
    expect(await rejection(mine.publish('r', [partial('/a', 'r2')], ELMER))).to.include({code: 'READ_ONLY_RELEASE'});
    await theirs.setReadOnly('r', false, {...DAFFY, ifVersion: 'any'});
    meddling.beforeWrite = times(1, () => theirs.remove({name: 'r'}, {...DAFFY, ifVersion: 'any'}));
    // A part of its own, so that only the head tells.
    expect(await rejection(mine.publish('r', [partial('/mine', 'r2')], ELMER))).to.include({code: 'UNKNOWN_RELEASE'});
    meddling.beforeWrite = times(1, () => theirs.create('r', {product: 'fenix'}, DAFFY));
    expect(await mine.publish('r', [partial('/mine', 'r2')], {...ELMER, create: PRODUCT})).to.include({attempts: 2});
    expect(await theirs.get('r')).to.include({product: 'fenix'});
    await expectWholeHistory(engine);
  });

  it('lets eight writers make the same release and part at once', async () => {
    const catalogues = await Promise.all(Array.from({length: 8}, () => engine.catalogue()));
    const results = await Promise.all(catalogues.map((catalogue, n) =>
      catalogue.publish('r', [partial('/a', `r${n}`), partial('/a', 'all')], {...ELMER, create: PRODUCT})));
    expect(results.reduce((sum, {changes}) => sum + changes.length, 0)).to.equal(9);
    expect(await froms(catalogues[0] as Catalogue)).to.have.members(['all', ...Array.from({length: 8}, (_, n) => `r${n}`)]).and.to.have.length(9);
    await expectWholeHistory(engine);
  });
}
