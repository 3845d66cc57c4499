import {expect} from 'chai';
import {mkdir, rmdir, symlink} from 'node:fs/promises';
import {Context} from '../../src/core/context.js';
import {SystemDisk} from '../../src/core/disk.js';
import {UnsafeName, WriterError} from '../../src/core/errors.js';
import {Folders, foldersOf} from '../../src/writer/folders.js';
import {FaultyDisk} from '../../src/testing/faulty-disk.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {CrashDisk} from '../support/crash-disk.js';

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

  it('refuses a folder below a root that became a link since the last file', async () => {
    await mkdir(temp.join('real'));
    await mkdir(temp.join('folder'));
    const folders = new Folders(new SystemDisk());
    expect(await folders.check(temp.join('folder'), temp.path)).to.equal(true);
    await rmdir(temp.join('folder'));
    await symlink(temp.join('real'), temp.join('folder'));
    expect(await folders.check(temp.join('folder'), temp.path).catch((thrown: unknown) => thrown)).to.be.instanceOf(UnsafeName);
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

  it('syncs the folder each time, and the names of all above it once', async () => {
    const disk = new FaultyDisk(new CrashDisk({'/d': undefined, '/d/old': undefined}));
    const folders = new Folders(disk);
    await folders.make('/d/a/b', []);
    const logged = async (folder: string): Promise<string[]> => {
      disk.records.length = 0;
      await folders.settle(folder);
      return disk.records.map(({paths}) => paths[0] ?? '').sort();
    };
    expect(await logged('/d/old')).to.deep.equal(['/', '/d', '/d/old']);
    expect(await logged('/d/a/b')).to.deep.equal(['/d', '/d/a', '/d/a/b']);
    expect(await logged('/d/a/b')).to.deep.equal(['/d/a/b']);
    await folders.make('/d/a/b', []);
    expect(await logged('/d/a/b')).to.deep.equal(['/d/a', '/d/a/b']);
  });

  it('syncs a made folder again when that failed', async () => {
    const disk = new FaultyDisk(new CrashDisk({'/d': undefined})).fail('syncFolder', {code: 'EIO', at: 2});
    const folders = new Folders(disk);
    await folders.make('/d/a', []);
    expect(await folders.settle('/d/a').catch((thrown: unknown) => thrown)).to.be.instanceOf(WriterError);
    await folders.settle('/d/a');
    expect(synced(disk)).to.deep.equal(['', 'a', 'a', 'd', 'd']);
  });

  it('does not mind folders above that cannot be synced, unless it made something in them', async () => {
    const settle = async (code: string, made: boolean): Promise<unknown> => {
      const folders = new Folders(new FaultyDisk(new CrashDisk({'/d': undefined, '/d/a': undefined})).fail('syncFolder', {code, path: /^\/d$/}));
      if (made) await folders.make('/d/new', []);
      return folders.settle(made ? '/d/new' : '/d/a').catch((thrown: unknown) => (thrown as Error).name);
    };
    expect(await settle('EACCES', false)).to.equal(undefined);
    expect([await settle('EACCES', true), await settle('EIO', false)]).to.deep.equal(['WriterError', 'WriterError']);
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
