import {once} from 'node:events';
import {createServer, type AddressInfo} from 'node:net';
import {expect} from 'chai';
import type {TimedOut} from '../../src/core/errors.js';
import type {TimeoutOptions} from '../../src/core/settings.js';
import type {Answer} from '../../src/testing/answer.js';
import {ScriptedServer} from '../../src/testing/scripted-server.js';
import {TestClock} from '../../src/testing/test-clock.js';
import {fetched, verdict, withContext, type Fetched} from './fetching.js';

describe('HttpDownload: time limits', () => {
  let server: ScriptedServer;
  let clock: TestClock;
  beforeEach(async () => {
    server = await ScriptedServer.start();
    clock = new TestClock();
  });
  afterEach(async () => { await server.close(); });

  /** Fetches, and lets the clock run from the moment that `ready` says so. */
  async function timed(url: string, ms: number, ready: () => Promise<unknown>, timeout: TimeoutOptions = {}): Promise<Fetched> {
    return withContext(async (context) => {
      let over = false;
      const running = fetched({url, context, timeout}).finally(() => { over = true; });
      await ready();
      await clock.advance(ms - 200);
      expect(over, `over before ${ms} ms`).to.equal(false);
      await clock.advance(400);
      return running;
    }, {clock});
  }

  const phaseOf = ({error}: Fetched): unknown => (error as TimedOut).phase;

  const stalled = async (answer: Answer, ms: number, timeout?: TimeoutOptions): Promise<Fetched> => {
    let chunks = (): void => undefined;
    const begun = new Promise<void>((resolve) => { chunks = resolve; });
    server.on('/a', () => {
      setImmediate(chunks);
      return answer;
    });
    return timed(server.url('/a'), ms, () => begun.then(() => settled()), timeout);
  };

  it('connect: a handshake that nobody answers', async () => {
    const deaf = createServer((socket) => { socket.resume(); }).listen(0, '127.0.0.1');
    await once(deaf, 'listening');
    const connected = once(deaf, 'connection');
    const one = await timed(`https://127.0.0.1:${(deaf.address() as AddressInfo).port}/a`, 30_000, () => connected.then(settled));
    expect([verdict(one), phaseOf(one)]).to.deep.equal(['TIMED_OUT transient', 'connect']);
    expect(one.error?.message).to.contain('timeout.connect');
    deaf.close();
    await once(deaf, 'close');
  });

  it('headers: a server that accepts and says nothing', async () => {
    const one = await stalled({delayMs: 60_000}, 30_000);
    expect([verdict(one), phaseOf(one)]).to.deep.equal(['TIMED_OUT transient', 'headers']);
    await server.when(() => server.open === 0);
  });

  it('headers: interim answers and half a head do not help', async () => {
    const one = await stalled({raw: `${'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(3)}HTTP/1.1 200 OK\r\nConte`}, 7_000, {headers: 7_000});
    expect([verdict(one), phaseOf(one)]).to.deep.equal(['TIMED_OUT transient', 'headers']);
  });

  it('read: a body that stalls', async () => {
    const one = await stalled({body: 'hello', stallAt: 2}, 30_000, {lowSpeed: false});
    expect([verdict(one), phaseOf(one), one.writer.text]).to.deep.equal(['TIMED_OUT transient', 'read', 'he']);
    await server.when(() => server.open === 0);
  });

  it('lowSpeed: a body that drips', async () => {
    server.on('/a', {body: 'x'.repeat(50_000), drip: {bytes: 10, everyMs: 1}});
    const one = await withContext(async (context) => {
      const running = fetched({url: server.url('/a'), context, timeout: {read: 1000, lowSpeed: 4096, lowSpeedTime: 5000}});
      await server.when(() => server.requests.length === 1);
      let over = false;
      void running.finally(() => { over = true; });
      while (!over) {
        await clock.advance(100);
        await new Promise((resolve) => { setTimeout(resolve, 2); });
      }
      return running;
    }, {clock});
    expect([verdict(one), phaseOf(one)]).to.deep.equal(['TIMED_OUT transient', 'lowSpeed']);
    expect(clock.now()).to.be.within(5000, 6000);
  });

  it('are off at 0 and false', async () => {
    let answer = (): void => undefined;
    const later = new Promise<Answer>((resolve) => { answer = () => { resolve({body: 'hello'}); }; });
    server.on('/a', () => later);
    const one = await withContext(async (context) => {
      const running = fetched({url: server.url('/a'), context, timeout: {connect: 0, headers: false, read: false, lowSpeed: 0}});
      await server.when(() => server.requests.length === 1);
      await clock.advance(36_000);
      answer();
      return running;
    }, {clock});
    expect(one.text).to.equal('hello');
  });

  it('leave no tick running', async () => {
    server.on('/a', {body: 'hello'});
    await withContext((context) => fetched({url: server.url('/a'), context}), {clock});
    expect([clock.ticking, clock.pending]).to.deep.equal([0, 0]);
  });
});

/** Lets what is on the loopback arrive. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => { setTimeout(resolve, 1); });
}
