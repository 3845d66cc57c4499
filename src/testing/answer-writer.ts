import type {Socket} from 'node:net';
import {setTimeout as sleep} from 'node:timers/promises';
import {bytesOf, composeAnswer, type Answer} from './answer.js';
import type {ParsedRequest} from './request-parser.js';

/** The two ends of one connection: `stream` is written to, `raw` is what can be reset (they differ under TLS). */
export interface Wire {
  readonly stream: Socket;
  readonly raw: Socket;
  /** Aborted when the connection is gone. */
  readonly gone: AbortSignal;
  /** Called with so many body bytes that were written; framing is not counted. */
  count(bytes: number): void;
}

const PIECE = 64 * 1024;
/** Lets the kernel hand over what was written before a reset throws it away. */
const FLUSH_MS = 15;

/** Writes one answer, byte by byte as scripted, misframed or not. Resolves to whether the connection may go on. */
export async function writeAnswer(wire: Wire, answer: Answer, request: ParsedRequest): Promise<boolean> {
  if (answer.delayMs !== undefined && !await pause(wire, answer.delayMs)) return false;
  for (let n = 0; n < (answer.informational ?? 0); n++) await write(wire, 'HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n');
  if (answer.upgrade101 === true) {
    await write(wire, 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
    return silence(wire);
  }
  if (answer.raw !== undefined) return writeRaw(wire, answer);
  const composed = composeAnswer(answer, request);
  if (answer.holdBody === undefined) {
    wire.stream.cork();
    process.nextTick(() => { wire.stream.uncork(); });
  }
  const headWritten = write(wire, composed.head);
  if (answer.holdBody !== undefined) {
    await headWritten;
    await Promise.race([answer.holdBody, silence(wire)]);
  }
  const limit = Math.min(composed.body.length, answer.cutAt ?? Infinity, answer.stallAt ?? Infinity);
  const chunked = composed.framing === 'chunked';
  const stops = answer.cutAt !== undefined || answer.stallAt !== undefined;
  const tail = composed.framing === 'none' || stops ? undefined : answer.surplus;
  if (!await writeBody(wire, composed.body.subarray(0, limit), chunked, answer.drip, chunked || stops ? undefined : tail)) return false;
  if (answer.cutAt !== undefined) return cut(wire, answer.cut ?? 'reset');
  if (answer.stallAt !== undefined) return silence(wire);
  if (chunked) await write(wire, Buffer.concat([Buffer.from('0\r\n\r\n'), bytesOf(tail)]));
  await headWritten;
  return composed.ends ? cut(wire, 'end') : true;
}

async function writeRaw(wire: Wire, answer: Answer): Promise<boolean> {
  await write(wire, bytesOf(answer.raw));
  if (answer.cut !== undefined) return cut(wire, answer.cut);
  return answer.keepAlive === false ? cut(wire, 'end') : true;
}

async function writeBody(wire: Wire, body: Buffer, chunked: boolean, drip: Answer['drip'], tail: Uint8Array | undefined): Promise<boolean> {
  const size = drip?.bytes ?? PIECE;
  for (let at = 0; at < body.length; at += size) {
    if (drip !== undefined && at > 0 && !await pause(wire, drip.everyMs)) return false;
    const piece = body.subarray(at, at + size);
    const last = at + size >= body.length;
    const bytes = chunked ? Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]) : piece;
    wire.count(piece.length);
    await write(wire, last && tail !== undefined ? Buffer.concat([bytes, tail]) : bytes);
    if (wire.gone.aborted) return false;
  }
  if (body.length === 0 && tail !== undefined) await write(wire, tail);
  return !wire.gone.aborted;
}

/** Resolves once the bytes were handed to the kernel, or the connection is gone. */
function write(wire: Wire, bytes: Uint8Array | string): Promise<void> {
  if (wire.gone.aborted || !wire.stream.writable) return Promise.resolve();
  return new Promise((resolve) => {
    wire.stream.write(bytes, () => { resolve(); });
  });
}

async function cut(wire: Wire, how: 'reset' | 'end'): Promise<false> {
  if (how === 'end') {
    wire.stream.end();
    return false;
  }
  if (await pause(wire, FLUSH_MS)) wire.raw.resetAndDestroy();
  return false;
}

function silence(wire: Wire): Promise<false> {
  return new Promise((resolve) => {
    if (wire.gone.aborted) resolve(false);
    else wire.gone.addEventListener('abort', () => { resolve(false); }, {once: true});
  });
}

async function pause(wire: Wire, ms: number): Promise<boolean> {
  return sleep(ms, true, {signal: wire.gone}).catch(() => false);
}
