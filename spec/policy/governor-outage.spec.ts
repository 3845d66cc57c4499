import {expect} from 'chai';
import {ConnectFailed, Interrupted, NotFound, ReplyFailed} from '../../src/core/errors.js';
import type {Permit} from '../../src/policy/governor.js';
import {Governing, settled} from './governing.js';

/** Five silent transfers. */
function silence(world: Governing, count = 5): void {
  for (let time = 0; time < count; time++) world.transfer(time % 2 === 0 ? world.refused() : world.timedOut('connect'));
}

describe('Governor (outage)', () => {
  it('lets one at a time through to an origin that never answers, after 1, 2, 4 … 16 s', async () => {
    const world = new Governing({maxOutage: Infinity});
    silence(world);
    const probes: number[] = [];
    const waiting = Array.from({length: 20}, async () => {
      const permit = await world.governor.take('a', world.signal);
      probes.push(world.clock.now());
      await world.clock.wait(100);
      if (probes.length < 9) permit.release(world.refused());
    });
    await world.clock.advance(300_000);
    const gaps = probes.map((at, index) => at - (probes[index - 1] ?? -100) - 100);
    expect(gaps).to.deep.equal([1000, 2000, 4000, 8000, 16_000, 16_000, 16_000, 16_000, 16_000]);
    expect([waiting.length, world.governor.running, world.governor.waiting]).to.deep.equal([20, 1, 11]);
  });

  it('shortens each wait by up to a half at random', async () => {
    const world = new Governing({}, () => 1);
    silence(world);
    void world.wait('probe');
    await world.clock.advance(499);
    expect(world.ends).to.deep.equal([]);
    await world.clock.advance(1);
    await settled();
    expect(world.ends).to.deep.equal(['probe']);
  });

  it('doesn\'t mind what other origins do, nor four silent transfers, nor five with an answer between', () => {
    const world = new Governing();
    silence(world, 4);
    world.transfer({error: new NotFound('404', {status: 404})});
    silence(world, 4);
    expect(world.governor.view('a').silentSince).to.equal(undefined);
    silence(world, 1);
    expect(world.governor.view('a').silentSince).to.equal(world.clock.time());
    expect(() => world.now('b')).to.not.throw();
  });

  for (const [why, error] of [
    ['a body that broke', new Interrupted('cut', 5, 2)], ['no such host', new ConnectFailed('ENOTFOUND', {class: 'source-bad'})],
  ] as const) {
    it(`doesn't count ${why}`, () => {
      const world = new Governing();
      for (let time = 0; time < 20; time++) world.transfer({error});
      expect(world.governor.view('a').silentSince).to.equal(undefined);
    });
  }

  for (const [what, answer] of [
    ['a finish', (permit: Permit) => { permit.release({}); }],
    ['a 404', (permit: Permit) => { permit.release({error: new NotFound('404', {status: 404})}); }],
    ['a 500', (permit: Permit) => { permit.release({error: new ReplyFailed('500', {status: 500}, {class: 'transient'})}); }],
    ['a body that broke', (permit: Permit) => { permit.release({error: new Interrupted('cut', 5, 2), bytes: 2}); }],
    ['a reply, before its body has come', (permit: Permit) => { permit.replied(); }],
  ] as const) {
    it(`takes ${what} of the probe for the end of the silence`, async () => {
      const world = new Governing();
      silence(world);
      const [probe] = world.wait('probe');
      const others = world.wait('other', 'a', 3);
      await world.clock.advance(1000);
      answer(await probe as Permit);
      await Promise.all(others);
      expect(world.governor.view('a').silentSince).to.equal(undefined);
      expect(world.ends).to.deep.equal(['probe', 'other', 'other', 'other']);
    });
  }

  it('sends the next probe at once when one was cancelled, and no second one beside the first', async () => {
    const world = new Governing();
    silence(world);
    const [first] = world.wait('first');
    void world.wait('next', 'a', 2);
    await world.clock.advance(5000);
    expect(world.ends).to.deep.equal(['first']);
    (await first as Permit).release();
    await settled();
    expect(world.ends).to.deep.equal(['first', 'next']);
  });

  it('learns nothing new from silent or broken transfers that began before', async () => {
    const world = new Governing({total: 20, perOrigin: 20});
    const before = Array.from({length: 8}, () => world.now());
    silence(world);
    const cut = before.pop();
    for (const permit of before) permit.release(world.refused());
    cut?.release({error: new Interrupted('cut', 5, 2), bytes: 2});
    expect(world.governor.view('a').silentSince).to.equal(world.clock.time());
    void world.wait('probe');
    await world.clock.advance(1000);
    await settled();
    expect(world.ends).to.deep.equal(['probe']);
  });

  it('ends the waits of an origin that was silent for maxOutage, and still lets the first one after each pause probe', async () => {
    const world = new Governing();
    silence(world);
    const since = world.clock.now();
    let asked = 0;
    const probe = async (): Promise<void> => {
      for (;;) {
        const permit = await world.governor.take('a', world.signal);
        asked++;
        permit.release(world.refused());
      }
    };
    const faults: ConnectFailed[] = [];
    for (let count = 0; count < 100; count++) void probe().catch((error: unknown) => { faults.push(error as ConnectFailed); });
    await world.clock.advance(119_999);
    expect([asked, faults.length]).to.deep.equal([10, 0]);
    await world.clock.advance(1);
    await settled();
    expect([asked, new Set(faults).size]).to.deep.equal([10, 100]);
    const error = faults[0] as ConnectFailed;
    expect(error).to.be.instanceOf(ConnectFailed).and.to.include({class: 'source-bad', url: 'a'});
    expect(error.message).to.equal('the origin has given no answer for 120 s: a');
    expect((error.retryAt ?? 0) - world.clock.time()).to.be.within(1, 30_000);
    expect([world.governor.waiting, world.clock.pending, world.clock.now() - since]).to.deep.equal([0, 0, 120_000]);
    await world.clock.advance(30_000);
    const takers = [world.governor.take('a', world.signal), ...world.wait('late', 'a', 3)];
    await settled();
    expect([takers[0] instanceof Promise, world.ends]).to.deep.equal([false, Array(3).fill('late CONNECT_FAILED')]);
    (takers[0] as Permit).release({});
    expect(() => world.now()).to.not.throw();
  });

  it('ends those waits on time also when no place is free, but lets a probe that is due wait for one', async () => {
    const world = new Governing({total: 1, maxOutage: 2000});
    silence(world);
    const holder = world.now('c');
    const [first] = world.wait('first');
    void world.wait('second');
    const [other] = world.wait('other', 'b');
    await world.clock.advance(1000);
    holder.release();
    (await first as Permit).release(world.refused());
    await world.clock.advance(1000);
    await settled();
    expect(world.ends).to.deep.equal(['first', 'other', 'second CONNECT_FAILED']);
    await world.clock.advance(1000);
    const [probe] = world.wait('probe');
    await world.clock.advance(5000);
    expect([world.ends.length, world.clock.pending]).to.deep.equal([3, 0]);
    (await other as Permit).release();
    (await probe as Permit).release({});
    expect(world.ends.slice(3)).to.deep.equal(['probe']);
  });

  it('never opens with outageFaults 0', () => {
    const world = new Governing({outageFaults: 0});
    silence(world, 50);
    expect(() => world.now()).to.not.throw();
  });
});
