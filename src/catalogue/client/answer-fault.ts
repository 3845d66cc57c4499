import type {IncomingHttpHeaders} from 'node:http';
import {REDACTED, redactUrl} from '../../core/redact.js';
import {CATALOGUE_CODES, type CatalogueCode} from '../catalogue-codes.js';
import {
  type CatalogueError, InvalidDocument, InvalidFact, InvalidName, MergeConflict, OutcomeUnknown, Overloaded, PatchFailed, PrunedAncestor,
  ReadOnlyRelease, ReleaseExists, RequestReused, StaleVersion, StoreFault, StoreReadOnly, UnknownPart, UnknownRelease, UnknownVersion,
} from '../catalogue-errors.js';
import type {PartConflict} from '../contract.js';
import type {ProblemBody} from '../server/problem.js';
import {SERVER_CODES, type ServerCode} from '../server-codes.js';
import {ForeignAnswer, RequestRefused, ServerBusy} from './client-errors.js';
import type {Answered} from './exchange.js';

/** What a request was about, for the errors that name it. */
export interface Subject {
  readonly name?: string | undefined;
  readonly path?: string | undefined;
}

/** What is needed to make an error of an answer. */
export interface FaultTerms {
  readonly subject: Subject;
  /** Of a write. */
  readonly requestId: string | undefined;
  /** It may not be shown, even if the server says it. */
  readonly token: string | undefined;
  /** Epoch ms. */
  readonly now: number;
}

/** A problem of which only the code is sure. */
type SomeProblem = Partial<ProblemBody> & Pick<ProblemBody, 'code'>;

/** Asked to wait without being told how long, ms. */
const USUAL_WAIT = 1000;
/** Nothing was done, and it may be asked for again. */
const BUSY_STATUS = new Set([408, 425, 429, 503]);

/** The error that an answer stands for: of problems the class that the catalogue itself would have thrown. */
export function faultOf({status, headers, body}: Answered, terms: FaultTerms): CatalogueError {
  const retryAfter = retryAfterOf(headers, terms.now);
  const text = hidden(body.toString('utf8'), terms.token);
  const problem = problemIn(text, headers);
  if (problem !== undefined) return fromProblem(problem, status, retryAfter, terms);
  if (status >= 300 && status < 400) {
    const {location} = headers;
    const where = location === undefined || !URL.canParse(location) ? '' : ` to ${redactUrl(hidden(location, terms.token))}`;
    return new ForeignAnswer(`a redirect (${status})${where}, which is not followed; say the catalogue's own URL`, status);
  }
  if (BUSY_STATUS.has(status)) return new ServerBusy(`the server answered ${status}`, retryAfter);
  return new ForeignAnswer(`the answer is not that of a catalogue: status ${status}, ${typeOf(headers, terms.token)}`, status);
}

/** Ms; undefined when it isn't said, or not understood (RFC 9110, 10.2.3). */
export function retryAfterOf(headers: IncomingHttpHeaders, now: number): number | undefined {
  const value = headers['retry-after']?.trim();
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const time = Date.parse(value);
  return Number.isNaN(time) ? undefined : Math.max(0, time - now);
}

/** The media type of an answer, as it may be shown. */
export function typeOf(headers: IncomingHttpHeaders, token: string | undefined): string {
  return hidden(headers['content-type'] ?? 'no content type', token);
}

/** A text without the token. */
function hidden(text: string, token: string | undefined): string {
  return token === undefined ? text : text.replaceAll(token, REDACTED);
}

function problemIn(text: string, headers: IncomingHttpHeaders): SomeProblem | undefined {
  if (!/^application\/problem\+json\b/i.test(headers['content-type'] ?? '')) return undefined;
  try {
    const problem = JSON.parse(text) as Partial<ProblemBody> | null;
    const {code} = problem ?? {};
    if (typeof code !== 'string' || !(Object.hasOwn(CATALOGUE_CODES, code) || Object.hasOwn(SERVER_CODES, code))) return undefined;
    return {...problem, code};
  } catch {
    return undefined;
  }
}

function fromProblem(problem: SomeProblem, status: number, retryAfter: number | undefined, terms: FaultTerms): CatalogueError {
  const {code} = problem;
  if (Object.hasOwn(CATALOGUE_CODES, code)) return fromCatalogue(code as CatalogueCode, problem, retryAfter, terms);
  const serverCode = code as ServerCode;
  const message = `the server answered ${status}: ${textIn(problem.detail) ?? SERVER_CODES[serverCode]}`;
  return status === 503 ? new ServerBusy(message, retryAfter, serverCode) : new RequestRefused(message, status, serverCode);
}

function fromCatalogue(code: CatalogueCode, problem: SomeProblem, retryAfter: number | undefined, terms: FaultTerms): CatalogueError {
  const {subject, requestId} = terms;
  const message = textIn(problem.detail) ?? CATALOGUE_CODES[code];
  const release = subject.name ?? quotedIn(message);
  const pointer = textIn(problem.pointer);
  const current = numberIn(problem.currentVersion);
  switch (code) {
    case 'INVALID_NAME': return new InvalidName(message, pointer);
    case 'INVALID_DOCUMENT': return new InvalidDocument(message, pointer);
    case 'INVALID_FACT': return new InvalidFact(message, numberIn(problem.index), pointer);
    case 'PATCH_FAILED': return new PatchFailed(message, pointer);
    case 'REQUEST_REUSED': return new RequestReused(message);
    case 'UNKNOWN_RELEASE': return new UnknownRelease(release);
    case 'UNKNOWN_PART': return new UnknownPart(release, subject.path ?? '');
    case 'UNKNOWN_VERSION': return new UnknownVersion(message);
    case 'RELEASE_EXISTS': return new ReleaseExists(release);
    case 'READ_ONLY_RELEASE': return new ReadOnlyRelease(release);
    case 'STALE_VERSION': return new StaleVersion(message, current);
    case 'MERGE_CONFLICT': return new MergeConflict(message, conflictsIn(problem.conflicts), current);
    case 'PRUNED_ANCESTOR': return new PrunedAncestor(message, numberIn(problem.base), current);
    case 'STORE_READ_ONLY': return new StoreReadOnly(message);
    case 'OVERLOADED': return new Overloaded(message, retryAfter ?? USUAL_WAIT);
    case 'OUTCOME_UNKNOWN': return new OutcomeUnknown(message, requestId ?? textIn(problem.requestId) ?? '');
    case 'STORE_FAULT': return new StoreFault(message);
  }
}

/** The release that a message names first. */
function quotedIn(message: string): string {
  try {
    return String(JSON.parse(/"(?:[^"\\]|\\.)*"/.exec(message)?.[0] ?? '""'));
  } catch {
    return '';
  }
}

function conflictsIn(value: unknown): PartConflict[] {
  return Array.isArray(value) ? value as PartConflict[] : [];
}

function textIn(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function numberIn(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
