import {parseContentRange} from '../download/content-range.js';
import {DownloadError, MirrorsExhausted, NotAuthorized, ReplyFailed, TimedOut, Cancelled, WriterError} from '../core/errors.js';

/** Why a client gets nothing, as problem+json (RFC 9457). */
export interface Problem {
  readonly status: number;
  readonly title: string;
  /** Shows no address of the upstream. */
  readonly detail?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The connection is not used again. */
  readonly close?: boolean | undefined;
}

/** There is nothing of this name. */
export const NOT_FOUND: Problem = Object.freeze({status: 404, title: 'Not Found'});
/** It would have to be asked for, and may not be. */
export const NOT_STORED: Problem = Object.freeze({
  status: 504, title: 'Gateway Timeout', detail: 'it is not stored, and the upstream is not asked',
});

/**
 * What a fault of a download means to a client: the upstream's 4xx are its own, except that nothing is told of
 * credentials; all else is 502, or 504 when the upstream was too slow.
 */
export function problemOf(error: unknown): Problem {
  if (error instanceof MirrorsExhausted) return problemOfAll(error.errors);
  const detail = error instanceof DownloadError ? error.code : 'INTERNAL';
  if (error instanceof NotAuthorized) return {status: 502, title: 'Bad Gateway', detail: 'the upstream refused'};
  if (error instanceof ReplyFailed && error.status >= 400 && error.status < 500) {
    const {'retry-after': after, 'content-range': range} = error.headers;
    const size = error.status === 416 ? parseContentRange(range)?.total : undefined;
    const headers = {...after === undefined ? {} : {'retry-after': after}, ...size === undefined ? {} : {'content-range': `bytes */${size}`}};
    return {status: error.status, title: 'Upstream Error', detail, headers};
  }
  if (error instanceof TimedOut) return {status: 504, title: 'Gateway Timeout', detail};
  if (error instanceof Cancelled) return {status: 503, title: 'Service Unavailable', detail};
  if (error instanceof WriterError || !(error instanceof DownloadError)) return {status: 500, title: 'Internal Server Error', detail};
  return {status: 502, title: 'Bad Gateway', detail};
}

/** The file is nowhere only if every mirror says so. */
function problemOfAll(errors: readonly DownloadError[]): Problem {
  const problems = errors.map(problemOf);
  const first = problems[0];
  const isSame = first !== undefined && problems.every(({status}) => status === first.status);
  return isSame ? first : {status: 502, title: 'Bad Gateway', detail: 'MIRRORS_EXHAUSTED'};
}

/** Whether the upstream says, itself, that there is no such thing. */
export function isAbsent(error: unknown): boolean {
  return [404, 410].includes(problemOf(error).status);
}
