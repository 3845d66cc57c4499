import {expect} from 'chai';
import type {ExistsPolicy} from '../../src/writer/publish.js';
import {choiceText} from '../support/crash-choices.js';
import type {CrashDisk} from '../support/crash-disk.js';
import {findBroken, type Promised} from '../support/power-cut.js';
import {BODY, falseJournal, notedOn, OTHER_VERSION, restarted, resumeOnto} from './power-cut-resume.js';
import {diskWith, OLD} from './power-cut.js';

/** Runs whose log is looked at, and the disk that they start from. */
const STORIES: Readonly<Record<string, () => Promise<{disk: CrashDisk; old?: Buffer; steps?: number}>>> = {
  'a run that succeeds': async () => {
    const disk = diskWith(OLD);
    const {steps, result} = await resumeOnto(disk);
    expect(result?.outcome).to.equal('fetched');
    return {disk, old: OLD, steps};
  },
  'a run whose source fails': async () => {
    const disk = diskWith(OLD);
    expect((await resumeOnto(disk, {fails: 7000})).error?.code).to.equal('INTERRUPTED');
    expect(notedOn(disk)?.offset).to.equal(7000);
    return {disk, old: OLD};
  },
  'a run that continues another one': async () => {
    const first = diskWith(OLD);
    await resumeOnto(first, {fails: 5000});
    const disk = first.afterCrash(first.steps);
    const {steps, bytes} = await resumeOnto(disk);
    expect(bytes).to.equal(BODY.length - 5000);
    return {disk, old: OLD, steps};
  },
  'a run that continues what a killed one left': async () => {
    const first = diskWith(OLD);
    await resumeOnto(first);
    const killed = first.log.findIndex((line) => line.startsWith('rename .f'));
    const disk = restarted(first.afterCrash(killed));
    expect(notedOn(disk)?.offset).to.be.above(0);
    const {steps, bytes} = await resumeOnto(disk);
    expect(bytes).to.be.below(BODY.length);
    return {disk, old: OLD, steps};
  },
  'a run that finds another version': async () => {
    const first = diskWith(OLD);
    await resumeOnto(first, {fails: 5000, body: OTHER_VERSION, etag: 'v0'});
    const disk = first.afterCrash(first.steps);
    await resumeOnto(disk, {fails: 5000});
    return {disk, old: OLD};
  },
  'a run into folders that it makes': async () => {
    const disk = diskWith();
    const {steps} = await resumeOnto(disk, {path: '/d/new/f'});
    return {disk, steps};
  },
};

/** The next run, whatever it finds, ends with the right bytes, and continues where a journal allows it. */
async function goOn(left: CrashDisk, path: string, how: string): Promise<void> {
  const noted = notedOn(left);
  const usable = noted?.etag === '"v1"' && left.content(noted.part) !== undefined;
  const orphans = left.list().filter((name) => name.endsWith('.part') && name !== noted?.part).length;
  const disk = restarted(left);
  const {result, error, bytes} = await resumeOnto(disk, {path});
  expect(result?.outcome, `${how}: ${error?.message}`).to.equal('fetched');
  expect(disk.content(result?.path ?? '')?.equals(BODY), how).to.equal(true);
  expect(bytes, how).to.equal(BODY.length - (usable ? noted.offset : 0));
  expect(disk.list().filter((name) => name.endsWith('.jupiter')), how).to.deep.equal([]);
  expect(disk.list().filter((name) => name.endsWith('.part')).length, how).to.be.at.most(orphans);
}

describe('a download that can be continued, when the power is cut', function suite() {
  this.timeout(60_000);

  for (const [name, story] of Object.entries(STORIES)) {
    const path = name.includes('folders') ? '/d/new/f' : '/d/f';

    it(`${name}: the target is whole, and no journal promises what is not there`, async () => {
      const {disk, old, steps} = await story();
      const promise: Promised = {path, any: [old, BODY], end: steps === undefined ? undefined : {from: steps, content: BODY}};
      expect(findBroken(disk, [promise], {look: falseJournal}).broken).to.deep.equal([]);
      expect(findBroken(disk, [promise], {look: falseJournal, cut: false}).broken).to.deep.equal([]);
    });

    it(`${name}: the next run continues, whatever a kill left`, async () => {
      const {disk} = await story();
      let continued = 0;
      for (let step = 0; step <= disk.steps; step++) {
        const left = disk.afterCrash(step);
        if (notedOn(left) !== undefined) continued++;
        await goOn(left, path, `killed behind step ${step} (${disk.log[step - 1]})`);
      }
      expect(continued).to.be.above(3);
    });

    it(`${name}: the next run ends well, whatever a power cut left`, async () => {
      const {disk} = await story();
      for (let step = 0; step <= disk.steps; step++) {
        const choices = [...disk.choices(step)];
        for (const choice of choices.length > 12 ? [...choices.slice(0, 6), ...choices.slice(-6)] : choices) {
          await goOn(disk.afterCrash(step, choice), path, `cut behind step ${step} (${disk.log[step - 1]}): ${choiceText(choice)}`);
        }
      }
    });
  }

  it('never changes a file that is published already, not even through its second name', async () => {
    for (const exists of ['error', 'rename', 'skip', 'replace'] as ExistsPolicy[]) {
      const disk = diskWith();
      await resumeOnto(disk, {exists});
      for (let step = 0; step <= disk.steps; step++) {
        for (const choice of disk.choices(step)) {
          const left = restarted(disk.afterCrash(step, choice));
          const published = left.content('/d/f');
          if (published === undefined) continue;
          await resumeOnto(left, {exists, fails: 11_000});
          const how = `exists ${exists}, behind step ${step} (${disk.log[step - 1]}), ${choiceText(choice)}`;
          expect(findBroken(left, [{path: '/d/f', any: [published]}], {cut: false}).broken, how).to.deep.equal([]);
        }
      }
    }
  });
});
