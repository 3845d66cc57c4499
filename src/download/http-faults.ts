import type {HeaderMap} from '../core/contract.js';
import {
  ConnectFailed, DownloadError, DownloadFailed, Interrupted, NotAuthorized, NotFound, ProtocolError, ReplyFailed, Throttled,
  type ErrorOptions,
} from '../core/errors.js';
import {errorCode, messageOf} from '../core/foreign-error.js';
import {httpDate} from './http-date.js';

const BROKEN = new Set(['ECONNRESET', 'EPIPE', 'ECONNREFUSED', 'ECONNABORTED', 'EAI_AGAIN', 'ENETUNREACH', 'EHOSTUNREACH', 'ENETDOWN',
  'EHOSTDOWN', 'ETIMEDOUT', 'ENOTCONN', 'EADDRNOTAVAIL', 'EMFILE', 'ENFILE', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_SOCKET_CLOSED']);
const TLS = new RegExp('^(?:CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH|'
  + 'ERR_TLS_|ERR_SSL_|EPROTO)');

/** Whether it is about a certificate or the way TLS is spoken, which no repeat mends. */
export function isTlsFault(thrown: unknown): boolean {
  return TLS.test(errorCode(thrown) ?? '');
}

/** The fault behind what the stack below threw instead of a reply; its class is decided here. */
export function connectionFault(thrown: unknown, url: string): DownloadError {
  const ours = findOurs(thrown);
  if (ours !== undefined) return ours;
  const code = errorCode(thrown) ?? '';
  const text = messageOf(thrown);
  const options: ErrorOptions = {cause: thrown, url};
  if (code === 'ENOTFOUND') {
    return new ConnectFailed(`no address for the host: ${url}`, {...options, code: 'DNS_FAILED', class: 'source-bad'});
  }
  if (code.startsWith('HPE_')) return brokenHttp(code, text, options);
  if (isTlsFault(thrown)) {
    return new ConnectFailed(`TLS failed (${code}: ${text}): ${url}`, {...options, code: 'TLS_FAILED', class: 'source-bad'});
  }
  if (isBroken(code, text)) return new ConnectFailed(`no reply (${code === '' ? text : code}): ${url}`, options);
  return new DownloadFailed(`${text}: ${url}`, options);
}

/** The fault that ended a body after so many bytes. TLS that breaks here is a broken connection like any other. */
export function bodyFault(thrown: unknown, url: string, received: number, announced: string | undefined): DownloadError {
  const ours = findOurs(thrown);
  if (ours !== undefined) return ours;
  const code = errorCode(thrown) ?? '';
  const text = messageOf(thrown);
  const options: ErrorOptions = {cause: thrown, url};
  if (code.startsWith('HPE_')) return brokenHttp(code, text, options);
  if (!isBroken(code, text) && !isTlsFault(thrown)) return new DownloadFailed(`${text}: ${url}`, options);
  const expected = announced === undefined ? undefined : Number(announced);
  const of = expected === undefined ? '' : ` of ${expected}`;
  const why = code === '' ? text : code;
  return new Interrupted(`the connection broke after ${received}${of} bytes (${why}): ${url}`, expected, received, options);
}

function isBroken(code: string, text: string): boolean {
  return BROKEN.has(code) || text === 'socket hang up' || text === 'aborted';
}

function brokenHttp(code: string, text: string, options: ErrorOptions): ProtocolError {
  return new ProtocolError(`the server broke HTTP (${code}: ${text}): ${options.url ?? ''}`, options);
}

/** A DownloadError of ours that travelled through the stack below as somebody's cause. */
function findOurs(thrown: unknown): DownloadError | undefined {
  for (let at: unknown = thrown, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth++) {
    if (at instanceof DownloadError) return at;
  }
  return undefined;
}

/** Successes that are not the file: a promise of one, a form to be cleared, listings, a delta (RFC 9110, 15.3; 4918; 5842; 3229). */
const NOT_THE_FILE = new Set([202, 205, 207, 208, 226]);

/** Whether a status comes with the file itself; an unknown success counts as 200 does (RFC 9110, 15). */
export function isWhole(status: number): boolean {
  return status >= 200 && status < 300 && !NOT_THE_FILE.has(status);
}

const TRANSIENT = new Set([408, 425, 500, 502, 504, 520, 521, 522, 523, 524]);

/** The fault of a status that is not the file; undefined for one that is. */
export function statusFault(status: number, headers: HeaderMap, body: string, url: string, now: number): ReplyFailed | undefined {
  if (isWhole(status)) return undefined;
  const reply = {status, headers, body};
  const text = `the server answered ${status}: ${url}`;
  const options: ErrorOptions = {url};
  switch (status) {
    case 401: case 403: return new NotAuthorized(text, reply, options);
    // The proxy wants other credentials; it stands before every mirror.
    case 407: return new NotAuthorized(text, reply, {...options, class: 'fatal'});
    case 404: case 410: return new NotFound(text, reply, options);
    case 429: case 503: return new Throttled(text, reply, {...options, retryAt: retryAt(headers, now)});
    // The file is being made: there is nothing to have yet.
    case 202: return new ReplyFailed(text, reply, {...options, class: 'transient', retryAt: retryAt(headers, now)});
    case 205: case 207: case 208: case 226: case 451: return new ReplyFailed(text, reply, {...options, class: 'source-bad'});
    default: {
      if (!TRANSIENT.has(status)) return new ReplyFailed(text, reply, options);
      return new ReplyFailed(text, reply, {...options, class: 'transient', retryAt: retryAt(headers, now)});
    }
  }
}

/**
 * When Retry-After (RFC 9110, 10.2.3) says to come back, epoch ms by our clock: seconds, or one of the three HTTP dates
 * (5.6.7) taken relative to the reply's own Date. Undefined when it says nothing usable.
 */
export function retryAt(headers: HeaderMap, now: number): number | undefined {
  const value = headers['retry-after']?.trim();
  if (value === undefined || value === '') return undefined;
  if (/^\d{1,10}$/.test(value)) return now + Number(value) * 1000;
  const date = httpDate(value);
  if (date === undefined) return undefined;
  const served = httpDate(headers.date ?? '') ?? now;
  return now + Math.max(0, date - served);
}
