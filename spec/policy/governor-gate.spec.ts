import {expect} from 'chai';
import {Cancelled, Throttled} from '../../src/core/errors.js';
import type {Permit} from '../../src/policy/governor.js';
import {countAbortListeners} from '../support/left-open.js';
import {Governing, settled} from './governing.js';

describe('Governor (gate)', () => {
  it('lets nobody to an origin before its Retry-After is over, and others pass meanwhile', async () => {
    const world = new Governing({total: 2});
    world.transfer(world.throttled(20));
    void world.wait('a', 'a', 3);
    for (let time = 0; time < 5; time++) world.transfer({}, 'b');
    await world.clock.advance(19_999);
    expect([world.ends, world.governor.running]).to.deep.equal([[], 0]);
    await world.clock.advance(1);
    await settled();
    expect([world.ends, world.clock.pending]).to.deep.equal([['a', 'a'], 0]);
  });

  it('opens gradually: half as many as before', async () => {
    const world = new Governing({total: 20});
    world.transfer(world.throttled(5));
    void world.wait('a', 'a', 10);
    await world.clock.advance(5000);
    await settled();
    expect([world.ends.length, world.governor.waiting]).to.deep.equal([3, 7]);
  });

  it('stays with what runs, and stays closed for the longest that any of them was told', async () => {
    const world = new Governing();
    const permits = [world.now(), world.now(), world.now()];
    permits[0]?.release(world.throttled(10));
    permits[1]?.release(world.throttled(30));
    permits[2]?.release(world.throttled(1));
    expect(world.governor.view('a').closedUntil).to.equal(world.clock.time() + 30_000);
    void world.wait('a');
    await world.clock.advance(29_999);
    expect(world.ends).to.deep.equal([]);
    await world.clock.advance(1);
    await settled();
    expect(world.ends).to.deep.equal(['a']);
  });

  it('backs off by itself when nobody said until when: 1, 2, 4 … 30 s, from the start after a clean finish', async () => {
    const world = new Governing();
    const waits: number[] = [];
    const close = async (): Promise<void> => {
      world.transfer(world.throttled());
      waits.push((world.governor.view('a').closedUntil ?? 0) - world.clock.time());
      await world.clock.advance(30_000);
    };
    for (let time = 0; time < 7; time++) await close();
    world.transfer({});
    await close();
    expect(waits).to.deep.equal([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 1000]);
  });

  it('counts one backoff for transfers that ran at the same time', async () => {
    const world = new Governing();
    for (const permit of [world.now(), world.now(), world.now()]) permit.release(world.throttled());
    void world.wait('a');
    await world.clock.advance(1000);
    await settled();
    expect(world.ends).to.deep.equal(['a']);
  });

  it('sends away at once who would wait longer than maxWait, with the time to come back', async () => {
    const world = new Governing();
    world.transfer(world.throttled(121));
    const retryAt = world.clock.time() + 121_000;
    const [error] = await Promise.all(world.wait('a'));
    expect(error).to.be.instanceOf(Throttled).and.to.include({class: 'throttled', retryAt, url: 'a'});
    expect((error as Throttled).message).to.equal('the origin is to be left alone until 2026-01-01T00:02:01.000Z: a');
    expect([world.governor.waiting, world.clock.pending]).to.deep.equal([0, 0]);
    await world.clock.advance(1000);
    void world.wait('late');
    await world.clock.advance(120_000);
    await settled();
    expect(world.ends).to.deep.equal(['a THROTTLED', 'late']);
  });

  it('sends away those who wait already when the gate closes for longer, each with an error of its own', async () => {
    const world = new Governing({perOrigin: 1, maxWait: 10_000});
    const permit = world.now();
    const waits = world.wait('a', 'a', 3);
    void world.wait('b', 'b', 1);
    permit.release(world.throttled(11));
    const errors = await Promise.all(waits);
    expect([world.ends, new Set(errors).size]).to.deep.equal([['b', 'a THROTTLED', 'a THROTTLED', 'a THROTTLED'], 3]);
  });

  it('believes no more than a day', () => {
    const world = new Governing();
    world.transfer(world.throttled(9_999_999_999));
    expect(world.governor.view('a').closedUntil).to.equal(world.clock.time() + 86_400_000);
  });

  it('leaves no timer and no listener when those who wait leave', async () => {
    const world = new Governing();
    world.transfer(world.throttled(10));
    const controller = new AbortController();
    const waits = [1, 2].map(() => (world.governor.take('a', controller.signal) as Promise<Permit>).catch((error: unknown) => error));
    expect([world.clock.pending, countAbortListeners(controller.signal)]).to.deep.equal([1, 2]);
    controller.abort(new Error('enough'));
    expect((await Promise.all(waits)).map((error) => (error as Error).message)).to.deep.equal(['enough', 'enough']);
    expect([world.clock.pending, countAbortListeners(controller.signal), world.governor.waiting]).to.deep.equal([0, 0, 0]);
  });

  it('ends every wait when it is closed, and gives nothing afterwards', async () => {
    const world = new Governing();
    world.transfer(world.throttled(10));
    const waits = world.wait('a', 'a', 2);
    world.governor.close();
    const errors = await Promise.all([...waits, ...world.wait('b', 'b')]);
    expect(errors.map((error) => error instanceof Cancelled)).to.deep.equal([true, true, true]);
    expect([world.clock.pending, world.governor.waiting]).to.deep.equal([0, 0]);
  });
});
