import {expect} from 'chai';
import fc from 'fast-check';
import {Governor, type Permit} from '../../src/policy/governor.js';
import {countAbortListeners} from '../support/left-open.js';

const turn = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });

describe('Governor', () => {
  const {signal} = new AbortController();
  const queue = (governor: Governor, names: readonly string[], served: string[]): Promise<void>[] => names.map(async (name) => {
    const permit = await governor.take(name.slice(0, 1), signal);
    served.push(name);
    await turn();
    permit.release();
  });

  it('gives a permit at once, without a promise, when there is room', () => {
    const governor = new Governor({total: 2, perOrigin: 1});
    const permit = governor.take('a', signal) as Permit;
    expect([permit.origin, governor.running, governor.waiting]).to.deep.equal(['a', 1, 0]);
    expect(governor.take('b', signal)).to.not.be.instanceOf(Promise);
    expect(governor.running).to.equal(2);
  });

  it('keeps to the limit in all and to the limit per origin', () => {
    const governor = new Governor({total: 3, perOrigin: 2});
    for (const origin of ['a', 'a', 'a', 'b', 'b']) void governor.take(origin, signal);
    expect([governor.running, governor.waiting]).to.deep.equal([3, 2]);
  });

  it('gives back exactly once, however often it is told', () => {
    const governor = new Governor({total: 1, perOrigin: 1});
    const permit = governor.take('a', signal) as Permit;
    permit.release();
    permit.release();
    expect(governor.running).to.equal(0);
    void governor.take('a', signal);
    permit.release();
    expect(governor.running).to.equal(1);
  });

  it('serves first come first served within an origin, and lets the origins take turns', async () => {
    const governor = new Governor({total: 1, perOrigin: 1});
    const holder = governor.take('x', signal) as Permit;
    const served: string[] = [];
    const all = queue(governor, ['a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'c1'], served);
    holder.release();
    await Promise.all(all);
    expect(served).to.deep.equal(['a1', 'b1', 'c1', 'a2', 'b2', 'a3', 'a4']);
  });

  it('serves others while one origin is full', async () => {
    const governor = new Governor({total: 2, perOrigin: 1});
    const slow = governor.take('a', signal) as Permit;
    const served: string[] = [];
    const all = queue(governor, ['a1', 'a2', 'b1', 'b2', 'c1'], served);
    for (let turns = 0; turns < 10; turns++) await turn();
    expect(served).to.deep.equal(['b1', 'b2', 'c1']);
    slow.release();
    await Promise.all(all);
    expect([governor.running, governor.waiting]).to.deep.equal([0, 0]);
  });

  it('lets nobody past those who wait at the same origin', async () => {
    const governor = new Governor({total: 5, perOrigin: 1});
    const holder = governor.take('a', signal) as Permit;
    const served: string[] = [];
    const first = queue(governor, ['a1'], served);
    holder.release();
    const second = queue(governor, ['a2'], served);
    await Promise.all([...first, ...second]);
    expect(served).to.deep.equal(['a1', 'a2']);
  });

  it('leaves no listener and no waiter when a wait is aborted, and rejects with the reason', async () => {
    const governor = new Governor({total: 1, perOrigin: 1});
    const holder = governor.take('a', signal) as Permit;
    const controllers = [1, 2, 3].map(() => new AbortController());
    const waits = controllers.map((one) => Promise.resolve(governor.take('a', one.signal)).catch((error: unknown) => error));
    const reason = new Error('enough');
    controllers[1]?.abort(reason);
    expect(await waits[1]).to.equal(reason);
    expect(governor.waiting).to.equal(2);
    controllers[0]?.abort(reason);
    holder.release();
    const granted = await waits[2] as Permit;
    expect(controllers.map((one) => countAbortListeners(one.signal))).to.deep.equal([0, 0, 0]);
    controllers[2]?.abort(reason);
    granted.release();
    expect([governor.running, governor.waiting]).to.deep.equal([0, 0]);
    expect(governor.take('a', signal)).to.not.be.instanceOf(Promise);
  });

  it('gives nothing to who has been aborted already', async () => {
    const governor = new Governor({total: 1, perOrigin: 1});
    const error = new Error('enough');
    expect(await Promise.resolve(governor.take('a', AbortSignal.abort(error))).catch((thrown: unknown) => thrown)).to.equal(error);
    expect([governor.running, governor.waiting]).to.deep.equal([0, 0]);
  });

  it('is never above its limits, and serves everybody who stays', async () => {
    const task = fc.record({
      origin: fc.constantFrom('a', 'b', 'c', 'd'), turns: fc.nat({max: 3}), start: fc.nat({max: 4}), leaves: fc.boolean(),
    });
    const limit = (max: number): fc.Arbitrary<number> => fc.integer({min: 1, max});
    await fc.assert(fc.asyncProperty(limit(5), limit(3), fc.array(task, {maxLength: 30}), async (total, perOrigin, tasks) => {
      const governor = new Governor({total, perOrigin});
      const running = new Map<string, number>();
      let [above, served, left] = [false, 0, 0];
      const pass = async (turns: number): Promise<void> => { for (let at = 0; at < turns; at++) await turn(); };
      await Promise.all(tasks.map(async ({origin, turns, start, leaves}) => {
        const controller = new AbortController();
        await pass(start);
        if (leaves) setImmediate(() => { controller.abort(); });
        try {
          const permit = await governor.take(origin, controller.signal);
          running.set(origin, (running.get(origin) ?? 0) + 1);
          const sum = [...running.values()].reduce((all, one) => all + one, 0);
          above ||= sum > total || (running.get(origin) ?? 0) > perOrigin || governor.running > total || sum > governor.running;
          await pass(turns);
          running.set(origin, (running.get(origin) ?? 0) - 1);
          permit.release();
          served++;
        } catch {
          left++;
        }
      }));
      const mayLeave = left <= tasks.filter(({leaves}) => leaves).length;
      expect({above, all: served + left, mayLeave, open: governor.running + governor.waiting})
        .to.deep.equal({above: false, all: tasks.length, mayLeave: true, open: 0});
    }), {numRuns: 50});
  });
});
