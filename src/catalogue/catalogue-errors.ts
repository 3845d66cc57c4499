/*
 * CatalogueError           code, retryable, cause, suppressed[]
 * ├ Refused(pointer)       by content: the same request fails again
 * │ ├ InvalidName   ├ InvalidDocument   ├ InvalidFact(index)   ├ PatchFailed   └ RequestReused
 * ├ NotInCatalogue ─ UnknownRelease, UnknownPart, UnknownVersion
 * ├ Contradiction          by the state of the release
 * │ ├ ReleaseExists   ├ ReadOnlyRelease   ├ StaleVersion(currentVersion)
 * │ └ MergeConflict(conflicts[], currentVersion)   └ PrunedAncestor(base, currentVersion)
 * └ StoreFault             the database: ─ StoreReadOnly, Overloaded(retryAfter), OutcomeUnknown
 *
 * Misuse of an option is a TypeError or a RangeError. The codes: catalogue-codes.ts.
 */
import {CLEAN, cleanCause} from '../core/foreign-error.js';
import {escapeControls, redactText} from '../core/redact.js';
import type {CatalogueCode} from './catalogue-codes.js';
import type {ClientCode} from './client-codes.js';
import type {PartConflict} from './contract.js';
import type {ServerCode} from './server-codes.js';

/** What every error of the catalogue is made with. */
export interface CatalogueErrorOptions {
  /** Foreign errors are reduced to name, message, code and stack, redacted. */
  cause?: unknown;
}

/** The root of all that the catalogue throws. Branch on the class or on `code`, never on the text. */
export class CatalogueError extends Error {
  /** Of a ClientFault one of the client or the server, of all others one of the catalogue. */
  readonly code: CatalogueCode | ClientCode | ServerCode;
  /** The same request may succeed later, unchanged. */
  readonly retryable: boolean;
  /** Faults of cleaning up after this one; they never mask it. */
  suppressed: readonly unknown[] = [];

  constructor(message: string, code: CatalogueError['code'], retryable = false, options: CatalogueErrorOptions = {}) {
    super(escapeControls(redactText(message)), options.cause === undefined ? undefined : {cause: cleanCause(options.cause)});
    this.name = new.target.name;
    this.code = code;
    this.retryable = retryable;
    Object.defineProperty(this, CLEAN, {value: true});
  }

  /** What may be logged or sent. */
  toJSON(): Record<string, unknown> {
    return {...(this as object), message: this.message, suppressed: undefined, cause: undefined};
  }
}

/** The request can't be taken, whatever the state of the catalogue. */
export class Refused extends CatalogueError {
  declare readonly code: CatalogueCode;
  /** JSON Pointer of the bad place in what was given; undefined when it is the whole. */
  readonly pointer: string | undefined;

  constructor(message: string, code: CatalogueCode, pointer?: string, options?: CatalogueErrorOptions) {
    super(message, code, false, options);
    this.pointer = pointer;
  }
}

/** A name, path, actor or request id that is not taken. */
export class InvalidName extends Refused {
  constructor(message: string, pointer?: string) {
    super(message, 'INVALID_NAME', pointer);
  }
}

/** A document or patch that is not taken. */
export class InvalidDocument extends Refused {
  constructor(message: string, pointer?: string, options?: CatalogueErrorOptions) {
    super(message, 'INVALID_DOCUMENT', pointer, options);
  }
}

/** A fact that is not taken. */
export class InvalidFact extends Refused {
  constructor(message: string, readonly index: number, pointer?: string) {
    super(message, 'INVALID_FACT', pointer);
  }
}

/** The patch doesn't fit its base. */
export class PatchFailed extends Refused {
  constructor(message: string, pointer?: string, options?: CatalogueErrorOptions) {
    super(message, 'PATCH_FAILED', pointer, options);
  }
}

/** A request id that stands for something else. */
export class RequestReused extends Refused {
  constructor(message: string) {
    super(message, 'REQUEST_REUSED');
  }
}

/** What was asked for isn't there. */
export class NotInCatalogue extends CatalogueError {
  declare readonly code: CatalogueCode;
}

/** There is no such release, or not any more. */
export class UnknownRelease extends NotInCatalogue {
  constructor(readonly release: string) {
    super(`no release ${JSON.stringify(release)}`, 'UNKNOWN_RELEASE');
  }
}

/** The release has no such part, or not any more. */
export class UnknownPart extends NotInCatalogue {
  constructor(readonly release: string, readonly path: string) {
    super(`release ${JSON.stringify(release)} has no part ${JSON.stringify(path)}`, 'UNKNOWN_PART');
  }
}

/** There is no such version, time or change, or its document was pruned. */
export class UnknownVersion extends NotInCatalogue {
  constructor(message: string) {
    super(message, 'UNKNOWN_VERSION');
  }
}

/** The state of the release forbids it. */
export class Contradiction extends CatalogueError {
  declare readonly code: CatalogueCode;
}

/** Created before, with another head. */
export class ReleaseExists extends Contradiction {
  constructor(readonly release: string) {
    super(`release ${JSON.stringify(release)} exists with another product, schema or hash function`, 'RELEASE_EXISTS');
  }
}

/** It takes no changes. */
export class ReadOnlyRelease extends Contradiction {
  constructor(readonly release: string) {
    super(`release ${JSON.stringify(release)} is read-only`, 'READ_ONLY_RELEASE');
  }
}

/** Another write came first. */
export class StaleVersion extends Contradiction {
  /** The target's version that stands; 0 when it doesn't exist. */
  constructor(message: string, readonly currentVersion: number) {
    super(message, 'STALE_VERSION');
  }
}

/** Both sides changed the same places differently. */
export class MergeConflict extends Contradiction {
  constructor(message: string, readonly conflicts: readonly PartConflict[], readonly currentVersion: number) {
    super(message, 'MERGE_CONFLICT');
  }
}

/** The base can't be merged with: its document was pruned. */
export class PrunedAncestor extends Contradiction {
  constructor(message: string, readonly base: number, readonly currentVersion: number) {
    super(message, 'PRUNED_ANCESTOR');
  }
}

/** The database failed. */
export class StoreFault extends CatalogueError {
  declare readonly code: CatalogueCode;
  constructor(message: string, options?: CatalogueErrorOptions, code: CatalogueCode = 'STORE_FAULT', retryable = false) {
    super(message, code, retryable, options);
  }
}

/** The database can be read, and takes no writes. */
export class StoreReadOnly extends StoreFault {
  constructor(message: string, options?: CatalogueErrorOptions) {
    super(message, options, 'STORE_READ_ONLY');
  }
}

/** Locked or away for too long. Nothing was written. */
export class Overloaded extends StoreFault {
  /** Ms after which trying again makes sense. */
  constructor(message: string, readonly retryAfter: number, options?: CatalogueErrorOptions) {
    super(message, options, 'OVERLOADED', true);
  }
}

/** The connection broke during COMMIT. Repeat it with the same request id: that is safe. */
export class OutcomeUnknown extends StoreFault {
  constructor(message: string, readonly requestId: string, options?: CatalogueErrorOptions) {
    super(message, options, 'OUTCOME_UNKNOWN', true);
  }
}
