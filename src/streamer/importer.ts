import type {KeptVersion} from '../core/contract.js';
import type {NamedDigest} from '../core/digest.js';
import type {Download} from '../download/download.js';
import type {ByteRange} from '../download/byte-range.js';

/** What a client asks for, as an importer sees it. */
export interface StreamRequest {
  readonly method: 'GET' | 'HEAD';
  /** Raw, percent-encoded, begins with a slash, no dot segments, without query. */
  readonly path: string;
  /** Without `?`; empty when there is none. */
  readonly query: string;
  /** Lower-case names; hop-by-hop and credentials left out. */
  readonly headers: Readonly<Record<string, string>>;
  /** How the client reaches the streamer, e.g. `http://127.0.0.1:8080`: for documents that point back. */
  readonly origin: string;
}

/** Content that can be had. */
export interface Resource {
  /** Names the content for single-flight and store: canonical URL, digest; plus who asks, where that matters. */
  readonly key: string;
  /**
   * A fresh Download; the streamer sets `writer` and `context`, nothing else. `known`: the version that is stored; given
   * to the download as `ifChanged`, it lets the source answer that it is still the one. Unused, it is fetched again.
   * `range`: a client wants these bytes alone, nobody will judge them, and they won't be stored; given to the download as
   * `range`, the source is asked for no others. Unused, what comes before them is fetched for nothing.
   */
  download(known?: KeptVersion, range?: ByteRange): Download;
  /** What the bytes must be. The Download must validate it itself too. */
  readonly digest?: NamedDigest | undefined;
  /** Never asked upstream again once stored. @default digest !== undefined */
  readonly immutable?: boolean | undefined;
  /** How long a stored mutable document is fresh when upstream says nothing, ms. @default 0: revalidated each time */
  readonly ttl?: number | undefined;
  /** Rewrites a document (buffered, capped at 64 MiB, own ETag). */
  transform?(body: Buffer, request: StreamRequest): Buffer | Promise<Buffer>;
}

/** Knows where content comes from: the black box. One of the two methods. */
export interface Importer {
  resolve?(request: StreamRequest): Resource | undefined | Promise<Resource | undefined>;
  getDownload?(request: StreamRequest): Download | undefined | Promise<Download | undefined>;
  close?(): void | Promise<void>;
}
