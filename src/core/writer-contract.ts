import type {ContextView, Durability} from './contract.js';
import type {DownloadError} from './errors.js';
import type {KeptBytes, KeptPieces, Reply, ResumeKey} from './reply-contract.js';

/** What a writer learns before a byte moves. */
export interface WriterStart {
  readonly context: ContextView;
  /** The address asked for first, secrets redacted. */
  readonly url: string;
  /** Its `addressId`: names it in what outlives the run. @default made from `url` */
  readonly address?: string | undefined;
  readonly signal: AbortSignal;
  /** Whether an enforced validation proves size or content of the bytes; guards that only refuse some don't count. */
  readonly validated: boolean;
  /** Whether a version that is had already may be kept: then `read` must give the target's bytes (`unless-modified`). */
  readonly conditional?: boolean | undefined;
}

/** What a writer may answer from `prepare`. */
export interface WriterPlan {
  /**
   * There is content already. `keep`: it stays; when validations are attached they judge it and a mismatch fails the
   * run. `same`: it stays if the validations accept it, else it is fetched again. `unless-modified`: it stays if it is
   * the version that the source still has.
   */
  readonly existing?: 'keep' | 'same' | 'unless-modified' | undefined;
  /** Bytes of that content, when known without reading it. */
  readonly size?: number | undefined;
  readonly path?: string | undefined;
  /** What an earlier run left, verified as its first `offset` bytes; `read` gives just these until `open`. */
  readonly partial?: KeptBytes | undefined;
}

/** What a writer learns with the first acceptable reply. */
export interface WriterMeta {
  /** Bytes of the whole, when known. */
  readonly length?: number | undefined;
  readonly reply: Reply;
  /** Where the bytes begin: 0, or what `prepare` offered as `partial`. */
  readonly offset: number;
  /** Under what they may be continued by a later run; only told to writers that can (`abilities.resume`). */
  readonly key?: ResumeKey | undefined;
}

/** What was published. */
export interface Published {
  /** The final path, for writers that have one. */
  readonly path?: string | undefined;
  readonly durability?: Durability | undefined;
}

/** What a writer can do. */
export interface WriterAbilities {
  /** It can go back to a lower offset. */
  readonly rewind: boolean;
  /** It can continue what an earlier process left. */
  readonly resume: boolean;
  /** It can write at any offset. */
  readonly positional: boolean;
  /** Its bytes can be read again. */
  readonly read: boolean;
}

/** Where the bytes of a download go (docs/reference/writers.md). */
export interface Writer {
  /** The lowest offset that `rewind` can reach: 0 for files, the bytes already released for sockets. */
  readonly floor: number;
  readonly abilities: WriterAbilities;
  /** Faults that did not matter, told with the result. */
  readonly warnings?: readonly DownloadError[] | undefined;
  /** Checks the target before a byte moves. */
  prepare?(start: WriterStart): WriterPlan | undefined | void | Promise<WriterPlan | undefined | void>;
  /** Called once, at the first acceptable reply. */
  open(meta: WriterMeta): void | Promise<void>;
  /** Takes one chunk; a returned promise is back pressure. It may keep it, but not change or transfer it: the validations read it too. */
  append(chunk: Uint8Array): void | Promise<void>;
  /** Drops everything from `offset` on; `meta` is that of the reply that begins again. */
  rewind?(offset: number, meta?: WriterMeta): void | Promise<void>;
  /** Puts bytes anywhere; for writers with the ability `positional`. Places not written read as zeros. Several may be under way. */
  writeAt?(offset: number, chunk: Uint8Array): void | Promise<void>;
  /** What an earlier run left, each piece verified; asked between `prepare` and `open`. For writers with `positional` and `resume`. */
  keptPieces?(): Promise<KeptPieces | undefined>;
  /** All bytes of a piece were written, and this is their digest: a later run may find it again. */
  pieceDone?(piece: number, digest: string): void | Promise<void>;
  /** The accepted or existing bytes, from the first one on. */
  read?(): AsyncIterable<Uint8Array>;
  /** Publishes. Called once, only after every enforced validation passed. */
  close(): Published | void | Promise<Published | void>;
  /**
   * Leaves nothing behind. Called instead of `close`, after a failed one, or while one is under way when the run is
   * cancelled: then `close` rejects, unless it is past the point of no return. May be called twice. `keep`: the bytes
   * are good as far as they go, and a writer that can resume may leave them to a later run.
   */
  discard(end: {readonly error: DownloadError; readonly keep?: boolean | undefined}): void | Promise<void>;
}
