import {expect} from 'chai';
import type {Durability} from '../../src/core/contract.js';
import {FileWriter} from '../../src/writer/file-writer.js';
import type {ExistsPolicy} from '../../src/writer/publish.js';
import {feedWriter, writerMeta, writerStart} from '../../src/testing/writer-calls.js';
import {CrashDisk} from '../support/crash-disk.js';
import {leftAt, leftBehind, type Left} from '../support/power-cut.js';

const NEW = 'new bytes';

describe('FileWriter, when the power is cut', () => {
  /** Writes a file, and gives what a cut after each step, and after the end, may leave of it. */
  const cuts = async (path: string, durability: Durability, exists: ExistsPolicy, length?: number): Promise<Left> => {
    const disk = new CrashDisk({'/d': undefined, '/d/f': 'old'});
    const writer = new FileWriter(path, {disk, durability, exists});
    await feedWriter(writer, [Buffer.from(NEW)], length);
    await writer.close();
    return leftAt(disk, path);
  };

  for (const length of [NEW.length, 2 * 1024 * 1024]) {
    const body = length > 1000 ? 'a large body' : 'a small body';

    it(`shows the old file or the new one, whole, at every step (${body})`, async () => {
      for (const durability of ['file', 'full'] as const) {
        expect((await cuts('/d/f', durability, 'replace', length)).any).to.deep.equal([NEW, 'old']);
      }
    });

    it(`keeps the new file for certain once close resolved, with full durability (${body})`, async () => {
      expect((await cuts('/d/f', 'full', 'replace', length)).end).to.deep.equal([NEW]);
      expect((await cuts('/d/g', 'full', 'replace', length)).end).to.deep.equal([NEW]);
      expect((await cuts('/d/g', 'full', 'error', length)).end).to.deep.equal([NEW]);
      expect((await cuts('/d/f', 'file', 'replace', length)).end).to.deep.equal([NEW, 'old']);
    });

    it(`keeps a file in folders that it made (${body})`, async () => {
      expect((await cuts('/d/a/b/f', 'full', 'replace', length)).end).to.deep.equal([NEW]);
      expect((await cuts('/d/a/b/f', 'full', 'error', length)).any).to.deep.equal([NEW, undefined]);
    });
  }

  it('promises nothing without durability: the name may survive and the bytes not, or not all', async () => {
    expect((await cuts('/d/f', 'none', 'replace')).any).to.deep.equal(['', '\0'.repeat(NEW.length), 'new ', NEW, 'old']);
  });

  it('keeps the folder that another download made and did not sync', async () => {
    const disk = new CrashDisk({'/d': undefined});
    const start = writerStart();
    const [maker, user] = [new FileWriter('/d/a/1', {disk}), new FileWriter('/d/a/2', {disk})];
    for (const writer of [maker, user]) {
      await writer.prepare(start);
      await writer.open(writerMeta(NEW.length));
    }
    await user.append(Buffer.from(NEW));
    await user.close();
    expect(leftBehind(disk, '/d/a/2')).to.deep.equal([NEW]);
    await maker.discard();
  });

  it('keeps the folders that a run of another Context made at the same moment', async () => {
    const disk = new CrashDisk({'/d': undefined});
    const [maker, user] = [new FileWriter('/d/a/b/1', {disk}), new FileWriter('/d/a/b/2', {disk})];
    await feedWriter(maker, [], NEW.length);
    await feedWriter(user, [Buffer.from(NEW)], NEW.length);
    await user.close();
    expect(leftBehind(disk, '/d/a/b/2')).to.deep.equal([NEW]);
    await maker.discard();
  });

  it('never loses the old file when it fails', async () => {
    const disk = new CrashDisk({'/d': undefined, '/d/f': 'old'});
    const writer = new FileWriter('/d/f', {disk});
    await feedWriter(writer, [Buffer.from(NEW)], 2 * 1024 * 1024);
    await writer.discard();
    expect(leftAt(disk, '/d/f').any).to.deep.equal(['old']);
  });
});
