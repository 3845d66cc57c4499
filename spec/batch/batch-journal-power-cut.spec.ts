import {expect} from 'chai';
import {BatchJournal, type JournalItem} from '../../src/batch/batch-journal.js';
import {CrashDisk} from '../support/crash-disk.js';

const FILES = ['a', 'b', 'c', 'd', 'e'];
const item = (name: string): JournalItem => ({url: `http://host/${name}`, path: `/pool/${name}`});
const dead = {stateOf: () => 'dead' as const};

async function doneAfter(disk: CrashDisk): Promise<string[]> {
  const journal = await BatchJournal.open('/pool/journal', {disk, ...dead});
  const done: string[] = [];
  for (const name of FILES) if (await journal.isDone(item(name))) done.push(name);
  await journal.record(item('new'), 'fetched', 1);
  await journal.close();
  return done;
}

/** What a run of a batch loses by a power cut behind any of its steps, as far as it was told that it is safe. */
async function lostBy(disk: CrashDisk): Promise<string[]> {
  const safe: {readonly name: string; readonly step: number}[] = [];
  const journal = await BatchJournal.open('/pool/journal', {disk, ...dead});
  const record = async (name: string): Promise<void> => {
    await journal.record(item(name), 'fetched', 1);
    safe.push({name, step: disk.steps});
  };
  await record('a');
  await Promise.all([record('b'), record('c')]);
  await record('d');
  await journal.close();
  const lost: string[] = [];
  let [cuts, seen] = [0, 0];
  for (let step = 0; step <= disk.steps; step++) {
    for (const choice of disk.choices(step)) {
      cuts++;
      const done = await doneAfter(disk.afterCrash(step, choice)).catch((error: unknown) => [String(error)]);
      seen += done.length;
      const wanted = safe.filter((one) => one.step <= step).map(({name}) => name);
      const wrong = [...wanted.filter((name) => !done.includes(name)), ...done.filter((name) => !FILES.slice(0, 4).includes(name))];
      if (wrong.length > 0) lost.push(`step ${step}: ${wrong.join()}`);
    }
  }
  expect(cuts).to.be.above(20);
  expect(seen).to.be.above(20);
  return lost;
}

describe('BatchJournal and a power cut', function suite() {
  this.timeout(30_000);
  const start = (): CrashDisk => new CrashDisk({'/pool': undefined, ...Object.fromEntries(FILES.map((name) => [`/pool/${name}`, 'x']))});

  it('no record that was told to be safe is lost, and what is left can always be opened', async () => {
    expect(await lostBy(start())).to.deep.equal([]);
  });

  it('the check itself would catch records that are not synced', async () => {
    const disk = start();
    const {create, open} = disk;
    const unsynced = (file: Awaited<ReturnType<typeof create>>): typeof file => Object.assign(Object.create(file) as typeof file, {
      write: (buffers: readonly Uint8Array[]) => file.write(buffers), sync: () => Promise.resolve(), close: () => file.close(),
    });
    disk.create = async (path, mode) => unsynced(await create.call(disk, path, mode));
    disk.open = async (path, size) => unsynced(await open.call(disk, path, size));
    expect(await lostBy(disk)).to.not.deep.equal([]);
  });
});
