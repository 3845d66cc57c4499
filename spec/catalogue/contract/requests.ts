import {expect} from 'chai';
import {OutcomeUnknown} from '../../../src/catalogue/catalogue-errors.js';
import {TestClock} from '../../../src/testing/index.js';
import type {Engine} from '../engines.js';
import {ELMER, partial, PRODUCT} from '../facts.js';
import {MeddlingStore, times, type Meddling} from '../meddling-store.js';
import {rejection} from '../../support/rejection.js';
import {expectWholeHistory} from '../whole-history.js';

const NEW = {...ELMER, create: PRODUCT};
const KEYED = {...NEW, requestId: 'request-1'};

/** A request is done once, however often it comes and whatever became of its answer. */
export function requestsContract(engine: Engine): void {
  const meddled = async (meddling: Meddling): Promise<MeddlingStore> => new MeddlingStore(await engine.store(), meddling);

  it('gives the stored result to a repeat, by whatever connection', async () => {
    const [one, other] = [await engine.catalogue(), await engine.catalogue()];
    const first = await one.publish('r', [partial('/a', 'r1')], KEYED);
    await other.remove({name: 'r', path: '/a'}, {...ELMER, ifVersion: 1});
    const before = await engine.dump();
    expect(await other.publish('r', [partial('/a', 'r1')], KEYED)).to.deep.equal({...first, replayed: true});
    expect(await engine.dump()).to.equal(before);
  });

  it('remembers a request that changed nothing, too', async () => {
    const catalogue = await engine.catalogue();
    await catalogue.publish('r', [partial('/a', 'r1')], NEW);
    expect(await catalogue.publish('r', [partial('/a', 'r1')], KEYED)).to.include({replayed: false, version: 2});
    await catalogue.remove({name: 'r', path: '/a'}, {...ELMER, ifVersion: 1});
    expect(await catalogue.publish('r', [partial('/a', 'r1')], KEYED)).to.include({replayed: true, version: 2});
  });

  it('refuses the id for anything else; another actor may use it', async () => {
    const catalogue = await engine.catalogue();
    await catalogue.publish('r', [partial('/a', 'r1')], KEYED);
    const before = await engine.dump();
    for (const write of [
      () => catalogue.publish('r', [partial('/a', 'r2')], KEYED), () => catalogue.publish('q', [partial('/a', 'r1')], KEYED),
      () => catalogue.create('r', PRODUCT, {...ELMER, requestId: 'request-1'}),
    ]) expect(await rejection(write())).to.include({code: 'REQUEST_REUSED'});
    expect(await engine.dump()).to.equal(before);
    expect(await catalogue.publish('r', [partial('/a', 'r2')], {...KEYED, actor: 'daffy'})).to.include({replayed: false, version: 3});
  });

  it('remembers no request that was refused', async () => {
    const catalogue = await engine.catalogue();
    await rejection(catalogue.publish('r', [partial('/a', 'r1')], {...ELMER, requestId: 'request-1'}));
    expect(await catalogue.publish('r', [partial('/a', 'r1')], KEYED)).to.include({replayed: false, version: 2});
  });

  it('does a request once that comes twice at the same time', async () => {
    const catalogues = await Promise.all(Array.from({length: 6}, () => engine.catalogue()));
    const results = await Promise.all(catalogues.map((catalogue) => catalogue.publish('r', [partial('/a', 'r1')], KEYED)));
    expect(results.filter(({replayed}) => !replayed)).to.have.length(1);
    expect(results.every(({changes}) => changes.length === 2)).to.equal(true);
    const again = {...KEYED, requestId: 'request-2'};
    const idle = await Promise.all(catalogues.map((catalogue) => catalogue.publish('r', [partial('/a', 'r1')], again)));
    expect(idle.filter(({replayed}) => !replayed)).to.have.length(1);
    await expectWholeHistory(engine);
  });

  it('is done once when the answer was lost after the commit, and the request is repeated', async () => {
    const store = await meddled({afterCommit: times(1, () => Promise.reject(new Error('the cable')))});
    const catalogue = await engine.catalogue({store});
    expect(await rejection(catalogue.publish('r', [partial('/a', 'r1')], KEYED))).to.have.property('message', 'the cable');
    expect(await catalogue.publish('r', [partial('/a', 'r1')], KEYED)).to.include({replayed: true, version: 2});
    await expectWholeHistory(engine);
  });

  for (const [which, options] of [['with an id', KEYED], ['without one', NEW]] as const) {
    it(`looks a request ${which} up when the connection broke during a COMMIT that was done`, async () => {
      const store = await meddled({afterCommit: times(1, () => Promise.reject(new OutcomeUnknown('lost', '')))});
      const catalogue = await engine.catalogue({store});
      const result = await catalogue.publish('r', [partial('/a', 'r1'), partial('/b', 'r1')], options);
      expect(result).to.include({version: 3, attempts: 1, replayed: false}).and.to.have.property('changes').with.length(3);
      await expectWholeHistory(engine);
    });

    it(`repeats a request ${which} when the connection broke during a COMMIT that was not done`, async () => {
      const store = await meddled({beforeCommit: times(1, () => Promise.reject(new OutcomeUnknown('lost', '')))});
      const catalogue = await engine.catalogue({store});
      expect(await catalogue.publish('r', [partial('/a', 'r1')], options)).to.include({version: 2, attempts: 2, replayed: false});
      await expectWholeHistory(engine);
    });
  }

  it('says so, with the id to repeat it by, when it can\'t be looked up either', async () => {
    const store = await meddled({beforeCommit: times(2, () => Promise.reject(new OutcomeUnknown('lost', '')))});
    const catalogue = await engine.catalogue({store, newId: () => 'made'});
    const error = await rejection<OutcomeUnknown>(catalogue.publish('r', [partial('/a', 'r1')], NEW));
    expect(error).to.include({code: 'OUTCOME_UNKNOWN', retryable: true, requestId: 'made'});
    expect(error.suppressed).to.have.length(1);
  });

  it('forgets requests when they are pruned', async () => {
    const catalogue = await engine.catalogue({clock: new TestClock({autoAdvance: true})});
    for (const requestId of ['one', 'two', 'three']) await catalogue.publish('r', [partial('/a', requestId)], {...NEW, requestId});
    const later = await engine.catalogue({clock: new TestClock({autoAdvance: true, time: Date.UTC(2027, 0, 1)})});
    expect(await later.prune({batch: 2})).to.deep.equal({bodies: 0, requests: 3});
    expect(await later.publish('r', [partial('/a', 'one')], {...NEW, requestId: 'one'})).to.include({replayed: false}).and.deep.include({changes: []});
  });
}
