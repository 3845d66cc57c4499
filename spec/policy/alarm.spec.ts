import {expect} from 'chai';
import {Alarm} from '../../src/policy/alarm.js';
import {TestClock} from '../../src/testing/test-clock.js';

describe('Alarm', () => {
  let clock: TestClock;
  let rings: number[];
  let alarm: Alarm;
  beforeEach(() => {
    clock = new TestClock();
    rings = [];
    alarm = new Alarm(clock, () => { rings.push(clock.now()); });
  });

  it('rings once at the earliest time asked for, and holds no timer before and after', async () => {
    for (const at of [500, 200, 900, Infinity]) alarm.by(at);
    expect(clock.pending).to.equal(1);
    await clock.advance(10_000);
    expect([rings, clock.pending]).to.deep.equal([[200], 0]);
  });

  it('may be set to a later time, and cleared', async () => {
    alarm.set(200);
    alarm.set(900);
    await clock.advance(899);
    expect(rings).to.deep.equal([]);
    await clock.advance(1);
    alarm.set(1500);
    alarm.clear();
    await clock.advance(10_000);
    expect([rings, clock.pending]).to.deep.equal([[900], 0]);
  });

  it('goes on by at least a millisecond, so that what is due already can\'t ring for ever at the same moment', async () => {
    alarm = new Alarm(clock, () => {
      rings.push(clock.now());
      if (rings.length < 3) alarm.by(clock.now() + 1e-13);
    });
    alarm.set(-5);
    await clock.advance(10);
    expect(rings).to.deep.equal([1, 2, 3]);
  });
});
