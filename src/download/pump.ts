import type {Reply, Writer} from '../core/contract.js';
import {Interrupted} from '../core/errors.js';
import type {Attempt} from './attempt.js';
import type {ByteSequence} from './byte-sequence.js';
import {asWriterError} from './writer-gate.js';

/** Who takes part in moving a body. */
export interface PumpParts {
  readonly reply: Reply;
  readonly writer: Writer;
  readonly sequence: ByteSequence;
  readonly attempt: Attempt;
  /** Tells FETCHED; undefined when nobody listens. */
  readonly fetched: ((chunk: Uint8Array, offset: number) => void | Promise<void>) | undefined;
}

/**
 * Moves a body: per chunk bounds → start append → validations → await append → FETCHED. The writer drives: the next
 * chunk is asked for when the last one was accepted. Ends with the length check.
 */
export async function pump(body: AsyncIterable<Uint8Array>, parts: PumpParts): Promise<void> {
  const {writer, sequence, attempt, fetched} = parts;
  for await (const chunk of body) {
    if (chunk.byteLength === 0) continue;
    attempt.seen(chunk.byteLength);
    sequence.admit(chunk.byteLength);
    const appended = startAppend(writer, chunk);
    try {
      sequence.update(chunk);
    } finally {
      if (appended !== undefined) await attempt.during(appended);
    }
    const offset = attempt.offset + attempt.accepted;
    attempt.accepted += chunk.byteLength;
    const told = fetched?.(chunk, offset);
    if (told !== undefined) await attempt.during(told);
  }
  checkLength(parts);
}

function checkLength({reply, attempt}: PumpParts): void {
  if (reply.length === undefined || reply.length === attempt.accepted) return;
  throw new Interrupted(`the body ended after ${attempt.accepted} of ${reply.length} bytes: ${reply.url}`, reply.length, attempt.accepted, {url: reply.url});
}

function startAppend(writer: Writer, chunk: Uint8Array): Promise<void> | undefined {
  try {
    const appended = writer.append(chunk);
    return appended === undefined ? undefined : appended.catch((thrown: unknown) => { throw asWriterError(thrown); });
  } catch (thrown) {
    throw asWriterError(thrown);
  }
}
