import {expect} from 'chai';
import {chmod, mkdir, readFile, stat, symlink} from 'node:fs/promises';
import {SystemDisk} from '../../src/core/disk.js';
import {countDescriptors} from '../support/left-open.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';

describe('SystemDisk', () => {
  const temp = useTempFolder();
  const disk = new SystemDisk();
  const codeOf = async (work: Promise<unknown>): Promise<string | undefined> =>
    work.then(() => 'no fault', (thrown: unknown) => (thrown as NodeJS.ErrnoException).code);

  it('creates a new file with its mode, and never opens what is there', async () => {
    const file = await disk.create(temp.join('f'), 0o600);
    await file.close();
    expect((await stat(temp.join('f'))).mode & 0o777).to.equal(0o600);
    expect(await codeOf(disk.create(temp.join('f'), 0o600))).to.equal('EEXIST');
    await symlink(temp.join('elsewhere'), temp.join('link'));
    expect(await codeOf(disk.create(temp.join('link'), 0o600))).to.equal('EEXIST');
    expect(await temp.list()).to.deep.equal(['f', 'link']);
  });

  it('appends whole lists of buffers, empty and very long ones too', async () => {
    const file = await disk.create(temp.join('f'), 0o600);
    await file.write([Buffer.from('a'), Buffer.alloc(0), Buffer.from('bc')]);
    await file.write([]);
    await file.write(Array.from({length: 3000}, (_, n) => Buffer.from([n & 0xff])));
    await file.close();
    const bytes = await temp.read('f');
    expect(bytes.length).to.equal(3003);
    expect([...bytes.subarray(0, 6)]).to.deep.equal([97, 98, 99, 0, 1, 2]);
    expect(bytes[3002]).to.equal(2999 & 0xff);
  });

  it('writes on where a truncate cut it', async () => {
    const file = await disk.create(temp.join('f'), 0o600);
    await file.write([Buffer.from('abcdef')]);
    await file.truncate(2);
    await file.write([Buffer.from('X')]);
    await file.sync();
    await file.chmod(0o640);
    await file.close();
    expect((await temp.read('f')).toString()).to.equal('abX');
    expect((await stat(temp.join('f'))).mode & 0o777).to.equal(0o640);
  });

  it('tells what is at a path without following links', async () => {
    await temp.write('file', 'abc');
    await chmod(temp.join('file'), 0o640);
    await mkdir(temp.join('folder'));
    await symlink('file', temp.join('link'));
    expect(await disk.stat(temp.join('file'))).to.deep.include({kind: 'file', size: 3, mode: 0o640});
    expect((await disk.stat(temp.join('file')))?.modified).to.be.closeTo(Date.now(), 60_000);
    expect((await disk.stat(temp.join('folder')))?.kind).to.equal('folder');
    expect((await disk.stat(temp.join('link')))?.kind).to.equal('link');
    expect((await disk.stat('/dev/null'))?.kind).to.equal('other');
    expect(await disk.stat(temp.join('none'))).to.equal(undefined);
    expect(await codeOf(disk.stat(temp.join('file', 'below')))).to.equal('ENOTDIR');
    expect(await disk.realPath(temp.join('link'))).to.equal(await disk.realPath(temp.join('file')));
  });

  it('makes, checks and removes folders', async () => {
    await disk.makeFolder(temp.join('a'));
    await disk.checkWritable(temp.join('a'));
    expect(await codeOf(disk.makeFolder(temp.join('a')))).to.equal('EEXIST');
    expect(await codeOf(disk.makeFolder(temp.join('b', 'c')))).to.equal('ENOENT');
    expect(await codeOf(disk.checkWritable(temp.join('none')))).to.equal('ENOENT');
    await temp.write('a/f', '');
    expect(await codeOf(disk.removeFolder(temp.join('a')))).to.equal('ENOTEMPTY');
    await disk.unlink(temp.join('a/f'));
    await disk.removeFolder(temp.join('a'));
    expect(await temp.list()).to.deep.equal([]);
  });

  it('replaces by rename, and never by link', async () => {
    await temp.write('one', '1');
    await temp.write('two', '2');
    expect(await codeOf(disk.link(temp.join('one'), temp.join('two')))).to.equal('EEXIST');
    await disk.link(temp.join('one'), temp.join('three'));
    await disk.rename(temp.join('one'), temp.join('two'));
    expect(await temp.list()).to.deep.equal(['three', 'two']);
    for (const name of ['two', 'three']) expect((await temp.read(name)).toString()).to.equal('1');
    expect(await codeOf(disk.unlink(temp.join('one')))).to.equal('ENOENT');
  });

  it('syncs a folder and nothing else, and leaves no descriptor', async () => {
    await temp.write('f', '');
    const before = countDescriptors();
    await disk.syncFolder(temp.path);
    expect(await codeOf(disk.syncFolder(temp.join('f')))).to.equal('ENOTDIR');
    expect(await codeOf(disk.syncFolder(temp.join('none')))).to.equal('ENOENT');
    expect(countDescriptors()).to.equal(before);
  });

  it('reads a file in pieces, and closes it when the reader leaves early', async () => {
    const body = Buffer.alloc(700_000, 'jupiter');
    await temp.write('f', body);
    const before = countDescriptors();
    const pieces: Uint8Array[] = [];
    for await (const piece of disk.read(temp.join('f'))) pieces.push(piece);
    expect(pieces.length).to.be.above(1);
    expect(Buffer.concat(pieces).equals(await readFile(temp.join('f')))).to.equal(true);
    for await (const piece of disk.read(temp.join('f'))) {
      expect(piece.length).to.be.above(0);
      break;
    }
    expect(countDescriptors()).to.equal(before);
    expect(await codeOf((async () => { for await (const _piece of disk.read(temp.join('none'))); })())).to.equal('ENOENT');
  });
});
