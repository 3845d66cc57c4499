import type {Clock} from '../../src/core/clock.js';
import {Context} from '../../src/core/context.js';
import {ScriptedServer, TestClock} from '../../src/testing/index.js';

/** A server and a Context for each test of a group. */
export interface Wire<C extends Clock = TestClock> {
  readonly server: ScriptedServer;
  /** The Context's. */
  readonly clock: C;
  /** Its random numbers are all 0.5. */
  readonly context: Context;
}

/** What a group wants otherwise. */
export interface WireOptions<C extends Clock> {
  /** Makes the clock of a test. @default a TestClock whose waits are over at once */
  readonly clock: () => C;
}

/** Call it inside a `describe`: each of its tests gets a fresh server and Context, which are closed afterwards. */
export function useWire(): Wire;
export function useWire<C extends Clock>(options: WireOptions<C>): Wire<C>;
export function useWire({clock: makeClock}: WireOptions<Clock> = {clock: () => new TestClock({autoAdvance: true})}): Wire<Clock> {
  let server: ScriptedServer;
  let clock: Clock;
  let context: Context;
  beforeEach(async () => {
    server = await ScriptedServer.start();
    clock = makeClock();
    context = new Context({clock, random: () => 0.5});
  });
  afterEach(async () => {
    await context.close();
    await server.close();
  });
  return {
    get server() { return server; },
    get clock() { return clock; },
    get context() { return context; },
  };
}
