import type {Change, Operation} from './contract.js';

/** The head of a release as it is stored. A removed one stays as a row, so that its counters go on. */
export interface HeadRow {
  readonly name: string;
  readonly product: string;
  readonly schema: number;
  readonly hashFunction: string;
  readonly readOnly: boolean;
  readonly removed: boolean;
  readonly version: number;
  /** The version of the head as a part of its own (path `""`). */
  readonly headVersion: number;
  readonly time: number;
}

/** A part as it is stored. A removed one has no body, and stays. */
export interface PartRow {
  readonly path: string;
  readonly version: number;
  readonly releaseVersion: number;
  /** Canonical JSON; undefined = removed. */
  readonly body: string | undefined;
}

/** A history row with its body. */
export interface ChangeRow extends Change {
  /** Canonical JSON; undefined = removed or pruned. */
  readonly body: string | undefined;
  readonly pruned: boolean;
}

/** A stored request: what it asked (a digest) and what it got. */
export interface RequestRow {
  readonly actor: string;
  readonly id: string;
  readonly fingerprint: string;
  /** The result as JSON. */
  readonly result: string;
  readonly time: number;
}

/** A part's new state, guarded by the version that it must have now (0 = no row yet). */
export interface PartWrite {
  readonly path: string;
  readonly expected: number;
  readonly releaseVersion: number;
  readonly body: string | undefined;
}

/** What of a head is set by an update. */
export interface HeadWrite {
  readonly product: string;
  readonly schema: number;
  readonly hashFunction: string;
  readonly readOnly: boolean;
  readonly removed: boolean;
}

/** Reading, all from one consistent state. Every method is one lookup or range by an index. */
export interface StoreView {
  head(name: string): Promise<HeadRow | undefined>;
  heads(query: {product: string | undefined; after: string | undefined; limit: number}): Promise<HeadRow[]>;
  part(name: string, path: string): Promise<PartRow | undefined>;
  /** Removed ones included, ordered by path. */
  parts(name: string): Promise<PartRow[]>;
  /** Those of these paths that have a row, removed ones included, in no order. */
  partsOf(name: string, paths: readonly string[]): Promise<PartRow[]>;
  /** The last change of a part (`""`: the head) that is not above a version of the release. */
  changeAt(name: string, path: string, releaseVersion: number): Promise<ChangeRow | undefined>;
  /** The same for every part of a release, the head not included, ordered by path. */
  changesAt(name: string, releaseVersion: number): Promise<ChangeRow[]>;
  changeOf(name: string, path: string, partVersion: number): Promise<ChangeRow | undefined>;
  changeBySeq(seq: number): Promise<ChangeRow | undefined>;
  /** The highest version of a release whose time is not after `at`. */
  versionAt(name: string, at: number): Promise<number | undefined>;
  /** Newest first. `path` undefined: every part and the head. */
  history(query: {name: string; path: string | undefined; before: number | undefined; limit: number}): Promise<Change[]>;
  /** Oldest first. */
  changes(query: {name: string | undefined; after: number; limit: number}): Promise<Change[]>;
  /** The changes that a request made, by the versions of the release that it would have made. */
  changesOfRequest(name: string, releaseVersions: {from: number; to: number}, requestId: string): Promise<Change[]>;
  request(actor: string, id: string): Promise<RequestRow | undefined>;
}

/** What is told of a new history row; its `seq` is given by the store. */
export type NewChange = Omit<Change, 'seq'> & {readonly body: string | undefined; readonly operation: Operation};

/** One writing transaction. */
export interface StoreTransaction extends StoreView {
  /** Takes the release's lock until the end of the transaction, so that what is read then can't be changed by others. */
  lock(name: string): Promise<HeadRow | undefined>;
  /** A head at version 0, removed; false when there is one. */
  insertHead(name: string, head: HeadWrite, time: number): Promise<boolean>;
  /**
   * Counts `count` changes of a release and takes its lock: one UPDATE. Undefined when the guard failed: the version is
   * another one (when told), or the release's `removed` and `readOnly` are not what is expected (when told).
   */
  advance(name: string, count: number, time: number,
    guard: {version?: number | undefined; removed?: boolean | undefined; readOnly?: boolean | undefined}): Promise<HeadRow | undefined>;
  /** Sets the head of a release and counts its `headVersion`, guarded by it. False when the guard failed. */
  writeHead(name: string, expected: number, head: HeadWrite): Promise<boolean>;
  /** New rows by INSERT, others by one UPDATE each with key and version. False when a guard failed. */
  writeParts(name: string, writes: readonly PartWrite[]): Promise<boolean>;
  /** Gives them their place in the feed, in this order; the last thing before the commit, as others wait for it. */
  insertChanges(changes: readonly NewChange[]): Promise<Change[]>;
  /** False when the actor used the id before. */
  insertRequest(request: RequestRow): Promise<boolean>;
  /** Drops at most `limit` old bodies, in the order of the feed from `after` on. Resolves to how many, and the last seq looked at. */
  pruneBodies(query: {after: number; before: number; keep: number; limit: number}): Promise<{count: number; last: number | undefined}>;
  /** Forgets at most `limit` requests older than `before`. */
  pruneRequests(before: number, limit: number): Promise<number>;
}

/** Where the catalogue keeps its rows: SQLite or PostgreSQL. Specs wrap it to commit, fail or wait at a chosen moment. */
export interface CatalogueStore {
  /** One consistent state. @throws StoreFault */
  read<T>(work: (view: StoreView) => Promise<T>, options?: StoreOptions): Promise<T>;
  /**
   * A fresh transaction: committed when `work` resolves, rolled back when it rejects. Locks and deadlocks are waited out
   * and the work repeated, until the store's limit. @throws StoreFault, Overloaded, StoreReadOnly, OutcomeUnknown
   */
  write<T>(work: (transaction: StoreTransaction) => Promise<T>, options?: StoreOptions): Promise<T>;
  /** How often a transaction met contention and was repeated, since the store was opened. */
  readonly contentions: number;
  close(): Promise<void>;
}

/** What a transaction is told. */
export interface StoreOptions {
  readonly signal?: AbortSignal | undefined;
}
