import {expect} from 'chai';
import {CentralGate} from '../../../src/preferences/layers/central-gate.js';
import {CentralReadOnly, CentralUnavailable, OutcomeUnknown, StoreFault} from '../../../src/preferences/preferences-errors.js';
import {TestClock} from '../../../src/testing/index.js';

const never = (): Promise<never> => new Promise(() => undefined);
const caught = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);

describe('CentralGate', () => {
  let clock: TestClock;

  beforeEach(() => { clock = new TestClock(); });

  it('waits 500 ms for each of five reads, and not at all for the sixth', async () => {
    const gate = new CentralGate(clock);
    let asked = 0;
    for (let n = 0; n < 5; n++) {
      const reading = caught(gate.read(() => { asked++; return never(); }));
      await clock.advance(499);
      expect(clock.pending).to.equal(1);
      await clock.advance(1);
      expect(await reading).to.be.instanceOf(CentralUnavailable);
    }
    const sixth = await caught(gate.read(() => { asked++; return never(); }));
    expect(sixth).to.be.instanceOf(CentralUnavailable).and.include({retryAfter: 30_000});
    expect([asked, clock.now(), clock.pending]).to.deep.equal([5, 2500, 0]);
  });

  it('leaves no timer behind an answer, and ignores one that comes too late', async () => {
    const gate = new CentralGate(clock);
    expect(await gate.read(async () => 'rows')).to.equal('rows');
    expect(clock.pending).to.equal(0);
    let fail: (error: Error) => void = () => undefined;
    const reading = caught(gate.read(() => new Promise((_, reject) => { fail = reject; })));
    await clock.advance(500);
    await reading;
    fail(new Error('too late'));
  });

  it('takes every fault of the store for "unavailable", and lets other errors pass', async () => {
    const gate = new CentralGate(clock);
    expect(await caught(gate.read(async () => { throw new StoreFault('no such table'); }))).to.be.instanceOf(CentralUnavailable);
    expect(await caught(gate.read(async () => { throw new TypeError('mistake'); }))).to.be.instanceOf(TypeError);
  });

  it('always tries a write, and does not know what became of one without an answer', async () => {
    const gate = new CentralGate(clock, {failures: 1});
    const first = caught(gate.read(never));
    await clock.advance(500);
    await first;
    const writing = caught(gate.write(never));
    await clock.advance(5000);
    expect(await writing).to.be.instanceOf(OutcomeUnknown);
    const checking = caught(gate.check(never));
    await clock.advance(5000);
    expect(await checking).to.be.instanceOf(CentralUnavailable);
    expect(await gate.write(async () => 1)).to.equal(1);
    expect(await gate.read(async () => 'open again')).to.equal('open again');
  });

  it('takes a refused write for a sign of life', async () => {
    const gate = new CentralGate(clock, {failures: 1});
    const reading = caught(gate.read(never));
    await clock.advance(500);
    await reading;
    expect(await caught(gate.write(async () => { throw new CentralReadOnly(); }))).to.be.instanceOf(CentralReadOnly);
    expect(await gate.read(async () => 'rows')).to.equal('rows');
  });

  it('names options that it does not know', () => {
    expect(() => new CentralGate(clock, {patience: 0})).to.throw(RangeError, 'central.patience');
    expect(() => new CentralGate(clock, {wait: 1} as never)).to.throw(TypeError, 'wait');
  });
});
