import {InvalidName} from '../catalogue-errors.js';
import type {GuardedOptions, PatchOptions, WriteOptions} from '../contract.js';
import {entityTag} from '../server/preconditions.js';
import {HEADERS} from '../server/routes-contract.js';

/** The headers that every write has: who writes, and what makes a repeat of it harmless. @throws InvalidName */
export function writeHeaders({actor}: Pick<WriteOptions, 'actor'>, requestId: string): Record<string, string> {
  if (!/^[\x21-\x7e]+$/.test(requestId)) throw new InvalidName('requestId: over HTTP expected printable ASCII without spaces');
  return {[HEADERS.actor]: encodeURIComponent(actor), [HEADERS.idempotencyKey]: `"${requestId}"`};
}

/** A guard as a precondition (RFC 9110, 13.1). */
export function guardHeader(ifVersion: GuardedOptions['ifVersion']): Record<string, string> {
  if (ifVersion === 'any') return {'If-Match': '*'};
  return ifVersion === 0 ? {'If-None-Match': '*'} : {'If-Match': entityTag(ifVersion)};
}

/** The base of a merge. */
export function baseHeader({base, releaseBase}: PatchOptions): Record<string, string> {
  return base === undefined ? {[HEADERS.mergeReleaseBase]: String(releaseBase)} : {[HEADERS.mergeBase]: String(base)};
}

/** An address with its query; what is undefined is left out. */
export function withQuery(path: string, query: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const given = Object.entries(query).flatMap(([name, value]) => value === undefined ? [] : [[name, String(value)] as [string, string]]);
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given).toString()}`;
}
