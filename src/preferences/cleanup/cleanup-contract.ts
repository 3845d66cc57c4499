/**
 * Why something is removed. On by default: `equal-default` (L that says what its default has said for long), `dormant-exception`
 * (X without G for long), `deleted-remote`, `deleted-owner`, `orphan` (of an owner or scope that nobody knows). Only when asked:
 * `shadowed` (L under a G for long), `unknown` (settings that nobody declares), `inactive-owner`.
 */
export type CleanupRule = 'equal-default' | 'dormant-exception' | 'deleted-remote' | 'deleted-owner' | 'orphan'
  | 'shadowed' | 'unknown' | 'inactive-owner';

/** Every rule, in the order of reports. */
export const CLEANUP_RULES: readonly CleanupRule[] = ['equal-default', 'dormant-exception', 'deleted-remote', 'deleted-owner', 'orphan',
  'shadowed', 'unknown', 'inactive-owner'];

/** The rules that are off unless a request asks for them. */
export const CLEANUP_ASKED_RULES: readonly CleanupRule[] = ['shadowed', 'unknown', 'inactive-owner'];

/** For how long something must have been so, ms. */
export interface CleanupAges {
  /** How long a default must have been the same. @default 90 days */
  readonly default?: number | undefined;
  /** How long ago an exception was first seen without a global value. @default 182 days */
  readonly dormant?: number | undefined;
  /** How long ago a local value was first seen under a global one. @default 182 days */
  readonly shadowed?: number | undefined;
  /** How long ago an orphan was first seen. @default 24 hours */
  readonly orphan?: number | undefined;
}

/** Says which of some names are there; what it leaves out is an orphan. A directory that can't tell must reject. */
export type Known = (names: readonly string[]) => Promise<Iterable<string>> | Iterable<string>;

/** What one cleanup is to do. */
export interface CleanupRequest {
  /** Removes, marks and logs; otherwise only tells what it would do, and writes nothing at all. @default false */
  readonly apply?: boolean | undefined;
  /** Rule → whether it is on. @default all but `shadowed`, `unknown`, `inactive-owner` */
  readonly rules?: Readonly<Partial<Record<CleanupRule, boolean>>> | undefined;
  /** Remotes that were deleted: their local rows go, global values stay. @default none */
  readonly deletedScopes?: readonly string[] | undefined;
  /** Owners that were deleted: all of theirs goes, in both stores, secrets first. @default none */
  readonly deletedOwners?: readonly string[] | undefined;
  /** Which scopes there are. @default all of them: there are no orphans by scope */
  readonly knownScopes?: Known | undefined;
  /** Which owners there are. @default all of them: there are no orphans by owner */
  readonly knownOwners?: Known | undefined;
  /** Which of some owners are inactive; the rule `inactive-owner` needs it. @default none */
  readonly inactiveOwners?: Known | undefined;
  /** Hidden settings that may be cleaned all the same, by name. @default none */
  readonly named?: readonly string[] | undefined;
  readonly ages?: CleanupAges | undefined;
  /** Rows a batch, and a transaction. @default 500 */
  readonly batch?: number | undefined;
  /** Stops after the batch that runs; the outcome is `incomplete` then. */
  readonly signal?: AbortSignal | undefined;
}

/** What a cleanup did, or would do. It shows no value. */
export interface CleanupReport {
  /** For `undo`; undefined when nothing was removed. */
  readonly run: string | undefined;
  /** False: a dry run. */
  readonly applied: boolean;
  /** `incomplete`: the primary of the central store could not prove what is in it (`reason`), or somebody stopped it. */
  readonly outcome: 'complete' | 'incomplete';
  /** For people: why it is incomplete. */
  readonly reason: string | undefined;
  /** Rows that were looked at. */
  readonly looked: number;
  /** Rows that were removed or lost L or X; in a dry run those that would be. */
  readonly rows: number;
  /** The same by rule; a row whose L and X go counts under both rules. */
  readonly removed: Readonly<Record<CleanupRule, number>>;
  /** First seen now, to be removed when it is still so later. */
  readonly marked: number;
  /** Marks taken back, since it is not so any more. */
  readonly cleared: number;
  /** Left alone, since somebody wrote them meanwhile. */
  readonly overtaken: number;
  /** Left alone, since they could not be put back: secrets, and private values when there is no SecretBox. */
  readonly kept: number;
}

/** What undoing did. */
export interface UndoReport {
  readonly run: string;
  /** Rows put back. */
  readonly restored: number;
  /** Rows that were written since, and stay as they are. */
  readonly overtaken: number;
  /** Rows whose value was not kept: secrets, and private values that were removed without a SecretBox. */
  readonly lost: number;
}

/** One run that the log knows. */
export interface CleanupRun {
  readonly run: string;
  /** Epoch ms of its first removal. */
  readonly time: number;
}
