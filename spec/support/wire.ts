import {Context} from '../../src/core/context.js';
import {ScriptedServer, TestClock} from '../../src/testing/index.js';

/** A server and a Context for each test of a group. */
export interface Wire {
  readonly server: ScriptedServer;
  /** Its waits are over at once, and its random numbers are all 0.5. */
  readonly context: Context;
}

/** Call it inside a `describe`: each of its tests gets a fresh server and Context, which are closed afterwards. */
export function useWire(): Wire {
  let server: ScriptedServer;
  let context: Context;
  beforeEach(async () => {
    server = await ScriptedServer.start();
    context = new Context({clock: new TestClock({autoAdvance: true}), random: () => 0.5});
  });
  afterEach(async () => {
    await context.close();
    await server.close();
  });
  return {
    get server() { return server; },
    get context() { return context; },
  };
}
