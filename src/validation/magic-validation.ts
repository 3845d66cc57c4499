import {MismatchError} from '../core/errors.js';
import {misuse, onlyKeys, oneOf, outOfRange, wholeNumber} from '../core/options.js';
import {HeadValidation} from './head-validation.js';
import {compare, FILE_KINDS, signaturesOf, type FileKind, type Signature} from './signatures.js';
import {enforcement, type ValidationOptions} from './validation-options.js';

/** Bytes of one's own choice that a file must have. */
export interface OwnSignature {
  /** A text stands for its bytes in UTF-8. */
  readonly bytes: Uint8Array | string;
  /** Bytes before it. @default 0 */
  readonly offset?: number | undefined;
}

/** How far into the file a signature may reach: what has to be kept until it is judged. */
const FURTHEST = 64 * 1024;
/** Bytes shown of what came instead. */
const SHOWN = 16;

/**
 * Demands that the file has the signature of its kind: by name (`gzip`, `zip`, `rpm` …), or given as bytes. Of several, one
 * is enough. It is refused at the first chunk that can't be the beginning of any.
 *
 * @example download.append(new MagicValidation(['gzip', 'zstd']));
 * @example download.append(new MagicValidation({bytes: 'CD001', offset: 32_769}));
 */
export class MagicValidation extends HeadValidation {
  /** What is acceptable, in words. */
  readonly expected: string;
  readonly #signatures: readonly Signature[];
  /** Where the first of them begins. */
  readonly #from: number;

  /** @throws TypeError, RangeError naming the option: an unknown kind, no bytes, beyond the first 64 KiB */
  constructor(accepted: FileKind | OwnSignature | readonly (FileKind | OwnSignature)[], options: ValidationOptions = {}) {
    const enforced = enforcement('MagicValidation', options);
    const given = Array.isArray(accepted) ? accepted as readonly (FileKind | OwnSignature)[] : [accepted as FileKind | OwnSignature];
    if (given.length === 0) throw misuse('accepted', accepted, 'at least one kind of file');
    const own = given.map((one) => (typeof one === 'string' ? oneOf('accepted', one, FILE_KINDS, one) : ownSignature(one)));
    const signatures = own.flatMap((one) => (typeof one === 'string' ? signaturesOf(one) : [one]));
    const from = Math.min(...signatures.map(({offset}) => offset));
    super(enforced, Math.max(from + SHOWN, ...signatures.map(({offset, bytes}) => offset + bytes.length)));
    this.#signatures = signatures;
    this.#from = from;
    this.expected = [...new Set(own.map((one) => (typeof one === 'string' ? one : inWords(one))))].join(' or ');
  }

  protected override look(head: Uint8Array, ended: boolean): boolean {
    const answers = this.#signatures.map((signature) => compare(signature, head));
    if (answers.includes('yes')) return true;
    if (answers.includes('partly') && !ended) return false;
    const from = this.#from;
    const actual = from >= head.length ? `${head.length} bytes` : inWords({offset: from, bytes: head.subarray(from, from + SHOWN)});
    throw new MismatchError(`expected a file of kind ${this.expected}, got ${actual}`, this.expected, actual);
  }
}

function inWords({offset, bytes}: Omit<Signature, 'mask'>): string {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
  return offset === 0 ? `bytes ${hex}` : `bytes ${hex} at ${offset}`;
}

function ownSignature(given: OwnSignature): Signature {
  onlyKeys('accepted', given, ['bytes', 'offset']);
  const source: unknown = given.bytes;
  if (!(source instanceof Uint8Array) && typeof source !== 'string') throw misuse('bytes', source, 'a Uint8Array or a text');
  const bytes = Buffer.from(source as Uint8Array);
  const offset = wholeNumber('offset', given.offset ?? 0, 0);
  if (bytes.length === 0) throw misuse('bytes', source, 'at least one byte');
  if (offset + bytes.length > FURTHEST) throw outOfRange('offset', offset, `a signature within the first ${FURTHEST} bytes`);
  return {offset, bytes, mask: Buffer.alloc(bytes.length, 0xff)};
}
