import type {IncomingHttpHeaders} from 'node:http';
import type {Readable} from 'node:stream';
import {createGunzip, type Gunzip} from 'node:zlib';
import {badRequest, Problem} from './problem.js';

/** Closed, as the rest of the body is not read. */
const CLOSE = {connection: 'close'} as const;

/**
 * Reads the body of a request whole, unpacked. The limit holds for the bytes on the wire and for the unpacked ones, so that a
 * bomb is refused as soon as it has grown too large.
 *
 * @param limit bytes
 * @throws Problem 413, 415 for an encoding other than gzip, 400 for bytes that are no gzip
 */
export async function readBody(payload: Readable, headers: IncomingHttpHeaders, limit: number): Promise<Buffer> {
  const encoding = (headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (!['identity', 'gzip', 'x-gzip'].includes(encoding)) {
    const headers = {...CLOSE, 'accept-encoding': 'gzip'};
    throw Problem.of(415, 'UNSUPPORTED_MEDIA_TYPE', 'content-encoding: expected gzip or none', {headers});
  }
  if (Number(headers['content-length'] ?? 0) > limit) throw tooLarge(limit);
  return encoding === 'identity' ? collect(payload, limit) : unpack(payload, limit);
}

async function unpack(payload: Readable, limit: number): Promise<Buffer> {
  const gunzip = createGunzip();
  const counted = feed(payload, gunzip, limit);
  try {
    const [body] = await Promise.all([collect(gunzip, limit), counted]);
    return body;
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw badRequest('the body is no gzip, or only the beginning of it');
  } finally {
    gunzip.destroy();
    counted.catch(() => undefined);
  }
}

/** Packed bytes count too: they may unpack to nothing. */
async function feed(payload: Readable, gunzip: Gunzip, limit: number): Promise<void> {
  let bytes = 0;
  for await (const chunk of payload as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > limit) throw tooLarge(limit);
    if (gunzip.destroyed) return;
    if (!gunzip.write(chunk)) await drained(gunzip);
  }
  gunzip.end();
}

function drained(gunzip: Gunzip): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      gunzip.off('drain', done).off('close', done);
      resolve();
    };
    gunzip.on('drain', done).on('close', done);
  });
}

async function collect(stream: Readable, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > limit) throw tooLarge(limit);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}

function tooLarge(limit: number): Problem {
  return Problem.of(413, 'BODY_TOO_LARGE', `the limit is ${limit} bytes, packed and unpacked`, {headers: CLOSE});
}
