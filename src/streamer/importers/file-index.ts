import {createHash} from 'node:crypto';
import {ProtocolError} from '../../core/errors.js';
import type {Weighed} from './index-shelf.js';
import {stanzasOf, type Stanza} from './stanzas.js';

/** A file that an index names. */
export interface NamedFile {
  readonly name: string;
  /** SHA-256, in either case. */
  readonly hex: string;
}

/** How an index names its files. */
export interface IndexFormat {
  /** What it is called in messages. */
  readonly what: string;
  /** The fields that are read, lower case. */
  readonly fields: readonly string[];
  /** What a stanza with them names. */
  filesOf(stanza: Stanza): Iterable<NamedFile>;
}

/** Bytes of a record: the beginning of the name's SHA-256, and the content's. */
const NAME = 16;
const CONTENT = 32;
const RECORD = NAME + CONTENT;
/** The most that is read of an index, unpacked: Debian's largest has 70 MB, another 130,000 files. Bytes, records. */
const BOUNDS = {bytes: 256 * 1024 * 1024, records: 500_000};

/** Which digest each file of an index has: 48 bytes a file, whatever the length of its name. */
export class FileIndex implements Weighed {
  readonly weight: number;
  /** Sorted. */
  readonly #records: Buffer;

  private constructor(records: Buffer, /** SHA-256 of the index that it was read from. */ readonly list: string) {
    this.#records = records;
    this.weight = records.byteLength + 200;
  }

  /** Reads an index, gzip or plain. @param list its SHA-256 @throws ProtocolError when it is neither, or too long */
  static async read(body: Buffer, list: string, format: IndexFormat, bounds = BOUNDS): Promise<FileIndex> {
    const records: Buffer[] = [];
    try {
      for await (const stanzas of stanzasOf(body, format.fields, bounds.bytes)) {
        for (const stanza of stanzas) {
          for (const {name, hex} of format.filesOf(stanza)) records.push(Buffer.concat([keyOf(name), Buffer.from(hex, 'hex')]));
          if (records.length > bounds.records) throw new RangeError(`it has more than ${bounds.records} files`);
        }
      }
    } catch (cause) {
      throw new ProtocolError(`${format.what} can't be read: ${(cause as Error).message}`, {cause});
    }
    return new FileIndex(Buffer.concat(records.sort((one, other) => one.compare(other))), list);
  }

  /** How many files it knows. */
  get size(): number {
    return this.#records.byteLength / RECORD;
  }

  /** The SHA-256 of a file, named as the index does (`pool/…`, decoded); lower-case hex. */
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

/** Those of a field whose lines are digest, size and name: a file below a folder each. Other lines name nothing. */
export function namedFiles(folder: string, lines: readonly string[] = []): NamedFile[] {
  return lines.flatMap((line) => {
    const [, hex, name] = /^([0-9a-f]{64})\s+\d+\s+(\S+)$/i.exec(line) ?? [];
    return hex === undefined || name === undefined ? [] : [{name: `${folder}/${name}`, hex}];
  });
}

function keyOf(name: string): Buffer {
  return createHash('sha256').update(name).digest().subarray(0, NAME);
}
