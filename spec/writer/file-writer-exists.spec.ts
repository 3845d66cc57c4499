import {expect} from 'chai';
import {mkdir, readlink, symlink} from 'node:fs/promises';
import {FileExists, WriterError} from '../../src/core/errors.js';
import {FileWriter} from '../../src/writer/file-writer.js';
import type {ExistsPolicy} from '../../src/writer/publish.js';
import {patterned, split} from '../../src/testing/bytes.js';
import {feedWriter, readWriter, writerMeta, writerStart} from '../../src/testing/writer-calls.js';
import {FaultyDisk} from '../../src/testing/faulty-disk.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';

const POLICIES: readonly ExistsPolicy[] = ['error', 'skip', 'skip-if-same', 'replace', 'rename'];

describe('FileWriter, when the target exists', () => {
  const temp = useTempFolder();
  const make = (exists: ExistsPolicy): FileWriter => new FileWriter(temp.join('f.txt'), {exists, durability: 'none'});
  const write = async (writer: FileWriter, text: string): Promise<string | undefined> => {
    await writer.open(writerMeta(text.length));
    await writer.append(Buffer.from(text));
    return (await writer.close()).path;
  };

  it('says so in prepare, as the policy asks', async () => {
    await temp.write('f.txt', 'old');
    const size = 3;
    const path = temp.join('f.txt');
    expect(await make('skip').prepare(writerStart())).to.deep.equal({existing: 'keep', size, path});
    expect(await make('skip-if-same').prepare(writerStart({validated: true}))).to.deep.equal({existing: 'same', size, path});
    expect(await make('skip-if-same').prepare(writerStart({validated: false}))).to.equal(undefined);
    expect(await make('replace').prepare(writerStart())).to.equal(undefined);
    expect(await make('rename').prepare(writerStart())).to.equal(undefined);
    const fault = await make('error').prepare(writerStart()).catch((thrown: unknown) => thrown);
    expect(fault).to.be.instanceOf(FileExists).that.includes({path, code: 'FILE_EXISTS', class: 'local'});
  });

  it('says nothing when there is none', async () => {
    for (const exists of POLICIES) expect(await make(exists).prepare(writerStart({validated: true}))).to.equal(undefined);
  });

  it('gives the kept bytes, and never touches them when it is discarded', async () => {
    await temp.write('f.txt', 'old');
    const writer = make('skip');
    await writer.prepare(writerStart());
    expect((await readWriter(writer)).toString()).to.equal('old');
    await writer.discard();
    expect(await temp.list()).to.deep.equal(['f.txt']);
  });

  it('replaces what was not the same after all', async () => {
    await temp.write('f.txt', 'old');
    const writer = make('skip-if-same');
    await writer.prepare(writerStart({validated: true}));
    expect(await write(writer, 'new')).to.equal(temp.join('f.txt'));
    expect((await readWriter(writer)).toString()).to.equal('new');
    expect(await temp.list()).to.deep.equal(['f.txt']);
  });

  it('writes beside it under the next free number', async () => {
    const paths: (string | undefined)[] = [];
    for (const text of ['one', 'two', 'three']) {
      const writer = make('rename');
      await writer.prepare(writerStart());
      paths.push(await write(writer, text));
    }
    expect(paths).to.deep.equal(['f.txt', 'f.1.txt', 'f.2.txt'].map((name) => temp.join(name)));
    expect(await temp.list()).to.deep.equal(['f.1.txt', 'f.2.txt', 'f.txt']);
    expect((await temp.read('f.1.txt')).toString()).to.equal('two');
  });

  it('keeps a numbered name at 255 bytes', async () => {
    const name = `${'é'.repeat(125)}.text`;
    for (const text of ['one', 'two']) {
      const writer = new FileWriter(temp.join(name), {exists: 'rename', durability: 'none'});
      await writer.prepare(writerStart());
      await write(writer, text);
    }
    expect(await temp.list()).to.deep.equal([`${'é'.repeat(124)}.1.text`, name]);
  });

  it('never overwrites what appears while the bytes come, unless it may replace', async () => {
    const seen: Record<string, string> = {};
    for (const exists of POLICIES) {
      const writer = make(exists);
      await writer.prepare(writerStart());
      await temp.write('f.txt', 'other');
      const end = await write(writer, 'ours').then(() => 'published', (thrown: unknown) => (thrown as Error).name);
      await writer.discard();
      seen[exists] = `${end}, ${(await temp.read('f.txt')).toString()}, ${(await temp.list()).join(' ')}`;
      for (const name of await temp.list()) await new FaultyDisk().unlink(temp.join(name));
    }
    expect(seen).to.deep.equal({
      'error': 'FileExists, other, f.txt',
      'skip': 'FileExists, other, f.txt',
      'skip-if-same': 'published, ours, f.txt',
      'replace': 'published, ours, f.txt',
      'rename': 'published, other, f.1.txt f.txt',
    });
  });

  it('lets the last of two win, never a mixture', async () => {
    const [first, second] = [make('replace'), make('replace')];
    const [a, b] = [patterned(2_500_000, 1), patterned(2_400_000, 2)];
    const chunks = {a: split(a, 65_536), b: split(b, 65_536)};
    await Promise.all([feedWriter(first, []), feedWriter(second, [])]);
    while (chunks.a.length + chunks.b.length > 0) {
      await Promise.all([first.append(chunks.a.shift() ?? Buffer.alloc(0)), second.append(chunks.b.shift() ?? Buffer.alloc(0))]);
    }
    await first.close();
    expect((await temp.read('f.txt')).equals(a)).to.equal(true);
    await second.close();
    expect((await temp.read('f.txt')).equals(b)).to.equal(true);
    expect(await temp.list()).to.deep.equal(['f.txt']);
  });

  it('lets one of many win when none may overwrite', async () => {
    const writers = Array.from({length: 8}, () => make('error'));
    for (const [n, writer] of writers.entries()) await feedWriter(writer, [Buffer.from(`writer ${n}`)]);
    const ends = await Promise.allSettled(writers.map((writer) => writer.close()));
    await Promise.all(writers.map((writer) => writer.discard()));
    const winners = ends.flatMap(({status}, n) => (status === 'fulfilled' ? [n] : []));
    expect(winners.length).to.equal(1);
    expect((await temp.read('f.txt')).toString()).to.equal(`writer ${winners[0] ?? '?'}`);
    expect(await temp.list()).to.deep.equal(['f.txt']);
  });

  it('replaces a link itself and leaves its file alone', async () => {
    await temp.write('real', 'real');
    await symlink(temp.join('real'), temp.join('f.txt'));
    expect(await make('skip').prepare(writerStart())).to.deep.include({existing: 'keep', size: 4});
    const writer = make('replace');
    await writer.prepare(writerStart());
    await write(writer, 'new');
    expect((await temp.read('real')).toString()).to.equal('real');
    expect((await temp.read('f.txt')).toString()).to.equal('new');
    expect(await readlink(temp.join('f.txt')).catch(() => 'no link')).to.equal('no link');
  });

  it('warns when the part keeps its own name after the link', async () => {
    const disk = new FaultyDisk().fail('unlink', {code: 'EIO'});
    const writer = new FileWriter(temp.join('f.txt'), {exists: 'error', disk});
    await feedWriter(writer, [Buffer.from('x')]);
    expect((await writer.close()).path).to.equal(temp.join('f.txt'));
    expect(writer.warnings.map(({message}) => message.replace(/\.\w{12}\.part/, '.*.part'))).to.deep.equal([
      `cannot remove ${temp.join('.f.txt.*.part')}: the medium failed (EIO)`,
    ]);
  });

  it('refuses a folder whatever the policy', async () => {
    await mkdir(temp.join('f.txt'));
    for (const exists of POLICIES) {
      const fault = await make(exists).prepare(writerStart()).catch((thrown: unknown) => thrown);
      expect(fault).to.be.instanceOf(WriterError).with.property('message', `cannot write ${temp.join('f.txt')}: it is a folder`);
    }
  });
});
