import {expect} from 'chai';
import {Context} from '../../src/core/context.js';
import type {Reply, Writer, WriterMeta, WriterStart} from '../../src/core/contract.js';
import {Cancelled} from '../../src/core/errors.js';

/** One writer under test, and ways to look behind it. */
export interface WriterSubject {
  readonly writer: Writer;
  /** What was published; undefined when the writer keeps no bytes that could be looked at. */
  published(): Promise<Uint8Array | undefined> | Uint8Array | undefined;
  /** What the writer left behind beside that: names of files, listeners. */
  leftovers(): Promise<readonly string[]> | readonly string[];
  /** Makes the next `close` fail before anything is published. */
  breakClose?(): void;
  /** Whether half a body may stay with the receiver after a discard, as with a socket. */
  readonly released?: boolean | undefined;
}

/** What the run tells a writer before a byte moves. */
export function writerStart(parts: Partial<WriterStart> = {}): WriterStart {
  return {context: new Context(), url: 'http://files.example/f', signal: new AbortController().signal, validated: false, ...parts};
}

/** What the run tells a writer with the reply. */
export function writerMeta(length?: number): WriterMeta {
  const reply: Reply = {
    status: 200, headers: {}, hops: [], url: 'http://files.example/f', validators: {}, length, offset: 0,
    framing: length === undefined ? 'chunked' : 'length',
  };
  return {length, reply};
}

/** All bytes of a writer that can be read. */
export async function readAll(writer: Writer): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of writer.read?.() ?? []) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Bytes that show a mix-up of places. */
export function patterned(size: number, seed = 0): Buffer {
  const bytes = Buffer.allocUnsafe(size);
  for (let at = 0; at < size; at++) bytes[at] = (at * 31 + (at >> 8) * 17 + seed) & 0xff;
  return bytes;
}

/** Prepares, opens and appends. */
export async function feed(writer: Writer, chunks: readonly Uint8Array[], length?: number): Promise<void> {
  await writer.prepare?.(writerStart());
  await writer.open(writerMeta(length));
  for (const chunk of chunks) await writer.append(chunk);
}

const MIB = 1024 * 1024;
const error = new Cancelled('the spec ends it');

/** What holds for every Writer. Call it inside a `describe`; `make` is called once a test. `breakable`: it has `breakClose`. */
export function itIsAWriter(make: () => WriterSubject | Promise<WriterSubject>, {breakable = false} = {}): void {
  describe('as a Writer', () => {
    const bodies: readonly (readonly [string, number, number])[] = [
      ['a body', 10_000, 1460], ['a body in one chunk', 16 * 1024, 16 * 1024], ['a body of several MiB', 3 * MIB + 17, 65_536],
      ['1-byte chunks', 3000, 1], ['an empty body', 0, 1],
    ];
    for (const [name, size, step] of bodies) {
      for (const announced of [true, false]) {
        it(`publishes exactly the bytes of ${name}, ${announced ? 'announced' : 'unannounced'}`, async () => {
          const {writer, published, leftovers} = await make();
          const body = patterned(size);
          await feed(writer, split(Buffer.from(body), step), announced ? size : undefined);
          await writer.close();
          const seen = await published();
          if (seen !== undefined) expect(Buffer.compare(seen, body)).to.equal(0);
          expect(await leftovers()).to.deep.equal([]);
          if (writer.abilities.read) expect(Buffer.compare(await readAll(writer), body)).to.equal(0);
        });
      }
    }

    it('does not change the chunks', async () => {
      const {writer} = await make();
      const chunks = split(patterned(5000), 700);
      await feed(writer, chunks);
      await writer.close();
      expect(Buffer.concat(chunks).equals(patterned(5000))).to.equal(true);
    });

    it('takes other bytes after a rewind, if it can go back', async () => {
      for (const [first, offset] of [[2 * MIB + 5, 0], [2 * MIB + 5, MIB + 3], [900, 0], [900, 450], [0, 0]] as const) {
        const {writer, published} = await make();
        await feed(writer, split(patterned(first), 65_536));
        if (!writer.abilities.rewind) {
          if (first > 0) expect(writer.floor).to.be.at.least(first);
          await writer.discard({error});
          continue;
        }
        expect(writer.floor).to.equal(0);
        await writer.rewind?.(offset);
        const rest = patterned(1500, 9);
        if (writer.abilities.read) expect((await readAll(writer)).equals(patterned(first).subarray(0, offset))).to.equal(true);
        for (const chunk of split(rest, 400)) await writer.append(chunk);
        await writer.close();
        const seen = await published();
        if (seen !== undefined) expect(Buffer.compare(seen, Buffer.concat([patterned(first).subarray(0, offset), rest]))).to.equal(0);
      }
    });

    it('gives back what it accepted, if it can be read', async () => {
      for (const size of [100, 2 * MIB + 9]) {
        const {writer} = await make();
        await feed(writer, split(patterned(size), 65_536));
        if (writer.abilities.read) expect((await readAll(writer)).equals(patterned(size))).to.equal(true);
        await writer.discard({error});
      }
    });

    it('has the methods of its abilities', async () => {
      const {writer} = await make();
      if (writer.abilities.rewind) expect(writer.rewind).to.be.a('function');
      if (writer.abilities.read) expect(writer.read).to.be.a('function');
    });

    for (const [when, size] of [['before any byte', 0], ['after a few bytes', 100], ['after several MiB', 3 * MIB]] as const) {
      it(`leaves nothing when it is discarded ${when}, once or twice`, async () => {
        const {writer, published, leftovers, released} = await make();
        await feed(writer, split(patterned(size), 65_536), 4 * MIB);
        await writer.discard({error});
        await writer.discard({error});
        expect(await leftovers()).to.deep.equal([]);
        if (released !== true) expect(await published()).to.equal(undefined);
      });
    }

    it('can be discarded before it was prepared or opened', async () => {
      const {writer, leftovers, published} = await make();
      await writer.discard({error});
      expect(await leftovers()).to.deep.equal([]);
      expect(await published()).to.equal(undefined);
      const {writer: prepared, leftovers: left} = await make();
      await prepared.prepare?.(writerStart());
      await prepared.discard({error});
      expect(await left()).to.deep.equal([]);
    });

    it('can be discarded while an append is under way', async () => {
      const {writer, leftovers, released, published} = await make();
      await feed(writer, []);
      const appended = split(patterned(4 * MIB), 600_000).map(async (chunk) => writer.append(chunk));
      const settled = Promise.allSettled(appended);
      await writer.discard({error});
      await settled;
      expect(await leftovers()).to.deep.equal([]);
      if (released !== true) expect(await published()).to.equal(undefined);
    });

    if (breakable) it('leaves nothing when it is discarded after a close that failed', async () => {
      const {writer, published, leftovers, breakClose, released} = await make();
      await feed(writer, [patterned(100)]);
      breakClose?.();
      let fault: unknown;
      await (async () => writer.close())().catch((thrown: unknown) => { fault = thrown; });
      expect(fault).to.be.instanceOf(Error);
      await writer.discard({error});
      expect(await leftovers()).to.deep.equal([]);
      if (released !== true) expect(await published()).to.equal(undefined);
    });
  });
}

/** Copies, so that the pieces belong to the writer. */
export function split(bytes: Uint8Array, step: number): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.byteLength; at += step) pieces.push(Buffer.from(bytes.subarray(at, at + step)));
  return pieces;
}
