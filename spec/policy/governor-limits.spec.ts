import {expect} from 'chai';
import fc from 'fast-check';
import {Governor, type Permit} from '../../src/policy/governor.js';
import {Governing, settled} from './governing.js';

describe('Governor (limits)', () => {
  it('tells all limits that hold, with their defaults', () => {
    expect(new Governor({total: 3, perOrigin: 2}).limits).to.deep.equal({
      total: 3, perOrigin: 2, requestsPerSecond: 0, bandwidth: 0, maxWait: 120_000, maxOutage: 120_000, outageFaults: 5,
    });
  });

  it('serves those who wait at once when a limit is raised', async () => {
    const world = new Governing({total: 1, perOrigin: 1});
    world.now();
    void world.wait('a', 'a', 5);
    void world.wait('b', 'b', 5);
    world.governor.change({total: 4});
    await settled();
    expect(world.ends).to.deep.equal(['b']);
    world.governor.change({perOrigin: 3});
    await settled();
    expect(world.ends).to.deep.equal(['b', 'a', 'b']);
    expect(world.governor.limits).to.include({total: 4, perOrigin: 3, maxWait: 120_000});
  });

  it('lets go on what runs when a limit is lowered, and begins nothing until there is room', async () => {
    const world = new Governing();
    const permits = Array.from({length: 6}, () => world.now());
    world.governor.change({perOrigin: 2});
    void world.wait('a');
    for (const permit of permits.slice(0, 4)) permit.release();
    await settled();
    expect([world.ends, world.governor.running]).to.deep.equal([[], 2]);
    permits[4]?.release();
    await settled();
    expect([world.ends, world.governor.running]).to.deep.equal([['a'], 2]);
  });

  it('keeps a lowered origin lowered when the limit is raised, and within the limit when it is lowered', () => {
    const world = new Governing();
    world.transfer(world.throttled(0));
    world.governor.change({perOrigin: 8});
    expect([world.limitOf(), world.limitOf('b')]).to.deep.equal([3, 8]);
    world.governor.change({perOrigin: 2});
    expect([world.limitOf(), world.limitOf('b')]).to.deep.equal([2, 2]);
  });

  it('refuses wrong values by name, and changes nothing then', () => {
    const {governor} = new Governing();
    const before = governor.limits;
    expect(() => { governor.change({total: 1, perOrigin: 0}); })
      .to.throw(RangeError, 'limits.perOrigin: expected a whole number of at least 1, got 0');
    expect(() => { governor.change({bandwidth: -1}); }).to.throw(RangeError, 'limits.bandwidth: ');
    expect(() => { governor.change({requestsPerSecond: '3' as never}); })
      .to.throw(TypeError, 'limits.requestsPerSecond: expected a number of at least 0');
    expect(() => { governor.change({maxWait: NaN}); }).to.throw(TypeError, 'limits.maxWait: ');
    expect(() => { governor.change({perHost: 3} as object); }).to.throw(TypeError, 'limits: unknown option \'perHost\'');
    expect(() => new Governor({total: 0, perOrigin: 1})).to.throw(RangeError, 'limits.total: ');
    expect(governor.limits).to.deep.equal(before);
  });

  it('sets the bandwidth', () => {
    const {governor} = new Governing({bandwidth: 1000});
    expect(governor.bandwidth.limit).to.equal(1000);
    governor.change({total: 3});
    expect(governor.bandwidth.limit).to.equal(1000);
    governor.change({bandwidth: 0});
    expect([governor.bandwidth.limit, governor.limits.bandwidth]).to.deep.equal([undefined, 0]);
  });

  it('sends those who wait away when maxWait is lowered below their wait', async () => {
    const world = new Governing();
    world.transfer(world.throttled(60));
    void world.wait('a');
    world.governor.change({maxWait: 59_000});
    await settled();
    expect([world.ends, world.clock.pending]).to.deep.equal([['a THROTTLED'], 0]);
  });

  describe('requestsPerSecond', () => {
    const beginnings = (world: Governing, origin: string, count: number): number[] => {
      const times: number[] = [];
      for (let at = 0; at < count; at++) {
        void Promise.resolve(world.governor.take(origin, world.signal)).then((permit) => {
          times.push(world.clock.now());
          permit.release({});
        });
      }
      return times;
    };

    it('spaces the beginnings at each origin evenly, without a burst after a pause', async () => {
      const world = new Governing({requestsPerSecond: 4});
      const [one, other] = [beginnings(world, 'a', 5), beginnings(world, 'b', 3)];
      await world.clock.advance(10_000);
      const later = beginnings(world, 'a', 3);
      await world.clock.advance(10_000);
      expect([one, other, later]).to.deep.equal([[0, 250, 500, 750, 1000], [0, 250, 500], [10_000, 10_250, 10_500]]);
      expect(world.clock.pending).to.equal(0);
    });

    it('takes fractions, and a change at once', async () => {
      const world = new Governing({requestsPerSecond: 0.1});
      const times = beginnings(world, 'a', 5);
      await world.clock.advance(11_000);
      world.governor.change({requestsPerSecond: 2});
      await world.clock.advance(600);
      world.governor.change({requestsPerSecond: 0});
      await settled();
      expect(times).to.deep.equal([0, 10_000, 11_000, 11_500, 11_600]);
    });

    it('lets nobody past those who wait for their turn', async () => {
      const world = new Governing({requestsPerSecond: 1});
      world.now();
      void world.clock.wait(1000).then(() => world.wait('late'));
      void world.wait('early');
      await world.clock.advance(1000);
      await settled();
      expect(world.ends).to.deep.equal(['early']);
    });

    it('begins the next one on time while the one before still runs', async () => {
      const world = new Governing({requestsPerSecond: 1, total: 2});
      const others = [world.now('b')];
      await world.clock.advance(1000);
      others.push(world.now('b'));
      void world.wait('a', 'a', 2);
      for (const permit of others) permit.release();
      await world.clock.advance(1000);
      await settled();
      expect(world.ends).to.deep.equal(['a', 'a']);
    });

    it('makes up for a timer that is a little late', async () => {
      const world = new Governing({requestsPerSecond: 300});
      const times = beginnings(world, 'a', 301);
      await world.clock.advance(1001);
      expect(times).to.have.length(301);
    });
  });

  it('is never above its limits, whatever happens and changes meanwhile, and keeps serving', async () => {
    const end = fc.constantFrom('clean', 'throttled', 'later', 'refused', 'timeout', 'cancelled', 'replied');
    const step = fc.oneof(
      {weight: 5, arbitrary: fc.record({take: fc.constantFrom('a', 'b', 'c')})},
      {weight: 5, arbitrary: fc.record({release: fc.nat(), end})},
      {weight: 2, arbitrary: fc.record({advance: fc.integer({min: 1, max: 5000})})},
      {weight: 1, arbitrary: fc.record({total: fc.integer({min: 1, max: 6}), perOrigin: fc.integer({min: 1, max: 4})})},
    );
    await fc.assert(fc.asyncProperty(fc.array(step, {maxLength: 60}), fc.constantFrom(0, 3), async (steps, requestsPerSecond) => {
      const world = new Governing({total: 4, perOrigin: 2, requestsPerSecond}, () => 0.5);
      const {governor, clock} = world;
      const held: Permit[] = [];
      let taken = 0;
      let over = 0;
      const admitted = (permit: Permit): void => {
        held.push(permit);
        const same = held.filter(({origin}) => origin === permit.origin).length;
        const {limit} = governor.view(permit.origin);
        expect(held.length, 'in all').to.be.at.most(governor.limits.total);
        expect(same, 'per origin').to.be.at.most(Math.min(limit, governor.limits.perOrigin));
      };
      const broken: unknown[] = [];
      const take = (origin: string): void => {
        taken++;
        void (async () => { admitted(await governor.take(origin, world.signal)); })().catch((error: unknown) => {
          if (error instanceof Error && 'retryAt' in error) over++;
          else broken.push(error);
        });
      };
      const release = (permit: Permit | undefined, how: string): void => {
        if (permit === undefined) return;
        over++;
        held.splice(held.indexOf(permit), 1);
        if (how === 'replied') permit.replied();
        permit.release({clean: {}, throttled: world.throttled(), later: world.throttled(3), refused: world.refused(),
          timeout: world.timedOut()}[how]);
      };
      for (const one of steps) {
        if ('take' in one) take(one.take);
        else if ('release' in one) release(held[one.release % Math.max(1, held.length)], one.end);
        else if ('advance' in one) await clock.advance(one.advance);
        else governor.change(one);
        await settled();
        expect(governor.running).to.equal(held.length);
      }
      for (let rounds = 0; over + broken.length < taken && rounds < 300; rounds++) {
        while (held.length > 0) release(held[0], 'clean');
        await clock.advance(1000);
        await settled();
      }
      expect(broken).to.deep.equal([]);
      expect({over, running: governor.running, waiting: governor.waiting, timers: clock.pending})
        .to.deep.equal({over: taken, running: 0, waiting: 0, timers: 0});
    }), {numRuns: 60});
  }).timeout(20_000);
});
