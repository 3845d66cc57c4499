import {
  Contradiction, InvalidFact, MergeConflict, NotInCatalogue, OutcomeUnknown, Overloaded, PrunedAncestor, Refused,
  StaleVersion, StoreFault, StoreReadOnly,
} from '../catalogue-errors.js';
import {CATALOGUE_CODES, type CatalogueCode} from '../catalogue-codes.js';
import type {PartConflict} from '../contract.js';
import {InvalidDocument} from '../merge/invalid-document.js';
import {InvalidPatch} from '../merge/invalid-patch.js';
import {SERVER_CODES, type ServerCode} from '../server-codes.js';

/** The body of an answer that is no success (RFC 9457). It holds no SQL, no stack and no secret. */
export interface ProblemBody {
  /** Stable: the code as a URN. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string | undefined;
  /** What programs branch on. */
  readonly code: CatalogueCode | ServerCode;
  /** The same request may succeed later, unchanged. */
  readonly retryable: boolean;
  /** The target's version that stands; 0: it doesn't exist. */
  readonly currentVersion?: number | undefined;
  readonly conflicts?: readonly PartConflict[] | undefined;
  /** JSON Pointer of the bad place in the body. */
  readonly pointer?: string | undefined;
  /** The bad fact's place in the batch. */
  readonly index?: number | undefined;
  /** The base that was pruned. */
  readonly base?: number | undefined;
  /** The request whose outcome is unknown; it may be repeated with this Idempotency-Key. */
  readonly requestId?: string | undefined;
}

/** What else an answer has. */
export interface ProblemOptions {
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly currentVersion?: number | undefined;
  readonly pointer?: string | undefined;
}

/** Ends a request with an answer that is no success. */
export class Problem extends Error {
  readonly body: ProblemBody;
  readonly headers: Readonly<Record<string, string>>;

  constructor(body: Omit<ProblemBody, 'type'>, headers: Readonly<Record<string, string>> = {}) {
    super(body.detail ?? body.title);
    this.name = 'Problem';
    this.body = {type: `urn:jupiter-download:catalogue:${body.code.toLowerCase().replaceAll('_', '-')}`, ...body};
    this.headers = headers;
  }

  /** One of the server's own. @param detail shows nothing but what the client sent or may know */
  static of(status: number, code: ServerCode, detail?: string, {headers, ...more}: ProblemOptions = {}): Problem {
    const body = {title: SERVER_CODES[code], status, code, retryable: status === 503, ...detail !== undefined && {detail}, ...more};
    return new Problem(body, headers);
  }

  /** A body that is refused. @param pointer the bad place in it */
  static invalid(detail: string, pointer: string): Problem {
    return refusal('INVALID_DOCUMENT', detail, pointer);
  }
}

/** Parameters and headers: the request is wrong before its body is looked at. */
export function badRequest(detail: string): Problem {
  return Problem.of(400, 'BAD_REQUEST', detail);
}

/** What an error means to a client; undefined: nothing that may be told, so it is a fault of the server. */
export function problemOf(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error;
  if (error instanceof InvalidDocument) return refusal('INVALID_DOCUMENT', error.reason, error.path);
  if (error instanceof InvalidPatch) {
    return refusal('PATCH_FAILED', error.reason, error.index === undefined ? '' : `/${error.index}`);
  }
  if (error instanceof InvalidFact) return refusal(error.code, error.message, error.pointer, error.index);
  if (error instanceof Refused) return refusal(error.code, error.message, error.pointer);
  if (error instanceof NotInCatalogue) return fromCatalogue(error, 404);
  if (error instanceof StaleVersion) return fromCatalogue(error, 412, {currentVersion: error.currentVersion});
  if (error instanceof Contradiction) return fromCatalogue(error, 409, contradictionOf(error));
  if (error instanceof StoreFault) return storeProblem(error);
  return undefined;
}

function refusal(code: CatalogueCode, detail: string, pointer: string | undefined, index?: number): Problem {
  return new Problem({
    title: CATALOGUE_CODES[code], status: 422, detail, code, retryable: false,
    ...pointer !== undefined && {pointer}, ...index !== undefined && {index},
  });
}

function contradictionOf(error: Contradiction): Partial<ProblemBody> {
  if (error instanceof MergeConflict) return {currentVersion: error.currentVersion, conflicts: error.conflicts};
  return error instanceof PrunedAncestor ? {currentVersion: error.currentVersion, base: error.base} : {};
}

/** The texts of databases stay here: they may quote a statement, an address or a row. */
function storeProblem(error: StoreFault): Problem {
  const {code} = error;
  const body = {title: CATALOGUE_CODES[code], code, retryable: error.retryable};
  if (error instanceof Overloaded) return new Problem({...body, status: 503}, retryAfter(error.retryAfter));
  if (error instanceof OutcomeUnknown) return new Problem({...body, status: 503, requestId: error.requestId}, retryAfter(1000));
  return new Problem({...body, status: error instanceof StoreReadOnly ? 503 : 500});
}

function fromCatalogue(error: NotInCatalogue | Contradiction, status: number, more: Partial<ProblemBody> = {}): Problem {
  const {code, message: detail, retryable} = error;
  return new Problem({title: CATALOGUE_CODES[code], status, detail, code, retryable, ...more});
}

/** Whole seconds, at least one (RFC 9110, 10.2.3). @param ms */
export function retryAfter(ms: number): Record<string, string> {
  return {'retry-after': String(Math.max(1, Math.ceil(ms / 1000)))};
}
