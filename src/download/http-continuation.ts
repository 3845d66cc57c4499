import {addressId} from '../core/address-id.js';
import type {Continuation, Reply, Validators} from '../core/contract.js';
import {ResumeRejected} from '../core/errors.js';
import {parseContentRange} from './content-range.js';
import type {Framed} from './http-framing.js';
import {isStrong} from './resume-key.js';

/** From so many bytes on it is worth asking once more when a server dropped the Range. */
const AT_STAKE = 8 * 1024 * 1024;

/** Where the body of an answer stands in the representation. */
export type Placed = Pick<Reply, 'offset' | 'length' | 'total'>;

interface Answer extends Framed {
  readonly status: number;
}

/** The headers that ask for the rest, or a part of it (RFC 9110, 14.2 and 13.1.5). `plain`: without If-Range, to be judged by hand. */
export function rangeHeaders({offset, end, ifRange}: Continuation, plain: boolean): Record<string, string> {
  return {range: `bytes=${offset}-${end === undefined ? '' : end - 1}`, ...ifRange === undefined || plain ? {} : {'if-range': ifRange}};
}

/**
 * Whether to ask once more without If-Range: the whole came, though it is the same version and much of it is here. Some
 * servers drop a Range that comes with an entity tag.
 */
export function droppedRange(asked: Continuation, {status, validators}: Answer, url: string): boolean {
  return status === 200 && asked.offset >= AT_STAKE && asked.ifRange !== undefined && isSame(asked, validators, url);
}

/**
 * Judges the answer to a range request. A whole body (200) is taken from byte 0; 206 must be exactly the rest of the
 * same version; 416 says that nothing is missing when its total is what is here. Other statuses are not judged here.
 *
 * @throws ResumeRejected when the bytes can't be continued with this answer
 */
export function placeOf(asked: Continuation, answer: Answer, url: string): Placed {
  const {status, headers} = answer;
  if (status === 206) return placeOfRest(asked, answer, url);
  if (status === 416) return placeOfNothing(asked, answer, url);
  if (status === 412) throw rejected('the server\'s version is another one (412)', url);
  if (/^multipart\/byteranges/i.test(headers['content-type'] ?? '')) throw rejected('several parts (multipart/byteranges), expected one', url);
  return {offset: 0, length: answer.length};
}

function placeOfRest(asked: Continuation, {headers, validators, length, encoding}: Answer, url: string): Placed {
  const {offset, key} = asked;
  if (/^multipart\//i.test(headers['content-type'] ?? '')) throw rejected('several parts (multipart), expected one', url);
  const range = parseContentRange(headers['content-range']);
  const shown = headers['content-range'] ?? 'none';
  if (range?.start === undefined || range.end === undefined) throw rejected(`Content-Range '${shown}', expected bytes ${offset}-`, url);
  const {start, end, total} = range;
  if (start !== offset) throw rejected(`the range begins at ${start}, expected ${offset}`, url);
  if (end >= (asked.end ?? Infinity)) throw rejected(`the range ends at ${end}, expected ${(asked.end as number) - 1} at most`, url);
  if (total === undefined || (key.total !== undefined && total !== key.total)) {
    throw rejected(`the whole has ${total ?? 'unknown'} bytes, expected ${key.total ?? 'a number'}`, url);
  }
  if (length !== undefined && length !== end - start + 1) throw rejected(`a body of ${length} bytes for Content-Range '${shown}'`, url);
  if (encoding !== undefined) throw rejected(`a range with Content-Encoding '${encoding}'`, url);
  if (!isSame(asked, validators, url)) throw rejected('the range is of another version, or does not say of which', url);
  return {offset, length: end - start + 1, total};
}

function placeOfNothing(asked: Continuation, {headers, validators}: Answer, url: string): Placed {
  const {offset, key} = asked;
  const range = parseContentRange(headers['content-range']);
  const whole = range?.start === undefined ? range?.total : undefined;
  if (whole !== offset || (key.total !== undefined && key.total !== offset)) {
    throw rejected(`no such range (416): the whole has ${whole ?? 'unknown'} bytes, ${offset} are here`, url);
  }
  const told = validators.etag !== undefined || validators.lastModified !== undefined;
  if (told && !isSame(asked, validators, url)) throw rejected('nothing is missing (416), but of another version', url);
  // Without a total from before, and without a version now, the answer says only that something ends here.
  if (!told && key.total === undefined && !asked.proven) throw rejected('nothing is missing (416), of who knows what version', url);
  return {offset, length: 0, total: whole};
}

/**
 * Whether an answer is of the version that the bytes are of: told by the address that told it then. A digest of the
 * caller's proves it in the end, so that only a contradiction counts.
 */
function isSame({key, proven}: Continuation, {etag, lastModified}: Validators, url: string): boolean {
  if (addressId(url) !== key.hop) return proven;
  if (key.tag !== undefined && etag !== undefined && weakly(etag) !== weakly(key.tag)) return false;
  if (key.etag !== undefined) return etag === key.etag || (proven && !isStrong(etag));
  if (key.lastModified !== undefined) return lastModified === key.lastModified || (proven && lastModified === undefined);
  return proven;
}

/** The tag without its weakness (RFC 9110, 8.8.3.2). */
function weakly(tag: string): string {
  return tag.replace(/^W\//, '');
}

function rejected(why: string, url: string): ResumeRejected {
  return new ResumeRejected(`the rest can't be had: ${why}: ${url}`, {url});
}
