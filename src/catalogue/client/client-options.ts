import {randomUUID} from 'node:crypto';
import {SystemClock, type Clock} from '../../core/clock.js';
import type {RetryPolicy} from '../../core/contract.js';
import {duration, misuse, onlyKeys, outOfRange, wholeNumber} from '../../core/options.js';
import {show} from '../../core/redact.js';
import {StandardRetryPolicy} from '../../policy/retry-policy.js';
import {TokenSource, type TokenOption} from './token-source.js';

/** Certificates and keys as PEM text or bytes, for `https:`. */
export interface ClientTls {
  /** The authorities that are trusted in place of the system's. */
  readonly ca?: string | Buffer | undefined;
  readonly cert?: string | Buffer | undefined;
  readonly key?: string | Buffer | undefined;
}

/** What a client is made with. */
export interface CatalogueClientOptions {
  /** Where the server is; a path before its routes is kept: `https://example.org/catalogue`. */
  readonly url: string;
  /** The bearer token, or where it stands. It is sent to this server only: redirects are not followed. @default none */
  readonly token?: TokenOption | undefined;
  readonly tls?: ClientTls | undefined;
  /** How long one request may take, to the last byte of its answer, ms; false: for ever. @default 60_000 */
  readonly timeout?: number | false | undefined;
  /** How long a call may take with all its repeats, ms; false: for ever. @default 300_000 */
  readonly deadline?: number | false | undefined;
  /** Whether and when a request is repeated that met a fault of the way or of the server. @default StandardRetryPolicy */
  readonly retry?: RetryPolicy | undefined;
  /** Bodies above so many bytes are sent packed (gzip). @default 8 KiB */
  readonly gzipAbove?: number | undefined;
  /** Answers above so many bytes are refused. @default 256 MiB */
  readonly answerBytes?: number | undefined;
  /** Connections at once. @default 8 */
  readonly connections?: number | undefined;
  /** @default SystemClock */
  readonly clock?: Clock | undefined;
  /** For the pauses, from 0 to 1, 1 excluded. @default Math.random */
  readonly random?: (() => number) | undefined;
  /** Makes the Idempotency-Key of a write that comes without one. @default random UUIDs */
  readonly newId?: (() => string) | undefined;
}

/** Checked options, with defaults. */
export interface ClientSettings {
  readonly url: URL;
  readonly token: TokenSource;
  readonly tls: ClientTls;
  /** 0: none. */
  readonly timeout: number;
  /** 0: none. */
  readonly deadline: number;
  readonly retry: RetryPolicy;
  readonly gzipAbove: number;
  readonly answerBytes: number;
  readonly connections: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly newId: () => string;
}

const KEYS = ['url', 'token', 'tls', 'timeout', 'deadline', 'retry', 'gzipAbove', 'answerBytes', 'connections', 'clock', 'random', 'newId'];
/** setInterval takes 31 bits. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;

/** @throws TypeError or RangeError that names the option; no token is shown */
export function clientSettings(options: CatalogueClientOptions): ClientSettings {
  onlyKeys('catalogueClient', options, KEYS);
  const {tls = {}, retry = new StandardRetryPolicy()} = options;
  onlyKeys('tls', tls, ['ca', 'cert', 'key']);
  if (typeof (retry as {decide?: unknown}).decide !== 'function') throw misuse('retry', retry, 'a RetryPolicy');
  const timeout = duration('timeout', options.timeout, 60_000);
  if (timeout > LONGEST_TIMEOUT) throw outOfRange('timeout', timeout, `at most ${LONGEST_TIMEOUT} ms, or false`);
  return {
    url: baseUrl(options.url), token: new TokenSource(options.token), tls, timeout, retry,
    deadline: duration('deadline', options.deadline, 300_000),
    gzipAbove: wholeNumber('gzipAbove', options.gzipAbove ?? 8 * 1024, 0),
    answerBytes: wholeNumber('answerBytes', options.answerBytes ?? 256 * 1024 * 1024, 1),
    connections: wholeNumber('connections', options.connections ?? 8, 1),
    clock: options.clock ?? new SystemClock(), random: options.random ?? Math.random, newId: options.newId ?? randomUUID,
  };
}

function baseUrl(value: unknown): URL {
  if (typeof value !== 'string' || !URL.canParse(value)) throw misuse('url', value, 'the http or https URL of a catalogue');
  const url = new URL(value);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw misuse('url', value, 'an http or https URL');
  if (url.username !== '' || url.password !== '') throw new TypeError(`url: expected no user and no password, got ${show(value)}`);
  if (url.search !== '' || url.hash !== '') throw misuse('url', value, 'a URL without query and fragment');
  return url;
}
