/** Which rows of a store: local ones hold L and X, global ones G. */
export type LayerName = 'local' | 'global';

/** What is seen of a row, and may be a reason to remove it when it is still so later. */
export type MarkKind = 'dormant' | 'shadowed' | 'orphan';

/** A row as upkeep sees it. */
export interface UpkeepRow {
  /** Names the row, in this store only, as long as its names are kept. Pages are in the order of keys. */
  readonly key: string;
  /** Undefined: a global row. */
  readonly scope: string | undefined;
  readonly owner: string;
  readonly setting: string;
  /** L or G as canonical JSON; undefined: a row with an exception alone. */
  readonly value: string | undefined;
  readonly exception: boolean;
  readonly revision: number;
  /** Kind → since when, epoch ms. */
  readonly marks: Readonly<Partial<Record<MarkKind, number>>>;
}

/** Some rows, one after the other in a store. */
export interface UpkeepPage {
  readonly rows: readonly UpkeepRow[];
  /** The key after which the next page begins; undefined: this was the last one. */
  readonly next: string | undefined;
}

/** What is to go of one row, if nobody wrote it since. */
export interface Removal {
  readonly key: string;
  /** The revision that it was judged by. */
  readonly revision: number;
  /** L goes, or G. */
  readonly value: boolean;
  /** X goes. */
  readonly exception: boolean;
  /** Marks that it was judged by; a write of the row clears them, even one that changes nothing. */
  readonly marks: readonly MarkKind[];
  /** Why, for the log. */
  readonly rule: string;
  /** The value for putting it back, clear or sealed; undefined: it isn't kept. */
  readonly kept: string | undefined;
  readonly sealed: boolean;
}

/** One batch of a cleanup: one transaction. */
export interface Sweep {
  readonly run: string;
  /** Epoch ms. */
  readonly time: number;
  readonly removals: readonly Removal[];
  readonly marks: readonly {readonly key: string; readonly revision: number; readonly kind: MarkKind}[];
  readonly unmarks: readonly {readonly key: string; readonly kind: MarkKind}[];
}

/** One removal as the log has it. */
export interface LogEntry {
  readonly number: number;
  /** Epoch ms. */
  readonly time: number;
  readonly rule: string;
  readonly scope: string | undefined;
  readonly owner: string;
  readonly setting: string;
  readonly value: boolean;
  readonly exception: boolean;
  readonly kept: string | undefined;
  readonly sealed: boolean;
  /** It was put back already. */
  readonly undone: boolean;
}

/** What is to be put back of one removal. */
export interface PutBack {
  readonly number: number;
  /** Canonical JSON; undefined: no value went, or it is lost. */
  readonly value: string | undefined;
  readonly exception: boolean;
}

/** What a default was when it was last looked at. */
export interface DefaultNote {
  readonly setting: string;
  /** A digest of the default, which may be private. */
  readonly digest: string;
  /** Since when it is the same, epoch ms. */
  readonly since: number;
}

/** Where sealed texts may be. */
export type TextPlace = LayerName | 'snapshot' | 'log';

/** A text in a store: a value, the body of a snapshot, or what the log keeps. */
export interface StoredText {
  readonly key: string;
  readonly scope: string | undefined;
  readonly owner: string;
  /** Undefined for a snapshot, which holds rows of several. */
  readonly setting: string | undefined;
  readonly text: string;
}

/** A text in the place of another one, if that is still there. */
export interface TextChange {
  readonly key: string;
  readonly from: string;
  readonly to: string;
}

/** The part of a store that cleanups, exports and rotations use. Ranges of primary keys only; one transaction a call at most. */
export interface StoreUpkeep {
  /** Rows in the order of their keys. @param after A page's `next`; undefined: from the first. @throws StoreFault */
  page(layer: LayerName, after: string | undefined, limit: number): Promise<UpkeepPage>;
  /** Every row of one owner, in all scopes. @throws StoreFault */
  rowsOf(layer: LayerName, owner: string): Promise<UpkeepRow[]>;
  /**
   * The global values of owners, by setting, read in a transaction that may write: only the primary allows that.
   * @throws CentralReadOnly, CentralUnavailable, StoreFault
   */
  provenGlobals(owners: readonly string[]): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>>;
  /** The number in the log of each removal; undefined where somebody wrote the row since. @throws LocalReadOnly, StoreFault */
  sweep(layer: LayerName, sweep: Sweep): Promise<(number | undefined)[]>;
  /** Removes what was kept of an owner's global values while the central store was away. @throws LocalReadOnly, StoreFault */
  forgetSnapshots(owner: string): Promise<number>;
  /** What is noted of a scope's defaults. @throws StoreFault */
  defaultsOf(scope: string): Promise<DefaultNote[]>;
  /** @throws LocalReadOnly, StoreFault */
  noteDefaults(scope: string, notes: readonly DefaultNote[]): Promise<void>;
  /** Removals of one run, by number. @throws StoreFault */
  logged(layer: LayerName, run: string, after: number, limit: number): Promise<LogEntry[]>;
  /** Which of them were put back; the others were written since, or put back before. @throws LocalReadOnly, StoreFault */
  putBack(layer: LayerName, run: string, time: number, entries: readonly PutBack[]): Promise<ReadonlySet<number>>;
  /** The newest runs of the log, with the time of their first removal. @throws StoreFault */
  runs(layer: LayerName, most: number): Promise<{readonly run: string; readonly time: number}[]>;
  /** Empties the log of one run. How many rows. @throws LocalReadOnly, StoreFault */
  forgetRun(layer: LayerName, run: string): Promise<number>;
  /** Texts in the order of their keys. @throws StoreFault */
  texts(place: TextPlace, after: string | undefined, limit: number): Promise<{texts: StoredText[]; next: string | undefined}>;
  /** Changes texts and no revision, since they mean the same. How many were changed. @throws LocalReadOnly, StoreFault */
  replaceTexts(place: TextPlace, changes: readonly TextChange[]): Promise<number>;
}
