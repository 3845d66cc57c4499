import {createHash} from 'node:crypto';
import type {KeptVersion, Reply, ResumeKey} from '../core/contract.js';
import {httpDate} from './http-date.js';
import type {DownloadResult} from './result.js';

/** A change within so many ms of the date can't be told by it (RFC 9110, 8.8.2.2). */
const DATE_GRAIN = 60_000;

/** The address that answered, as a hash of its origin and path: queries hold signatures, which change. */
export function hopOf(url: string): string {
  const {protocol, host, pathname} = URL.canParse(url) ? new URL(url) : {protocol: '', host: '', pathname: url};
  return createHash('sha256').update(`${protocol}//${host}${pathname}`).digest('hex');
}

/**
 * Under what the bytes of a reply may be continued. Undefined when never: its end could not be told from a cut, its
 * bytes are encoded, or the server says that it knows no ranges.
 */
export function resumeKeyOf(reply: Reply): ResumeKey | undefined {
  if (reply.framing === 'close' || reply.framing === 'none' || reply.encoding !== undefined) return undefined;
  if (reply.headers['accept-ranges']?.trim().toLowerCase() === 'none') return undefined;
  const {etag, lastModified} = reply.validators;
  return {
    etag: isStrong(etag) ? etag : undefined, lastModified: isOld(lastModified, reply.headers.date) ? lastModified : undefined,
    hop: hopOf(reply.url), total: totalOf(reply),
  };
}

/** Bytes of the whole representation, when known. */
export function totalOf({total, length, offset}: Reply): number | undefined {
  return total ?? (length === undefined ? undefined : offset + length);
}

/** Whether an entity tag is strong: the same tag means the same bytes (RFC 9110, 8.8.3). */
export function isStrong(etag: string | undefined): boolean {
  return etag !== undefined && /^"[^"]*"$/.test(etag);
}

function isOld(lastModified: string | undefined, date: string | undefined): boolean {
  const [changed, served] = [httpDate(lastModified ?? ''), httpDate(date ?? '')];
  return changed !== undefined && served !== undefined && served - changed >= DATE_GRAIN;
}

/**
 * What to keep of a result so that the file is fetched again only if it changed: give it as `ifChanged`, with the same
 * target. Undefined when the source named no version. Holds no secret; may be kept as JSON.
 */
export function versionOf({reply, facts}: Pick<DownloadResult, 'reply' | 'facts'>): KeptVersion | undefined {
  const {etag, lastModified} = reply?.validators ?? {};
  if (reply === undefined || (etag === undefined && lastModified === undefined)) return undefined;
  return Object.freeze({etag, lastModified, hop: hopOf(reply.url), facts});
}
