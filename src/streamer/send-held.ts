import {Interrupted} from '../core/errors.js';
import type {Answer} from './answer.js';
import type {ClientReply} from './client-reply.js';
import type {Holding} from './stream-store.js';

/** Bytes read at once for one client. */
const PIECE = 256 * 1024;

/**
 * Answers with what is stored: in one go when its bytes are at hand, else piece by piece. Fresh memory for each piece
 * would cost more than all else, so one buffer is used again and again. @throws Interrupted, WriterError; Cancelled when
 * the client left
 */
export async function sendHeld(reply: ClientReply, {body, file}: Holding, answer: Answer): Promise<void> {
  const {status, headers, start, end = Infinity, bodiless} = answer;
  if (body !== undefined) {
    reply.send(status, headers, bodiless ? undefined : body.subarray(start, end));
    return;
  }
  reply.begin(status, headers);
  let buffer: Buffer | undefined;
  for (let at = start; at < end && !bodiless;) {
    const size = Math.min(end - at, PIECE);
    buffer ??= Buffer.allocUnsafeSlow(size);
    const chunk = await file.read(at, size, buffer);
    if (chunk.byteLength === 0) throw new Interrupted(`the content ends at byte ${at}`, end, at);
    at += chunk.byteLength;
    if (!await reply.lend(chunk)) buffer = undefined;
  }
  await reply.end();
}
