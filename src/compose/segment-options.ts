import {misuse, outOfRange, wholeNumber} from '../core/options.js';
import {plainUrl} from '../core/url.js';
import {checkPieces, type PieceDigests} from './piece-digests.js';

/** How a file is fetched in pieces. */
export interface SegmentOptions {
  /** Transfers at once; the permits of the Context bound them too. 1: always one stream. @default 4 */
  segments?: number | undefined;
  /** Smaller files come in one stream, bytes. @default 64 MiB */
  threshold?: number | undefined;
  /** Bytes of a piece, where `pieces` doesn't say. @default 1 to 16 MiB, by the size of the file */
  pieceLength?: number | undefined;
  /** The digests of the pieces, as from a metalink; a function is asked when the first reply is there. */
  pieces?: PieceDigests | (() => PieceDigests | undefined) | undefined;
  /**
   * Further addresses of the file, http or https. They are asked only under proof: a digest validation, or pieces with a
   * digest of at least 224 bits. A function is asked when the transfer begins.
   */
  sources?: readonly string[] | (() => readonly string[]) | undefined;
}

/** The names of the options above. */
export const SEGMENT_OPTIONS = ['segments', 'threshold', 'pieceLength', 'pieces', 'sources'] as const;

const MIB = 1024 * 1024;
/** A file is cut into about so many pieces, as far as the bounds allow. */
const ABOUT = 256;

/** The same, checked. */
export class SegmentTerms {
  readonly segments: number;
  readonly threshold: number;
  /** Whether there are digests of pieces, perhaps. */
  readonly demanding: boolean;
  readonly #length: number | undefined;
  readonly #pieces: () => PieceDigests | undefined;
  readonly #sources: () => readonly string[];
  #found: PieceDigests | undefined;
  #checked: PieceDigests | undefined;

  /** @throws TypeError, RangeError naming the option */
  constructor({segments, threshold, pieceLength, pieces, sources}: SegmentOptions) {
    this.segments = wholeNumber('segments', segments ?? 4, 1);
    if (this.segments > 64) throw outOfRange('segments', segments, 'at most 64');
    this.threshold = wholeNumber('threshold', threshold ?? 64 * MIB, 0);
    this.#length = pieceLength === undefined ? undefined : wholeNumber('pieceLength', pieceLength, 1);
    this.demanding = pieces !== undefined;
    if (pieceLength !== undefined && typeof pieces === 'object') {
      throw new TypeError('pieceLength: expected none beside pieces, which have their own');
    }
    this.#pieces = typeof pieces === 'function' ? pieces : () => pieces;
    this.#sources = typeof sources === 'function' ? sources : () => sources ?? [];
    if (typeof pieces === 'object') this.#checkedPieces(pieces);
    if (typeof sources !== 'function') checkSources(sources ?? []);
  }

  /** What the pieces must be, when that is known. @throws TypeError, RangeError */
  get pieces(): PieceDigests | undefined {
    const found = this.#pieces();
    return found === undefined ? undefined : this.#checkedPieces(found);
  }

  /** Further addresses. @throws TypeError naming the entry */
  get sources(): readonly string[] {
    return checkSources(this.#sources());
  }

  /** Bytes of a piece of a file of so many bytes. */
  lengthFor(total: number): number {
    return this.pieces?.length ?? this.#length ?? Math.min(16 * MIB, Math.max(MIB, 2 ** Math.ceil(Math.log2(total / ABOUT))));
  }

  #checkedPieces(found: PieceDigests): PieceDigests {
    if (this.#checked === undefined || found !== this.#found) {
      this.#checked = checkPieces(found);
      this.#found = found;
    }
    return this.#checked;
  }
}

function checkSources(given: readonly string[]): readonly string[] {
  if (!Array.isArray(given)) throw misuse('sources', given, 'a list of URLs');
  return given.map((url: string, index) => {
    const {href, user} = plainUrl(`sources[${index}]`, url, ['http:', 'https:']);
    if (user !== undefined) throw new TypeError(`sources[${index}]: expected a URL without a login; use the option credentials`);
    return href;
  });
}
