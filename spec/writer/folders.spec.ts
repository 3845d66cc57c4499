import {expect} from 'chai';
import {mkdir, symlink} from 'node:fs/promises';
import {Context} from '../../src/core/context.js';
import {SystemDisk} from '../../src/core/disk.js';
import {UnsafeName, WriterError} from '../../src/core/errors.js';
import {Folders, foldersOf} from '../../src/writer/folders.js';
import {FaultyDisk} from '../support/faulty-disk.js';
import {useTempFolder} from '../support/temp-folder.js';

describe('Folders', () => {
  const temp = useTempFolder();
  const synced = (disk: FaultyDisk): string[] =>
    disk.log.filter((line) => line.startsWith('syncFolder')).map((line) => line.slice(11)).sort();

  it('tells whether a folder exists, and remembers those that do', async () => {
    const disk = new FaultyDisk();
    const folders = new Folders(disk);
    expect(await folders.check(temp.path)).to.equal(true);
    const calls = disk.records.length;
    expect(await folders.check(temp.path)).to.equal(true);
    expect(disk.records.length).to.equal(calls);
    expect(await folders.check(temp.join('a', 'b'))).to.equal(false);
    expect(disk.records.at(-1)).to.deep.equal({call: 'checkWritable', paths: [temp.path]});
  });

  it('refuses what is no folder, or lies below a file', async () => {
    await temp.write('file', '');
    const fault = await new Folders(new SystemDisk()).check(temp.join('file')).catch((thrown: unknown) => thrown);
    expect(fault).to.be.instanceOf(WriterError).with.property('message', `cannot write into ${temp.join('file')}: it is not a folder`);
    const below = await new Folders(new SystemDisk()).check(temp.join('file', 'a')).catch((thrown: unknown) => thrown);
    expect((below as Error).message).to.contain('a part of the path is not a folder (ENOTDIR)');
  });

  it('follows links, but none below a root', async () => {
    await mkdir(temp.join('real'));
    await symlink(temp.join('real'), temp.join('link'));
    const folders = new Folders(new SystemDisk());
    expect(await folders.check(temp.join('link'))).to.equal(true);
    expect(await folders.check(temp.join('link'), temp.join('link'))).to.equal(true);
    for (const name of ['link', 'link/a/b']) {
      const fault = await folders.check(temp.join(name), temp.path).catch((thrown: unknown) => thrown);
      const why = `cannot write into ${temp.join('link')}: it is a symbolic link below the root`;
      expect(fault).to.be.instanceOf(UnsafeName).with.property('message', why);
    }
    expect(await folders.check(temp.join('real', 'a'), temp.path)).to.equal(false);
  });

  it('makes what is missing, tells what it made, and removes that as far as it is empty', async () => {
    const folders = new Folders(new SystemDisk());
    const made: string[] = [];
    await folders.make(temp.join('a', 'b', 'c'), made);
    await folders.make(temp.join('a', 'b', 'c'), []);
    expect(made).to.deep.equal([temp.join('a'), temp.join('a', 'b'), temp.join('a', 'b', 'c')]);
    await temp.write('a/file', '');
    await folders.remove(made);
    expect(await temp.list()).to.deep.equal(['a/', 'a/file']);
  });

  it('looks again after it removed a folder', async () => {
    const folders = new Folders(new SystemDisk());
    const made: string[] = [];
    await folders.make(temp.join('a'), made);
    expect(await folders.check(temp.join('a'))).to.equal(true);
    await folders.remove(made);
    expect(await folders.check(temp.join('a'))).to.equal(false);
  });

  it('syncs the folder, and the parents of folders that were made, until they are on the medium', async () => {
    const disk = new FaultyDisk();
    const folders = new Folders(disk);
    await folders.make(temp.join('a', 'b'), []);
    await mkdir(temp.join('old'));
    const logged = (): string[] => {
      const names = synced(disk);
      disk.records.length = 0;
      return names;
    };
    await folders.settle(temp.join('old'));
    expect(logged()).to.deep.equal(['old']);
    await folders.settle(temp.join('a', 'b'));
    expect(logged()).to.deep.equal(['a', 'b', temp.path.slice(temp.path.lastIndexOf('/') + 1)]);
    await folders.settle(temp.join('a', 'b'));
    expect(logged()).to.deep.equal(['b']);
  });

  it('syncs a made folder again when that failed', async () => {
    const disk = new FaultyDisk().fail('syncFolder', {code: 'EIO', at: 2});
    const folders = new Folders(disk);
    await folders.make(temp.join('a'), []);
    expect(await folders.settle(temp.join('a')).catch((thrown: unknown) => thrown)).to.be.instanceOf(WriterError);
    await folders.settle(temp.join('a'));
    expect(synced(disk).length).to.equal(4);
  });

  it('is one for each disk of a Context', () => {
    const context = new Context();
    const disk = new SystemDisk();
    expect(foldersOf(context, undefined)).to.equal(foldersOf(context, undefined));
    expect(foldersOf(context, disk)).to.equal(foldersOf(context, disk));
    expect(foldersOf(context, disk)).not.to.equal(foldersOf(context, undefined));
    expect(foldersOf(new Context(), disk)).not.to.equal(foldersOf(context, disk));
    expect(foldersOf(undefined, disk).disk).to.equal(disk);
  });
});
