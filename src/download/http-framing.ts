import type {Framing, HeaderMap, Validators} from '../core/contract.js';
import {ProtocolError} from '../core/errors.js';

/** What the transport knows of a reply's head. */
export interface Head {
  readonly status: number;
  /** e.g. `1.1`. */
  readonly httpVersion: string;
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[];
  /** Interim (1xx) answers that came first. */
  readonly interim: number;
}

/** What a request asked for, beside the file: answers to what was not asked are refused. */
export interface Asked {
  readonly method: 'GET' | 'HEAD';
  /** A Range went along. */
  readonly range?: boolean | undefined;
  /** A condition went along (If-None-Match, If-Modified-Since). */
  readonly condition?: boolean | undefined;
}

/** What a checked head says. */
export interface Framed {
  readonly headers: HeaderMap;
  readonly framing: Framing;
  /** Bytes of body; what a GET would have sent when there is none (HEAD). */
  readonly length: number | undefined;
  readonly encoding: string | undefined;
  readonly validators: Validators;
}

const SINGLETONS = ['location', 'etag', 'content-range', 'content-encoding', 'content-length', 'content-type', 'last-modified'];
const MOST_INTERIM = 16;
const MOST_LINES = 256;
const MOST_BYTES = 16 * 1024;

/**
 * Reads a head from its raw headers and refuses what could hide wrong bytes (transfer.md, 9; RFC 9112, 6 and 7).
 *
 * @throws ProtocolError
 */
export function readHead(head: Head, asked: Asked, url: string): Framed {
  const refuse = (why: string): never => { throw new ProtocolError(`${why}: ${url}`, {url}); };
  const lines = head.rawHeaders.length / 2;
  if (head.interim > MOST_INTERIM) refuse(`${head.interim} interim answers, expected at most ${MOST_INTERIM}`);
  if (lines > MOST_LINES) refuse(`${lines} header lines, expected at most ${MOST_LINES}`);
  const bytes = head.rawHeaders.reduce((sum, part) => sum + part.length + 2, 0);
  if (bytes > MOST_BYTES) refuse(`${bytes} bytes of headers, expected at most ${MOST_BYTES}`);
  const values = collect(head.rawHeaders);
  for (const name of SINGLETONS) {
    const all = values.get(name);
    if (all !== undefined && all.length > 1 && new Set(all).size > 1) {
      refuse(`header '${name}' came ${all.length} times with different values`);
    }
  }
  const headers: HeaderMap = Object.freeze(Object.fromEntries([...values].map(([name, all]) =>
    [name, SINGLETONS.includes(name) ? all[0] ?? '' : all.join(', ')])));
  refuseStatus(head.status, headers, asked, refuse);
  const framing = framingOf(head, values, asked.method, refuse);
  return {
    headers, framing,
    length: head.status === 204 ? 0 : lengthOf(headers, values, refuse),
    encoding: encodingOf(headers),
    validators: {etag: headers.etag, lastModified: headers['last-modified']},
  };
}

function collect(rawHeaders: readonly string[]): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] as string).toLowerCase();
    const all = values.get(name);
    const value = rawHeaders[at + 1] as string;
    if (all === undefined) values.set(name, [value]);
    else all.push(value);
  }
  return values;
}

/** Statuses that only make sense as answers to what was not asked. */
function refuseStatus(status: number, headers: HeaderMap, {range, condition}: Asked, refuse: (why: string) => never): void {
  if (status === 101) refuse('the server switched protocols (101) unasked');
  if (status === 200 && headers['content-range'] !== undefined) refuse('a range (Content-Range) as the whole (200)');
  if (status === 304 && condition !== true) refuse('not modified (304) though no condition was sent');
  if (range === true) return;
  if (status === 206) refuse('a partial answer (206) to a request for the whole');
  if (status === 416) refuse('range not satisfiable (416) though no range was asked for');
  if (/^multipart\/byteranges/i.test(headers['content-type'] ?? '')) refuse('multipart/byteranges, though no range was asked for');
}

function framingOf(head: Head, values: Map<string, string[]>, method: string, refuse: (why: string) => never): Framing {
  if (method === 'HEAD' || head.status === 204 || head.status === 304) return 'none';
  const transfer = values.get('transfer-encoding');
  if (transfer !== undefined) {
    if (transfer.length !== 1 || transfer[0]?.trim().toLowerCase() !== 'chunked') {
      refuse(`Transfer-Encoding '${transfer.join(', ')}', expected exactly one 'chunked'`);
    }
    if (head.httpVersion !== '1.1') refuse(`Transfer-Encoding on HTTP/${head.httpVersion}`);
    if (values.has('content-length')) refuse('both Transfer-Encoding and Content-Length');
    return 'chunked';
  }
  return values.has('content-length') ? 'length' : 'close';
}

function lengthOf(headers: HeaderMap, values: Map<string, string[]>, refuse: (why: string) => never): number | undefined {
  const text = headers['content-length']?.trim();
  if (text === undefined || values.has('transfer-encoding')) return undefined;
  const length = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!Number.isSafeInteger(length)) refuse(`Content-Length '${text}', expected a whole number`);
  return length;
}

function encodingOf(headers: HeaderMap): string | undefined {
  const encoding = headers['content-encoding']?.trim().toLowerCase();
  return encoding === undefined || encoding === '' || encoding === 'identity' ? undefined : encoding;
}
