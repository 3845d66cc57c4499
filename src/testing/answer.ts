import {spanOf} from './byte-range.js';
import type {ParsedRequest} from './request-parser.js';

/** Header fields, in order; an array of pairs can repeat a name. */
export type AnswerHeaders = readonly (readonly [string, string])[] | Readonly<Record<string, string>>;

/** What a scripted server writes for one request. Everything is optional: `{}` is an empty 200. */
export interface Answer {
  /** @default 200, or 206 and 416 where `ranges` says so */
  status?: number | undefined;
  reason?: string | undefined;
  headers?: AnswerHeaders | undefined;
  body?: Uint8Array | string | undefined;
  /** How the end of the body is told. `none` writes neither a framing header nor a body. @default 'length' */
  framing?: 'length' | 'chunked' | 'close' | 'none' | undefined;
  /** A false Content-Length. When it promises more than there is, the connection is ended after the body. */
  announce?: number | undefined;
  /** The body byte after which the connection is cut. */
  cutAt?: number | undefined;
  /** How it is cut: by RST or by FIN. @default 'reset' */
  cut?: 'reset' | 'end' | undefined;
  /** The body byte after which the server is silent for ever. */
  stallAt?: number | undefined;
  /** Sends the body `bytes` at a time, one piece every `everyMs`. */
  drip?: {readonly bytes: number; readonly everyMs: number} | undefined;
  /** Waits before the first byte of the answer, ms. */
  delayMs?: number | undefined;
  /** The headers are sent, and the body only once this is settled: no spec needs to sleep. */
  holdBody?: Promise<unknown> | undefined;
  /** Written verbatim instead of everything else; `cut` or `keepAlive: false` then close the connection. */
  raw?: Uint8Array | string | undefined;
  /** So many interim `103 Early Hints` come first. */
  informational?: number | undefined;
  /** Answers `101 Switching Protocols` and is silent. */
  upgrade101?: boolean | undefined;
  /** Written straight after the body, in the same piece as its end. */
  surplus?: Uint8Array | undefined;
  /** `false`: `Connection: close`, and the connection is ended after the answer. @default true */
  keepAlive?: boolean | undefined;
  /** Honours `Range: bytes=N-M`, `N-` and `-N`, and If-Range against the answer's own ETag or Last-Modified. @default false */
  ranges?: boolean | undefined;
}

/** An answer that is made up: what is to be written, head and body. */
export interface ComposedAnswer {
  readonly head: string;
  readonly body: Buffer;
  readonly framing: 'length' | 'chunked' | 'close' | 'none';
  /** Whether the connection is ended after the body. */
  readonly ends: boolean;
}

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK', 206: 'Partial Content', 301: 'Moved Permanently', 302: 'Found', 303: 'See Other',
  304: 'Not Modified', 307: 'Temporary Redirect', 308: 'Permanent Redirect', 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found',
  416: 'Range Not Satisfiable', 429: 'Too Many Requests', 500: 'Internal Server Error', 502: 'Bad Gateway',
  503: 'Service Unavailable', 504: 'Gateway Timeout',
};

/** Makes up head and body of an answer to a request, HEAD and ranges considered. */
export function composeAnswer(answer: Answer, request: ParsedRequest): ComposedAnswer {
  const given = headerPairs(answer.headers);
  const part = answer.ranges === true ? cutRange(bytesOf(answer.body), given, request) : undefined;
  const status = answer.status ?? part?.status ?? 200;
  const body = part?.body ?? bytesOf(answer.body);
  const bodyless = status === 204 || status === 304 || status < 200;
  const framing = answer.framing ?? (bodyless && answer.body === undefined ? 'none' : 'length');
  const ends = answer.keepAlive === false || framing === 'close' || (answer.announce ?? 0) > body.length
    || request.headers.connection?.toLowerCase() === 'close';
  const headers = [...given, ...(part?.headers ?? [])];
  const add = (name: string, value: string): void => {
    if (!given.some(([key]) => key.toLowerCase() === name.toLowerCase())) headers.push([name, value]);
  };
  if (framing === 'length') add('Content-Length', String(answer.announce ?? body.length));
  if (framing === 'chunked') add('Transfer-Encoding', 'chunked');
  add('Connection', ends ? 'close' : 'keep-alive');
  const reason = answer.reason ?? REASONS[status] ?? 'Status';
  const lines = [`HTTP/1.1 ${status} ${reason}`, ...headers.map(([name, value]) => `${name}: ${value}`)];
  const silent = request.method === 'HEAD' || framing === 'none';
  return {head: `${lines.join('\r\n')}\r\n\r\n`, body: silent ? Buffer.alloc(0) : body, framing: silent ? 'none' : framing, ends};
}

/** Header fields as pairs, in order. */
export function headerPairs(headers: AnswerHeaders | undefined): [string, string][] {
  return isPairs(headers) ? headers.map(([name, value]) => [name, value]) : Object.entries(headers ?? {});
}

function isPairs(headers: AnswerHeaders | undefined): headers is readonly (readonly [string, string])[] {
  return Array.isArray(headers);
}

/** The bytes of a text or of bytes. */
export function bytesOf(content: Uint8Array | string | undefined): Buffer {
  return Buffer.from(content ?? '');
}

interface Part {
  readonly status: number;
  readonly body: Buffer;
  readonly headers: [string, string][];
}

function cutRange(body: Buffer, given: readonly [string, string][], request: ParsedRequest): Part {
  const whole: Part = {status: 200, body, headers: [['Accept-Ranges', 'bytes']]};
  const span = spanOf(request.headers.range, body.length);
  const condition = request.headers['if-range'];
  if (span === undefined) return whole;
  const validators = given.filter(([name]) => /^(?:etag|last-modified)$/i.test(name)).map(([, value]) => value);
  if (condition !== undefined && !validators.includes(condition)) return whole;
  if (span === 'unsatisfiable') return {status: 416, body: Buffer.alloc(0), headers: [['Content-Range', `bytes */${body.length}`]]};
  const {start, end} = span;
  return {status: 206, body: body.subarray(start, end + 1), headers: [['Content-Range', `bytes ${start}-${end}/${body.length}`]]};
}
