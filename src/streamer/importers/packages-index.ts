import {createHash} from 'node:crypto';
import {Readable} from 'node:stream';
import {setImmediate} from 'node:timers/promises';
import {createGunzip} from 'node:zlib';
import {ProtocolError} from '../../core/errors.js';
import type {Weighed} from './index-shelf.js';

/** Bytes of a record: the beginning of the name's SHA-256, and the content's. */
const NAME = 16;
const CONTENT = 32;
const RECORD = NAME + CONTENT;
/** The most that is read of a list, unpacked: Debian's largest has 60 MB and 70,000 packages. Bytes, records, characters. */
const BOUNDS = {bytes: 256 * 1024 * 1024, records: 500_000};
const LONGEST_LINE = 1024 * 1024;
const PIECE = 1024 * 1024;
const GZIP = Buffer.of(0x1f, 0x8b);

/** Which digest each file of a Packages list has: 48 bytes a package, whatever the length of its name. */
export class PackagesIndex implements Weighed {
  readonly weight: number;
  /** Sorted. */
  readonly #records: Buffer;

  private constructor(records: Buffer, /** SHA-256 of the list that it was read from. */ readonly list: string) {
    this.#records = records;
    this.weight = records.byteLength + 200;
  }

  /** Reads a list, gzip or plain. @param list its SHA-256 @throws ProtocolError when it is neither, or too long */
  static async read(body: Buffer, list: string, bounds = BOUNDS): Promise<PackagesIndex> {
    const records: Buffer[] = [];
    let name: string | undefined;
    let hex: string | undefined;
    const take = (): void => {
      if (name !== undefined && hex !== undefined) records.push(Buffer.concat([keyOf(name), Buffer.from(hex, 'hex')]));
      name = hex = undefined;
      if (records.length > bounds.records) throw new RangeError(`it has more than ${bounds.records} packages`);
    };
    try {
      for await (const lines of linesOf(body, bounds.bytes)) {
        for (const line of lines) {
          if (line === '' || line === '\r') take();
          else if (line.startsWith('Filename:')) name = line.slice('Filename:'.length).trim().replace(/^\.\//, '');
          else if (line.startsWith('SHA256:')) hex = /^SHA256:\s*([0-9a-f]{64})\s*$/i.exec(line)?.[1];
        }
      }
    } catch (cause) {
      throw new ProtocolError(`a list of packages can't be read: ${(cause as Error).message}`, {cause});
    }
    return new PackagesIndex(Buffer.concat(records.sort((one, other) => one.compare(other))), list);
  }

  /** How many files it knows. */
  get size(): number {
    return this.#records.byteLength / RECORD;
  }

  /** The SHA-256 of a file, named as in the list (`pool/…`, decoded); lower-case hex. */
  get(name: string): string | undefined {
    const key = keyOf(name);
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#records.compare(key, 0, NAME, middle * RECORD, middle * RECORD + NAME) < 0) low = middle + 1;
      else high = middle;
    }
    const at = low * RECORD;
    const found = low < this.size && this.#records.compare(key, 0, NAME, at, at + NAME) === 0;
    return found ? this.#records.toString('hex', at + NAME, at + RECORD) : undefined;
  }
}

function keyOf(name: string): Buffer {
  return createHash('sha256').update(name).digest().subarray(0, NAME);
}

/** The lines, many at once, and an empty one at the end. @throws RangeError when they are too many; what gunzip throws */
async function *linesOf(body: Buffer, most: number): AsyncIterable<string[]> {
  const pieces = Readable.from(piecesOf(body));
  let seen = 0;
  let rest = '';
  for await (const chunk of body.subarray(0, 2).equals(GZIP) ? pieces.pipe(createGunzip()) : pieces) {
    seen += (chunk as Buffer).byteLength;
    const lines = (rest + (chunk as Buffer).toString('latin1')).split('\n');
    rest = lines.pop() ?? '';
    if (seen > most || rest.length > LONGEST_LINE) {
      throw new RangeError(`it has more than ${most} bytes, or a line with more than ${LONGEST_LINE}`);
    }
    yield lines;
  }
  yield [rest, ''];
}

/** Piece by piece, so that a long list keeps nobody else waiting. */
async function *piecesOf(body: Buffer): AsyncIterable<Buffer> {
  for (let at = 0; at < body.byteLength; at += PIECE) {
    await setImmediate();
    yield body.subarray(at, at + PIECE);
  }
}
