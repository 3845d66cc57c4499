import {createRequire} from 'node:module';
import {Readable} from 'node:stream';
import {setImmediate} from 'node:timers/promises';
import type {ReadableStream} from 'node:stream/web';
import {createGunzip} from 'node:zlib';
import type xz from 'xz-decompress';

/** The lines of the fields that were asked for, by lower-case name; the first is what stands beside the name. */
export type Stanza = ReadonlyMap<string, readonly string[]>;

/** The most that a line has, and a stanza of the lines that are kept: a hostile list fills no memory. Characters, lines. */
const LONGEST_LINE = 1024 * 1024;
const LONGEST_STANZA = 10_000;
const PIECE = 1024 * 1024;
const GZIP = Buffer.of(0x1f, 0x8b);
const XZ = Buffer.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00);

/**
 * The stanzas of a control file (Debian policy, 5.1), gzip, xz or plain, many at once.
 *
 * @param fields those that are kept, lower case
 * @param most bytes, unpacked
 * @throws RangeError when something is too long; what the unpacker throws
 */
export async function *stanzasOf(body: Buffer, fields: readonly string[], most: number): AsyncIterable<Stanza[]> {
  const wanted = new Set(fields);
  let stanza = new Map<string, string[]>();
  let field: string[] | undefined;
  let kept = 0;
  for await (const lines of linesOf(body, most)) {
    const done: Stanza[] = [];
    for (const line of lines) {
      if (line === '' || line === '\r') {
        if (stanza.size > 0) done.push(stanza);
        stanza = new Map();
        field = undefined;
        kept = 0;
      } else if (line.startsWith(' ') || line.startsWith('\t')) {
        if (field !== undefined && ++kept > LONGEST_STANZA) throw new RangeError(`it has a stanza with more than ${LONGEST_STANZA} lines`);
        field?.push(line.trim());
      } else {
        const colon = line.indexOf(':');
        const name = line.slice(0, Math.max(colon, 0)).toLowerCase();
        field = wanted.has(name) ? [line.slice(colon + 1).trim()] : undefined;
        if (field !== undefined) stanza.set(name, field);
      }
    }
    yield done;
  }
}

/** The lines, many at once, and an empty one at the end. */
async function *linesOf(body: Buffer, most: number): AsyncIterable<string[]> {
  let seen = 0;
  let rest = '';
  for await (const chunk of unpacked(body)) {
    seen += chunk.byteLength;
    const lines = (rest + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1')).split('\n');
    rest = lines.pop() ?? '';
    if (seen > most || rest.length > LONGEST_LINE) {
      throw new RangeError(`it has more than ${most} bytes, or a line with more than ${LONGEST_LINE}`);
    }
    yield lines;
  }
  yield [rest, ''];
}

function unpacked(body: Buffer): AsyncIterable<Uint8Array> {
  const pieces = Readable.from(piecesOf(body));
  if (body.subarray(0, GZIP.byteLength).equals(GZIP)) return pieces.pipe(createGunzip());
  if (!body.subarray(0, XZ.byteLength).equals(XZ)) return pieces;
  // Node and tsx don't agree on what importing this CommonJS package gives.
  const {XzReadableStream} = createRequire(import.meta.url)('xz-decompress') as typeof xz;
  return new XzReadableStream(Readable.toWeb(pieces) as ReadableStream<Uint8Array>);
}

/** Piece by piece, so that a long list keeps nobody else waiting. */
async function *piecesOf(body: Buffer): AsyncIterable<Buffer> {
  for (let at = 0; at < body.byteLength; at += PIECE) {
    await setImmediate();
    yield body.subarray(at, at + PIECE);
  }
}
