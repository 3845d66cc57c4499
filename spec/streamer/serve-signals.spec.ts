import {expect} from 'chai';
import {utimes} from 'node:fs/promises';
import {setTimeout as sleep} from 'node:timers/promises';
import {Moment} from '../../src/testing/moment.js';
import {SeededRandom} from '../support/seeded-random.js';
import {busy, deceived, failed, inspectStore, offer, walk} from './serve-round.js';
import {useServing} from './serving.js';

const MIB = 1024 * 1024;
const SIZES = Array.from({length: 8}, () => 2 * MIB);
const CLIENTS = 48;

describe('jupiter serve, ended under load', function suite() {
  this.timeout(60_000);
  const stage = useServing();
  const store = (): string => stage.folder.join('store');

  it('lets all that is under way finish when it is asked to end, and leaves a store that is whole', async () => {
    const all = new Moment();
    const files = offer(stage, SIZES, () => ({holdBody: all.reached, drip: {bytes: 128 * 1024, everyMs: 30}}));
    const serving = await stage.start();
    const walking = walk(serving, stage, files, CLIENTS, new SeededRandom(1));
    await busy(serving, CLIENTS);
    all.reach();
    await stage.sent(4 * MIB);
    const {code, stderr} = await serving.stop('SIGTERM');
    expect([code, stderr]).to.deep.equal([143, '']);
    expect(failed(await Promise.all(walking))).to.deep.equal([]);
    const {damaged, leftovers} = await inspectStore(store());
    expect([damaged, leftovers]).to.deep.equal([[], []]);
  });

  it('deceives nobody when it is killed, and serves the right bytes afterwards', async () => {
    const files = offer(stage, SIZES, (name) => ({stallAt: MIB, framing: name === 'file-0' ? 'chunked' : 'length'}));
    const serving = await stage.start();
    const walking = walk(serving, stage, files, CLIENTS, new SeededRandom(2));
    await busy(serving, CLIENTS);
    while ((await inspectStore(store())).leftovers.length < SIZES.length) await sleep(5);
    await serving.stop('SIGKILL');
    const all = await Promise.all(walking);
    expect([deceived(all), all.filter(({well}) => well).length]).to.deep.equal([[], 0]);
    const killed = await inspectStore(store());
    expect([killed.damaged, killed.leftovers.length]).to.deep.equal([[], SIZES.length]);
    // A day later.
    for (const path of killed.leftovers) await utimes(path, 0, Date.now() / 1000 - 25 * 3600);
    offer(stage, SIZES, () => ({}));
    const again = await stage.start();
    const then = await Promise.all(walk(again, stage, files, CLIENTS, new SeededRandom(3)));
    expect(failed(then)).to.deep.equal([]);
    await again.stop('SIGTERM');
    const {damaged, leftovers} = await inspectStore(store());
    expect([damaged, leftovers]).to.deep.equal([[], []]);
  });
});
