import {readdir, readFile, rename, symlink, writeFile} from 'node:fs/promises';
import {expect} from 'chai';
import {Context} from '../../src/core/context.js';
import type {KeptBytes, WriterMeta, WriterStart} from '../../src/core/contract.js';
import {currentOwner} from '../../src/core/process-owner.js';
import {FaultyDisk, patterned, readWriter, TestClock, useTempFolder, writerMeta} from '../../src/testing/index.js';
import {FileWriter} from '../../src/writer/file-writer.js';

const BYTES = patterned(5000);
const KEY = {etag: '"a"', hop: 'h', total: 5000};

describe('FileWriter with resume', () => {
  const folder = useTempFolder();
  let context: Context;
  let clock: TestClock;
  beforeEach(() => {
    clock = new TestClock();
    context = new Context({clock});
  });
  afterEach(() => context.close());

  const start = (url = 'http://h.example/f'): WriterStart => ({context, url, signal: new AbortController().signal, validated: false});
  const meta = (offset: number): WriterMeta => ({...writerMeta(5000), offset, key: KEY});
  const journals = async (): Promise<string[]> => (await readdir(folder.path)).filter((name) => name.includes('.jupiter'));

  /** A run that was cut after so many bytes. */
  async function leave(bytes = BYTES.subarray(0, 2000)): Promise<void> {
    const writer = new FileWriter(folder.join('f'), {resume: true});
    await writer.prepare(start());
    await writer.open(meta(0));
    await writer.append(bytes);
    await writer.discard({keep: true});
  }

  async function takeUp(url?: string): Promise<{writer: FileWriter; partial: KeptBytes | undefined}> {
    const writer = new FileWriter(folder.join('f'), {resume: true});
    return {writer, partial: (await writer.prepare(start(url)))?.partial};
  }

  it('leaves part and journal, and a later writer goes on after exactly these bytes', async () => {
    await leave();
    const {writer, partial} = await takeUp();
    expect(partial).to.deep.equal({offset: 2000, key: KEY});
    expect(await readWriter(writer)).to.deep.equal(BYTES.subarray(0, 2000));
    await writer.open(meta(2000));
    await writer.append(BYTES.subarray(2000));
    await writer.close();
    expect([await folder.read('f'), await folder.list()]).to.deep.equal([BYTES, ['f']]);
  });

  it('removes everything when the bytes are not worth keeping', async () => {
    for (const keep of [false, undefined]) {
      const writer = new FileWriter(folder.join('f'), {resume: true});
      await writer.prepare(start());
      await writer.open(meta(0));
      await writer.append(BYTES);
      await writer.discard({keep});
      expect(await folder.list()).to.deep.equal([]);
    }
  });

  it('leaves what an earlier run left when this one came to nothing before it used it', async () => {
    await leave();
    for (const keep of [true, false, undefined]) {
      const {writer, partial} = await takeUp();
      expect(partial?.offset, `before keep ${keep}`).to.equal(2000);
      await writer.discard({keep});
    }
    expect((await takeUp()).partial?.offset).to.equal(2000);
  });

  it('goes back to what the last journal vouches for when the disk is full', async () => {
    const disk = new FaultyDisk();
    const writer = new FileWriter(folder.join('f'), {resume: true, disk});
    await writer.prepare(start());
    await writer.open(meta(0));
    await clock.advance(5000);
    await writer.append(BYTES.subarray(0, 3000));
    disk.fail('write', {code: 'ENOSPC', path: /\.part$/});
    await writer.append(BYTES.subarray(3000));
    await writer.discard({keep: true});
    expect([(await takeUp()).partial?.offset, disk.openFiles]).to.deep.equal([3000, 0]);
  });

  it('keeps a whole file that only could not be given its name', async () => {
    const writer = new FileWriter(folder.join('f'), {resume: true, disk: new FaultyDisk().fail('rename', {code: 'EISDIR', path: /part$/})});
    await writer.prepare(start());
    await writer.open(meta(0));
    await writer.append(BYTES);
    expect(await writer.close().catch((error: unknown) => error)).to.be.instanceOf(Error);
    await writer.discard({keep: true});
    expect((await takeUp()).partial?.offset).to.equal(BYTES.length);
  });

  it('gives the claim back when it can\'t be written down, and begins at byte 0', async () => {
    await leave();
    const disk = new FaultyDisk().fail('create', {code: 'ENOSPC', path: /\.jupiter/});
    const full = new FileWriter(folder.join('f'), {resume: true, disk});
    expect(await full.prepare(start())).to.equal(undefined);
    await full.discard({keep: true});
    expect((await takeUp()).partial?.offset).to.equal(2000);
  });

  it('leaves no file open when even the journal can\'t be removed', async () => {
    const disk = new FaultyDisk();
    const writer = new FileWriter(folder.join('f'), {resume: true, disk});
    await writer.prepare(start());
    await writer.open(meta(0));
    await clock.advance(5000);
    await writer.append(BYTES.subarray(0, 3000));
    disk.fail('unlink', {code: 'EIO', path: /\.jupiter$/});
    expect(await writer.discard({keep: false}).catch((error: unknown) => error)).to.be.instanceOf(Error);
    expect([disk.openFiles, (await readdir(folder.path)).filter((name) => name.endsWith('.part'))]).to.deep.equal([0, []]);
  });

  it('keeps them once more when the later run comes to nothing before its first byte', async () => {
    await leave();
    const {writer} = await takeUp();
    await writer.discard({keep: true});
    expect((await takeUp()).partial?.offset).to.equal(2000);
  });

  it('writes down every 5 s and every 64 MiB how far the bytes are on the medium, and never more', async () => {
    const writer = new FileWriter(folder.join('f'), {resume: true});
    await writer.prepare(start());
    await writer.open(meta(0));
    await writer.append(BYTES.subarray(0, 1000));
    expect(await journals()).to.deep.equal([]);
    await clock.advance(5000);
    await writer.append(BYTES.subarray(1000, 3000));
    await writer.append(BYTES.subarray(3000));
    const [name = ''] = await journals();
    const entry = JSON.parse(await readFile(folder.join(name), 'utf8')) as Record<string, unknown>;
    expect(entry).to.deep.include({jupiter: 1, offset: 3000, url: 'http://h.example/f', key: KEY, owner: currentOwner()});
    expect((await readFile(folder.join(String(entry.part)))).subarray(0, 3000)).to.deep.equal(BYTES.subarray(0, 3000));
    await writer.close();
    expect(await folder.list()).to.deep.equal(['f']);
  });

  it('leaves the bytes of a process that still runs alone, and keeps no journal beside its', async () => {
    const running = new FileWriter(folder.join('f'), {resume: true});
    await running.prepare(start());
    await running.open(meta(0));
    await clock.advance(5000);
    await running.append(BYTES.subarray(0, 1000));
    const {writer, partial} = await takeUp();
    expect(partial).to.equal(undefined);
    await writer.open(meta(0));
    await writer.append(BYTES);
    await writer.discard({keep: true});
    expect((await readdir(folder.path)).filter((name) => name.endsWith('.part'))).to.have.length(1);
    await running.append(BYTES.subarray(1000));
    await running.close();
    expect([await folder.read('f'), await folder.list()]).to.deep.equal([BYTES, ['f']]);
  });

  it('copies the bytes of a process that it cannot see, and appends nothing to them', async () => {
    await leave();
    const [name = ''] = await journals();
    const entry = JSON.parse(await readFile(folder.join(name), 'utf8')) as {part: string};
    await writeFile(folder.join(name), JSON.stringify({...entry, owner: {...currentOwner(), host: 'another'}}));
    const {writer} = await takeUp();
    expect(await readWriter(writer)).to.have.length(2000);
    await writer.open(meta(2000));
    await writer.append(BYTES.subarray(2000));
    await writer.close();
    expect([await folder.read('f'), await folder.read(entry.part)]).to.deep.equal([BYTES, BYTES.subarray(0, 2000)]);
  });

  it('offers nothing for another address, another target, or bytes that are gone', async () => {
    await leave();
    expect((await takeUp('http://h.example/other')).partial).to.equal(undefined);
    const [part = ''] = (await readdir(folder.path)).filter((name) => name.endsWith('.part'));
    await rename(folder.join(part), folder.join('elsewhere'));
    expect((await takeUp()).partial).to.equal(undefined);
    expect(await journals()).to.deep.equal([]);
  });

  it('follows no link: neither one in place of the part nor one in place of the journal', async () => {
    await leave();
    const [part = ''] = (await readdir(folder.path)).filter((name) => name.endsWith('.part'));
    const secret = await folder.write('secret', BYTES);
    await rename(folder.join(part), folder.join('kept'));
    await symlink(secret, folder.join(part));
    expect((await takeUp()).partial).to.equal(undefined);
    expect(await folder.read('secret')).to.deep.equal(BYTES);
  });

  it('believes no journal that names a file of another kind or place', async () => {
    await leave();
    const [name = ''] = await journals();
    const entry = JSON.parse(await readFile(folder.join(name), 'utf8')) as object;
    for (const wrong of [{part: '../f'}, {part: 'f'}, {offset: -1}, {offset: 1e9}, {prefix: 'x'}, {jupiter: 2}, {key: null}, {owner: null}, {owner: 7},
      {key: {...KEY, etag: '"a"\nX: y'}}, {key: {...KEY, total: 'abc'}}, {key: ['a']}]) {
      await writeFile(folder.join(name), JSON.stringify({...entry, ...wrong}));
      expect((await takeUp()).partial, JSON.stringify(wrong)).to.equal(undefined);
    }
  });

  it('begins a new part when the source begins again, so that the journal never vouches for mixed bytes', async () => {
    const writer = new FileWriter(folder.join('f'), {resume: true});
    await writer.prepare(start());
    await writer.open(meta(0));
    await clock.advance(5000);
    await writer.append(BYTES.subarray(0, 1000));
    const before = await readdir(folder.path);
    await writer.rewind(0, meta(0));
    await writer.append(patterned(5000, 9));
    // A kill at this moment leaves the old journal: the part that it names is not there any more.
    expect((await readdir(folder.path)).filter((name) => name.endsWith('.part') && before.includes(name))).to.deep.equal([]);
    await writer.discard({keep: false});
    expect(await folder.list()).to.deep.equal([]);
  });

  for (const call of ['create', 'rename'] as const) {
    it(`does not let a journal that cannot be written (${call}) fail the transfer, and leaves none`, async () => {
      const disk = new FaultyDisk().fail(call, {code: 'ENOSPC', path: /\.jupiter/});
      const writer = new FileWriter(folder.join('f'), {resume: true, disk});
      await writer.prepare(start());
      await writer.open(meta(0));
      await clock.advance(5000);
      await writer.append(BYTES.subarray(0, 1000));
      expect(await journals()).to.deep.equal([]);
      await writer.append(BYTES.subarray(1000));
      await writer.close();
      expect([await folder.list(), disk.openFiles]).to.deep.equal([['f'], 0]);
    });
  }

  it('leaves no journal for bytes that did not reach the medium', async () => {
    const disk = new FaultyDisk().fail('sync', {code: 'EIO', path: /\.part$/});
    const writer = new FileWriter(folder.join('f'), {resume: true, disk});
    await writer.prepare(start());
    await writer.open(meta(0));
    await writer.append(BYTES.subarray(0, 1000));
    await writer.discard({keep: true});
    expect([await folder.list(), disk.openFiles]).to.deep.equal([[], 0]);
  });

  it('takes the option for true or false only', () => {
    expect(() => new FileWriter(folder.join('f'), {resume: 'yes' as never})).to.throw(TypeError, 'resume: expected true or false, got "yes"');
    expect([new FileWriter('/f').abilities.resume, new FileWriter('/f', {resume: true}).abilities.resume]).to.deep.equal([false, true]);
  });
});
