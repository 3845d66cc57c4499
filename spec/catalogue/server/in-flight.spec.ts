import {expect} from 'chai';
import {request as httpRequest} from 'node:http';
import type {ReleaseCatalogue, WriteOptions} from '../../../src/catalogue/contract.js';
import {TestClock} from '../../../src/testing/index.js';
import {askAt, useServed, type Reply} from './served.js';

/** A catalogue that waits before it lists or creates. */
class Slow {
  readonly #catalogue: ReleaseCatalogue;
  started = 0;
  aborted = 0;
  release: () => void = () => undefined;
  readonly #gate = new Promise<void>((resolve) => { this.release = resolve; });

  constructor(catalogue: ReleaseCatalogue) {
    this.#catalogue = catalogue;
  }

  readonly publish = (): never => { throw new Error('not asked'); };

  readonly list = async (): Promise<unknown> => {
    this.started++;
    await this.#gate;
    return this.#catalogue.list();
  };

  readonly create = async (name: string, release: {product: string}, options: WriteOptions): Promise<unknown> => {
    this.started++;
    await new Promise<void>((resolve, reject) => {
      void this.#gate.then(resolve);
      options.signal?.addEventListener('abort', () => {
        this.aborted++;
        reject(options.signal?.reason as Error);
      });
    });
    return this.#catalogue.create(name, release, options);
  };

  async untilStarted(count: number): Promise<void> {
    while (this.started < count) await turn();
  }
}

describe('InFlight', () => {
  const served = useServed();
  const {ask} = served;

  async function startSlow(options = {}): Promise<Slow> {
    await served.start();
    const slow = new Slow(served.catalogue);
    await served.start({catalogue: slow as unknown as ReleaseCatalogue, ...options});
    return slow;
  }

  it('refuses more requests at once than may be', async () => {
    const slow = await startSlow({limits: {requests: 2}});
    const waiting = [ask('GET', '/releases'), ask('GET', '/releases')];
    await slow.untilStarted(2);
    const third = await ask('GET', '/releases');
    expect([third.status, third.body.code, third.body.retryable, third.headers['retry-after']]).to.deep.equal([503, 'BUSY', true, '1']);
    slow.release();
    expect((await Promise.all(waiting)).map(({status}) => status)).to.deep.equal([200, 200]);
    expect((await ask('GET', '/releases')).status).to.equal(200);
  });

  it('finishes what is under way when the server is stopped, and refuses what comes then', async () => {
    const slow = await startSlow();
    const {server} = served;
    const waiting = ask('GET', '/releases');
    await slow.untilStarted(1);
    const closing = server.close();
    const late = await askAt(server.port, 'GET', '/health');
    expect([late.status, late.body.code, late.body.retryable, late.headers.connection]).to.deep.equal([503, 'CLOSING', true, 'close']);
    slow.release();
    expect((await waiting).status).to.equal(200);
    await closing;
    expect(await askAt(server.port, 'GET', '/health').catch((error: unknown) => (error as NodeJS.ErrnoException).code))
      .to.equal('ECONNREFUSED');
    await server.close();
  });

  it('cuts what is not done after the grace', async () => {
    const clock = new TestClock();
    const slow = await startSlow({clock});
    const {server} = served;
    const waiting = ask('POST', '/releases', {json: {name: 'r1', product: 'p'}}).catch((error: unknown) => error);
    await slow.untilStarted(1);
    const closing = server.close({grace: 1000});
    await clock.untilPending(1);
    await clock.advance(1000);
    await closing;
    const end: unknown = await waiting;
    expect(end instanceof Error || (end as Reply).status === 503).to.equal(true);
    expect(slow.aborted).to.equal(1);
    expect(await served.catalogue.list()).to.deep.equal([]);
  });

  it('ends the waiting of a write when its client leaves', async () => {
    const slow = await startSlow();
    const body = '{"name":"r1","product":"p"}';
    const request = httpRequest({port: served.server.port, method: 'POST', path: '/releases', agent: false,
      headers: {'content-type': 'application/json', 'content-length': body.length}});
    request.on('error', () => undefined).end(body);
    await slow.untilStarted(1);
    request.destroy();
    while (slow.aborted === 0) await turn();
    expect(await served.catalogue.list()).to.deep.equal([]);
  });
});

function turn(): Promise<void> {
  return new Promise((resolve) => { setImmediate(resolve); });
}
