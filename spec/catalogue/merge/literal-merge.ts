import {canonicalJson} from '../../../src/core/canonical-json.js';
import type {Conflict} from '../../../src/catalogue/merge/conflict.js';
import type {Json} from '../../../src/core/json.js';

type Value = Json | undefined;
type Found = Pick<Conflict, 'path' | 'kind'>;
const DROPPED = Symbol('a conflict');

/** The rules of the merge read literally, one after the other, at whatever cost, for the documents of `triples.ts`. */
export function literalMerge(ancestor: Value, tip: Value, incoming: Value): {merged: Value; conflicts: Found[]} {
  const conflicts: Found[] = [];
  const merged = valueOf('', '', [ancestor, tip, incoming], conflicts);
  return {merged: conflicts.length > 0 ? undefined : merged as Value, conflicts: conflicts.sort((a, b) => a.path < b.path ? -1 : 1)};
}

type Three = readonly [ancestor: Value, tip: Value, incoming: Value];

function valueOf(path: string, field: string, [a, l, r]: Three, conflicts: Found[]): Value | typeof DROPPED {
  const conflict = (kind: Conflict['kind']): typeof DROPPED => {
    conflicts.push({path, kind});
    return DROPPED;
  };
  if (text(l) === text(r)) return l;
  if (text(a) === text(l)) return r;
  if (text(a) === text(r)) return l;
  if (l === undefined || r === undefined) return conflict('delete-modify');
  if (type(l) !== type(r)) return conflict('type');
  if (type(l) === 'object' && [a, l, r].some((one) => carries(one))) return conflict('both-changed');
  if (type(l) !== 'object' && type(l) !== 'list') return conflict('both-changed');
  if (a !== undefined && type(a) !== type(l)) return conflict('type');
  if (type(l) === 'object') return objectOf(path, [a, l, r], conflicts);
  if (field === 'tags') return conflict('both-changed');
  const lists = [a ?? [], l, r].map((list) => named(list as Json[], {partials: 'from', packages: 'id'}[field]));
  return listOf(path, field, lists, conflict, conflicts);
}

function objectOf(path: string, three: Three, conflicts: Found[]): Json {
  const names = new Set(three.flatMap((one) => Object.keys(one ?? {})));
  return Object.fromEntries([...names].map((name) => {
    const fields = three.map((one) => Object.entries(one ?? {}).find(([other]) => other === name)?.[1]) as unknown as Three;
    return [name, valueOf(`${path}/${name.replace('~', '~0').replace('/', '~1')}`, name, fields, conflicts)] as const;
  }).filter(([, value]) => value !== undefined && value !== DROPPED)) as Json;
}

function listOf(path: string, field: string, lists: Map<string, Json>[], conflict: (kind: Conflict['kind']) => typeof DROPPED,
  conflicts: Found[]): Value | typeof DROPPED {
  const [a, l, r] = lists as [Map<string, Json>, Map<string, Json>, Map<string, Json>];
  if (field !== 'packages') {
    const kept = [...a].every(([name, item]) => text(item) === text(l.get(name)) && text(item) === text(r.get(name)));
    if (!kept) return conflict('list-not-append-only');
  }
  const shared = (list: Map<string, Json>): string =>
    [...list.keys()].filter((name) => a.has(name) && l.has(name) && r.has(name)).join('\n');
  const [before, ours, theirs] = lists.map(shared);
  if (ours !== before && theirs !== before && ours !== theirs) conflict('list-not-append-only');
  const order = ours === before && theirs !== before ? [...r.keys(), ...l.keys()] : [...l.keys(), ...r.keys()];
  return [...new Set([...order, ...a.keys()])].map((name) => {
    const [was, mine, yours] = [a.get(name), l.get(name), r.get(name)];
    const added = field === 'partials' && mine !== undefined && yours !== undefined && text(mine) !== text(yours);
    if (added) conflicts.push({path: `${path}/${name}`, kind: 'both-changed'});
    return added ? DROPPED : valueOf(`${path}/${name}`, '', [was, mine, yours], conflicts);
  }).filter((item) => item !== undefined && item !== DROPPED);
}

function named(list: readonly Json[], key: string | undefined): Map<string, Json> {
  const name = (item: Json, index: number): string => key === undefined
    ? `${canonicalJson(item)} ${list.slice(0, index).filter((other) => text(other) === text(item)).length}`
    : (item as Record<string, string>)[key]!;
  return new Map(list.map((item, index) => [name(item, index), item]));
}

function carries(value: Value): boolean {
  return type(value) === 'object' && Object.keys(value as object).some((name) => name === 'size' || name === 'hashValue');
}

function type(value: Value): string {
  return value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value;
}

function text(value: Value): string | undefined {
  return value === undefined ? undefined : canonicalJson(value);
}
