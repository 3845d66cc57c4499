import {expect} from 'chai';
import {dirname} from 'node:path';
import type {DiskFile} from '../../src/core/disk.js';
import {CrashDisk} from '../support/crash-disk.js';
import {findBroken, type Promised} from '../support/power-cut.js';
import {falseJournal, resumeOnto} from './power-cut-resume.js';
import {fetchOnto, LARGE, OLD, SMALL} from './power-cut.js';

const FILES = {'/d': undefined, '/d/f': OLD};

/** As if the writer never synced a file, or none with this in its name. */
class NoFileSync extends CrashDisk {
  word = '';

  override async create(path: string, mode: number): Promise<DiskFile> {
    const file = await super.create(path, mode);
    return this.word === '' || path.includes(this.word) ? {...file, sync: async () => undefined} : file;
  }
}

/** As if the writer never synced a folder. */
class NoFolderSync extends CrashDisk {
  override async syncFolder(): Promise<void> {}
}

/** As if the writer synced only the folder of the file, and none above it. */
class NoParentSync extends CrashDisk {
  override async syncFolder(path: string): Promise<void> {
    if (path.endsWith('new')) await super.syncFolder(path);
  }
}

/** As if the writer gave the file its name first and synced it then. */
class LateFileSync extends CrashDisk {
  #late: (() => Promise<void>)[] = [];

  override async create(path: string, mode: number): Promise<DiskFile> {
    const file = await super.create(path, mode);
    return {...file, sync: async () => { this.#late.push(() => file.sync()); }};
  }

  override async rename(from: string, to: string): Promise<void> {
    await super.rename(from, to);
    for (const sync of this.#late.splice(0)) await sync();
  }
}

/** As if the writer took the end of a sync that had begun before its rename for the sync of that rename. */
class EarlySync extends CrashDisk {
  #early = Promise.resolve();

  override async rename(from: string, to: string): Promise<void> {
    this.#early = super.syncFolder(dirname(to));
    await super.rename(from, to);
  }

  override syncFolder(): Promise<void> {
    return this.#early;
  }
}

/** As if the writer wrote over the target, byte by byte. */
class InPlace extends CrashDisk {
  override async create(path: string, mode: number): Promise<DiskFile> {
    const target = path.replace(/\.(\w+)\.\w+\.part$/, '$1');
    await this.unlink(target).catch(() => undefined);
    return super.create(target, mode);
  }

  override async rename(): Promise<void> {}
}

describe('the power cut spec itself', () => {
  const allowed = (body: Buffer): Promised[] => [{path: '/d/f', any: [OLD, body]}];

  for (const [size, body] of [['small', SMALL], ['large', LARGE]] as const) {
    it(`would catch a writer that does not sync the bytes (a ${size} body)`, async () => {
      const disk = new NoFileSync(FILES);
      await fetchOnto(disk, {body});
      const {broken} = findBroken(disk, allowed(body));
      expect(broken[0]).to.match(/^behind step \d+ \(rename .*\/d\/f is \d+ B.* lost: \d+ write/);
      // The classic: the name is there, and no byte.
      expect(broken.some((line) => line.includes('/d/f is 0 B'))).to.equal(true);
    });

    it(`would catch a writer that syncs the bytes after the rename (a ${size} body)`, async () => {
      const disk = new LateFileSync(FILES);
      const {steps} = await fetchOnto(disk, {body});
      expect(findBroken(disk, allowed(body)).broken).to.have.length.above(0);
      expect(findBroken(disk, [{path: '/d/f', end: {from: steps, content: body}}]).broken).to.deep.equal([]);
    });

    it(`would catch a writer that does not sync the folder (a ${size} body)`, async () => {
      const disk = new NoFolderSync(FILES);
      const {steps} = await fetchOnto(disk, {body});
      expect(findBroken(disk, allowed(body)).broken).to.deep.equal([]);
      const {broken} = findBroken(disk, [{path: '/d/f', end: {from: steps, content: body}}]);
      expect(broken[0]).to.match(/\/d\/f is 19 B.* lost: \d+ rename/);
    });

    it(`would catch a writer that writes over the old file (a ${size} body)`, async () => {
      const disk = new InPlace(FILES);
      await fetchOnto(disk, {body});
      expect(findBroken(disk, allowed(body)).broken).to.have.length.above(0);
      expect(findBroken(disk, allowed(body), {cut: false}).broken).to.have.length.above(0);
    });

    it(`tells durability none from file, and file from full (a ${size} body)`, async () => {
      const [none, file] = [new CrashDisk(FILES), new CrashDisk(FILES)];
      await fetchOnto(none, {body, durability: 'none'});
      expect(findBroken(none, allowed(body)).broken).to.have.length.above(0);
      const {steps} = await fetchOnto(file, {body, durability: 'file'});
      expect(findBroken(file, [{path: '/d/f', end: {from: steps, content: body}}]).broken).to.have.length.above(0);
    });
  }

  it('would catch a writer that does not sync the folders that it made', async () => {
    const disk = new NoParentSync(FILES);
    const {result, steps} = await fetchOnto(disk, {path: '/d/a/new/f'});
    expect(result?.path).to.equal('/d/a/new/f');
    const {broken} = findBroken(disk, [{path: '/d/a/new/f', end: {from: steps, content: SMALL}}]);
    expect(broken[0]).to.contain('is absent: lost: ');
  });

  it('would catch a writer that joins a sync which began before its rename', async () => {
    const disk = new EarlySync(FILES);
    const {steps} = await fetchOnto(disk);
    expect(disk.log.at(-1)).to.equal('sync /d/');
    expect(findBroken(disk, [{path: '/d/f', end: {from: steps, content: SMALL}}]).broken[0]).to.match(/lost: \d+ rename/);
  });

  it('would catch a journal that is written before its bytes, and one that is not synced itself', async () => {
    for (const [word, what] of [['.part', 'promises bytes that its part has not'], ['.jupiter', 'is no JSON']] as const) {
      const disk = new NoFileSync(FILES);
      disk.word = word;
      await resumeOnto(disk);
      const {broken} = findBroken(disk, [], {look: falseJournal});
      expect(broken.map((line) => line.includes(`the journal ${what}`)), broken[0]).to.not.be.empty.and.not.include(false);
    }
  });
});
