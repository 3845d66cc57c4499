import {expect} from 'chai';
import {Outbox} from '../../../src/catalogue/client/outbox.js';
import {TestClock} from '../../../src/testing/index.js';
import {CrashDisk} from '../../support/crash-disk.js';
import {leftBehind} from '../../support/power-cut.js';
import {rejection} from '../../support/rejection.js';
import {ELMER, partial} from '../facts.js';
import {TestCatalogue} from './outbox-stage.js';
import {brokenPromises, outboxStory} from './outbox-story.js';

describe('Outbox and a kill', () => {
  it('loses nothing that was told to be safe, sends it once and in order, wherever the process is killed', async () => {
    const {wrong, states, sent} = await brokenPromises(await outboxStory(new CrashDisk({'/pool': undefined})), false);
    expect(wrong).to.deep.equal([]);
    expect([states > 50, sent > states]).to.deep.equal([true, true]);
  });

  it('makes sure of a name that another process has left unsynced', async () => {
    const disk = new CrashDisk({'/pool': undefined});
    const catalogue = new TestCatalogue();
    catalogue.away = true;
    const options = {path: '/pool/outbox.jsonl', catalogue, disk, clock: new TestClock({autoAdvance: true})};
    const {syncFolder} = disk;
    disk.syncFolder = () => Promise.reject(new Error('killed'));
    expect(await rejection(Outbox.open(options))).to.include({code: 'OUTBOX_FAULT'});
    disk.syncFolder = syncFolder;
    await (await Outbox.open(options)).publish('r', [partial('/a', 'r1')], ELMER);
    const left = leftBehind(disk, options.path);
    expect(left).to.have.length(1);
    expect(left[0]).to.contain('"name":"r"');
  });
});
