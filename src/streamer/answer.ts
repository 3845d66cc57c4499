import type {HeaderMap} from '../core/contract.js';
import {httpDate} from '../download/http-date.js';
import {spanOf} from './range-request.js';

/** What there is to send, before any byte of it. */
export interface Representation {
  /** End-to-end headers; lower-case names. */
  readonly headers: HeaderMap;
  /** Bytes of the whole, when known. */
  readonly size: number | undefined;
}

/** What a client asked for, as far as the answer depends on it. */
export interface Asked {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** How a client is answered. */
export interface Answer {
  readonly status: 200 | 206 | 304 | 416;
  readonly headers: HeaderMap;
  /** The first byte to send. */
  readonly start: number;
  /** The first one not to send any more; undefined: to the end, which is not known. */
  readonly end: number | undefined;
  /** Whether no byte follows. */
  readonly bodiless: boolean;
}

/** What a 304 repeats (RFC 9110, 15.4.5). */
const OF_304 = ['cache-control', 'content-location', 'date', 'etag', 'expires', 'last-modified', 'vary'];
/** What an answer says itself. */
const OF_THIS_MESSAGE = ['content-length', 'accept-ranges'];
/** Content-Digest speaks of the bytes of one message (RFC 9530, 2). */
const OF_THE_WHOLE = ['content-digest'];
/** A date younger than that, when it was told, can't tell two versions apart (RFC 9110, 8.8.2.2). */
const DATE_GRAIN = 60_000;

/** Decides between 200, 206, 304 and 416 (RFC 9110, 13.2.2). `extra`: what the streamer itself says. */
export function answerOf(asked: Asked, {headers: own, size}: Representation, extra: HeaderMap): Answer {
  if (isNotModified(asked, own)) {
    const kept = Object.fromEntries(OF_304.flatMap((name) => own[name] === undefined ? [] : [[name, own[name]]]));
    return {status: 304, headers: {...kept, ...extra}, start: 0, end: 0, bodiless: true};
  }
  const headers = without(OF_THIS_MESSAGE, own, extra);
  if (size === undefined) return {status: 200, headers, start: 0, end: undefined, bodiless: asked.method === 'HEAD'};
  const range = asked.method === 'GET' && rangeHolds(asked, own) ? textOf(asked, 'range') : undefined;
  const span = spanOf(range, size);
  if (span === 'unsatisfiable') {
    return {status: 416, headers: {...extra, 'content-range': `bytes */${size}`, 'content-length': '0'}, start: 0, end: 0, bodiless: true};
  }
  const {start, end} = span ?? {start: 0, end: size};
  headers['accept-ranges'] = 'bytes';
  headers['content-length'] = String(end - start);
  if (span === undefined) return {status: 200, headers, start, end, bodiless: asked.method === 'HEAD'};
  headers['content-range'] = `bytes ${start}-${end - 1}/${size}`;
  return {status: 206, headers: without(OF_THE_WHOLE, headers), start, end, bodiless: false};
}

/** One object, built once: each answer needs one, and copies by rest and spread are what it would cost most. */
function without(names: readonly string[], own: HeaderMap, extra: HeaderMap = {}): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name in own) if (!names.includes(name)) headers[name] = own[name] as string;
  for (const name in extra) headers[name] = extra[name] as string;
  return headers;
}

function isNotModified(asked: Asked, {etag, 'last-modified': modified}: HeaderMap): boolean {
  const tags = textOf(asked, 'if-none-match');
  if (tags !== undefined) {
    if (tags.trim() === '*') return true;
    return etag !== undefined && (tags.match(/(?:W\/)?"[^"]*"/g) ?? []).some((tag) => opaque(tag) === opaque(etag));
  }
  const since = httpDate(textOf(asked, 'if-modified-since') ?? '');
  const changed = httpDate(modified ?? '');
  return since !== undefined && changed !== undefined && changed <= since;
}

/** Whether a Range may be honoured: If-Range names the very version (RFC 9110, 13.1.5). */
function rangeHolds(asked: Asked, {etag, 'last-modified': modified, date}: HeaderMap): boolean {
  const condition = textOf(asked, 'if-range')?.trim();
  if (condition === undefined) return true;
  if (condition.includes('"')) return condition === etag && !condition.startsWith('W/');
  const [changed, told] = [httpDate(modified ?? ''), httpDate(date ?? '')];
  return condition === modified && changed !== undefined && told !== undefined && told - changed >= DATE_GRAIN;
}

function opaque(tag: string): string {
  return tag.trim().replace(/^W\//, '');
}

function textOf({headers}: Asked, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}
