import {expect} from 'chai';
import {Cancelled, Interrupted, NotFound, TimedOut} from '../../src/core/errors.js';
import {Governing} from './governing.js';

describe('Governor (setbacks)', () => {
  it('halves the transfers at an origin that asks for patience, down to one, and leaves others alone', async () => {
    const world = new Governing();
    const limits: number[] = [];
    for (let time = 0; time < 4; time++) {
      world.transfer(world.throttled(1));
      limits.push(world.limitOf());
      await world.clock.advance(1000);
    }
    expect([limits, world.limitOf('b')]).to.deep.equal([[3, 1, 1, 1], 6]);
  });

  it('keeps to the lowered limit', () => {
    const world = new Governing();
    world.transfer(world.throttled(0));
    void world.wait('x', 'a', 6);
    expect(world.governor.view('a')).to.include({limit: 3, running: 3, waiting: 3});
  });

  it('counts one answer to transfers that ran at the same time', () => {
    const world = new Governing();
    const permits = Array.from({length: 6}, () => world.now());
    for (const permit of permits) permit.release(world.throttled(0));
    expect(world.limitOf()).to.equal(3);
    world.transfer(world.throttled(0));
    expect(world.limitOf()).to.equal(1);
  });

  it('allows one more after ten clean finishes, up to the limit and no further', () => {
    const world = new Governing({perOrigin: 4, total: 10});
    world.transfer(world.throttled(0));
    const limits = [world.limitOf()];
    for (let step = 0; step < 3; step++) {
      for (let time = 0; time < 9; time++) world.transfer({});
      limits.push(world.limitOf());
      world.transfer({bytes: 5});
      limits.push(world.limitOf());
    }
    expect(limits).to.deep.equal([2, 2, 3, 3, 4, 4, 4]);
    world.governor.change({perOrigin: 7});
    expect(world.limitOf(), 'all forgiven').to.equal(7);
  });

  it('counts the ten anew after a setback', () => {
    const world = new Governing();
    world.transfer(world.throttled(0));
    for (let time = 0; time < 9; time++) world.transfer({});
    world.transfer(world.throttled(0));
    world.transfer({});
    expect(world.limitOf()).to.equal(1);
  });

  it('learns nothing from what was given back without an end, cancelled, or failed for another reason', () => {
    const world = new Governing();
    world.transfer(world.throttled(0));
    for (let time = 0; time < 20; time++) {
      world.now().release();
      world.transfer({error: new Cancelled()});
      world.transfer({error: new NotFound('404', {status: 404})});
      world.transfer({error: new Interrupted('cut', 5, 2), bytes: 2});
    }
    expect(world.limitOf()).to.equal(3);
  });

  for (const phase of ['connect', 'headers', 'read', 'lowSpeed'] as const) {
    it(`takes one off for the time limit ${phase} while others get through`, () => {
      const world = new Governing();
      const slow = world.now();
      world.transfer({});
      slow.release(world.timedOut(phase));
      expect(world.limitOf()).to.equal(5);
    });
  }

  it('takes nothing off for a time limit while nobody gets through, nor for the deadline', () => {
    const world = new Governing();
    world.transfer({});
    world.transfer(world.timedOut('read'));
    const late = world.now();
    world.transfer({});
    late.release({error: new TimedOut('deadline', 'not done')});
    expect(world.limitOf()).to.equal(6);
  });

  it('never goes below one', () => {
    const world = new Governing({perOrigin: 2});
    for (let time = 0; time < 5; time++) {
      const slow = world.now();
      if (time === 0) world.transfer({});
      slow.release(time === 0 ? world.timedOut() : world.throttled(0));
    }
    expect(world.limitOf()).to.equal(1);
    expect(() => world.now()).to.not.throw();
  });

  it('takes a time limit among successes for no silence', () => {
    const world = new Governing({outageFaults: 1});
    const slow = world.now();
    world.transfer({});
    slow.release(world.timedOut('connect'));
    expect(world.governor.view('a').silentSince).to.equal(undefined);
  });
});
