import {expect} from 'chai';
import {SystemClock} from '../../../src/core/clock.js';
import type {Engine} from '../engines.js';
import {ELMER, partial, PRODUCT} from '../facts.js';
import {MeddlingStore, times} from '../meddling-store.js';
import {rejection} from '../../support/rejection.js';

const NEW = {...ELMER, create: PRODUCT};

/** What the database does to a write. */
export function faultsContract(engine: Engine): void {
  it('waits for a lock that is held longer than one try lasts', async () => {
    const catalogue = await engine.catalogue();
    const release = await engine.holdLock();
    const writing = catalogue.publish('r', [partial('/a', 'r1')], NEW);
    await new SystemClock().wait(150);
    await release();
    expect(await writing).to.include({version: 2, attempts: 1});
  });

  it('is overloaded, without a trace, when the lock is held beyond its patience', async () => {
    const store = await engine.store({limit: 120});
    const catalogue = await engine.catalogue({store});
    const before = await engine.dump();
    const release = await engine.holdLock();
    const error = await rejection(catalogue.publish('r', [partial('/a', 'r1')], {...NEW, requestId: 'one'}));
    await release();
    expect(error).to.include({name: 'Overloaded', code: 'OVERLOADED', retryable: true});
    expect(store.contentions).to.be.greaterThan(1);
    expect(await engine.dump()).to.equal(before);
    expect(await catalogue.publish('r', [partial('/a', 'r1')], {...NEW, requestId: 'one'})).to.include({version: 2, replayed: false});
  });

  it('ends the waiting when its signal is aborted', async () => {
    const catalogue = await engine.catalogue();
    const before = await engine.dump();
    const release = await engine.holdLock();
    const {signal} = {signal: AbortSignal.timeout(60)};
    const error = await rejection(catalogue.publish('r', [partial('/a', 'r1')], {...NEW, signal}));
    await release();
    expect(error).to.equal(signal.reason);
    expect(await engine.dump()).to.equal(before);
  });

  it('leaves no trace when the last step before the commit fails, and the first fault is what one hears', async () => {
    const store = new MeddlingStore(await engine.store(), {beforeCommit: times(1, () => Promise.reject(new Error('first')))});
    const catalogue = await engine.catalogue({store});
    const before = await engine.dump();
    expect(await rejection(catalogue.publish('r', [partial('/a', 'r1')], {...NEW, requestId: 'one'}))).to.have.property('message', 'first');
    expect(await engine.dump()).to.equal(before);
    expect(await catalogue.publish('r', [partial('/a', 'r1')], NEW)).to.include({version: 2});
  });

  it('reads go on while a writer holds its lock', async () => {
    const catalogue = await engine.catalogue();
    await catalogue.publish('r', [partial('/a', 'r1')], NEW);
    const release = await engine.holdLock();
    expect(await catalogue.get('r')).to.include({version: 2});
    expect(await catalogue.changes()).to.have.length(2);
    await release();
  });
}
