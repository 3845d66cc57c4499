import {expect} from 'chai';
import {FaultyDisk} from '../../src/testing/faulty-disk.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';

describe('FaultyDisk', () => {
  const folder = useTempFolder();

  it('fails the chosen call only and logs every one', async () => {
    const disk = new FaultyDisk().fail('rename', {code: 'ENOSPC', at: 2});
    const part = folder.join('.a.k3s9x.part');
    const file = await disk.create(part, 0o600);
    await file.write([Buffer.from('one'), Buffer.from('two')]);
    await file.sync();
    await file.close();
    await disk.rename(part, folder.join('a'));
    const error = await disk.rename(folder.join('a'), folder.join('b')).catch((reason: unknown) => reason);
    expect((error as NodeJS.ErrnoException).code).to.equal('ENOSPC');
    await disk.rename(folder.join('a'), folder.join('c'));
    expect(disk.log).to.deep.equal(['create .a.*.part', 'write .a.*.part', 'sync .a.*.part', 'close .a.*.part', 'rename .a.*.part a',
      'rename a b', 'rename a c']);
    expect(await folder.list()).to.deep.equal(['c']);
    expect((await folder.read('c')).toString()).to.equal('onetwo');
  });

  it('lets some bytes through before a write fails, and closes for real', async () => {
    const disk = new FaultyDisk().fail('write', {code: 'ENOSPC', path: /big$/, bytes: 4}).fail('close', {code: 'EIO'});
    const file = await disk.create(folder.join('big'), 0o600);
    const error = await file.write([Buffer.from('abcdef')]).catch((reason: unknown) => reason);
    expect((error as NodeJS.ErrnoException).code).to.equal('ENOSPC');
    expect((await folder.read('big')).toString()).to.equal('abcd');
    expect(disk.openFiles).to.equal(1);
    expect(((await file.close().catch((reason: unknown) => reason)) as NodeJS.ErrnoException).code).to.equal('EIO');
    expect(disk.openFiles).to.equal(0);
  });
});
