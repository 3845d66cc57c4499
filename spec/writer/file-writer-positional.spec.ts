import {expect} from 'chai';
import {createHash} from 'node:crypto';
import {readFile, writeFile} from 'node:fs/promises';
import {Context} from '../../src/core/context.js';
import type {Reply, ResumeKey, ScatteredPieces, WriterMeta} from '../../src/core/contract.js';
import {Cancelled} from '../../src/core/errors.js';
import {patterned, split} from '../../src/testing/bytes.js';
import {FaultyDisk} from '../../src/testing/faulty-disk.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {TestClock} from '../../src/testing/test-clock.js';
import {readWriter, writerMeta, writerStart} from '../../src/testing/writer-calls.js';
import {FileWriter} from '../../src/writer/file-writer.js';

const PIECE = 1000;
const BODY = patterned(5500);
const KEY: ResumeKey = {etag: '"v1"', hop: 'h', total: BODY.length};
const bytesOf = (piece: number): Buffer => BODY.subarray(piece * PIECE, (piece + 1) * PIECE);
const digestOf = (piece: number): string => createHash('sha256').update(bytesOf(piece)).digest('hex');
const metaOf = (pieces: Partial<ScatteredPieces> = {}): WriterMeta => {
  const meta = writerMeta(BODY.length);
  const reply: Reply = {...meta.reply, pieces: {length: PIECE, algorithm: 'sha256', held: 0, ...pieces}};
  return {...meta, reply, key: KEY};
};

describe('FileWriter that is written anywhere', () => {
  const folder = useTempFolder();
  const make = (options = {}): FileWriter => new FileWriter(folder.join('f'), options);
  const put = async (writer: FileWriter, ...pieces: number[]): Promise<void> => {
    await Promise.all(pieces.map(async (piece) => {
      await writer.writeAt(piece * PIECE, bytesOf(piece));
      await writer.pieceDone(piece, digestOf(piece));
    }));
  };
  const kept = async (): Promise<FileWriter> => {
    const writer = make({resume: true});
    await writer.prepare(writerStart());
    await writer.open(metaOf());
    await put(writer, 4, 0, 1);
    await writer.writeAt(2 * PIECE, bytesOf(2));
    await writer.discard({keep: true});
    const next = make({resume: true});
    return next;
  };

  it('publishes what was written in any order, several at once', async () => {
    const writer = make();
    expect(writer.abilities.positional).to.equal(true);
    await writer.prepare(writerStart());
    await writer.open(metaOf());
    await put(writer, 5, 3, 0, 1, 4, 2);
    expect((await readWriter(writer)).equals(BODY)).to.equal(true);
    await writer.close();
    expect((await folder.read('f')).equals(BODY)).to.equal(true);
  });

  it('puts bytes behind what was appended, and makes one part for several callers', async () => {
    const writer = make();
    await writer.open(writerMeta());
    await writer.append(Buffer.from('begin'));
    await Promise.all([writer.writeAt(8, Buffer.from('end')), writer.writeAt(0, Buffer.from('B'))]);
    await writer.append(Buffer.from('!'));
    expect(String(await readWriter(writer))).to.equal('Begin\0\0\0end!');
    await writer.discard();
    expect(await folder.list()).to.deep.equal([]);
  });

  it('begins again at byte 0, or stays when it is told that pieces are kept', async () => {
    const writer = make();
    await writer.open(metaOf());
    await put(writer, 2);
    await writer.rewind(0, metaOf({kept: [2], held: PIECE}));
    expect((await readWriter(writer)).length).to.equal(3 * PIECE);
    await writer.rewind(0, writerMeta());
    for (const chunk of split(BODY, 700)) await writer.append(chunk);
    await writer.close();
    expect((await folder.read('f')).equals(BODY)).to.equal(true);
  });

  it('leaves nothing when it is discarded in the middle of writes', async () => {
    const writer = make();
    await writer.open(metaOf());
    const writes = Promise.allSettled([0, 1, 2].map((piece) => writer.writeAt(piece * PIECE, bytesOf(piece))));
    await writer.discard();
    await writes;
    expect(await folder.list()).to.deep.equal([]);
  });

  it('finds the pieces of an earlier run again, and only those that were told to be done', async () => {
    const next = await kept();
    expect(await next.prepare(writerStart())).to.deep.equal({partial: {offset: 2 * PIECE, key: KEY}});
    const found = await next.keptPieces();
    expect([...found?.digests ?? []]).to.deep.equal([0, 1, 4].map((piece) => [piece, digestOf(piece)]));
    expect(found).to.include({length: PIECE, algorithm: 'sha256'});
    await next.open(metaOf({kept: [0, 1, 4], held: 3 * PIECE}));
    expect(await next.keptPieces()).to.equal(undefined);
    await put(next, 2, 3, 5);
    await next.close();
    expect((await folder.read('f')).equals(BODY)).to.equal(true);
    expect(await folder.list()).to.deep.equal(['f']);
  });

  it('does not find a piece that was altered, nor pieces of a part that is too short', async () => {
    const next = await kept();
    const path = folder.join((await folder.list()).find((name) => name.endsWith('.part')) ?? '');
    const bytes = await readFile(path);
    bytes[4 * PIECE] = (bytes[4 * PIECE] ?? 0) ^ 1;
    await writeFile(path, bytes);
    await next.prepare(writerStart());
    expect([...(await next.keptPieces())?.digests.keys() ?? []]).to.deep.equal([0, 1]);
    await next.discard({keep: true});
    await writeFile(path, bytes.subarray(0, 4 * PIECE));
    const last = make({resume: true});
    expect(await last.prepare(writerStart())).to.equal(undefined);
    expect(await last.keptPieces()).to.equal(undefined);
  });

  it('drops what it found when it begins from nothing', async () => {
    const next = await kept();
    await next.prepare(writerStart());
    await next.open(metaOf());
    await put(next, 0, 1, 2, 3, 4, 5);
    await next.close();
    expect(await folder.list()).to.deep.equal(['f']);
  });

  it('refuses bytes before the first gap that were altered', async () => {
    const next = await kept();
    const path = folder.join((await folder.list()).find((name) => name.endsWith('.part')) ?? '');
    const bytes = await readFile(path);
    bytes[PIECE] = (bytes[PIECE] ?? 0) ^ 1;
    await writeFile(path, bytes);
    await next.prepare(writerStart());
    const error: unknown = await readWriter(next).catch((thrown: unknown) => thrown);
    expect(error).to.include({code: 'VALIDATION_FAILED'});
  });

  it('writes a piece down only after its bytes were synced', async () => {
    const disk = new FaultyDisk();
    const clock = new TestClock();
    const writer = make({resume: true, disk});
    await writer.prepare(writerStart({context: new Context({clock})}));
    await writer.open(metaOf());
    await put(writer, 3);
    disk.records.length = 0;
    await clock.advance(6000);
    await put(writer, 1);
    const calls = disk.log.filter((line) => /^(?:write|sync|rename)/.test(line))
      .map((line) => line.replace(/[0-9a-f]{64}/g, 'x').replace(/\.[0-9a-f]{12}\b/, ''));
    expect(calls).to.deep.equal(
      ['write .f.*.part', 'sync .f.*.part', 'write .x.jupiter', 'sync .x.jupiter', 'rename .x.jupiter .x.jupiter']);
    const entry = JSON.parse(String(await folder.read((await folder.list()).find((name) => name.endsWith('.jupiter')) ?? ''))) as object;
    const pieces = {length: PIECE, algorithm: 'sha256', whole: '50', digests: digestOf(1) + digestOf(3)};
    expect(entry).to.deep.include({jupiter: 1, offset: 0, pieces});
    await writer.discard({error: new Cancelled('the spec ends it')} as object);
    expect(await folder.list()).to.deep.equal([]);
  });
});
