import {oneOf, onlyKeys, wholeNumber} from '../core/options.js';
import {bytesOf, headerPairs, type Answer} from './answer.js';
import {spanOf} from './byte-range.js';
import {FileVersion, type FileValidator, type ValidatorKind} from './file-version.js';
import {partOf, RANGE_CONDUCTS, refused, type RangeConduct, type RangePart} from './range-conduct.js';
import type {ParsedRequest} from './request-parser.js';

/** What may go wrong on the way of a file's body; as in Answer, counted from the first byte of the answer's body. */
export type BodyFaults = Pick<Answer, 'announce' | 'cutAt' | 'cut' | 'stallAt' | 'drip' | 'holdBody' | 'surplus'>;

/** How a file is served. */
export interface FileAnswerOptions extends BodyFaults, Pick<Answer, 'headers' | 'delayMs' | 'informational' | 'keepAlive'> {
  /** What is said of its version. @default 'strong' */
  readonly validator?: ValidatorKind | FileValidator | undefined;
  /** How the end of the body is told. @default 'length' */
  readonly framing?: 'length' | 'chunked' | 'close' | undefined;
  /** How requests for a part are treated. @default 'supported' */
  readonly range?: RangeConduct | undefined;
  /** `ignored`: If-None-Match and If-Modified-Since never lead to a 304. @default 'supported' */
  readonly conditions?: 'supported' | 'ignored' | undefined;
  /** So many 302 come first, each to the same path with `hop=n` in its query. @default 0 */
  readonly redirects?: number | undefined;
}

const FAULTS = ['announce', 'cutAt', 'cut', 'stallAt', 'drip', 'holdBody', 'surplus'] as const satisfies (keyof BodyFaults)[];
const ALWAYS = ['delayMs', 'informational', 'keepAlive'] as const;
const KNOWN = [...FAULTS, ...ALWAYS, 'headers', 'validator', 'framing', 'range', 'conditions', 'redirects'];

/**
 * Serves a file, honestly unless told otherwise: GET and HEAD, one range (RFC 9110, 14), If-Range, If-Match,
 * If-None-Match and their dates (13), 304, 412 and 416. Each option makes it dishonest in one way; the bodies of 304,
 * 412, 416 and redirects are left alone.
 *
 * @throws TypeError, RangeError naming the option
 */
export function fileAnswer(content: Uint8Array | string, options: FileAnswerOptions = {}): (request: ParsedRequest) => Answer {
  onlyKeys('fileAnswer', options, KNOWN);
  const conduct = oneOf('range', options.range, RANGE_CONDUCTS, 'supported');
  const framing = oneOf('framing', options.framing, ['length', 'chunked', 'close'], 'length');
  const conditional = oneOf('conditions', options.conditions, ['supported', 'ignored'], 'supported') === 'supported';
  const redirects = wholeNumber('redirects', options.redirects ?? 0, 0);
  const bytes = bytesOf(content);
  const version = new FileVersion(bytes, options.validator ?? 'strong');
  const always = pick(options, ALWAYS);
  const faults = pick(options, FAULTS);

  return (request) => {
    const location = nextHop(request.path, redirects);
    if (location !== undefined) return {...always, status: 302, headers: {Location: location}};
    const told = version.headers;
    if (version.fails(request.headers)) return {...always, status: 412, headers: told};
    if (conditional && version.isKnown(request.headers)) return {...always, status: 304, headers: told, framing: 'none'};
    const part = request.method === 'HEAD' ? undefined : choose(conduct, bytes, version, request.headers);
    const headers = [
      ...part !== undefined && conduct === 'other-validator' ? others(told) : told,
      ['Accept-Ranges', conduct === 'ignored' ? 'none' : 'bytes'] as const,
      ...headerPairs(options.headers), ...part?.headers ?? [],
    ];
    if (part?.status === 416) return {...always, status: 416, headers};
    if (!headers.some(([name]) => /^content-type$/i.test(name))) headers.push(['Content-Type', 'application/octet-stream']);
    return {...always, ...faults, status: part?.status ?? 200, headers, framing, body: part?.body ?? bytes};
  };
}

/** Where a request is sent on to, or undefined once it was sent on often enough. */
function nextHop(path: string, redirects: number): string | undefined {
  const url = new URL(path, 'http://files.example');
  const taken = Number(url.searchParams.get('hop') ?? 0);
  if (taken >= redirects) return undefined;
  url.searchParams.set('hop', String(taken + 1));
  return url.pathname + url.search;
}

/** The part to send, or undefined for the whole. */
function choose(conduct: RangeConduct, bytes: Buffer, version: FileVersion, headers: ParsedRequest['headers']): RangePart | undefined {
  const {range, 'if-range': condition} = headers;
  const span = spanOf(range, bytes.length);
  if (conduct === 'unasked' && span === undefined && bytes.length > 0) return partOf(conduct, bytes, {start: 0, end: bytes.length - 1});
  if (conduct === 'ignored' || span === undefined) return undefined;
  if (condition !== undefined && conduct === 'if-range-refused') return undefined;
  if (condition !== undefined && conduct !== 'if-range-ignored' && !version.isSame(condition)) return undefined;
  return span === 'unsatisfiable' ? refused(`bytes */${bytes.length}`) : partOf(conduct, bytes, span);
}

/** The headers of a version that it isn't. */
function others(told: readonly [string, string][]): [string, string][] {
  const wrong: Readonly<Record<string, string>> = {'ETag': '"another-version"', 'Last-Modified': 'Thu, 01 Jan 2015 00:00:00 GMT'};
  const headers = told.map(([name, value]): [string, string] => [name, wrong[name] ?? value]);
  return headers.some(([name]) => name in wrong) ? headers : [...headers, ['ETag', '"another-version"']];
}

function pick<K extends keyof Answer>(options: Pick<Answer, K>, names: readonly K[]): Pick<Answer, K> {
  return Object.fromEntries(names.flatMap((name) => options[name] === undefined ? [] : [[name, options[name]]])) as Pick<Answer, K>;
}
