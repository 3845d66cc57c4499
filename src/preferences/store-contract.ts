import type {StoreUpkeep} from './upkeep-contract.js';

/** A local row: L and X of one setting of one owner in one scope. */
export interface LocalRow {
  readonly setting: string;
  /** L as canonical JSON; undefined: there is none. */
  readonly value: string | undefined;
  /** X. */
  readonly exception: boolean;
  readonly revision: number;
}

/** A global row: G of one setting of one owner. */
export interface GlobalRow {
  readonly setting: string;
  /** Canonical JSON. */
  readonly value: string;
  readonly revision: number;
}

/** What the central store last said about an owner, kept in the local one. */
export interface SnapshotRow {
  /** Epoch ms when it was true. */
  readonly time: number;
  readonly rows: readonly GlobalRow[];
}

/** What a local store knows of one owner in one scope. */
export interface LocalView {
  readonly rows: readonly LocalRow[];
  /** Undefined: the central store was never asked for this owner, which is not the same as one without rows. */
  readonly snapshot: SnapshotRow | undefined;
}

/** A change of one local row. A row with neither value nor exception is removed. */
export interface LocalChange {
  readonly scope: string;
  readonly owner: string;
  readonly setting: string;
  /** Canonical JSON; null removes L, undefined leaves it. */
  readonly value?: string | null | undefined;
  /** undefined leaves X. */
  readonly exception?: boolean | undefined;
  /** The revision that the row must have, 0 for no row; undefined: any. */
  readonly expected?: number | undefined;
}

/** A change of one global row. */
export interface GlobalChange {
  readonly owner: string;
  readonly setting: string;
  /** Canonical JSON; null removes G. */
  readonly value: string | null;
  /** The revision that the row must have, 0 for no row; undefined: any. */
  readonly expected?: number | undefined;
}

/** What both faces of a store have. */
export interface PreferenceStore {
  /** Which store this is, without credentials; two texts that differ are two stores. */
  readonly address: string;
  /** Loads the drivers, so that no limit of time counts it; asks no server. @throws StoreFault */
  load(): Promise<void>;
  /** Brings the tables up to date; later calls do nothing. Other calls do it by themselves. @throws StoreFault */
  prepare(): Promise<void>;
  /** A random text made once and kept in the store: envelopes are bound to it. @throws StoreFault */
  identity(): Promise<string>;
  /** What cleanups, exports and rotations use. */
  readonly upkeep: StoreUpkeep;
  close(): Promise<void>;
}

/**
 * Keeps local values, exceptions and snapshots. A write is one transaction: all of its changes or none. It changes no row and
 * no revision where nothing differs.
 */
export interface LocalStore extends PreferenceStore {
  /**
   * One query for up to 1,000 owners; each has an entry in the answer.
   * @param central The address of the central store whose snapshots are wanted; undefined: none.
   * @throws StoreFault
   */
  locals(scope: string, owners: readonly string[], central: string | undefined): Promise<ReadonlyMap<string, LocalView>>;
  /** How many rows were written or removed. @throws RevisionConflict, LocalReadOnly, StoreFault */
  writeLocals(changes: readonly LocalChange[]): Promise<number>;
  /** Removes every L and X of an owner in a scope, unknown settings too. @throws LocalReadOnly, StoreFault */
  resetLocals(scope: string, owner: string): Promise<number>;
  /** Keeps what is newer than what is kept. @throws LocalReadOnly, StoreFault */
  saveSnapshots(central: string, snapshots: ReadonlyMap<string, SnapshotRow>): Promise<void>;
  /** @throws LocalReadOnly when it takes no writes; StoreFault */
  checkLocalWritable(): Promise<void>;
}

/** Keeps global values. Writes are as those of LocalStore. */
export interface CentralStore extends PreferenceStore {
  /** One query for up to 1,000 owners; each has an entry in the answer. @throws CentralUnavailable, StoreFault */
  globals(owners: readonly string[]): Promise<ReadonlyMap<string, readonly GlobalRow[]>>;
  /** @throws RevisionConflict, CentralReadOnly, CentralUnavailable, OutcomeUnknown, StoreFault */
  writeGlobals(changes: readonly GlobalChange[]): Promise<number>;
  /** Removes every G of an owner, unknown settings too. @throws as writeGlobals */
  removeGlobals(owner: string): Promise<number>;
  /** @throws CentralReadOnly when it takes no writes; CentralUnavailable, StoreFault */
  checkCentralWritable(): Promise<void>;
}
