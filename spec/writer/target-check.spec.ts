import {expect} from 'chai';
import {execFileSync} from 'node:child_process';
import {mkdir, symlink} from 'node:fs/promises';
import {SystemDisk} from '../../src/core/disk.js';
import {UnsafeName, WriterError} from '../../src/core/errors.js';
import {FileWriter} from '../../src/writer/file-writer.js';
import {Folders} from '../../src/writer/folders.js';
import {checkTarget} from '../../src/writer/target-check.js';
import {feedWriter, writerMeta, writerStart} from '../../src/testing/writer-calls.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';

describe('checkTarget', () => {
  const temp = useTempFolder();
  const check = async (name: string, root?: string): Promise<unknown> =>
    checkTarget(new Folders(new SystemDisk()), temp.join(name), root).catch((thrown: unknown) => thrown);
  const messageOf = async (name: string, root?: string): Promise<string> => {
    const fault = await check(name, root);
    expect(fault).to.be.instanceOf(WriterError);
    return (fault as Error).message.replaceAll(temp.path, 'T');
  };

  it('tells what is there', async () => {
    await temp.write('file', 'abc');
    await symlink('file', temp.join('link'));
    expect(await check('file')).to.deep.include({hasFolder: true}).and.have.nested.include({'entry.kind': 'file', 'entry.size': 3});
    expect(await check('link')).to.have.nested.include({'entry.kind': 'link', 'entry.size': 3});
    expect(await check('none')).to.deep.equal({entry: undefined, hasFolder: true});
    expect(await check('a/b/none')).to.deep.equal({entry: undefined, hasFolder: false});
  });

  it('refuses what can be no target', async () => {
    await mkdir(temp.join('folder'));
    await temp.write('file', '');
    execFileSync('mkfifo', [temp.join('pipe')]);
    const links = {'to-folder': 'folder', 'dangling': 'nowhere', 'loop': 'loop', 'to-pipe': 'pipe'};
    for (const [name, to] of Object.entries(links)) await symlink(to, temp.join(name));
    const said: Record<string, string> = {};
    const names = ['folder', 'pipe', 'to-folder', 'to-pipe', 'dangling', 'file/f', 'x'.repeat(256)];
    for (const name of names) said[name.slice(0, 9)] = await messageOf(name);
    expect(said).to.deep.equal({
      'folder': 'cannot write T/folder: it is a folder',
      'pipe': 'cannot write T/pipe: it is neither a file nor a folder',
      'to-folder': 'cannot write T/to-folder: it is a folder',
      'to-pipe': 'cannot write T/to-pipe: it is neither a file nor a folder',
      'dangling': 'cannot write T/dangling: it is a symbolic link that leads nowhere',
      'file/f': 'cannot write into T/file: it is not a folder',
      'xxxxxxxxx': `cannot look at T/${'x'.repeat(256)}: the name is too long (ENAMETOOLONG)`,
    });
    expect(await messageOf('loop')).to.equal('cannot follow the link T/loop: too many symbolic links (ELOOP)');
  });

  it('keeps to its root', async () => {
    await mkdir(temp.join('root'));
    await mkdir(temp.join('elsewhere'));
    await temp.write('root/file', '');
    await symlink(temp.join('elsewhere'), temp.join('root/out'));
    await symlink('file', temp.join('root/link'));
    const root = temp.join('root');
    for (const [name, why] of [
      ['root', 'the path leaves its root T/root: T/root'], ['rooted', 'the path leaves its root T/root: T/rooted'],
      ['root/../elsewhere/f', 'the path leaves its root T/root: T/elsewhere/f'],
      ['root/out/f', 'cannot write into T/root/out: it is a symbolic link below the root'],
      ['root/out/a/b/f', 'cannot write into T/root/out: it is a symbolic link below the root'],
      ['root/link', 'cannot write T/root/link: it is a symbolic link'],
    ] as const) {
      expect(await messageOf(name, root)).to.equal(why);
      expect(await check(name, root)).to.be.instanceOf(UnsafeName);
    }
    for (const name of ['root/file', 'root/a/b/f', 'root/..f']) expect(await check(name, root)).not.to.be.instanceOf(Error);
  });

  it('is asked by FileWriter before a byte moves, with its root', async () => {
    await mkdir(temp.join('elsewhere'));
    await mkdir(temp.join('root'));
    await symlink(temp.join('elsewhere'), temp.join('root/out'));
    const writer = new FileWriter(temp.join('root/out/f'), {root: temp.join('root')});
    expect(await writer.prepare(writerStart()).catch((thrown: unknown) => thrown)).to.be.instanceOf(UnsafeName);
    await writer.discard();
    const unprepared = new FileWriter(temp.join('elsewhere'));
    expect(await Promise.resolve(unprepared.open(writerMeta(1))).catch((thrown: unknown) => thrown)).to.be.instanceOf(WriterError);
    const good = new FileWriter(temp.join('root/new/f'), {root: temp.join('root')});
    await feedWriter(good, [Buffer.from('x')]);
    await good.close();
    expect(await temp.list()).to.deep.equal(['elsewhere/', 'root/', 'root/new/', 'root/new/f', 'root/out']);
  });
});
