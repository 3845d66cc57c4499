import type {AttemptRecord, Hop, Reply, Validation} from '../core/contract.js';
import type {DownloadError} from '../core/errors.js';
import {isStrong} from '../policy/hash-strength.js';
import {DigestValidation} from '../validation/digest-validation.js';
import {strongestDigest} from '../validation/digest-field.js';
import type {ExpectedDigest, ReceiptAttempt, ReceiptFault, ReceiptSource, RepeatReason, Verified} from './receipt.js';

/** What events told beside the records. */
export interface AttemptNotes {
  readonly hops: ReadonlyMap<number, readonly Hop[]>;
  readonly errors: ReadonlyMap<number, DownloadError>;
}

/** The attempts of a run, each with what came next and why. */
export function attemptsOf(records: readonly AttemptRecord[], {hops, errors}: AttemptNotes): ReceiptAttempt[] {
  return records.map((record, at) => {
    const {attempt, url, offset, bytes, duration, status = null, delay = 0, error = null} = record;
    const next = records[at + 1];
    return {
      number: attempt, source: url, offset, bytes, duration: Math.round(duration), status, hops: hops.get(attempt) ?? [], error,
      next: next === undefined ? null : {why: reasonOf(record, next, errors.get(attempt)), delay: Math.round(delay)},
    };
  });
}

/** Each address once, in the order in which they were asked first. */
export function sourcesOf(attempts: readonly ReceiptAttempt[]): ReceiptSource[] {
  const urls = [...new Set(attempts.map(({source}) => source))];
  return urls.map((url) => {
    const own = attempts.filter(({source}) => source === url);
    return {url, attempts: own.length, bytes: own.reduce((sum, {bytes}) => sum + bytes, 0), faults: own.flatMap(({error}) => error ?? [])};
  });
}

/** A fault as a receipt has it. */
export function faultOf({code, class: faultClass, message}: DownloadError): ReceiptFault {
  return {code, class: faultClass, message};
}

/** The digests among validations. */
export function digestsAmong(validations: readonly Validation[], by: ExpectedDigest['by']): ExpectedDigest[] {
  return validations.filter((one): one is DigestValidation => one instanceof DigestValidation && one.enforced)
    .map(({algorithm, accepted}) => ({algorithm, accepted, by}));
}

/** What proves bytes with these digests. @param early those that were demanded before the first request */
export function proofOf(digests: Readonly<Record<string, string>>, validations: readonly Validation[], early: ReadonlySet<Validation>,
  reply: Reply | undefined): Verified {
  const enforced = validations.filter((one) => one.enforced !== false);
  const proving = enforced.filter(({proof}) => proof === 'digest');
  // A digest validation of the caller's own making, which we can't look into, is as good as he says.
  if (proving.some((one) => early.has(one) && (!(one instanceof DigestValidation) || !isKnownWeak(one.algorithm)))) return 'strong';
  const told = strongestDigest(reply?.headers['repr-digest'] ?? '');
  if (proving.length > 0 || (told !== undefined && digests[told.algorithm] === told.hex)) return 'weak';
  return enforced.some(({proof}) => proof === 'size') ? 'size' : 'none';
}

function isKnownWeak(algorithm: string): boolean {
  return !isStrong(algorithm) && /^(?:md|sha1|ripemd)/.test(algorithm);
}

function reasonOf(record: AttemptRecord, next: AttemptRecord, error: DownloadError | undefined): RepeatReason {
  if (next.url !== record.url) return 'another-source';
  switch (error?.code) {
    case 'RESUME_REJECTED': return 'start-over';
    case 'NOT_AUTHORIZED': return 'credentials';
    case 'DIGEST_MISMATCH':
    case 'SIZE_MISMATCH': return 'no-cache';
    default: return error?.retryAt !== undefined ? 'retry-after' : 'backoff';
  }
}
