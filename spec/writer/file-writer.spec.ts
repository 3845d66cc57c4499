import {expect} from 'chai';
import fc from 'fast-check';
import {chmodSync, existsSync, readFileSync, statSync} from 'node:fs';
import {relative} from 'node:path';
import {FileWriter, type FileWriterOptions} from '../../src/writer/file-writer.js';
import {patterned, split} from '../../src/testing/bytes.js';
import {feedWriter, writerMeta, writerStart} from '../../src/testing/writer-calls.js';
import {writerContract} from '../../src/testing/writer-contract.js';
import {FaultyDisk} from '../../src/testing/faulty-disk.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';

const MIB = 1024 * 1024;

describe('FileWriter', () => {
  const temp = useTempFolder();

  it('publishes a small body with the fewest calls', async () => {
    const disk = new FaultyDisk();
    const writer = new FileWriter(temp.join('f.txt'), {disk, durability: 'none'});
    await feedWriter(writer, [Buffer.from('hello '), Buffer.from('world')], 11);
    expect(await temp.list()).to.deep.equal([]);
    expect(await writer.close()).to.deep.equal({path: temp.join('f.txt'), durability: 'none'});
    expect(disk.log.slice(disk.log.indexOf('create .f.txt.*.part'))).to.deep.equal([
      'create .f.txt.*.part', 'write .f.txt.*.part', 'close .f.txt.*.part', 'rename .f.txt.*.part f.txt',
    ]);
    expect((await temp.read('f.txt')).toString()).to.equal('hello world');
  });

  it('checks a folder once for all the files of a Context', async () => {
    const disk = new FaultyDisk();
    const start = writerStart();
    for (const name of ['a', 'b', 'c']) await new FileWriter(temp.join(name), {disk}).prepare(start);
    expect(disk.records.filter(({call}) => call === 'checkWritable').length).to.equal(1);
    expect(disk.log.slice(-2)).to.deep.equal(['stat b', 'stat c']);
  });

  it('syncs file and folder as its durability says', async () => {
    const syncs: Record<string, string[]> = {};
    for (const durability of ['none', 'file', 'full'] as const) {
      const disk = new FaultyDisk();
      const writer = new FileWriter(temp.join('f'), {disk, durability});
      await feedWriter(writer, [Buffer.from('x')], 1);
      expect((await writer.close()).durability).to.equal(durability);
      syncs[durability] = disk.records.filter(({call, paths: [path]}) => ['sync', 'rename'].includes(call) || (call === 'syncFolder' && path === temp.path))
        .map(({call}) => call);
    }
    expect(syncs).to.deep.equal({none: ['rename'], file: ['sync', 'rename'], full: ['sync', 'rename', 'syncFolder']});
  });

  it('writes a large body to a private part in pieces of 1 MiB', async () => {
    const disk = new FaultyDisk();
    const writer = new FileWriter(temp.join('large'), {disk, durability: 'none'});
    await feedWriter(writer, [], 3 * MIB + 5);
    const [part = ''] = await temp.list();
    expect(part).to.match(/^\.large\.[0-9a-f]{12}\.part$/);
    expect(statSync(temp.join(part)).mode & 0o777).to.equal(0o600);
    for (const chunk of split(patterned(3 * MIB + 5), 65_536)) await writer.append(chunk);
    await writer.close();
    expect(disk.records.filter(({call}) => call === 'write').length).to.equal(4);
    expect((await temp.read('large')).equals(patterned(3 * MIB + 5))).to.equal(true);
    expect(await temp.list()).to.deep.equal(['large']);
  });

  it('keeps the source waiting only while two pieces are under way', async () => {
    const writer = new FileWriter(temp.join('f'), {durability: 'none'});
    await feedWriter(writer, []);
    expect(writer.append(patterned(MIB - 1))).to.equal(undefined);
    expect(writer.append(patterned(1))).to.equal(undefined);
    const full = writer.append(patterned(MIB));
    expect(full).to.be.a('promise');
    await full;
    await writer.discard();
  });

  it('gives the mode that was asked for, else what the umask leaves', async () => {
    const umask = process.umask(0o027);
    try {
      for (const length of [10, 2 * MIB]) {
        for (const [mode, expected] of [[undefined, 0o640], [0o600, 0o600], [0o666, 0o666], [0o444, 0o444]] as const) {
          const writer = new FileWriter(temp.join('f'), {mode, durability: 'none'});
          await feedWriter(writer, [patterned(length)], length);
          await writer.close();
          expect(statSync(temp.join('f')).mode & 0o777).to.equal(expected);
        }
      }
    } finally {
      process.umask(umask);
    }
  });

  it('makes missing folders at open, and removes them again when it fails and they are empty', async () => {
    const writer = new FileWriter(temp.join('a', 'b', 'f'));
    await writer.prepare(writerStart());
    expect(await temp.list()).to.deep.equal([]);
    await writer.open(writerMeta(2 * MIB));
    const [, , part = ''] = await temp.list();
    expect(part).to.match(/^a\/b\/\.f\..*\.part$/);
    await writer.discard();
    expect(await temp.list()).to.deep.equal([]);
  });

  it('leaves folders that it made and others use, and makes one again that others removed', async () => {
    const start = writerStart();
    const [first, second] = [new FileWriter(temp.join('a', 'b', '1')), new FileWriter(temp.join('a', 'b', '2'))];
    for (const writer of [first, second]) {
      await writer.prepare(start);
      await writer.open(writerMeta(3));
    }
    await first.discard();
    expect(await temp.list()).to.deep.equal([]);
    await second.append(Buffer.from('two'));
    await second.close();
    expect(await temp.list()).to.deep.equal(['a/', 'a/b/', 'a/b/2']);
    const third = new FileWriter(temp.join('a', 'c', '3'));
    await feedWriter(third, [], 3);
    await third.discard();
    expect(await temp.list()).to.deep.equal(['a/', 'a/b/', 'a/b/2']);
  });

  it('takes a relative path from the working folder of its making', () => {
    expect(new FileWriter(relative(process.cwd(), temp.join('f'))).path).to.equal(temp.join('f'));
  });

  it('gives a long name a part whose name is short enough, cut between characters', async () => {
    for (const name of ['x'.repeat(255), 'é'.repeat(127), '漢'.repeat(85)]) {
      const writer = new FileWriter(temp.join(name), {durability: 'none'});
      await feedWriter(writer, [Buffer.from('x')], 2 * MIB);
      const [part = ''] = await temp.list();
      expect(Buffer.byteLength(part)).to.be.within(250, 255);
      expect(part).to.match(new RegExp(`^\\.${name[0] ?? ''}+\\.[0-9a-f]{12}\\.part$`, 'u'));
      await writer.discard();
    }
  });

  it('leaves nothing when it is discarded while it opens, and a whole file while it closes', async () => {
    const writer = new FileWriter(temp.join('a', 'f'));
    await writer.prepare(writerStart());
    const opening = writer.open(writerMeta(2 * MIB));
    await writer.discard();
    await opening;
    expect(await temp.list()).to.deep.equal([]);
    const second = new FileWriter(temp.join('b', 'f'));
    await feedWriter(second, [Buffer.from('whole')]);
    const closing = second.close();
    await second.discard();
    expect(await temp.list()).to.deep.equal(['b/', 'b/f']);
    expect((await closing).path).to.equal(temp.join('b', 'f'));
  });

  it('asks nothing of the disk when it is discarded after the end', async () => {
    const disk = new FaultyDisk();
    const writer = new FileWriter(temp.join('a', 'f'), {disk});
    await feedWriter(writer, [Buffer.from('x')]);
    await writer.close();
    const calls = disk.records.length;
    await writer.discard();
    expect(disk.records.length).to.equal(calls);
  });

  it('is prepared and opened by one at a time', async () => {
    const writer = new FileWriter(temp.join('a', 'f'));
    const messageOf = async (work: () => unknown): Promise<unknown> => {
      try {
        return await work();
      } catch (thrown) {
        return (thrown as Error).message;
      }
    };
    const preparing = writer.prepare(writerStart());
    expect(await messageOf(() => writer.prepare(writerStart()))).to.equal('prepare: expected a FileWriter that is new, it is preparing');
    await preparing;
    const opening = writer.open(writerMeta(2 * MIB));
    expect(await messageOf(() => writer.open(writerMeta(3)))).to.equal('open: expected a FileWriter that is new, it is opening');
    await opening;
    await writer.discard();
  });

  it('never writes what arrives after the end', async () => {
    const writer = new FileWriter(temp.join('f'), {durability: 'none'});
    expect(() => { void writer.append(Buffer.from('x')); }).to.throw(TypeError, 'append: expected a FileWriter that is open, it is new');
    await feedWriter(writer, [Buffer.from('x')]);
    await writer.close();
    expect(() => { void writer.append(Buffer.from('y')); }).to.throw(TypeError, 'it is closed');
    await writer.discard();
    expect((await temp.read('f')).toString()).to.equal('x');
  });

  it('writes any bytes in any chunks', async () => {
    const bodies = fc.array(fc.uint8Array({maxLength: 40}), {maxLength: 30});
    await fc.assert(fc.asyncProperty(bodies, fc.boolean(), fc.nat(200), async (chunks, known, back) => {
      const body = Buffer.concat(chunks);
      const writer = new FileWriter(temp.join('p'), {durability: 'none'});
      await feedWriter(writer, chunks, known ? body.length : undefined);
      await writer.rewind(Math.min(back, body.length));
      await writer.append(Buffer.from('end'));
      await writer.close();
      expect(readFileSync(temp.join('p'))).to.deep.equal(Buffer.concat([body.subarray(0, back), Buffer.from('end')]));
    }), {numRuns: 60});
  });

  it('names the option that is wrong', () => {
    const make = (path: unknown, options?: unknown) => () => new FileWriter(path as string, options as FileWriterOptions);
    for (const path of ['', undefined, 5, 'a\0b', 'folder/']) expect(make(path)).to.throw(TypeError, 'path');
    expect(make('f', {exists: 'maybe'})).to.throw(TypeError, 'exists: expected one of error, skip, skip-if-same, replace, rename');
    expect(make('f', {durability: 'some'})).to.throw(TypeError, 'durability');
    expect(make('f', {mode: 0o1000})).to.throw(RangeError, 'mode');
    expect(make('f', {mode: '644'})).to.throw(TypeError, 'mode');
    expect(make('f', {disk: {}})).to.throw(TypeError, 'disk');
    expect(make('f', {disk: null})).to.throw(TypeError, 'disk');
    expect(make('f', {root: ''})).to.throw(TypeError, 'root');
    expect(make('f', {overwrite: true})).to.throw(TypeError, "unknown option 'overwrite'");
  });

  writerContract({describe, it}, () => {
    const disk = new FaultyDisk();
    const path = temp.join(`folder-${temp.path.length}`, 'f');
    const writer = new FileWriter(path, {disk});
    return {
      writer, published: () => (existsSync(path) ? readFileSync(path) : undefined),
      leftovers: async () => {
        const parts = (await temp.list()).filter((name) => name.endsWith('.part'));
        return disk.openFiles > 0 ? [...parts, 'an open file'] : parts;
      },
      breakClose: () => { disk.fail('rename', {code: 'EIO'}); },
    };
  }, {breakable: true});

  it('does not care that the old file may not be written', async () => {
    await temp.write('f', 'old');
    chmodSync(temp.join('f'), 0o444);
    const writer = new FileWriter(temp.join('f'));
    await feedWriter(writer, [Buffer.from('new')]);
    await writer.close();
    await writer.discard();
    expect((await temp.read('f')).toString()).to.equal('new');
  });
});
