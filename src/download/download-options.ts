import type {Claims} from '../core/claims.js';
import type {ContextView, KeptVersion, RetryPolicy, Validation, Writer} from '../core/contract.js';
import {parseDigest} from '../core/digest.js';
import {misuse, onlyKeys, wholeNumber} from '../core/options.js';
import {Timeout, type TimeoutOptions} from '../core/settings.js';
import {plainUrl, type PlainUrl} from '../core/url.js';
import {StandardRetryPolicy} from '../policy/retry-policy.js';
import {claimValidation} from './byte-sequence.js';

/** What every download is made with. */
export interface DownloadOptions<A = unknown> {
  /** What to fetch. A name and password in it are lifted into a credential for its origin and removed. */
  url: string | URL;
  /** Where the bytes go. @default a BufferWriter of at most 16 MiB */
  writer?: Writer | undefined;
  /** Sent to the origin of `url` and to no other. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Names of headers that hold no secret and may go to any origin. */
  publicHeaders?: readonly string[] | undefined;
  /** Decides about repeats after all handlers. @default StandardRetryPolicy: 4 retries, full jitter from 1 s to 30 s */
  retry?: RetryPolicy | undefined;
  /** Charged repairs. @default what the policy says */
  retries?: number | undefined;
  /** Time limits, ms. @default connect, headers, read 30_000; no deadline */
  timeout?: TimeoutOptions | Timeout | undefined;
  /** More is refused, announced or not, bytes. @default no limit */
  maxBytes?: number | undefined;
  /** Bytes a second, beside the limits of the batch and the Context. @default no limit */
  bandwidth?: number | undefined;
  /** Accepts a body whose end is the connection's, unproven. @default false */
  allowCloseFramed?: boolean | undefined;
  /** Accepts a body with a Content-Encoding, kept as it came, unproven. @default false */
  allowEncoded?: boolean | undefined;
  validations?: readonly Validation[] | undefined;
  /**
   * The version that is at the target, from `versionOf(result)`: if the file there still has these facts, it is fetched
   * only if the source has another version by now; else the outcome is `notModified`. Needs a writer with a target.
   */
  ifChanged?: KeptVersion | undefined;
  /** Shared connections, permits, tokens. @default a private one for the run */
  context?: ContextView | undefined;
  /** Anything of the caller's; comes back with the result. */
  attachment?: A | undefined;
}

/** The names of the options above; subclasses add theirs. */
export const DOWNLOAD_OPTIONS = ['url', 'writer', 'headers', 'publicHeaders', 'retry', 'retries', 'timeout', 'maxBytes', 'bandwidth',
  'allowCloseFramed', 'allowEncoded', 'validations', 'ifChanged', 'context', 'attachment'] as const;

/** The same, checked. */
export interface CheckedOptions {
  readonly url: PlainUrl;
  readonly retry: RetryPolicy;
  readonly retries: number;
  readonly timeout: Timeout;
  readonly maxBytes: number | undefined;
}

/** Checks what every download is made with. @throws TypeError, RangeError naming the option */
export function checkOptions(options: DownloadOptions, known: readonly string[], schemes: readonly string[] | undefined): CheckedOptions {
  checkGiven(options);
  onlyKeys('download', options, known);
  for (const name of ['allowCloseFramed', 'allowEncoded'] as const) {
    const value: unknown = options[name];
    if (value !== undefined && typeof value !== 'boolean') throw misuse(name, value, 'true or false');
  }
  if (options.writer !== undefined) checkWriter(options.writer);
  if (options.retry !== undefined && typeof options.retry.decide !== 'function') throw misuse('retry', options.retry, 'a RetryPolicy');
  if (options.ifChanged !== undefined) checkVersion(options.ifChanged);
  const retry = options.retry ?? new StandardRetryPolicy();
  return {
    url: plainUrl('url', options.url, schemes),
    retry,
    retries: wholeNumber('retries', options.retries ?? retry.retries, 0),
    timeout: options.timeout instanceof Timeout ? options.timeout : new Timeout(options.timeout),
    maxBytes: options.maxBytes === undefined ? undefined : wholeNumber('maxBytes', options.maxBytes, 0),
  };
}

/** Refuses what is no object, before its members are looked at. @throws TypeError */
export function checkGiven(options: unknown): void {
  if (typeof options !== 'object' || options === null) throw misuse('options', options, 'an object such as {url}');
}

function checkVersion(version: KeptVersion): void {
  onlyKeys('ifChanged', version, ['etag', 'lastModified', 'hop', 'facts']);
  const {size, ...digests} = (version.facts) ?? {size: -1};
  wholeNumber('ifChanged.facts.size', size, 0);
  if (Object.keys(digests).length === 0) {
    throw new TypeError('ifChanged.facts: expected a digest beside the size, which alone can\'t tell whether the file is whole; got none');
  }
  for (const [algorithm, hex] of Object.entries(digests)) parseDigest(algorithm, hex as string);
  if (version.etag === undefined && version.lastModified === undefined) throw new TypeError('ifChanged: expected etag or lastModified, got neither');
}

/** @throws TypeError */
export function checkWriter(writer: Writer): Writer {
  for (const method of ['append', 'open', 'close', 'discard'] as const) {
    if (typeof (writer as Partial<Writer> | undefined)?.[method] !== 'function') {
      throw misuse('writer', writer, `a Writer; it has no ${method}() (extend BaseWriter, which leaves only append and close to write)`);
    }
  }
  return writer;
}

/** Checks a validation, and takes it for the run when `claims` are given. @throws TypeError */
export function checkValidation(validation: Validation, bodiless: boolean, claims?: Claims): Validation {
  if (typeof validation !== 'object' || typeof (validation as Partial<Validation> | null)?.apply !== 'function') {
    throw misuse('append', validation, 'a Validation');
  }
  if (bodiless && validation.size === undefined) {
    throw new TypeError('append: a HEAD reply has no bytes to validate; only a size can be checked');
  }
  if (claims !== undefined) claimValidation(claims, validation);
  return validation;
}
