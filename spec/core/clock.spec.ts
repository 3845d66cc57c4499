import {getEventListeners} from 'node:events';
import {expect} from 'chai';
import {SystemClock} from '../../src/core/clock.js';

/** Timers that fire when the spec says so, in place of the machine's. */
class FakeTimers {
  readonly asked: number[] = [];
  readonly running = new Map<number, () => void>();
  now = 0;
  readonly #real = {setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout};
  #last = 0;

  install(): void {
    globalThis.setTimeout = ((fire: () => void, ms: number) => {
      this.asked.push(ms);
      this.running.set(++this.#last, fire);
      return this.#last;
    }) as unknown as typeof setTimeout;
    globalThis.clearTimeout = ((id: number) => { this.running.delete(id); }) as typeof clearTimeout;
  }

  restore(): void {
    Object.assign(globalThis, this.#real);
  }

  /** Lets the running timer fire, `late` ms after its time (or before it, when negative). */
  async fire(late = 0): Promise<void> {
    const [[id, fire] = []] = this.running;
    if (id === undefined || fire === undefined) throw new Error('no timer runs');
    this.running.delete(id);
    this.now += (this.asked.at(-1) ?? 0) + late;
    fire();
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  }
}

class TimedClock extends SystemClock {
  constructor(readonly timers: FakeTimers) { super(); }

  override now(): number { return this.timers.now; }
}

describe('SystemClock', () => {
  let timers: FakeTimers;
  beforeEach(() => { timers = new FakeTimers(); timers.install(); });
  afterEach(() => { timers.restore(); });

  it('waits', async () => {
    let over = false;
    const wait = new TimedClock(timers).wait(1500).then(() => { over = true; });
    expect([timers.asked, over]).to.deep.equal([[1500], false]);
    await timers.fire();
    expect([timers.asked, over]).to.deep.equal([[1500], true]);
    await wait;
  });

  it('goes on when a timer fires too early', async () => {
    const wait = new TimedClock(timers).wait(100);
    await timers.fire(-1);
    expect(timers.asked).to.deep.equal([100, 1]);
    await timers.fire();
    await wait;
  });

  it('waits longer than setTimeout can, in parts', async () => {
    const longest = 2 ** 31 - 1;
    const wait = new TimedClock(timers).wait(2 * longest + 5);
    for (let part = 0; part < 3; part++) await timers.fire();
    await wait;
    expect(timers.asked).to.deep.equal([longest, longest, 5]);
  });

  it('never ends a wait for ever, but by its signal', async () => {
    const controller = new AbortController();
    const wait = new TimedClock(timers).wait(Infinity, controller.signal);
    await timers.fire();
    expect(timers.running.size).to.equal(1);
    controller.abort(new Error('enough'));
    expect(await wait.catch((error: unknown) => error)).to.have.property('message', 'enough');
    expect(timers.running.size).to.equal(0);
  });

  it('leaves neither timer nor listener behind, aborted or not', async () => {
    const controller = new AbortController();
    const {signal} = controller;
    const clock = new TimedClock(timers);
    const first = clock.wait(10, signal);
    const second = clock.wait(2 ** 40, signal).catch((error: unknown) => error);
    expect(getEventListeners(signal, 'abort')).to.have.length(2);
    await timers.fire(2 ** 31);
    await first;
    expect(getEventListeners(signal, 'abort')).to.have.length(1);
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await second).to.equal(reason);
    expect([timers.running.size, getEventListeners(signal, 'abort').length]).to.deep.equal([0, 0]);
  });

  it('starts no timer for a signal that is aborted already', async () => {
    const reason = new Error('before');
    expect(await new TimedClock(timers).wait(10, AbortSignal.abort(reason)).catch((error: unknown) => error)).to.equal(reason);
    expect(timers.asked).to.deep.equal([]);
  });

  it('takes a wait of less than nothing as none', async () => {
    const wait = new TimedClock(timers).wait(-5);
    expect(timers.asked).to.deep.equal([0]);
    await timers.fire();
    await wait;
  });
});

describe('SystemClock on the machine', () => {
  it('goes forward, knows the date, and ticks until it is told to stop', async () => {
    const clock = new SystemClock();
    const [before, date] = [clock.now(), Date.now()];
    expect(clock.time()).to.be.within(date, date + 1000);
    await new Promise<void>((resolve) => {
      let ticks = 0;
      const stop = clock.every(1, () => {
        if (++ticks < 3) return;
        stop();
        resolve();
      });
    });
    await clock.wait(1);
    expect(clock.now()).to.be.greaterThan(before);
    expect(process.getActiveResourcesInfo().filter((kind) => kind === 'Interval')).to.deep.equal([]);
  });
});
