import assert from 'node:assert/strict';
import type {Writer} from '../core/contract.js';
import {Cancelled} from '../core/errors.js';
import {patterned, split} from './bytes.js';
import type {TestFunctions} from './test-functions.js';
import {feedWriter, readWriter, writerStart} from './writer-calls.js';

/** One writer under test, and ways to look behind it. */
export interface WriterSubject {
  readonly writer: Writer;
  /** What was published; undefined when nothing was, or the writer keeps no bytes that could be looked at. */
  published(): Promise<Uint8Array | undefined> | Uint8Array | undefined;
  /** What the writer left behind beside that: names of files, listeners, sockets. */
  leftovers(): Promise<readonly string[]> | readonly string[];
  /** Makes the next `close` fail before anything is published. */
  breakClose?(): void;
  /** Whether half a body may stay with the receiver after a discard, as with a socket. @default false */
  readonly released?: boolean | undefined;
}

/** Which tests can be made. */
export interface WriterContractOptions {
  /** The subjects have `breakClose`. @default false */
  readonly breakable?: boolean | undefined;
}

const MIB = 1024 * 1024;
const BODIES: readonly (readonly [name: string, size: number, step: number])[] = [
  ['a body', 10_000, 1460], ['a body in one chunk', 16 * 1024, 16 * 1024], ['a body of several MiB', 3 * MIB + 17, 65_536],
  ['1-byte chunks', 3000, 1], ['an empty body', 0, 1],
];
const REWINDS = [[2 * MIB + 5, 0], [2 * MIB + 5, MIB + 3], [900, 0], [900, 450], [0, 0]] as const;
const DISCARDS = [['before any byte', 0], ['after a few bytes', 100], ['after several MiB', 3 * MIB]] as const;

/**
 * The tests that every Writer must pass (docs/reference/writers.md), as a group 'as a Writer'. Call it inside a
 * `describe`; `make` is called once or more in each test.
 */
export function writerContract(
  {describe, it}: TestFunctions, make: () => WriterSubject | Promise<WriterSubject>, options: WriterContractOptions = {},
): void {
  describe('as a Writer', () => {
    for (const [name, size, step] of BODIES) {
      for (const announced of [true, false]) {
        it(`publishes exactly the bytes of ${name}, ${announced ? 'announced' : 'unannounced'}`, async () => {
          await publishes(await make(), patterned(size), step, announced);
        });
      }
    }

    it('does not change the chunks', async () => {
      const {writer} = await make();
      const chunks = split(patterned(5000), 700);
      await feedWriter(writer, chunks);
      await writer.close();
      same(Buffer.concat(chunks), patterned(5000), 'the chunks after close');
    });

    it('takes other bytes after a rewind, if it can go back', async () => {
      for (const [first, offset] of REWINDS) await rewinds(await make(), first, offset);
    });

    it('gives back what it accepted, if it can be read', async () => {
      for (const size of [100, 2 * MIB + 9]) {
        const {writer} = await make();
        await feedWriter(writer, split(patterned(size), 65_536));
        if (writer.abilities.read) same(await readWriter(writer), patterned(size), 'what read() gives');
        await writer.discard({error: ended()});
      }
    });

    it('has the methods of its abilities', async () => {
      const {writer} = await make();
      for (const [ability, method] of [['rewind', 'rewind'], ['read', 'read'], ['positional', 'writeAt']] as const) {
        if (writer.abilities[ability]) assert.equal(typeof writer[method], 'function', `the ability ${ability} needs ${method}()`);
      }
    });

    for (const [when, size] of DISCARDS) {
      it(`leaves nothing when it is discarded ${when}, once or twice`, async () => {
        const subject = await make();
        await feedWriter(subject.writer, split(patterned(size), 65_536), 4 * MIB);
        await subject.writer.discard({error: ended()});
        await subject.writer.discard({error: ended()});
        await leavesNothing(subject);
      });
    }

    it('can be discarded before it was prepared or opened', async () => {
      const fresh = await make();
      await fresh.writer.discard({error: ended()});
      await leavesNothing(fresh, false);
      const prepared = await make();
      await prepared.writer.prepare?.(writerStart());
      await prepared.writer.discard({error: ended()});
      await leavesNothing(prepared, false);
    });

    it('can be discarded while an append is under way', async () => {
      const subject = await make();
      await feedWriter(subject.writer, []);
      const appended = split(patterned(4 * MIB), 600_000).map(async (chunk) => subject.writer.append(chunk));
      const settled = Promise.allSettled(appended);
      await subject.writer.discard({error: ended()});
      await settled;
      await leavesNothing(subject);
    });

    if (options.breakable === true) it('leaves nothing when it is discarded after a close that failed', async () => {
      const subject = await make();
      await feedWriter(subject.writer, [patterned(100)]);
      subject.breakClose?.();
      await assert.rejects(async () => subject.writer.close(), Error, 'close() after breakClose()');
      await subject.writer.discard({error: ended()});
      await leavesNothing(subject);
    });
  });
}

async function publishes(subject: WriterSubject, body: Buffer, step: number, announced: boolean): Promise<void> {
  const {writer} = subject;
  await feedWriter(writer, split(body, step), announced ? body.length : undefined);
  await writer.close();
  const seen = await subject.published();
  if (seen !== undefined) same(seen, body, 'what was published');
  assert.deepEqual(await subject.leftovers(), [], 'leftovers after close');
  if (writer.abilities.read) same(await readWriter(writer), body, 'what read() gives after close');
}

async function rewinds(subject: WriterSubject, first: number, offset: number): Promise<void> {
  const {writer} = subject;
  await feedWriter(writer, split(patterned(first), 65_536));
  if (!writer.abilities.rewind) {
    if (first > 0) assert.ok(writer.floor >= first, `a writer that can't rewind has ${first} bytes, its floor is ${writer.floor}`);
    await writer.discard({error: ended()});
    return;
  }
  assert.equal(writer.floor, 0, 'the floor of a writer that can rewind');
  await writer.rewind?.(offset);
  const kept = patterned(first).subarray(0, offset);
  const rest = patterned(1500, 9);
  if (writer.abilities.read) same(await readWriter(writer), kept, `what read() gives after rewind(${offset})`);
  for (const chunk of split(rest, 400)) await writer.append(chunk);
  await writer.close();
  const seen = await subject.published();
  if (seen !== undefined) same(seen, Buffer.concat([kept, rest]), `what was published after rewind(${offset})`);
}

/** `half`: whether half a body may stay with the receiver. */
async function leavesNothing(subject: WriterSubject, half = subject.released === true): Promise<void> {
  assert.deepEqual(await subject.leftovers(), [], 'leftovers after discard');
  if (!half) assert.ok(await subject.published() === undefined, 'bytes were published in spite of the discard');
}

/** No deepEqual: a message with megabytes helps nobody. */
function same(seen: Uint8Array, wanted: Uint8Array, what: string): void {
  assert.equal(seen.byteLength, wanted.byteLength, `${what}: the number of bytes`);
  const at = seen.findIndex((byte, index) => byte !== wanted[index]);
  assert.equal(at, -1, `${what}: byte ${at} differs`);
}

function ended(): Cancelled {
  return new Cancelled('the test ends it');
}
