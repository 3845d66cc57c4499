import type {Reply} from '../core/contract.js';
import {Interrupted, ProtocolError} from '../core/errors.js';
import type {Attempt} from './attempt.js';
import type {ByteSequence} from './byte-sequence.js';
import {totalOf} from './resume-key.js';
import type {WriterGate} from './writer-gate.js';

/** Who takes part in moving a body. */
export interface PumpParts {
  readonly reply: Reply;
  readonly gate: WriterGate;
  readonly sequence: ByteSequence;
  readonly attempt: Attempt;
  /** Tells FETCHED; undefined when nobody listens. */
  readonly fetched: ((chunk: Uint8Array, offset: number) => void | Promise<void>) | undefined;
}

/** Takes a body in, or shows the validations what the protocol put into the writer itself. @throws DownloadError */
export async function receive(body: Reply['body'], parts: PumpParts): Promise<void> {
  if (body !== undefined) await pump(body, parts);
  else if (parts.reply.framing !== 'none') await replay(parts);
}

/**
 * Moves a body: per chunk bounds → start append → validations → await append → FETCHED. The writer drives: the next
 * chunk is asked for when the last one was accepted. Ends with the length check.
 *
 * @throws DownloadError
 */
export async function pump(body: AsyncIterable<Uint8Array>, parts: PumpParts): Promise<void> {
  const {reply, gate, sequence, attempt, fetched} = parts;
  attempt.waitFor('read');
  for await (const chunk of body) {
    attempt.signal.throwIfAborted();
    const {byteLength} = chunk;
    if (byteLength === 0) continue;
    attempt.seen(byteLength);
    if (attempt.accepted + byteLength > (reply.length ?? Infinity)) throw surplus(reply);
    const paced = attempt.pace(byteLength);
    if (paced !== undefined) await attempt.during(paced);
    sequence.admit(byteLength);
    const appended = gate.append(chunk);
    try {
      sequence.update(chunk);
    } finally {
      if (appended !== undefined) await attempt.during(appended);
    }
    const offset = attempt.offset + attempt.accepted;
    attempt.accepted += byteLength;
    const told = fetched?.(chunk, offset);
    if (told !== undefined) await attempt.during(told);
  }
  attempt.waitFor(undefined);
  checkLength(reply, attempt);
}

/** Shows the validations, once, what the protocol wrote into the writer itself. @throws DownloadError */
export async function replay({reply, gate, sequence, attempt}: PumpParts): Promise<void> {
  attempt.waitFor(undefined);
  for await (const chunk of gate.read()) {
    attempt.signal.throwIfAborted();
    sequence.admit(chunk.byteLength);
    sequence.update(chunk);
    attempt.accepted += chunk.byteLength;
  }
  checkLength(reply, attempt);
}

function checkLength(reply: Reply, {offset, accepted}: Attempt): void {
  const {length = accepted, url} = reply;
  if (length !== accepted) throw new Interrupted(`the body ended after ${accepted} of ${length} bytes: ${url}`, length, accepted, {url});
  const [total, end] = [totalOf(reply), offset + accepted];
  if (total === undefined || total === end) return;
  // A server may send less than the rest (RFC 9110, 15.3.7): what came is good, and more can be asked for.
  throw new Interrupted(`the range ended at byte ${end} of ${total}: ${url}`, total, end, {url});
}

function surplus({length, url}: Reply): ProtocolError {
  return new ProtocolError(`the body goes on after the ${length ?? 0} bytes announced: ${url}`, {url});
}
