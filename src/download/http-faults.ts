import type {FaultClass, HeaderMap} from '../core/contract.js';
import {
  ConnectFailed, DownloadError, DownloadFailed, Interrupted, NotAuthorized, NotFound, ProtocolError, ReplyFailed, Throttled,
  type ErrorOptions,
} from '../core/errors.js';
import type {ErrorCode} from '../core/error-codes.js';
import {errorCode, messageOf} from '../core/foreign-error.js';

/** Where a connection was when it broke. */
export type Stage = 'before-reply' | 'body';

const BROKEN = new Set(['ECONNRESET', 'EPIPE', 'ECONNREFUSED', 'ECONNABORTED', 'EAI_AGAIN', 'ENETUNREACH', 'EHOSTUNREACH', 'ENETDOWN',
  'EHOSTDOWN', 'ETIMEDOUT', 'ENOTCONN', 'EADDRNOTAVAIL', 'EMFILE', 'ENFILE', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_SOCKET_CLOSED']);
const CERTIFICATE = /^(?:CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH|ERR_TLS_|ERR_SSL_|EPROTO)/;

/** The fault behind what the stack below threw; its class is decided here. */
export function connectionFault(thrown: unknown, url: string, stage: Stage, received = 0, expected?: number): DownloadError {
  const ours = findOurs(thrown);
  if (ours !== undefined) return ours;
  const code = errorCode(thrown) ?? '';
  const text = messageOf(thrown);
  const options: ErrorOptions = {cause: thrown, url};
  if (code === 'ENOTFOUND') return new ConnectFailed(`no address for the host: ${url}`, {...options, code: 'DNS_FAILED', class: 'source-bad'});
  if (code.startsWith('HPE_')) return new ProtocolError(`the server broke HTTP (${code}: ${text}): ${url}`, options);
  if (CERTIFICATE.test(code)) return new ConnectFailed(`TLS failed (${code}: ${text}): ${url}`, {...options, code: 'TLS_FAILED', class: 'source-bad'});
  if (BROKEN.has(code) || text === 'socket hang up' || text === 'aborted') {
    if (stage === 'before-reply') return new ConnectFailed(`no reply (${code === '' ? text : code}): ${url}`, options);
    const of = expected === undefined ? '' : ` of ${expected}`;
    return new Interrupted(`the connection broke after ${received}${of} bytes (${code === '' ? text : code}): ${url}`, expected, received, options);
  }
  return new DownloadFailed(`${text}: ${url}`, options);
}

/** A DownloadError of ours that travelled through the stack below as somebody's cause. */
function findOurs(thrown: unknown): DownloadError | undefined {
  for (let at: unknown = thrown, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth++) {
    if (at instanceof DownloadError) return at;
  }
  return undefined;
}

const TRANSIENT = new Set([408, 425, 500, 502, 504, 520, 521, 522, 523, 524]);

/** The fault of a status that is not the file; undefined for one that is. */
export function statusFault(status: number, headers: HeaderMap, body: string, url: string, now: number): ReplyFailed | undefined {
  if (status >= 200 && status < 300) return undefined;
  const reply = {status, headers, body};
  const text = `the server answered ${status}: ${url}`;
  const options: ErrorOptions = {url};
  switch (status) {
    case 401: case 403: case 407: return new NotAuthorized(text, reply, options);
    case 404: case 410: return new NotFound(text, reply, options);
    case 429: case 503: return new Throttled(text, reply, {...options, retryAt: retryAt(headers, now)});
    case 451: return new ReplyFailed(text, reply, {...options, class: 'source-bad'});
    default: {
      const faultClass: FaultClass = TRANSIENT.has(status) ? 'transient' : 'fatal';
      const code: ErrorCode = 'REPLY_FAILED';
      return new ReplyFailed(text, reply, {...options, code, class: faultClass, retryAt: TRANSIENT.has(status) ? retryAt(headers, now) : undefined});
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
  const served = httpDate(headers['date'] ?? '') ?? now;
  return now + Math.max(0, date - served);
}

/** Epoch ms of an HTTP date: IMF-fixdate, RFC 850 or asctime. */
export function httpDate(text: string): number | undefined {
  if (!/^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(text)) return undefined;
  const time = Date.parse(/GMT$/.test(text) ? text : `${text} GMT`);
  return Number.isNaN(time) ? undefined : time;
}
