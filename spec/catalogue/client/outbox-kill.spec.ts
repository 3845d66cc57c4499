import {expect} from 'chai';
import {CrashDisk} from '../../support/crash-disk.js';
import {brokenPromises, outboxStory} from './outbox-story.js';

describe('Outbox and a kill', () => {
  it('loses nothing that was told to be safe, sends it once and in order, wherever the process is killed', async () => {
    const {wrong, states, sent} = await brokenPromises(await outboxStory(new CrashDisk({'/pool': undefined})), false);
    expect(wrong).to.deep.equal([]);
    expect([states > 50, sent > states]).to.deep.equal([true, true]);
  });
});
