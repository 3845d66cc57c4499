import {normaliseAlgorithm, parseDigest, type NamedDigest} from '../core/digest.js';
import {misuse, outOfRange} from '../core/options.js';
import {show} from '../core/redact.js';

/** One line of a checksum file. */
export interface Checksum extends NamedDigest {
  /** As it stands in the file, without a `./` in front; empty when the line is nothing but a digest. */
  readonly name: string;
  readonly line: number;
}

/** How a checksum file is read. */
export interface ChecksumOptions {
  /** The algorithm of lines that name none. @default by the length: md5, sha1, sha224, sha256, sha384 or sha512 */
  algorithm?: string | undefined;
}

const BY_LENGTH: Readonly<Record<number, string>> = {32: 'md5', 40: 'sha1', 56: 'sha224', 64: 'sha256', 96: 'sha384', 128: 'sha512'};
const GNU = /^(\\?)([0-9a-f]{32,})(?: [ *]|[ \t]+)(.+)$/i;
const BSD = /^(\\?)([a-z][a-z0-9/-]*) ?\((.+)\) ?= ?([0-9a-f]+)$/i;
const BARE = /^[0-9a-f]{32,}$/i;

/**
 * Reads the lines of a checksum file: those of GNU's `sha256sum` and its kin (`<hex>  name`, with `*` for binary and a
 * leading backslash for escaped names), of BSD and `--tag` (`SHA256 (name) = <hex>`), of `openssl dgst`, or a digest
 * alone. Blank lines, `#` comments and the armour of an OpenPGP clear-signed text (RFC 9580, 7) are skipped; the
 * signature is not checked.
 */
export class ChecksumReader {
  readonly #algorithm: string | undefined;
  #armour: 'none' | 'headers' | 'over' = 'none';

  /** @throws TypeError, RangeError for an algorithm that node's crypto doesn't know */
  constructor(options: ChecksumOptions = {}) {
    this.#algorithm = options.algorithm === undefined ? undefined : normaliseAlgorithm(options.algorithm);
  }

  /** The entry of a line; undefined for a line that is none. @throws TypeError, RangeError naming what was expected */
  read(text: string, line: number): Checksum | undefined {
    if (this.#isArmour(text) || /^\s*(?:#.*)?$/.test(text)) return undefined;
    const [, gnuMark = '', gnuHex, gnuName = ''] = GNU.exec(text) ?? [];
    if (gnuHex !== undefined) return this.#entry(this.#byLength(gnuHex), gnuHex, unescape(gnuMark, gnuName), line);
    const [, bsdMark = '', algorithm, bsdName = '', bsdHex = ''] = BSD.exec(text) ?? [];
    if (algorithm !== undefined) return this.#entry(algorithm.replace(/^sha2-/i, 'sha'), bsdHex, unescape(bsdMark, bsdName), line);
    const bare = text.trim();
    if (BARE.test(bare)) return this.#entry(this.#byLength(bare), bare, '', line);
    throw misuse('checksum', text, '`<hex>  name` or `SHA256 (name) = <hex>`');
  }

  #entry(algorithm: string, hex: string, name: string, line: number): Checksum {
    const known = normaliseAlgorithm(algorithm);
    return {algorithm: known, hex: parseDigest(known, hex), name: name.replace(/^(?:\.\/)+/, ''), line};
  }

  #byLength({length}: string): string {
    const algorithm = this.#algorithm ?? BY_LENGTH[length];
    if (algorithm === undefined) throw outOfRange('checksum', length, `a digest of ${Object.keys(BY_LENGTH).join(', ')} hex characters`);
    return algorithm;
  }

  #isArmour(text: string): boolean {
    if (text.startsWith('-----BEGIN PGP SIGNED MESSAGE')) this.#armour = 'headers';
    else if (text.startsWith('-----BEGIN PGP SIGNATURE')) this.#armour = 'over';
    else if (this.#armour !== 'headers') return this.#armour === 'over';
    else if (text.trim() === '') this.#armour = 'none';
    return true;
  }
}

/** The entries of a checksum file. @throws TypeError, RangeError naming the line */
export function parseChecksums(text: string, options?: ChecksumOptions): Checksum[] {
  const reader = new ChecksumReader(options);
  return text.split(/\r?\n/).flatMap((line, at) => {
    try {
      return reader.read(line, at + 1) ?? [];
    } catch (error) {
      throw new TypeError(`line ${at + 1}: ${(error as Error).message}`, {cause: error});
    }
  });
}

/** Whether an entry is of the file at a path: the path ends in the entry's whole name, folders included. */
export function namesFile({name}: Checksum, path: string): boolean {
  return name !== '' && `/${path}`.endsWith(`/${name}`);
}

/**
 * The digests that a checksum file has for a file: of the entry whose name, folders included, the path ends in (of
 * several such names the longest), else of a file that is nothing but one digest.
 *
 * @param path a file name, or a path such as that of a URL, decoded
 * @throws RangeError when there is none, or two that differ
 */
export function checksumsFor(entries: readonly Checksum[], path: string): NamedDigest[] {
  const named = entries.filter((entry) => namesFile(entry, path));
  const longest = Math.max(...named.map(({name}) => name.length));
  const found = named.length > 0 || entries.length !== 1 ? named.filter(({name}) => name.length === longest)
    : entries.filter((entry) => entry.name === '');
  if (found.length === 0) throw new RangeError(`checksums: expected an entry for ${show(path)}, got ${entries.length} of other files`);
  for (const {algorithm, hex, line} of found) {
    const other = found.find((entry) => entry.algorithm === algorithm && entry.hex !== hex);
    if (other !== undefined) {
      throw new RangeError(`checksums: expected one ${algorithm} for ${show(path)}, got two (lines ${line} and ${other.line})`);
    }
  }
  return found.map(({algorithm, hex}) => ({algorithm, hex}));
}

/** GNU escapes backslash, newline and carriage return in names, and marks such a line by a backslash at its beginning. */
function unescape(mark: string, name: string): string {
  if (mark === '') return name;
  return name.replace(/\\([\\nr])/g, (_escape, letter: string) => letter === 'n' ? '\n' : letter === 'r' ? '\r' : '\\');
}
