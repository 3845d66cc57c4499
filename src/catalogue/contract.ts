import type {CatalogueCode} from './catalogue-codes.js';
import type {Conflict} from './merge/conflict.js';
import type {Difference} from './merge/difference.js';
import type {JsonObject} from '../core/json.js';

/** What a release is made with. */
export interface NewRelease {
  /** What it is a release of: `firefox`. At most 255 bytes, like every name. */
  readonly product: string;
  /** The number of its document schema; it selects the merge policy. @default 1 */
  readonly schema?: number | undefined;
  /** The algorithm of its digests, as node's crypto names it. @default 'sha512' */
  readonly hashFunction?: string | undefined;
}

/** The head of a release. */
export interface ReleaseHead {
  readonly name: string;
  readonly product: string;
  readonly schema: number;
  readonly hashFunction: string;
  readonly readOnly: boolean;
  /** Counts every change of the release and its parts, from 1, without a gap; goes on after delete and recreate. */
  readonly version: number;
  /** When it was changed last, epoch ms by the writer's clock. For people; no order depends on it. */
  readonly time: number;
}

/** A part as it stands, or stood. */
export interface PartState {
  /** JSON Pointer (RFC 6901) of the part: `/linux-x64/de`. */
  readonly path: string;
  /** Counts the changes of this part, from 1; goes on after delete and recreate. */
  readonly version: number;
  /** The release's version that its last change made. */
  readonly releaseVersion: number;
  readonly document: JsonObject;
}

/** A release with all its parts, ordered by path (by code point). */
export interface ReleaseState extends ReleaseHead {
  readonly parts: readonly PartState[];
}

/** One artifact statement. In the part's document it is an item of the list of its kind (`completes`, `partials`). */
export interface Fact {
  /** The part it belongs to, a JSON Pointer: `/linux-x64/de`. */
  readonly path: string;
  /** `complete` is kept in `completes`, `partial` in `partials`; any other word in `facts`, as the item's `kind`. */
  readonly kind: string;
  /** What tells it from others in its list: a relative path. Exactly one of `key` and `from` is given. */
  readonly key?: string | undefined;
  /** The same for partials: the version that it updates from. */
  readonly from?: string | undefined;
  /** Hex in either case, or base64; kept as lower-case hex. */
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
  readonly url?: string | undefined;
  /** More members of the item, beside those above. */
  readonly more?: JsonObject | undefined;
}

/** What is written to: a part, or the whole release when `path` is left out. */
export interface Target {
  readonly name: string;
  readonly path?: string | undefined;
}

/** What every write is told. */
export interface WriteOptions {
  /** Who writes: shown in the history. At most 255 bytes. */
  readonly actor: string;
  /** An Idempotency-Key: the actor's repeat of it gives the stored result, and changes nothing. At most 255 bytes. */
  readonly requestId?: string | undefined;
  /** Ends the waiting between tries; what is committed stays committed. */
  readonly signal?: AbortSignal | undefined;
}

/** How facts are published. */
export interface PublishOptions extends WriteOptions {
  /** Creates the release with this when it doesn't exist; without it that is an UnknownRelease. */
  readonly create?: NewRelease | undefined;
  /** Refuses bad facts one by one instead of the whole batch; the result has `items`. @default false */
  readonly perItem?: boolean | undefined;
}

/** How a patch is made. Exactly one of the two is given. */
export interface PatchOptions extends WriteOptions {
  /** The version of the target that the patch was made for; 0 when it didn't exist. */
  readonly base?: number | undefined;
  /** The same as a version of the release (the classic `data_version`), for a part. */
  readonly releaseBase?: number | undefined;
}

/** How a guarded write is made. */
export interface GuardedOptions extends WriteOptions {
  /** The target's version that is replaced; 0 = it must not exist; `any` = it must exist. */
  readonly ifVersion: number | 'any';
}

/** How a change is reverted. */
export interface RevertOptions extends WriteOptions {
  /** The version of the part that is replaced. Default: `any` */
  readonly ifVersion?: number | 'any' | undefined;
}

/** RFC 6902 (a list of operations) or RFC 7396 (an object). Of a whole release it sees `{"<path>": document, …}`. */
export type Patch = readonly JsonObject[] | JsonObject;

/** What was done to a part, or to the head (path `""`). */
export type Operation = 'create' | 'publish' | 'patch' | 'replace' | 'remove' | 'set-read-only' | 'revert';

/** One history row. */
export interface Change {
  /** Its place in the feed of the whole catalogue: from 1, without a gap, in the order of the commits. */
  readonly seq: number;
  readonly name: string;
  /** The part, or `""` for the head of the release. */
  readonly path: string;
  readonly partVersion: number;
  readonly releaseVersion: number;
  readonly actor: string;
  /** Epoch ms by the writer's clock. */
  readonly time: number;
  readonly operation: Operation;
  /** The caller's, or one made for this write. */
  readonly requestId: string;
  /** The part, or the release, does not exist since. */
  readonly removed: boolean;
}

/** A history row with the document that it made; undefined when it removed it, or when the body was pruned. */
export interface ChangeWithDocument extends Change {
  readonly document: JsonObject | undefined;
  /** The body was pruned; the row stays, so that the numbers have no gap. */
  readonly pruned: boolean;
}

/** A conflict and where it is. */
export interface PartConflict extends Conflict {
  /** The part. */
  readonly part: string;
  /** The fact's place in the batch, when facts were published. */
  readonly index?: number | undefined;
}

/** What became of one fact of a batch in per-item mode. */
export interface ItemOutcome {
  /** Its place in the batch. */
  readonly index: number;
  readonly outcome: 'added' | 'equal' | 'refused';
  /** Why it was refused. */
  readonly code?: CatalogueCode | undefined;
  readonly message?: string | undefined;
  /** When its key is taken by another digest. */
  readonly conflicts?: readonly PartConflict[] | undefined;
}

/** The answer to a write. */
export interface WriteResult {
  readonly name: string;
  /** The release's version after it. */
  readonly version: number;
  /** How many tries it took; from 1. */
  readonly attempts: number;
  /** It was combined with changes that the writer hadn't seen. */
  readonly merged: boolean;
  /** Every history row that it made; none when nothing differed. */
  readonly changes: readonly Change[];
  /** This is the stored result of an earlier request with the same id. */
  readonly replayed: boolean;
  /** Only in per-item mode. */
  readonly items?: readonly ItemOutcome[] | undefined;
}

/** Which state is read; without any, the current one. At most one is given. */
export interface Moment {
  /** The release's version. */
  readonly version?: number | undefined;
  /** Epoch ms: the highest version whose time is not after it. */
  readonly at?: number | undefined;
}

/** Which state of a part is read; without any, the current one. At most one is given. */
export interface PartMoment extends Moment {
  /** The part's own version; `version` is that of the release. */
  readonly partVersion?: number | undefined;
}

/** A page of releases. */
export interface ListOptions {
  readonly product?: string | undefined;
  /** Only names after this one (by code point). */
  readonly after?: string | undefined;
  /** @default 100, at most 1,000 */
  readonly limit?: number | undefined;
}

/** A page of a history, newest first. */
export interface HistoryOptions {
  /** One part only; `""` = the head. Default: all of the release. */
  readonly path?: string | undefined;
  /** Only release versions below this one. */
  readonly before?: number | undefined;
  /** @default 100, at most 1,000 */
  readonly limit?: number | undefined;
}

/** A page of the feed, oldest first. */
export interface ChangesOptions {
  /** The last `seq` that is known. @default 0 */
  readonly after?: number | undefined;
  /** One release only. */
  readonly name?: string | undefined;
  /** @default 100, at most 1,000 */
  readonly limit?: number | undefined;
}

/** How one part differs between two versions. */
export interface PartDifference {
  /** The part, or `""` for the head. */
  readonly path: string;
  /** Sorted by path; one of `""` that is added or removed: the whole part appeared or disappeared. */
  readonly changes: readonly Difference[];
}

/** What old bodies are dropped. */
export interface PruneOptions {
  /** Rows younger than this stay, ms. @default 90 days */
  readonly olderThan?: number | undefined;
  /** So many newest versions of each part stay whatever their age. @default 10 */
  readonly keep?: number | undefined;
  /** Rows a transaction. @default 500 */
  readonly batch?: number | undefined;
  /** Pause between two transactions, ms; ten times as long after one that met contention. @default 50 */
  readonly pause?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a prune did. */
export interface PruneResult {
  readonly bodies: number;
  readonly requests: number;
}

/**
 * What a catalogue does, wherever it is: `Catalogue` works on a database, a client on a server. Everything rejects with a
 * CatalogueError, or a TypeError or RangeError for misuse of an option.
 */
export interface ReleaseCatalogue {
  /** Makes a release; nothing when it exists with the same head. @throws ReleaseExists */
  create(name: string, release: NewRelease, options: WriteOptions): Promise<WriteResult>;
  /** Adds facts, all or none. Equal ones are there already. @throws UnknownRelease, ReadOnlyRelease, InvalidFact, MergeConflict */
  publish(name: string, facts: readonly Fact[], options: PublishOptions): Promise<WriteResult>;
  /** Applies a patch to its base and merges the outcome into the tip. @throws PatchFailed, MergeConflict, PrunedAncestor, StaleVersion */
  patch(target: Target, patch: Patch, options: PatchOptions): Promise<WriteResult>;
  /** Puts a document in the place of a part's, or `{"<path>": document, …}` in the place of all parts. @throws StaleVersion */
  replace(target: Target, document: JsonObject, options: GuardedOptions): Promise<WriteResult>;
  /** Removes a part, or the release with all its parts. @throws StaleVersion, UnknownRelease, UnknownPart */
  remove(target: Target, options: GuardedOptions): Promise<WriteResult>;
  /** Closes a release to changes, or opens it. @throws StaleVersion, UnknownRelease */
  setReadOnly(name: string, readOnly: boolean, options: GuardedOptions): Promise<WriteResult>;
  /** Makes a part again what it was after that change, as a new version. @throws UnknownVersion, StaleVersion */
  revert(change: number, options: RevertOptions): Promise<WriteResult>;
  /** @throws UnknownRelease, UnknownVersion */
  get(name: string, moment?: Moment): Promise<ReleaseState>;
  /** @throws UnknownRelease, UnknownPart, UnknownVersion */
  getPart(name: string, path: string, moment?: PartMoment): Promise<PartState>;
  /** By name. */
  list(options?: ListOptions): Promise<ReleaseHead[]>;
  /** @throws UnknownRelease; one that was removed still has its history */
  history(name: string, options?: HistoryOptions): Promise<Change[]>;
  /** One row with its document, by its place in the feed. @throws UnknownVersion */
  change(seq: number): Promise<ChangeWithDocument>;
  /** What changed between two versions of the release. @throws UnknownRelease, UnknownVersion */
  diff(name: string, from: number, to: number): Promise<PartDifference[]>;
  /** The feed: every change of every release in the order of the commits. */
  changes(options?: ChangesOptions): Promise<Change[]>;
}
