import type {IncomingHttpHeaders} from 'node:http';
import {badRequest} from './problem.js';

/** What a writer says of the state that it knows. `none`: nothing, so that it must not exist. */
export type Precondition =
  {readonly kind: 'none'}
  /** If-None-Match: * */
  | {readonly kind: 'absent'}
  /** If-Match: * */
  | {readonly kind: 'any'}
  /** If-Match; no version at all when none of its tags can be one. */
  | {readonly kind: 'versions'; readonly versions: readonly number[]}
  /** Merge-Base or Merge-Release-Base. */
  | {readonly kind: 'base'; readonly base?: number; readonly releaseBase?: number};

const TAG = /^(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"$/;

/** The strong entity tag of a version (RFC 9110, 8.8.3). */
export function entityTag(version: number): string {
  return `"${version}"`;
}

/**
 * Reads If-Match, If-None-Match, Merge-Base and Merge-Release-Base of a write.
 *
 * @throws Problem 400 when one of them is malformed, or two are given
 */
export function preconditionOf(headers: IncomingHttpHeaders): Precondition {
  const given = (['if-match', 'if-none-match', 'merge-base', 'merge-release-base'] as const).filter((name) => headers[name] !== undefined);
  if (given.length > 1) throw badRequest(`expected one of ${given.join(' and ')}`);
  const [name] = given;
  if (name === undefined) return {kind: 'none'};
  const value = String(headers[name]);
  if (name === 'if-match') return value.trim() === '*' ? {kind: 'any'} : {kind: 'versions', versions: versionsOf(value)};
  if (name === 'if-none-match') {
    if (value.trim() !== '*') throw badRequest('If-None-Match of a write: expected *');
    return {kind: 'absent'};
  }
  if (!/^\d{1,15}$/.test(value)) throw badRequest(`${name}: expected a version such as 7`);
  return {kind: 'base', [name === 'merge-base' ? 'base' : 'releaseBase']: Number(value)};
}

/** Whether the client has this version already (If-None-Match of a GET; weak comparison). @throws Problem 400 */
export function isKnown(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === '*') return true;
  return tagsOf(ifNoneMatch).some((known) => known.replace(/^W\//, '') === tag);
}

/** Strong comparison: a weak tag is never equal. */
function versionsOf(header: string): number[] {
  return tagsOf(header).flatMap((tag) => /^"[1-9]\d{0,14}"$/.test(tag) ? [Number(tag.slice(1, -1))] : []);
}

function tagsOf(header: string): string[] {
  // Our own tags have no comma in them; a stranger's that has one can't match.
  const tags = header.split(',').map((tag) => tag.trim()).filter((tag) => tag !== '');
  if (tags.length === 0 || !tags.every((tag) => TAG.test(tag))) throw badRequest('expected entity tags such as "7", or *');
  return tags;
}
