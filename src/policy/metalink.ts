import type {NamedDigest} from '../core/digest.js';
import {ValidationError} from '../core/errors.js';
import {messageOf} from '../core/foreign-error.js';
import {misuse} from '../core/options.js';
import {MetalinkReader} from './metalink-reader.js';
import type {Source} from './mirror-list.js';

/** The digests of a file's pieces, in order. The last piece may be shorter. */
export interface MetalinkPieces {
  /** Bytes of a piece. */
  readonly length: number;
  /** `sha256`, also `sha1` and `md5` where the document has no better ones. */
  readonly algorithm: string;
  /** Lower-case hex. */
  readonly hashes: readonly string[];
}

/** What a metalink says of one file. */
export interface MetalinkFile {
  /** A safe file name: the last part of `path`. */
  readonly name: string;
  /** As it stands in the document, relative and not leaving its folder; unique in it. */
  readonly path: string;
  /** Bytes. */
  readonly size: number | undefined;
  /** Of algorithms that we know, strongest first. */
  readonly hashes: readonly NamedDigest[];
  readonly pieces: MetalinkPieces | undefined;
  /** The file's own addresses, http and https, without logins. */
  readonly urls: readonly Source[];
}

/** A download description (RFC 5854). */
export interface Metalink {
  readonly files: readonly MetalinkFile[];
}

/** Characters of text. */
const LONGEST_TEXT = 10 * 1024 * 1024;
const LONGEST_MESSAGE = 200;

/**
 * Reads a Metalink 4 document (RFC 5854). Hashes of unknown algorithms, addresses that are not http or https, metaurls and
 * foreign elements are passed over. Bounds: 10 MiB of text, 16 levels, 10,000 files and addresses, 1,000,000 piece hashes.
 *
 * @throws ValidationError for what is no such document: bad XML, a DTD, another namespace, a bad size, digest or name
 * @throws TypeError when it is given no text
 */
export function parseMetalink(text: string): Metalink {
  if (typeof text !== 'string') throw misuse('metalink', text, 'the text of a document');
  if (text.length > LONGEST_TEXT) throw new ValidationError(`the metalink has more than ${LONGEST_TEXT} characters`);
  try {
    return new MetalinkReader().read(text);
  } catch (thrown) {
    if (thrown instanceof ValidationError) throw thrown;
    // The parser's message may quote the document, however long its names are; so would a cause.
    throw new ValidationError(`the metalink is not well-formed XML: ${messageOf(thrown).slice(0, LONGEST_MESSAGE)}`);
  }
}
