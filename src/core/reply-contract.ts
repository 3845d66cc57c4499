import type {Facts, Framing, HeaderMap} from './contract.js';
import type {DownloadError} from './errors.js';

/** One request on the way to a reply. */
export interface Hop {
  /** The address asked, with secrets redacted. */
  readonly url: string;
  readonly status: number;
  /** What it said of mirrors and digests of the file (RFC 6249, 3230), if it did: only `link` and `digest`. */
  readonly headers?: HeaderMap | undefined;
}

/** What identifies a version of the representation (RFC 9110, 8.8). */
export interface Validators {
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
}

/** Under what the first bytes of a body may be continued later: what was said of them, and by whom (transfer.md, 3). */
export interface ResumeKey {
  /** A strong entity tag. */
  readonly etag?: string | undefined;
  /** A date that was 60 s old at least when it was told: a younger one can't tell two versions apart (RFC 9110, 8.8.2.2). */
  readonly lastModified?: string | undefined;
  /** A weak entity tag: it can't vouch for the bytes, but another one contradicts. */
  readonly tag?: string | undefined;
  /** The address that answered, as a hash (`addressId`): what another one says can't be compared. */
  readonly hop: string;
  /** Bytes of the whole, when known. */
  readonly total?: number | undefined;
}

/** The first bytes of a body, had already. */
export interface KeptBytes {
  readonly offset: number;
  readonly key: ResumeKey;
}

/** How an attempt may go on where an earlier one stopped. */
export interface Continuation extends KeptBytes {
  /** The caller's digest proves the whole in the end, so that sources may be mixed. */
  readonly proven: boolean;
  /** The validator for If-Range (RFC 9110, 13.1.5), when the source is the one that told it. */
  readonly ifRange?: string | undefined;
  /** The first byte that isn't wanted any more. @default all up to the end are */
  readonly end?: number | undefined;
}

/** How a body is cut into pieces; the last one may be shorter. */
export interface PieceGrid {
  /** Bytes of a piece. */
  readonly length: number;
  /** Of the digests that a piece is known by, as `normaliseAlgorithm` names it. */
  readonly algorithm: string;
}

/** The grid of a body that comes by `writeAt`, in any order. */
export interface ScatteredPieces extends PieceGrid {
  /** The pieces that stay, by number: what was written before is not taken back. Undefined: it begins from nothing. */
  readonly kept?: readonly number[] | undefined;
  /** Bytes of the whole that are there already. */
  readonly held: number;
}

/** What an earlier run left, wherever it stands: each piece by number, with its digest as lower-case hex. */
export interface KeptPieces extends PieceGrid {
  readonly key: ResumeKey;
  readonly digests: ReadonlyMap<number, string>;
}

/** A version of a file that is had already, for conditional requests (RFC 9110, 13.1). Plain data: it may be kept as JSON. */
export interface KeptVersion {
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
  /** As in ResumeKey. */
  readonly hop?: string | undefined;
  /** `size` and digests: the file must still have them. */
  readonly facts: Facts;
}

/** What a protocol answers for one attempt, in neutral words. */
export interface Reply {
  /** The status code; protocols without one use 200. */
  readonly status: number;
  readonly headers: HeaderMap;
  /** Every request made for this reply, the last one included. */
  readonly hops: readonly Hop[];
  /** The address that answered, secrets redacted. */
  readonly url: string;
  /** Its `addressId`, where that can't be made from the redacted address: it has a query. */
  readonly hop?: string | undefined;
  readonly validators: Validators;
  /** Bytes of body announced, when announced. */
  readonly length?: number | undefined;
  /** Where in the representation the first body byte stands: what the attempt asked for, or 0. */
  readonly offset: number;
  /** Bytes of the whole representation, when known. @default offset + length */
  readonly total?: number | undefined;
  /** Only a range of a file was asked for, and stands for the whole of it here: where it begins in the file, and the file's own bytes. */
  readonly range?: {readonly start: number; readonly total: number | undefined} | undefined;
  /** The version that the attempt named is still the one: there is no body. */
  readonly notModified?: boolean | undefined;
  readonly framing: Framing;
  /** The Content-Encoding of the body when it is not `identity`; the bytes are passed on as they came. */
  readonly encoding?: string | undefined;
  /** The protocol writes the body itself, piece by piece, with `writeAt`. */
  readonly pieces?: ScatteredPieces | undefined;
  /** Why this reply can't be used (a 404, say). It is raised after REPLIED was told. */
  readonly fault?: DownloadError | undefined;
  /** The bytes; absent when the protocol wrote them into the writer itself, or when there is none (HEAD). */
  readonly body?: AsyncIterable<Uint8Array> | undefined;
}
