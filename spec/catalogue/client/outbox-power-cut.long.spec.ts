import {expect} from 'chai';
import {CrashDisk} from '../../support/crash-disk.js';
import {brokenPromises, outboxStory} from './outbox-story.js';

describe('Outbox and a power cut', function suite() {
  this.timeout(180_000);
  const start = (): CrashDisk => new CrashDisk({'/pool': undefined});

  it('loses nothing that was told to be safe, sends it once and in order, wherever the power is cut', async () => {
    const {wrong, states, sent} = await brokenPromises(await outboxStory(start()), true);
    expect(wrong).to.deep.equal([]);
    expect([states > 100, sent > states]).to.deep.equal([true, true]);
  });

  it('the check itself would catch lines that are not synced, and a folder that is not', async () => {
    const unsynced = start();
    const {open: openFile} = unsynced;
    unsynced.open = async (path, size) => {
      const file = await openFile.call(unsynced, path, size);
      return {...file, sync: () => Promise.resolve()};
    };
    expect((await brokenPromises(await outboxStory(unsynced), true)).wrong).to.include('r1 is lost');
    const nameless = start();
    nameless.syncFolder = () => Promise.resolve();
    expect((await brokenPromises(await outboxStory(nameless), true)).wrong).to.include('r1 is lost');
  });
});
