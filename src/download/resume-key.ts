import {addressId} from '../core/address-id.js';
import type {KeptVersion, Reply, ResumeKey} from '../core/contract.js';
import {httpDate} from './http-date.js';
import type {DownloadResult} from './result.js';

/** A change within so many ms of the date can't be told by it (RFC 9110, 8.8.2.2). */
const DATE_GRAIN = 60_000;

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
    tag: etag === undefined || isStrong(etag) ? undefined : etag, hop: hopOf(reply), total: totalOf(reply),
  };
}

/** Which address answered. */
export function hopOf({hop, url}: Pick<Reply, 'hop' | 'url'>): string {
  return hop ?? addressId(url);
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
  return Object.freeze({etag, lastModified, hop: hopOf(reply), facts});
}
