import type {HeaderMap} from '../core/contract.js';
import {httpDate} from '../download/http-date.js';
import type {Entry} from './entry-book.js';
import type {Resource} from './importer.js';

/** Directives in lower case; those without a value have an empty one. */
export type Directives = ReadonlyMap<string, string>;

/** Reads Cache-Control (RFC 9111, 5.2). */
export function directivesOf(text: string | undefined): Directives {
  const found = new Map<string, string>();
  for (const [, name = '', quoted, plain] of (text ?? '').matchAll(/([\w-]+)(?:\s*=\s*(?:"([^"]*)"|([^\s,"]*)))?/g)) {
    if (!found.has(name.toLowerCase())) found.set(name.toLowerCase(), quoted ?? plain ?? '');
  }
  return found;
}

/** Whether it is never asked for again once it is stored. */
export function isImmutable({immutable, digest}: Resource): boolean {
  return immutable ?? digest !== undefined;
}

/** Whether a shared cache may keep it (RFC 9111, 3). What a digest names is kept whatever the upstream says. */
export function mayStore(resource: Resource, headers: HeaderMap): boolean {
  if (isImmutable(resource)) return true;
  const said = directivesOf(headers['cache-control']);
  return !said.has('no-store') && !said.has('private') && headers.vary?.trim() !== '*';
}

/** How old an entry is, seconds. */
export function ageOf({received, age}: Entry, now: number): number {
  return age + Math.max(0, Math.floor((now - received) / 1000));
}

/** How long an entry is fresh, seconds (RFC 9111, 4.2.1); `ttl` of the resource counts when the upstream says nothing. */
export function lifetimeOf({headers}: Entry, {ttl = 0}: Resource): number {
  const said = directivesOf(headers['cache-control']);
  if (said.has('no-cache')) return 0;
  for (const name of ['s-maxage', 'max-age']) {
    const value = said.get(name);
    if (value !== undefined) return secondsOf(value) ?? 0;
  }
  if (headers.expires === undefined) return ttl / 1000;
  const [expires, date] = [httpDate(headers.expires), httpDate(headers.date ?? '')];
  return expires === undefined || date === undefined ? 0 : Math.max(0, (expires - date) / 1000);
}

/** Whether an entry may be sent without asking (RFC 9111, 4.2); `asked` is the client's Cache-Control. */
export function isFresh(entry: Entry, resource: Resource, asked: Directives, now: number): boolean {
  if (isImmutable(resource)) return true;
  if (asked.has('no-cache')) return false;
  const limit = secondsOf(asked.get('max-age') ?? '') ?? Infinity;
  const least = secondsOf(asked.get('min-fresh') ?? '') ?? 0;
  const age = ageOf(entry, now);
  return age + least < lifetimeOf(entry, resource) && age <= limit;
}

/** Whether an entry may be sent although the upstream could not confirm it (RFC 9111, 4.2.4; RFC 5861, 4). */
export function mayBeStale(entry: Entry, resource: Resource, now: number): boolean {
  const said = directivesOf(entry.headers['cache-control']);
  if (['no-cache', 'must-revalidate', 'proxy-revalidate', 's-maxage'].some((name) => said.has(name))) {
    return ageOf(entry, now) < lifetimeOf(entry, resource);
  }
  const grace = said.get('stale-if-error');
  return grace === undefined || ageOf(entry, now) <= lifetimeOf(entry, resource) + (secondsOf(grace) ?? 0);
}

function secondsOf(text: string): number | undefined {
  return /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}
