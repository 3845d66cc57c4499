import {getEventListeners} from 'node:events';
import {expect} from 'chai';
import {contextKeys} from '../../src/core/context-key.js';
import {Context} from '../../src/core/context.js';
import {Cancelled} from '../../src/core/errors.js';
import {TestClock} from '../../src/testing/test-clock.js';

const TOKEN = contextKeys<string>('token');
const THING = contextKeys<object>('thing');
const key = TOKEN.of('http://h', 'elmer');

/** A computation that ends when the spec says so. */
class Computation {
  readonly signals: AbortSignal[] = [];
  readonly #open: {resolve: (value: string) => void; reject: (error: Error) => void}[] = [];

  readonly compute = (signal: AbortSignal): Promise<string> => {
    this.signals.push(signal);
    return new Promise((resolve, reject) => { this.#open.push({resolve, reject}); });
  };

  answer(value: string): void {
    this.#open.shift()?.resolve(value);
  }

  fail(message: string): void {
    this.#open.shift()?.reject(new Error(message));
  }
}

const turn = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });
const faultOf = async (work: Promise<unknown>): Promise<unknown> => work.then(() => undefined, (error: unknown) => error);

describe('Context', () => {
  describe('once', () => {
    it('computes once for a hundred callers, and remembers', async () => {
      const context = new Context();
      const work = new Computation();
      const callers = Array.from({length: 100}, () => context.once(key, work.compute));
      await turn();
      work.answer('a');
      expect(new Set(await Promise.all(callers))).to.deep.equal(new Set(['a']));
      expect(await context.once(key, work.compute)).to.equal('a');
      expect(work.signals).to.have.length(1);
      expect(context.get(key)).to.equal('a');
    });

    it('keeps apart what has different keys', async () => {
      const context = new Context();
      expect(await context.once(TOKEN.of('a'), () => '1')).to.equal('1');
      expect(await context.once(TOKEN.of('b'), () => '2')).to.equal('2');
      expect(TOKEN.of('a', 'b')).not.to.equal(TOKEN.of('a,b'));
      expect(TOKEN.of('a')).not.to.equal(THING.of('a'));
    });

    it('tells a failure to all who wait and does not remember it', async () => {
      const context = new Context();
      const work = new Computation();
      const callers = [faultOf(context.once(key, work.compute)), faultOf(context.once(key, work.compute))];
      await turn();
      work.fail('no answer');
      for (const error of await Promise.all(callers)) expect(error).to.have.property('message', 'no answer');
      expect(await context.once(key, () => 'b')).to.equal('b');
      expect(await faultOf(context.once(TOKEN.of('x'), () => { throw new Error('at once'); }))).to.have.property('message', 'at once');
    });

    it('remembers an answer that is undefined', async () => {
      const context = new Context();
      let asked = 0;
      const compute = (): undefined => { asked++; return undefined; };
      await context.once(contextKeys<undefined>('nothing').of(), compute);
      await context.once(contextKeys<undefined>('nothing').of(), compute);
      expect(asked).to.equal(1);
    });

    it('lets a waiter leave alone, without a listener left behind', async () => {
      const context = new Context();
      const work = new Computation();
      const [leaver, stayer] = [new AbortController(), new AbortController()];
      const left = faultOf(context.once(key, work.compute, {signal: leaver.signal}));
      const stays = context.once(key, work.compute, {signal: stayer.signal});
      await turn();
      leaver.abort(new Error('no more time'));
      expect(await left).to.be.instanceOf(Cancelled).and.to.have.nested.property('cause.message', 'no more time');
      expect(work.signals[0]?.aborted).to.equal(false);
      work.answer('a');
      expect(await stays).to.equal('a');
      for (const {signal} of [leaver, stayer]) expect(getEventListeners(signal, 'abort')).to.deep.equal([]);
    });

    it('aborts the computation when the last waiter leaves, and starts a new one for the next', async () => {
      const context = new Context();
      const work = new Computation();
      const controllers = [new AbortController(), new AbortController()];
      const left = controllers.map(({signal}) => faultOf(context.once(key, work.compute, {signal})));
      await turn();
      for (const controller of controllers) controller.abort();
      await Promise.all(left);
      expect(work.signals[0]?.aborted).to.equal(true);
      const next = context.once(key, work.compute);
      await turn();
      work.answer('too late');
      work.answer('b');
      expect(await next).to.equal('b');
      expect(context.get(key)).to.equal('b');
    });

    it('joins nobody to a computation that was aborted this very moment', async () => {
      const context = new Context();
      const work = new Computation();
      const controller = new AbortController();
      const left = faultOf(context.once(key, work.compute, {signal: controller.signal}));
      await turn();
      controller.abort();
      const next = context.once(key, () => 'b');
      expect(await left).to.be.instanceOf(Cancelled);
      expect(await next).to.equal('b');
    });

    it('starts nothing for a waiter who has left already, and nothing when it leaves before the start', async () => {
      const context = new Context();
      const work = new Computation();
      expect(await faultOf(context.once(key, work.compute, {signal: AbortSignal.abort()}))).to.be.instanceOf(Cancelled);
      const controller = new AbortController();
      const left = faultOf(context.once(key, work.compute, {signal: controller.signal}));
      controller.abort();
      expect(await left).to.be.instanceOf(Cancelled);
      await turn();
      expect(work.signals).to.deep.equal([]);
    });

    it('computes again after the ttl, counted from the answer', async () => {
      const clock = new TestClock();
      const context = new Context({clock});
      const work = new Computation();
      const first = context.once(key, work.compute, {ttl: 1000});
      await clock.advance(5000);
      work.answer('a');
      expect(await first).to.equal('a');
      await clock.advance(999);
      expect(await context.once(key, work.compute, {ttl: 1000})).to.equal('a');
      await clock.advance(1);
      expect(context.get(key)).to.equal(undefined);
      expect(await context.once(key, () => 'b', {ttl: 1000})).to.equal('b');
    });
  });

  describe('refresh', () => {
    it('computes once for many who hold the same stale value', async () => {
      const context = new Context();
      context.set(key, 'stale');
      const work = new Computation();
      const callers = Array.from({length: 10}, () => context.refresh(key, 'stale', work.compute));
      await turn();
      work.answer('fresh');
      expect(new Set(await Promise.all(callers))).to.deep.equal(new Set(['fresh']));
      expect(await context.refresh(key, 'stale', work.compute)).to.equal('fresh');
      expect(work.signals).to.have.length(1);
    });

    it('computes again for who finds the fresh one wanting, and gives what is kept to who had none', async () => {
      const context = new Context();
      context.set(key, 'a');
      expect(await context.refresh(key, undefined, () => 'b')).to.equal('a');
      expect(await context.refresh(key, 'a', () => 'b')).to.equal('b');
      expect(await context.refresh(key, 'b', () => 'c')).to.equal('c');
    });
  });

  describe('share', () => {
    it('makes one thing a key and closes it with the Context, even when another fails to close', async () => {
      const context = new Context();
      const closed: string[] = [];
      let made = 0;
      const make = (name: string) => () => { made++; return {close: () => { closed.push(name); }}; };
      const thing = context.share(THING.of('a'), make('a'));
      expect(context.share(THING.of('a'), make('a'))).to.equal(thing);
      context.share(THING.of('bad'), () => ({close: () => { throw new Error('no'); }}));
      context.share(THING.of('b'), make('b'));
      await context.close();
      expect([made, closed]).to.deep.equal([2, ['a', 'b']]);
    });
  });

  describe('close', () => {
    it('aborts what is being computed and tells its waiters', async () => {
      const context = new Context();
      const work = new Computation();
      const waiting = faultOf(context.once(key, work.compute));
      await turn();
      await context.close();
      expect(await waiting).to.be.instanceOf(Cancelled).and.to.have.property('message', 'the Context was closed');
      expect(work.signals[0]?.aborted).to.equal(true);
      work.answer('too late');
      await turn();
      expect(context.get(key)).to.equal(undefined);
    });

    it('may be called twice; both calls wait for the end', async () => {
      const context = new Context();
      let closed = 0;
      context.share(THING.of('slow'), () => ({close: async () => { await turn(); closed++; }}));
      const first = context.close();
      expect(context.closed).to.equal(true);
      await context.close();
      expect(closed).to.equal(1);
      await first;
    });

    it('is what leaving an `await using` block does, and refuses everything afterwards', async () => {
      let context: Context | undefined;
      {
        await using inner = new Context();
        context = inner;
      }
      expect(context.closed).to.equal(true);
      expect(() => { context.set(key, 'x'); }).to.throw(Cancelled);
      expect(() => context.share(THING.of(), () => ({}))).to.throw(Cancelled);
      expect(await faultOf(context.once(key, () => 'x'))).to.be.instanceOf(Cancelled);
      expect(await faultOf(context.refresh(key, 'y', () => 'x'))).to.be.instanceOf(Cancelled);
    });
  });

  it('has limits, clock and random with defaults, and refuses bad ones by name', () => {
    expect(new Context().limits).to.deep.equal({total: 8, perOrigin: 6});
    expect(new Context({limits: {total: 3}}).limits).to.deep.equal({total: 3, perOrigin: 3});
    expect(new Context({random: () => 0.5}).random()).to.equal(0.5);
    expect(() => new Context({limit: 3} as object)).to.throw(TypeError, 'Context: unknown option \'limit\'');
    expect(() => new Context({limits: {perHost: 3} as object})).to.throw(TypeError, 'Context.limits: unknown option \'perHost\'');
    expect(() => new Context({limits: {total: 0}})).to.throw(RangeError, 'limits.total: expected a whole number of at least 1, got 0');
    expect(() => new Context({limits: {perOrigin: 0.5}})).to.throw(RangeError, 'limits.perOrigin: ');
    expect(() => new Context({clock: {now: 5} as unknown as TestClock})).to.throw(TypeError, 'clock: expected a Clock, got an Object');
    expect(() => new Context({random: 4 as unknown as () => number})).to.throw(TypeError, 'random: expected a function, got 4');
  });
});
