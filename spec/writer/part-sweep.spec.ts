import {lutimes, mkdir, symlink, utimes} from 'node:fs/promises';
import {expect} from 'chai';
import fc from 'fast-check';
import type {DiskEntry} from '../../src/core/disk.js';
import {SystemDisk} from '../../src/core/disk.js';
import {WriterError} from '../../src/core/errors.js';
import {currentOwner} from '../../src/core/process-owner.js';
import {isPartName} from '../../src/writer/part-file.js';
import {LONGEST_JOURNAL} from '../../src/writer/journal.js';
import {sweepParts} from '../../src/writer/part-sweep.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {TestClock} from '../../src/testing/test-clock.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const PART = '.file.bin.0123456789ab.part';
const JOURNAL = `.${'0123456789abcdef'.repeat(4)}.jupiter`;

/** The machine's disk, with one answer changed. */
class OtherDisk extends SystemDisk {
  owner: number | undefined = process.geteuid?.();
  fault: string | undefined;

  override async stat(path: string): Promise<DiskEntry | undefined> {
    const entry = await super.stat(path);
    return entry && {...entry, owner: this.owner};
  }

  override unlink(path: string): Promise<void> {
    return this.fault === undefined ? super.unlink(path) : Promise.reject(Object.assign(new Error(this.fault), {code: this.fault}));
  }
}

describe('sweepParts', () => {
  const temp = useTempFolder();
  const clock = new TestClock();

  const leave = async (name: string, age: number, content = ''): Promise<string> => {
    const path = await temp.write(name, content);
    const time = (clock.time() - age) / 1000;
    await utimes(path, time, time);
    return path;
  };
  const journal = (part: string, more: object = {}): string => JSON.stringify({jupiter: 1, part, ...more});

  it('removes old parts and journals, and says which', async () => {
    const old = [JOURNAL, `${JOURNAL}.0123456789ab`, PART].map((name) => temp.join(name));
    for (const name of [JOURNAL, `${JOURNAL}.0123456789ab`, PART]) await leave(name, DAY + 1000, 'half a jour');
    expect(await sweepParts(temp.path, {clock})).to.deep.equal({removed: old, faults: []});
    expect(await temp.list()).to.deep.equal([]);
  });

  it('leaves what was written within 24 hours, or within olderThan', async () => {
    await leave(PART, DAY - 1000);
    await leave(JOURNAL, 2 * HOUR, journal(PART));
    expect((await sweepParts(temp.path, {clock})).removed).to.deep.equal([]);
    expect((await sweepParts(temp.path, {clock, olderThan: 3 * HOUR})).removed).to.deep.equal([]);
    expect((await sweepParts(temp.path, {clock, olderThan: HOUR})).removed).to.deep.equal([temp.join(JOURNAL), temp.join(PART)]);
  });

  it('leaves what has another name', async () => {
    const names = ['file.bin', 'file.bin.0123456789ab.part', '.0123456789ab.part', '.file.0123456789AB.part', '.file.0123456789a.part',
      '.file.part', `${PART}.gz`, JOURNAL.slice(1), JOURNAL.replace('f', 'g'), `${JOURNAL}2`,
      `${JOURNAL}.x`, '.jupiter', `.${'a'.repeat(63)}.jupiter`];
    for (const name of names) await leave(name, 100 * DAY);
    expect(await sweepParts(temp.path, {clock})).to.deep.equal({removed: [], faults: []});
    expect(await temp.list()).to.deep.equal(names.sort());
  });

  it('leaves folders, links and what is in folders below', async () => {
    await mkdir(temp.join(PART));
    await symlink(await leave('target', 100 * DAY), temp.join(JOURNAL));
    await mkdir(temp.join('below'));
    await leave(`below/${PART}`, 100 * DAY);
    for (const name of [PART, JOURNAL]) await lutimes(temp.join(name), 1000, 1000);
    expect(await sweepParts(temp.path, {clock})).to.deep.equal({removed: [], faults: []});
  });

  it('leaves what belongs to another user, or to nobody that is known', async () => {
    await leave(PART, 100 * DAY);
    await leave(JOURNAL, 100 * DAY, journal('x'));
    const disk = new OtherDisk();
    for (const owner of [(process.geteuid?.() ?? 0) + 1, undefined]) {
      disk.owner = owner;
      expect(await sweepParts(temp.path, {clock, disk})).to.deep.equal({removed: [], faults: []});
    }
    disk.owner = process.geteuid?.();
    expect((await sweepParts(temp.path, {clock, disk})).removed).to.have.length(2);
  });

  it('leaves the old part of a journal that is fresh', async () => {
    await leave(PART, 100 * DAY);
    await leave('.other.0123456789ab.part', 100 * DAY);
    await leave(JOURNAL, 0, journal(PART));
    expect((await sweepParts(temp.path, {clock})).removed).to.deep.equal([temp.join('.other.0123456789ab.part')]);
  });

  it('leaves the old journal and part of a process that runs, not those of one that is gone', async () => {
    await leave(PART, 100 * DAY);
    await leave(JOURNAL, 100 * DAY, journal(PART, {owner: currentOwner()}));
    expect((await sweepParts(temp.path, {clock})).removed).to.deep.equal([]);
    for (const owner of [{...currentOwner(), started: '1'}, {...currentOwner(), host: 'elsewhere'}, 7, null]) {
      await leave(PART, 100 * DAY);
      await leave(JOURNAL, 100 * DAY, journal(PART, {owner}));
      expect((await sweepParts(temp.path, {clock})).removed).to.deep.equal([temp.join(JOURNAL), temp.join(PART)]);
    }
  });

  it('takes a journal that can\'t be read as one for what it is: an old file', async () => {
    const large = journal(PART, {owner: currentOwner(), more: 'x'.repeat(LONGEST_JOURNAL)});
    for (const content of ['', 'null', '7', '{"part": 5}', 'x', large]) {
      await leave(JOURNAL, 100 * DAY, content);
      await leave(PART, 100 * DAY);
      expect((await sweepParts(temp.path, {clock})).removed).to.have.length(2);
    }
  });

  it('goes on after a fault and tells it; what is gone already is no fault', async () => {
    await leave(PART, 100 * DAY);
    const disk = new OtherDisk();
    disk.fault = 'EACCES';
    const {removed, faults} = await sweepParts(temp.path, {clock, disk});
    expect(removed).to.deep.equal([]);
    expect(faults.map(String)).to.deep.equal([`WriterError: cannot remove ${temp.join(PART)}: permission denied (EACCES)`]);
    disk.fault = 'ENOENT';
    expect(await sweepParts(temp.path, {clock, disk})).to.deep.equal({removed: [], faults: []});
  });

  it('removes nothing but parts and journals, whatever is there', async () => {
    const name = fc.stringMatching(/^[.a-f0-9]{1,20}$/).filter((text) => text !== '.' && text !== '..');
    const tail = fc.constantFrom('', '.part', '.0123456789ab.part', '.jupiter', '.0123456789ab.part2');
    await fc.assert(fc.asyncProperty(fc.uniqueArray(fc.tuple(name, tail).map((parts) => parts.join('')), {maxLength: 6}), async (names) => {
      for (const one of names) await leave(one, 2 * DAY);
      const {removed} = await sweepParts(temp.path, {clock});
      expect(removed).to.have.members(names.filter(isPartName).map((one) => temp.join(one)));
    }), {numRuns: 40});
  });

  it('refuses what it can\'t work with', async () => {
    const refusal = async (folder: unknown, options?: object): Promise<unknown> =>
      sweepParts(folder as string, options).catch((error: unknown) => error);
    const messageOf = async (...given: Parameters<typeof refusal>): Promise<string> => String(await refusal(...given));
    expect(await refusal('')).to.be.instanceOf(TypeError);
    expect(await messageOf(temp.path, {older: 1})).to.contain('TypeError: sweepParts: unknown option \'older\'');
    expect(await refusal(temp.path, {olderThan: HOUR - 1})).to.be.instanceOf(RangeError);
    expect(await refusal(temp.path, {olderThan: NaN})).to.be.instanceOf(TypeError);
    expect(await messageOf(temp.path, {disk: {}})).to.contain('TypeError: disk: expected a Disk that can list folders');
    expect(await refusal(temp.join('missing'))).to.be.instanceOf(WriterError);
    expect(await messageOf(temp.join('missing'))).to.match(/: cannot list .*missing: no such file or folder/);
  });
});
