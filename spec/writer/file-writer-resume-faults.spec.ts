import {expect} from 'chai';
import {FaultyDisk} from '../../src/testing/index.js';
import {BYTES, useResuming} from './resuming.js';

describe('FileWriter with resume, when the disk fails', () => {
  const at = useResuming();

  it('goes back to what the last journal vouches for when the disk is full', async () => {
    const disk = new FaultyDisk();
    const writer = await at.begin(disk);
    await at.clock.advance(5000);
    await writer.append(BYTES.subarray(0, 3000));
    disk.fail('write', {code: 'ENOSPC', path: /\.part$/});
    await writer.append(BYTES.subarray(3000));
    await writer.discard({keep: true});
    expect([(await at.takeUp()).partial?.offset, disk.openFiles]).to.deep.equal([3000, 0]);
  });

  it('leaves that journal as it is when it can\'t even be written again', async () => {
    const disk = new FaultyDisk();
    const writer = await at.begin(disk);
    await at.clock.advance(5000);
    await writer.append(BYTES.subarray(0, 3000));
    disk.fail('write', {code: 'ENOSPC', path: /\.part$/}).fail('create', {code: 'ENOSPC', path: /\.jupiter/});
    await writer.append(BYTES.subarray(3000));
    await writer.discard({keep: true});
    expect([(await at.journals()).length, (await at.parts()).length, disk.openFiles]).to.deep.equal([1, 1, 0]);
  });

  it('goes back to nothing when the source began again since the last journal', async () => {
    const disk = new FaultyDisk();
    const writer = await at.begin(disk);
    await at.clock.advance(5000);
    await writer.append(BYTES.subarray(0, 3000));
    await writer.rewind(0, at.meta(0));
    disk.fail('write', {code: 'ENOSPC', path: /\.part$/});
    await writer.append(BYTES);
    await writer.discard({keep: true});
    expect([await at.folder.list(), disk.openFiles]).to.deep.equal([[], 0]);
  });

  it('keeps a whole file that only could not be given its name', async () => {
    const writer = await at.begin(new FaultyDisk().fail('rename', {code: 'EISDIR', path: /part$/}));
    await writer.append(BYTES);
    expect(await writer.close().catch((error: unknown) => error)).to.be.instanceOf(Error);
    await writer.discard({keep: true});
    expect((await at.takeUp()).partial?.offset).to.equal(BYTES.length);
  });

  it('gives the claim back when it can\'t be written down, and begins at byte 0', async () => {
    await at.leave();
    const disk = new FaultyDisk().fail('create', {code: 'ENOSPC', path: /\.jupiter/});
    const {writer, partial} = await at.takeUp(undefined, disk);
    expect(partial).to.equal(undefined);
    await writer.discard({keep: true});
    expect((await at.takeUp()).partial?.offset).to.equal(2000);
  });

  it('keeps the claim when it can\'t be written down a second time', async () => {
    await at.leave();
    const disk = new FaultyDisk();
    const {writer} = await at.takeUp(undefined, disk);
    disk.fail('create', {code: 'ENOSPC', path: /\.jupiter/});
    await writer.discard({keep: true});
    expect([(await at.journals()).length, (await at.parts()).length]).to.deep.equal([1, 1]);
  });

  it('leaves no file open when even the journal can\'t be removed', async () => {
    const disk = new FaultyDisk();
    const writer = await at.begin(disk);
    await at.clock.advance(5000);
    await writer.append(BYTES.subarray(0, 3000));
    disk.fail('unlink', {code: 'EIO', path: /\.jupiter$/});
    expect(await writer.discard({keep: false}).catch((error: unknown) => error)).to.be.instanceOf(Error);
    expect([disk.openFiles, await at.parts()]).to.deep.equal([0, []]);
  });

  for (const call of ['create', 'rename'] as const) {
    it(`does not let a journal that cannot be written (${call}) fail the transfer, and leaves none`, async () => {
      const disk = new FaultyDisk().fail(call, {code: 'ENOSPC', path: /\.jupiter/});
      const writer = await at.begin(disk);
      await at.clock.advance(5000);
      await writer.append(BYTES.subarray(0, 1000));
      expect(await at.journals()).to.deep.equal([]);
      await writer.append(BYTES.subarray(1000));
      await writer.close();
      expect([await at.folder.list(), disk.openFiles]).to.deep.equal([['f'], 0]);
    });
  }

  it('leaves no journal for bytes that did not reach the medium', async () => {
    const disk = new FaultyDisk().fail('sync', {code: 'EIO', path: /\.part$/});
    const writer = await at.begin(disk);
    await writer.append(BYTES.subarray(0, 1000));
    await writer.discard({keep: true});
    expect([await at.folder.list(), disk.openFiles]).to.deep.equal([[], 0]);
  });
});
