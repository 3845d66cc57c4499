import {expect} from 'chai';
import {setTimeout as sleep} from 'node:timers/promises';
import {SeededRandom} from '../support/seeded-random.js';
import {busy, deceived, failed, inspectStore, offer, walk} from './serve-round.js';
import {useServing} from './serving.js';

const ROUNDS = 12;
const CLIENTS = 50;
const MIB = 1024 * 1024;

describe('jupiter serve, ended under load many times', function suite() {
  this.timeout(300_000);
  const stage = useServing();
  const store = (): string => stage.folder.join('store');

  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    it(`deceives nobody in ${ROUNDS} rounds that end by ${signal}, at any moment, over one store`, async () => {
      const told = {well: 0, failed: 0};
      for (let round = 1; round <= ROUNDS; round++) {
        const random = new SeededRandom(round);
        const sizes = Array.from({length: 8}, () => random.pick([10_000, 65_536, 300_000, MIB, 3 * MIB]) + round);
        const files = offer(stage, sizes, (name) => ({
          drip: {bytes: 64 * 1024, everyMs: random.between(1, 30)}, validator: random.pick(['strong', 'none']),
          framing: name === 'file-0' ? 'chunked' : 'length',
        }));
        // No two rounds ask for the same address.
        const serving = await stage.start(['--max-size', random.pick(['4M', '1G'])]);
        const walking = walk(serving, stage, files, CLIENTS, random, String(round));
        await sleep(random.between(0, 1500));
        const {code, ms, stderr} = await serving.stop(signal);
        const all = await Promise.all(walking);
        const {damaged, leftovers} = await inspectStore(store());
        expect({round, code, stderr, deceived: deceived(all), damaged}).to.deep.equal({
          round, code: signal === 'SIGTERM' ? 143 : null, stderr: '', deceived: [], damaged: [],
        });
        if (signal === 'SIGTERM') expect([leftovers, ms < 12_000], `round ${round}`).to.deep.equal([[], true]);
        for (const {well} of all) told[well ? 'well' : 'failed']++;
        const again = await stage.start();
        const then = await Promise.all(walk(again, stage, files, 16, random, String(round)));
        expect(failed(then), `round ${round}`).to.deep.equal([]);
        await again.stop('SIGKILL');
      }
      // Else the moments were chosen badly, and nothing was seen. Of those who are under way SIGTERM lets all finish.
      expect([told.well > CLIENTS, signal === 'SIGTERM' || told.failed > CLIENTS]).to.deep.equal([true, true]);
    });
  }

  it('resets what is not done after its grace, and lets the rest finish', async () => {
    const files = offer(stage, Array.from({length: 8}, () => 2 * MIB), (name) => (
      name < 'file-4' ? {stallAt: MIB, framing: name === 'file-0' ? 'chunked' : 'length'} : {drip: {bytes: 64 * 1024, everyMs: 60}}
    ));
    const serving = await stage.start();
    const walking = walk(serving, stage, files, CLIENTS, new SeededRandom(1));
    await busy(serving, CLIENTS);
    const {code, ms} = await serving.stop('SIGTERM');
    const all = await Promise.all(walking);
    expect([code, ms > 9000, ms < 13_000]).to.deep.equal([143, true, true]);
    expect(all.filter(({name, well, right}) => name < 'file-4' ? well : !well || !right)).to.have.length(0);
    expect((await inspectStore(store())).leftovers).to.deep.equal([]);
  });

  it('ends at once when it is asked twice, and deceives nobody', async () => {
    const files = offer(stage, Array.from({length: 8}, () => 2 * MIB), () => ({drip: {bytes: 64 * 1024, everyMs: 60}}));
    const serving = await stage.start();
    const walking = walk(serving, stage, files, CLIENTS, new SeededRandom(1));
    await busy(serving, CLIENTS);
    const first = serving.stop('SIGTERM');
    await sleep(600);
    const {code, ms} = await serving.stop('SIGTERM');
    expect([code, (await first).code, ms < 1000]).to.deep.equal([143, 143, true]);
    const all = await Promise.all(walking);
    expect([deceived(all), all.filter(({well}) => well).length]).to.deep.equal([[], 0]);
  });
});
