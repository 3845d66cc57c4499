import {expect} from 'chai';
import {readdir} from 'node:fs/promises';
import {Batch, Cancelled, FileWriter, HttpDownload} from 'jupiter-download';
import {countAbortListeners, expectNothingLeft} from '../support/left-open.js';
import {ScriptedServer} from '../../src/testing/scripted-server.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';

const MIB = 1024 * 1024;

/** So many downloads that are done at once, then such as never end. */
interface Work {
  readonly quick: number;
  /** The source itself hangs after them, instead of giving downloads that never end. */
  readonly hangs?: boolean | undefined;
}

/** Leaves at an item, after `ready`. */
type Leave = (batch: Batch<HttpDownload>, at: number, ready: () => Promise<void>) => Promise<void>;

const LEAVES: Record<string, Leave> = {
  'by break': async (batch, at, ready) => {
    for await (const _plan of batch) {
      if (at-- > 0) continue;
      await ready();
      break;
    }
  },
  'by throw': async (batch, at, ready) => {
    const thrown = new Error('enough');
    const loop = async (): Promise<void> => {
      for await (const _plan of batch) {
        if (at-- > 0) continue;
        await ready();
        throw thrown;
      }
    };
    expect(await loop().catch((error: unknown) => error)).to.equal(thrown);
  },
  'by return': async (batch, at, ready) => {
    const loop = async (): Promise<unknown> => {
      for await (const plan of batch) {
        if (at-- > 0) continue;
        await ready();
        return plan;
      }
      return undefined;
    };
    expect(await loop()).to.not.equal(undefined);
  },
  'by dispose': async (batch, at, ready) => {
    await using held = batch;
    const iterator = held[Symbol.asyncIterator]();
    for (let taken = 0; taken <= at; taken++) await iterator.next();
    await ready();
  },
};

describe('Use case: leaving the loop', () => {
  const folder = useTempFolder();
  let server: ScriptedServer;
  beforeEach(async () => {
    server = await ScriptedServer.start();
    server.on('*', {body: 'a file'}).on('/endless', {body: Buffer.alloc(3 * MIB), stallAt: 2 * MIB + 1});
  });
  afterEach(async () => { await server.close(); });

  async function *source({quick, hangs}: Work): AsyncGenerator<HttpDownload> {
    for (let at = 0; ; at++) {
      if (at >= quick && hangs === true) await new Promise(() => undefined);
      const name = at < quick ? `quick-${at}` : 'endless';
      yield new HttpDownload({url: server.url(`/${name}`), writer: new FileWriter(folder.join(`${name}-${at}`), {durability: 'none'})});
    }
  }

  const parts = async (): Promise<string[]> => (await readdir(folder.path)).filter((name) => name.endsWith('.part'));

  /** Waits until the endless ones have written parts, so that there is something to clean up. */
  async function untilParts(): Promise<void> {
    while ((await parts()).length < 2) await new Promise((resolve) => { setImmediate(resolve); });
  }

  async function expectNoTrace(work: () => Promise<void>): Promise<void> {
    const {signal} = controller;
    await expectNothingLeft(async () => {
      await work();
      expect((await folder.list()).filter((name) => !/^quick-\d+-\d+$/.test(name))).to.deep.equal([]);
      expect(countAbortListeners(signal)).to.equal(0);
      await server.when(() => server.open === 0);
    });
  }

  let controller: AbortController;
  beforeEach(() => { controller = new AbortController(); });
  const make = (work: Work): Batch<HttpDownload> => new Batch(source(work), {backlog: 5, signal: controller.signal});

  for (const [way, leave] of Object.entries(LEAVES)) {
    for (const at of [0, 1, 6]) {
      it(`${way} at item ${at}, while downloads run, leaves no socket, file, timer, listener or part`, async () => {
        await expectNoTrace(() => leave(make({quick: at + 1}), at, untilParts));
        expect(server.requestsFor('/endless').length).to.be.above(1);
      });

      it(`${way} at item ${at}, while a pull is pending, does too`, async () => {
        await expectNoTrace(() => leave(make({quick: at + 1, hangs: true}), at, () => Promise.resolve()));
      });
    }
  }

  it('by dispose before any item is there does too', async () => {
    for (const work of [{quick: 0}, {quick: 0, hangs: true}]) {
      await expectNoTrace(async () => {
        const batch = make(work);
        const pending = batch[Symbol.asyncIterator]().next();
        if (work.hangs !== true) await untilParts();
        await batch.close();
        expect(await pending).to.deep.equal({value: undefined, done: true});
      });
    }
  });

  it('by the batch\'s signal does too', async () => {
    await expectNoTrace(async () => {
      const loop = async (): Promise<void> => {
        for await (const _plan of make({quick: 3})) {
          await untilParts();
          controller.abort(new Error('SIGTERM'));
        }
      };
      expect(await loop().catch((error: unknown) => error)).to.be.instanceOf(Cancelled);
    });
  });

  it('by reaching the end does too, and what was published stays', async () => {
    await expectNoTrace(async () => {
      const downloads = Array.from({length: 4}, (_, at) =>
        new HttpDownload({url: server.url(`/quick-${at}`), writer: new FileWriter(folder.join(`quick-${at}-${at}`))}));
      for await (const plan of new Batch(downloads, {signal: controller.signal})) await plan.result();
    });
    expect(await folder.list()).to.have.length(4);
  });
});
