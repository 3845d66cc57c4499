import {expect} from 'chai';
import {chmod, mkdir} from 'node:fs/promises';
import {WriterError} from '../../src/core/errors.js';
import {FileWriter, type FileWriterOptions} from '../../src/writer/file-writer.js';
import {patterned, split} from '../../src/testing/bytes.js';
import {writerMeta, writerStart} from '../../src/testing/writer-calls.js';
import {FaultyDisk, type DiskCall} from '../../src/testing/faulty-disk.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';

const MIB = 1024 * 1024;

/** The whole life of a writer as the run leads it; gives back what was thrown. */
async function live(path: string, options: FileWriterOptions, {size = 2 * MIB, rewind = false} = {}): Promise<{fault: WriterError}> {
  const writer = new FileWriter(path, options);
  let fault: unknown;
  try {
    await writer.prepare(writerStart());
    await writer.open(writerMeta(size));
    for (const chunk of split(patterned(size), 65_536)) await writer.append(chunk);
    if (rewind) {
      await writer.rewind(0);
      for (const chunk of split(patterned(size), 65_536)) await writer.append(chunk);
    }
    await writer.close();
  } catch (thrown) {
    fault = thrown;
    await writer.discard().catch((late: unknown) => { fault = late; });
  }
  expect(fault).to.be.instanceOf(WriterError);
  return {fault: fault as WriterError};
}

describe('FileWriter, when the disk fails', () => {
  const temp = useTempFolder();
  const old = async (): Promise<string[]> => [...await temp.list(), (await temp.read('f')).toString()];

  const cases: readonly (readonly [DiskCall, string, RegExp])[] = [
    ['stat', 'EACCES', /^cannot look at .*: permission denied \(EACCES\)$/],
    ['checkWritable', 'EROFS', /^cannot write into .*: the file system is read-only \(EROFS\)$/],
    ['create', 'EACCES', /^cannot create .*: permission denied \(EACCES\)$/],
    ['write', 'ENOSPC', /^cannot write .*\.part: no space left on the device \(ENOSPC\)$/],
    ['write', 'EDQUOT', /^cannot write .*\.part: the disk quota is used up \(EDQUOT\)$/],
    ['truncate', 'EIO', /^cannot truncate .*: the medium failed \(EIO\)$/],
    ['chmod', 'EPERM', /^cannot change the mode of .*: operation not permitted \(EPERM\)$/],
    ['sync', 'EIO', /^cannot sync .*: the medium failed \(EIO\)$/],
    ['close', 'EDQUOT', /^cannot close .*: the disk quota is used up \(EDQUOT\)$/],
    ['rename', 'EISDIR', /^cannot rename the finished part to .*: it is a folder \(EISDIR\)$/],
  ];
  for (const [call, code, message] of cases) {
    for (const size of call === 'truncate' || call === 'chmod' ? [2 * MIB] : [2 * MIB, 100]) {
      it(`leaves the old file and nothing else when ${call} fails with ${code} for ${size} bytes`, async () => {
        await temp.write('f', 'old');
        const disk = new FaultyDisk().fail(call, {code});
        const {fault} = await live(temp.join('f'), {disk}, {size, rewind: call === 'truncate'});
        expect(fault).to.include({class: 'local', code: 'WRITER_FAILED'});
        expect(fault.message).to.match(message);
        expect(fault.path).to.be.a('string');
        expect((fault.cause as NodeJS.ErrnoException).code).to.equal(code);
        expect(await old()).to.deep.equal(['f', 'old']);
        expect(disk.openFiles).to.equal(0);
      });
    }
  }

  it('leaves nothing when a write fails in the middle', async () => {
    const disk = new FaultyDisk().fail('write', {code: 'ENOSPC', at: 3, bytes: 1000});
    await live(temp.join('f'), {disk}, {size: 5 * MIB});
    expect(await temp.list()).to.deep.equal([]);
    expect(disk.openFiles).to.equal(0);
  });

  it('tells a fault of writing to the next append, not only to close', async () => {
    const writer = new FileWriter(temp.join('f'), {disk: new FaultyDisk().fail('write', {code: 'ENOSPC'})});
    await writer.prepare(writerStart());
    await writer.open(writerMeta());
    const appended = (async () => { for (const chunk of split(patterned(8 * MIB), 65_536)) await writer.append(chunk); })();
    expect((await appended.catch((thrown: unknown) => thrown) as Error).message).to.contain('no space left');
    await writer.discard();
  });

  it('goes on after a fault of writing when everything is rewound', async () => {
    const disk = new FaultyDisk().fail('write', {code: 'ENOSPC', at: 1, bytes: 5000});
    const writer = new FileWriter(temp.join('f'), {disk});
    await writer.prepare(writerStart());
    await writer.open(writerMeta());
    await writer.append(patterned(MIB));
    expect(await writer.rewind(MIB - 1).catch((thrown: unknown) => (thrown as Error).name)).to.equal('WriterError');
    await writer.rewind(0);
    await writer.append(patterned(MIB, 7));
    await writer.close();
    expect((await temp.read('f')).equals(patterned(MIB, 7))).to.equal(true);
  });

  it('is worth another try when descriptors ran out, and can be tried again', async () => {
    const disk = new FaultyDisk().fail('create', {code: 'EMFILE', at: 1});
    const writer = new FileWriter(temp.join('f'), {disk});
    await writer.prepare(writerStart());
    await writer.open(writerMeta(3));
    await writer.append(Buffer.from('one'));
    const fault = await writer.close().catch((thrown: unknown) => thrown);
    expect(fault).to.be.instanceOf(WriterError).that.includes({class: 'transient'});
    await writer.rewind(0);
    await writer.append(Buffer.from('two'));
    await writer.close();
    expect((await temp.read('f')).toString()).to.equal('two');
    const {fault: second} = await live(temp.join('g'), {disk: new FaultyDisk().fail('create', {code: 'ENFILE'})});
    expect(second).to.include({class: 'transient'});
  });

  it('says that the file is in place when only the sync of its folder fails', async () => {
    await temp.write('f', 'old');
    const {fault} = await live(temp.join('f'), {disk: new FaultyDisk().fail('syncFolder', {code: 'EIO'})}, {size: 3});
    expect(fault.message).to.match(/f is in place, but a power cut may still undo it: cannot sync the folder .* \(EIO\)$/);
    expect((await temp.read('f')).equals(patterned(3))).to.equal(true);
    expect(await temp.list()).to.deep.equal(['f']);
  });

  it('names the part that it could not remove', async () => {
    const disk = new FaultyDisk().fail('unlink', {code: 'EIO'}).fail('rename', {code: 'EIO'});
    const {fault} = await live(temp.join('a', 'f'), {disk});
    expect(fault.message).to.match(/^cannot remove .*\.part: the medium failed/);
    expect(disk.openFiles).to.equal(0);
    expect(disk.log.at(-1)).to.equal('removeFolder a');
  });

  it('does not mind a part or folder that somebody else removed', async () => {
    const disk = new FaultyDisk().fail('unlink', {code: 'ENOENT'}).fail('removeFolder', {code: 'ENOENT'});
    const writer = new FileWriter(temp.join('a', 'f'), {disk});
    await writer.prepare(writerStart());
    await writer.open(writerMeta(2 * MIB));
    await writer.discard();
    await writer.discard();
  });

  it('takes another random name when one is taken, and gives up when that can be no chance', async () => {
    const disk = new FaultyDisk().fail('create', {code: 'EEXIST', at: 1});
    const writer = new FileWriter(temp.join('f'), {disk});
    await writer.prepare(writerStart());
    await writer.open(writerMeta(2 * MIB));
    const [first, second] = disk.records.filter(({call}) => call === 'create').map(({paths}) => paths[0]);
    expect(first).not.to.equal(second);
    await writer.discard();
    const never = new FaultyDisk().fail('create', {code: 'EEXIST'});
    const {fault} = await live(temp.join('f'), {disk: never});
    expect(fault.message).to.contain('it exists already (EEXIST)');
    expect(never.records.filter(({call}) => call === 'create').length).to.equal(8);
  });

  it('copies beside the target when the part cannot be renamed there', async () => {
    await temp.write('f', 'old');
    const disk = new FaultyDisk().fail('rename', {code: 'EXDEV', at: 1});
    const writer = new FileWriter(temp.join('f'), {disk, mode: 0o640});
    await writer.prepare(writerStart());
    await writer.open(writerMeta(2 * MIB));
    await writer.append(patterned(2 * MIB));
    await writer.close();
    expect((await temp.read('f')).equals(patterned(2 * MIB))).to.equal(true);
    expect(await temp.list()).to.deep.equal(['f']);
    const calls = disk.records.filter(({call, paths: [path]}) => call !== 'syncFolder' || path === temp.path).map(({call}) => call);
    expect(calls.slice(calls.indexOf('read')).filter((call) => call !== 'write')).to.deep.equal([
      'read', 'chmod', 'sync', 'close', 'rename', 'unlink', 'syncFolder',
    ]);
  });

  it('leaves no copy when that fails too', async () => {
    for (const [call, code] of [['rename', 'EXDEV'], ['read', 'EIO']] as const) {
      await temp.write('f', 'old');
      const disk = new FaultyDisk().fail('rename', {code: 'EXDEV'}).fail(call, {code});
      const {fault} = await live(temp.join('f'), {disk});
      expect(fault.message).to.contain(code === 'EIO' ? 'cannot copy' : 'it is on another file system (EXDEV)');
      expect(await old()).to.deep.equal(['f', 'old']);
      expect(disk.openFiles).to.equal(0);
    }
  });

  it('tells that the file system knows no links when nothing may be overwritten', async () => {
    const {fault} = await live(temp.join('f'), {exists: 'error', disk: new FaultyDisk().fail('link', {code: 'EPERM'})});
    expect(fault.message).to.contain('cannot link the finished part');
    expect(await temp.list()).to.deep.equal([]);
  });

  it('is refused by a real folder without permission', async () => {
    await mkdir(temp.join('locked'), {mode: 0o555});
    await chmod(temp.path, 0o755);
    const root = process.geteuid?.() === 0;
    if (root) process.seteuid?.(65_534);
    try {
      const {fault} = await live(temp.join('locked', 'f'), {});
      expect(fault.message).to.match(/permission denied \(EACCES\)$/);
    } finally {
      if (root) process.seteuid?.(0);
    }
    expect(await temp.list()).to.deep.equal(['locked/']);
  });
});
