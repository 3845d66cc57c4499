import {expect} from 'chai';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {createInterface} from 'node:readline';
import {join} from 'node:path';
import {Outbox} from '../../../src/catalogue/client/outbox.js';
import {useTempFolder} from '../../../src/testing/index.js';
import {SeededRandom} from '../../support/seeded-random.js';
import {useServedCatalogue} from './served-catalogue.js';

const SEED = 1_400_141;
const WORKERS = ['a', 'b', 'c'];
const FACTS = 25;
const KILLS = 2;

describe('an outbox that several processes share, and that are killed', function suite() {
  this.timeout(180_000);
  const served = useServedCatalogue();
  const folder = useTempFolder();
  const path = (): string => folder.join('outbox.jsonl');

  /** Runs a worker; it is killed after it told so many facts. @returns what it told, and whether it was killed */
  async function run(worker: string, killAfter: number, told: Set<string>): Promise<boolean> {
    const args = ['--import', 'tsx', join(import.meta.dirname, 'outbox-child.ts'), served.url, path(), worker, String(FACTS)];
    const child = spawn(process.execPath, args, {stdio: ['ignore', 'pipe', 'inherit']});
    const closed = once(child, 'close') as Promise<[number | null]>;
    let lines = 0;
    for await (const line of createInterface({input: child.stdout})) {
      told.add(line);
      if (++lines === killAfter) child.kill('SIGKILL');
    }
    const [code] = await closed;
    expect(code).to.be.oneOf([0, null]);
    return code === null;
  }

  it('lose no fact that was told to be safe, and bring in each once', async () => {
    const random = new SeededRandom(SEED);
    const told = new Set<string>();
    let killed = 0;
    await served.stop();
    const work = Promise.all(WORKERS.map(async (worker) => {
      for (let kill = 0; kill < KILLS; kill++) if (await run(worker, random.between(2, FACTS - 2), told)) killed++;
      await run(worker, Infinity, told);
    }));
    while (told.size < 10) await new Promise((resolve) => { setTimeout(resolve, 20); });
    await served.start();
    while (told.size < 40) await new Promise((resolve) => { setTimeout(resolve, 20); });
    await served.start();
    await work;
    expect(killed).to.equal(WORKERS.length * KILLS);
    const client = served.client();
    await using outbox = await Outbox.open({path: path(), catalogue: client});
    expect(await outbox.send()).to.include({refused: 0, left: 0});
    const all = WORKERS.flatMap((worker) => Array.from({length: FACTS}, (_, n) => `${worker}-${n}`)).sort();
    expect([...told].sort()).to.deep.equal(all);
    const {document} = await served.catalogue.getPart('r', '/a');
    const froms = (document.partials as {from: string}[]).map(({from}) => from);
    expect([...froms].sort()).to.deep.equal(all);
    // In the order of each worker, and each request did one change.
    for (const worker of WORKERS) {
      expect(froms.filter((from) => from.startsWith(worker))).to.deep.equal(Array.from({length: FACTS}, (_, n) => `${worker}-${n}`));
    }
    const ids = (await served.catalogue.history('r', {path: '/a', limit: 1000})).map(({requestId}) => requestId);
    expect([...ids].sort()).to.deep.equal(all);
    expect((await folder.list()).filter((name) => name.endsWith('.lock') || name.endsWith('.sender'))).to.deep.equal([]);
  });
});
