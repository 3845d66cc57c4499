import type {Json} from '../../core/json.js';

/** What leaves the house of one row: of a public setting, with the owner's pseudonym. One line of an export. */
export interface PublicRow {
  readonly layer: 'local' | 'global';
  /** Undefined for a global row. */
  readonly scope?: string | undefined;
  /** A keyed pseudonym: the same for the same owner and key, and no way back without the key. */
  readonly owner: string;
  readonly setting: string;
  /** Undefined: a row with an exception alone. */
  readonly value?: Json | undefined;
  /** True: X is set. Of local rows only. */
  readonly exception?: true | undefined;
}

/** The first line of an export. */
export interface ExportHeader {
  readonly jupiter: 1;
  readonly kind: 'preferences';
}

/** How rows are brought in. */
export interface ImportRequest {
  /** `own`: lines of an export. `suffix`: lines `{owner, scope?, name, value}`, see PreferenceImport. @default 'own' */
  readonly form?: 'own' | 'suffix' | undefined;
  /** Checks all of it and writes nothing. @default false */
  readonly dryRun?: boolean | undefined;
  /**
   * What becomes of what is there already. `replace` also ends an exception where a line says that there is none: one of an export
   * without `exception`, a `-local-exception` row with a value that is false. @default 'keep'
   */
  readonly existing?: 'keep' | 'replace' | undefined;
  /** The owners that pseudonyms may stand for; needs `key`. Without it the texts are taken as owners. */
  readonly owners?: Iterable<string> | undefined;
  /** The key of the pseudonyms, 32 bytes at least. */
  readonly key?: Uint8Array | undefined;
  /** Stops after the batch that runs; what was written stays. */
  readonly signal?: AbortSignal | undefined;
}

/** A line that was not brought in. It shows no value. */
export interface ImportRefusal {
  /** From 1. */
  readonly line: number;
  /** The setting, where one is told. */
  readonly setting: string | undefined;
  readonly reason: string;
}

/** What an import did, or would do. */
export interface ImportReport {
  readonly lines: number;
  /** Values and exceptions that the lines name and that are good. */
  readonly accepted: number;
  /** Rows written. In a dry run 0. */
  readonly rows: number;
  /** Left alone: there was another value already. */
  readonly existing: number;
  /** Local values that say what the default says, so they aren't stored. */
  readonly equalDefault: number;
  /** How many lines were refused. */
  readonly refused: number;
  /** The first 100 of them. */
  readonly refusals: readonly ImportRefusal[];
}

/** What making a replica's rows anew did. */
export interface ReplicaReport {
  /** Rows that the replica has now. */
  readonly rows: number;
  /** Rows written, and rows removed since they are not public or not there any more. */
  readonly written: number;
  readonly removed: number;
}
