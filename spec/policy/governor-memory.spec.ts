import {expect} from 'chai';
import type {Permit} from '../../src/policy/governor.js';
import {HeapSamples, MIB} from '../support/heap-samples.js';
import {countAbortListeners} from '../support/left-open.js';
import {Governing} from './governing.js';

const COUNT = 100_000;

describe('Governor (memory)', () => {
  const growthOf = async (world: Governing, one: (at: number) => void | Promise<void>): Promise<number> => {
    const held = new HeapSamples();
    for (let at = 0; at < COUNT; at++) {
      if (at === COUNT / 10) held.take();
      await one(at);
    }
    held.take();
    const {governor, signal, clock} = world;
    expect([governor.running, governor.waiting, countAbortListeners(signal), clock.pending]).to.deep.equal([0, 0, 0, 0]);
    return held.growth;
  };

  it(`keeps nothing of ${COUNT} origins that were asked and left`, async () => {
    const world = new Governing({requestsPerSecond: 50});
    const growth = await growthOf(world, async (at) => {
      world.transfer({}, `origin ${at}`);
      if (at % 1000 === 0) await world.clock.advance(100);
    });
    expect(growth).to.be.below(2 * MIB);
  }).timeout(20_000);

  it(`keeps a bounded number of ${COUNT} origins that had setbacks`, async () => {
    const world = new Governing();
    const growth = await growthOf(world, (at) => { world.transfer(at % 2 === 0 ? world.throttled(0) : world.refused(), `origin ${at}`); });
    expect(growth).to.be.below(8 * MIB);
    expect(world.limitOf(`origin ${COUNT - 2}`)).to.equal(3);
  }).timeout(20_000);

  it(`keeps nothing of ${COUNT} waits at one origin`, async () => {
    const world = new Governing({perOrigin: 1});
    const growth = await growthOf(world, async () => {
      const first = world.now();
      const second = world.governor.take('a', world.signal) as Promise<Permit>;
      first.release({});
      (await second).release({});
    });
    expect(growth).to.be.below(2 * MIB);
  }).timeout(20_000);

  it('forgets after ten minutes what an idle origin taught', async () => {
    const world = new Governing();
    world.transfer(world.throttled(0), 'old');
    await world.clock.advance(600_001);
    world.transfer(world.throttled(0), 'young');
    expect([world.limitOf('old'), world.limitOf('young')]).to.deep.equal([3, 3]);
    // Many origins at once make it look who may go.
    for (let at = 0; at < 70; at++) void world.wait('x', `origin ${at}`);
    expect([world.limitOf('old'), world.limitOf('young')]).to.deep.equal([6, 3]);
  });
});
