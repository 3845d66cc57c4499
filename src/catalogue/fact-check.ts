import {parseDigest} from '../core/digest.js';
import {messageOf} from '../core/foreign-error.js';
import {InvalidFact} from './catalogue-errors.js';
import {checkPath, checkText, jsonOf} from './catalogue-limits.js';
import type {Fact} from './contract.js';
import {isObject, type Json, type JsonObject} from '../core/json.js';

/** A fact as it will stand in its part's document. */
export interface CheckedFact {
  /** Its place in the batch. */
  readonly index: number;
  readonly path: string;
  /** The list that it belongs to. */
  readonly list: string;
  /** What tells it from others in the list. */
  readonly name: string;
  readonly item: JsonObject;
}

const MEMBERS = ['path', 'kind', 'key', 'from', 'digest', 'size', 'url', 'more'];
/** What `more` may not hold. */
const RESERVED = ['kind', 'key', 'from', 'digest', 'size', 'url'];
const LISTS: Readonly<Record<string, string>> = {complete: 'completes', partial: 'partials'};
const OTHERS = 'facts';
/** The hash functions that a digest of a wrong length may be of. */
const USUAL = ['sha256', 'sha512', 'sha384', 'sha1', 'md5'];
const KIND = /^[a-z][a-z0-9-]{0,63}$/;
const KEY_BYTES = 1024;
const URL_BYTES = 8192;

/**
 * Checks a fact of a batch and gives it its final form.
 *
 * @param hashFunction That of the release, which says what a digest looks like.
 * @throws InvalidFact with its index and the pointer to the bad member in the batch: `/3/size`
 */
export function checkFact(value: unknown, index: number, hashFunction: string): CheckedFact {
  const fail = (member: string, message: string): never => {
    throw new InvalidFact(`fact ${index}: ${message}`, index, member === '' ? `/${index}` : `/${index}/${member}`);
  };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return fail('', 'expected an object');
  const stranger = Object.keys(value).find((member) => !MEMBERS.includes(member));
  if (stranger !== undefined) fail('', `unknown member ${JSON.stringify(stranger)}; others than ${MEMBERS.join(', ')} go into more`);
  const fact = value as Fact;
  /** The checks of names and documents, as faults of this member. */
  const member = <T>(name: string, check: () => T): T => {
    try {
      return check();
    } catch (error) {
      return fail(name, `${name}: ${messageOf(error).replace(new RegExp(`^${name}: `), '')}`);
    }
  };
  const path = member('path', () => checkPath(fact.path));
  const {kind, key, from} = fact;
  if (typeof kind !== 'string' || !KIND.test(kind)) fail('kind', 'kind: expected a lower-case word such as complete or partial');
  if ((key === undefined) === (from === undefined)) fail('', 'expected either key or from');
  const named = key === undefined ? 'from' : 'key';
  const name = member(named, () => checkText(named, fact[named], KEY_BYTES));
  const digest = member('digest', () => checkDigest(fact.digest, hashFunction));
  if (!Number.isSafeInteger(fact.size) || fact.size < 0) fail('size', 'size: expected a whole number of bytes');
  const {size} = fact;
  const url = fact.url === undefined ? {} : {url: member('url', () => checkUrl(fact.url))};
  const more = fact.more === undefined ? {} : member('more', () => checkMore(fact.more));
  const list = Object.hasOwn(LISTS, kind) ? LISTS[kind] ?? OTHERS : OTHERS;
  return {index, path, list, name, item: {...more, ...(list === OTHERS ? {kind} : {}), [named]: name, digest, size, ...url}};
}

/** What looks like the digest of another function is told so, since who takes the default doesn't know of it. */
function checkDigest(value: unknown, hashFunction: string): string {
  const text = value as string;
  try {
    return parseDigest(hashFunction, text);
  } catch (fault) {
    const other = USUAL.find((algorithm) => isDigest(algorithm, text));
    if (other === undefined) throw fault;
    throw new TypeError(`${messageOf(fault)}: a ${other}? The release has ${hashFunction}`, {cause: fault});
  }
}

function isDigest(algorithm: string, text: string): boolean {
  try {
    parseDigest(algorithm, text);
    return true;
  } catch {
    return false;
  }
}

function checkUrl(value: unknown): string {
  const url = checkText('url', value, URL_BYTES);
  if (!URL.canParse(url)) throw new TypeError('expected an absolute URL');
  const {username, password} = new URL(url);
  if (username !== '' || password !== '') throw new TypeError('a URL with a user or a password is not kept');
  return url;
}

function checkMore(value: unknown): JsonObject {
  const more: Json = jsonOf(value);
  if (!isObject(more)) throw new TypeError('expected an object');
  const taken = RESERVED.find((name) => Object.hasOwn(more, name));
  if (taken !== undefined) throw new TypeError(`${taken} stands beside more, not in it`);
  return more;
}

