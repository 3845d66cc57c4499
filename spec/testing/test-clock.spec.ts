import {expect} from 'chai';
import {TestClock} from '../../src/testing/test-clock.js';

describe('TestClock', () => {
  it('stands still until it is advanced, then fires in order at each one\'s own time', async () => {
    const clock = new TestClock({time: 1000});
    const seen: string[] = [];
    void clock.wait(30).then(() => { seen.push(`late ${clock.now()}`); });
    void clock.wait(10).then(async () => {
      seen.push(`early ${clock.now()}`);
      await clock.wait(5);
      seen.push(`chained ${clock.time()}`);
    });
    const stop = clock.every(12, () => { seen.push(`tick ${clock.now()}`); });
    expect([clock.pending, clock.ticking, clock.now()]).to.deep.equal([2, 1, 0]);
    await clock.advance(30);
    stop();
    expect(seen).to.deep.equal(['early 10', 'tick 12', 'chained 1015', 'tick 24', 'late 30']);
    expect([clock.pending, clock.ticking, clock.now()]).to.deep.equal([0, 0, 30]);
    expect(clock.waits).to.deep.equal([30, 10, 5]);
  });

  it('rejects a wait with the reason of its signal and forgets it', async () => {
    const clock = new TestClock();
    const controller = new AbortController();
    const waiting = clock.wait(10, controller.signal).catch((error: unknown) => error);
    controller.abort('why');
    expect(await waiting).to.equal('why');
    expect(clock.pending).to.equal(0);
    expect(await clock.wait(10, controller.signal).catch((error: unknown) => error)).to.equal('why');
  });

  it('resolves every wait at once when it advances by itself', async () => {
    const clock = new TestClock({autoAdvance: true});
    await clock.wait(60_000);
    await clock.wait(90_000);
    expect(clock.waits).to.deep.equal([60_000, 90_000]);
    expect(clock.now()).to.equal(150_000);
  });

  it('goes to the end of the next wait', async () => {
    const clock = new TestClock();
    const waiting = clock.wait(500);
    await clock.untilPending(1);
    await clock.advanceToNext();
    await waiting;
    expect(clock.now()).to.equal(500);
  });
});
